#include "quadric/derivatives/second_dual.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include <gtest/gtest.h>

#include "quadric/derivatives/dual.hpp"
#include "quadric/derivatives/elementary.hpp"

#include "derivatives/reference_derivatives.hpp"

namespace quadric {
namespace {

using S = SecondDual<double, 2>;
using S1 = SecondDual<double, 1>;
using D1 = Dual<double, 1>;
constexpr double infinity = std::numeric_limits<double>::infinity();

static_assert(std::is_trivially_copyable_v<S>);
static_assert(sizeof(SecondDual<double, 8>) == 45 * sizeof(double));
static_assert(!std::is_constructible_v<double, S>, "Derivatives are never lost silently.");
static_assert(S::packed_index(1, 0) == 1 && S::packed_index(0, 1) == 1 &&
              SecondDual<double, 4>::packed_index(3, 2) == 8);

void expect_close(double actual, double expected, double tolerance, double scale = 0.0) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual)) << actual;
  } else if (actual != expected) {
    EXPECT_LE(std::abs(actual - expected), tolerance * std::max(std::abs(expected), scale))
        << "actual " << actual << ", expected " << expected;
  }
}

/// f(x), f'(x), f''(x), f'''(x) by three kinds of nesting.
template <class F>
std::array<double, 4> derivatives_by_duals(const F& f, double x) {
  const auto y = f(Dual<Dual<D1, 1>, 1>(Dual<D1, 1>(D1(x, {1.0}), {D1(1.0)}), {Dual<D1, 1>(1.0)}));
  return {y.value.value.value, y.value.value.gradient[0], y.value.gradient[0].gradient[0],
          y.gradient[0].gradient[0].gradient[0]};
}
template <class F>
std::array<double, 4> derivatives_by_dual_of_second(const F& f, double x) {
  const auto y = f(Dual<S1, 1>(S1::variable(x, 0), {S1(1.0)}));
  return {y.value.value, y.gradient[0].value, y.gradient[0].gradient[0], y.gradient[0].hessian[0]};
}
template <class F>
std::array<double, 4> derivatives_by_second_of_dual(const F& f, double x) {
  const auto y = f(SecondDual<D1, 1>(D1(x, {1.0}), {D1(1.0)}, {D1(0.0)}));
  return {y.value.value, y.value.gradient[0], y.hessian[0].value, y.hessian[0].gradient[0]};
}

TEST(SecondDual, IsZeroByDefault) {
  const S x;
  EXPECT_EQ(x.value, 0.0);
  EXPECT_EQ(x.gradient, (std::array{0.0, 0.0}));
  EXPECT_EQ(x.hessian, (std::array{0.0, 0.0, 0.0}));
}

TEST(SecondDual, HoldsThePackedHessianOfAPolynomial) {
  // f = x³ y + 2 x z² - y z:  checked against its derivatives on paper.
  using S3 = SecondDual<double, 3>;
  const double x = 1.5, y = -0.5, z = 2.0;
  const auto f = [](const auto& a, const auto& b, const auto& c) {
    return a * a * a * b + 2 * a * c * c - b * c;
  };
  const S3 value = f(S3::variable(x, 0), S3::variable(y, 1), S3::variable(z, 2));
  const std::array gradient{3 * x * x * y + 2 * z * z, x * x * x - z, 4 * x * z - y};
  const std::array hessian{6 * x * y, 3 * x * x, 0.0, 4 * z, -1.0, 4 * x};
  for (std::size_t k = 0; k < 3; ++k) EXPECT_DOUBLE_EQ(value.gradient[k], gradient[k]);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_DOUBLE_EQ(value.hessian[k], hessian[k]);
}

TEST(SecondDual, CombinesWithNumbersOfEveryType) {
  const S x(3.0, {1.0, -2.0}, {0.5, 0.25, 4.0});
  const auto check = [&x](const S& y, double value, double factor) {
    EXPECT_DOUBLE_EQ(y.value, value);
    for (std::size_t k = 0; k < 2; ++k) EXPECT_DOUBLE_EQ(y.gradient[k], factor * x.gradient[k]);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_DOUBLE_EQ(y.hessian[k], factor * x.hessian[k]);
  };
  check(1 - x, -2.0, -1.0);
  check(x - 1L, 2.0, 1.0);
  check(2 * x, 6.0, 2.0);
  check(x * 2.5F, 7.5, 2.5);
  check(x + 1U, 4.0, 1.0);
  check(x / 4, 0.75, 0.25);
  S y = x;
  y += 1;
  y -= 2.0;
  y *= 6;
  y /= 3;
  check(y, 4.0, 2.0);
  y = x;
  y += x;
  y *= x;
  y /= x;
  y -= x;
  check(y, 3.0, 1.0);
  check(x / (1 / (x / x)), 3.0, 1.0);
}

/// The chain rule over an inner function with its own gradient u and Hessian h:  f' h + f'' u uᵀ.
TEST(SecondDual, UnaryFunctionsAgreeWithDifferences) {
  const std::array<double, 2> u{2.0, -3.0};
  const std::array<double, 3> h{0.5, 0.25, -1.0};
  reference::for_each_unary_function([&](const auto& function) {
    for (const double x : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x);
      const S y = function.f(S(x, u, h));
      const auto f = [&](long double t) { return static_cast<long double>(function.f(t)); };
      const long double step = function.reach / 64.0L;
      const auto first = static_cast<double>(reference::first_difference(f, x, step));
      const auto second = static_cast<double>(reference::second_difference(f, x, step));
      expect_close(y.value, function.f(x), 2e-15);
      const double rounding = 1e-18 * std::abs(y.value) / static_cast<double>(step * step);
      const double scale =
          1e-2 * std::abs(y.value) + 9.0 * std::abs(second) + std::abs(first) + rounding / 1e-11;
      for (std::size_t k = 0; k < 2; ++k) expect_close(y.gradient[k], first * u[k], 1e-11, scale);
      for (std::size_t i = 0, k = 0; i < 2; ++i) {
        for (std::size_t j = 0; j <= i; ++j, ++k) {
          expect_close(y.hessian[k], first * h[k] + second * u[i] * u[j], 2e-10, scale);
        }
      }
    }
  });
}

TEST(SecondDual, AllKindsOfNestingAgree) {
  reference::for_each_unary_function([](const auto& function) {
    for (const double x : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x);
      const auto expected = derivatives_by_duals(function.f, x);
      const auto one = derivatives_by_dual_of_second(function.f, x);
      const auto other = derivatives_by_second_of_dual(function.f, x);
      const S1 second = function.f(S1::variable(x, 0));
      const D1 first = function.f(D1::variable(x, 0));
      double scale = 0.0;
      for (const double derivative : expected) scale = std::max(scale, std::abs(derivative));
      EXPECT_EQ(first.value, expected[0]);
      EXPECT_EQ(second.value, expected[0]);
      expect_close(first.gradient[0], expected[1], 1e-14);
      expect_close(second.gradient[0], expected[1], 1e-14);
      expect_close(second.hessian[0], expected[2], 2e-14, scale);
      for (std::size_t k = 0; k < 4; ++k) {
        expect_close(one[k], expected[k], 1e-13, scale);
        expect_close(other[k], expected[k], 1e-13, scale);
      }
    }
  });
}

TEST(SecondDual, ThirdDerivativesByNestingAgreeWithDifferences) {
  reference::for_each_unary_function([](const auto& function) {
    for (const double x : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x);
      const auto second = [&](long double t) {
        return static_cast<long double>(function.f(S1::variable(static_cast<double>(t), 0)).hessian[0]);
      };
      const auto derivatives = derivatives_by_duals(function.f, x);
      const double h = std::exp2(std::floor(std::log2(function.reach / 16.0)));
      const auto expected =
          static_cast<double>(reference::first_difference(second, x, static_cast<long double>(h)));
      expect_close(derivatives[3], expected, 2e-5,
                   std::abs(derivatives[2]) + 1e-2 * std::abs(derivatives[0]));
    }
  });
}

TEST(SecondDual, BinaryFunctionsAgreeWithDifferences) {
  reference::for_each_binary_function([](const auto& function) {
    for (const auto& point : function.points) {
      const long double x = point[0], y = point[1];
      SCOPED_TRACE(testing::Message() << function.name << " at " << point[0] << ", " << point[1]);
      const S z = function.f(S::variable(point[0], 0), S::variable(point[1], 1));
      const long double h = function.reach / 64.0L;
      // The second difference along (1, 0), (0, 1) and the diagonals gives the three second derivatives.
      const auto along = [&](long double dx, long double dy) {
        return [&function, x, y, dx, dy](long double t) { return function.f(x + t * dx, y + t * dy); };
      };
      const long double xx = reference::second_difference(along(1, 0), 0.0L, h);
      const long double yy = reference::second_difference(along(0, 1), 0.0L, h);
      const long double xy = (reference::second_difference(along(1, 1), 0.0L, h) -
                              reference::second_difference(along(1, -1), 0.0L, h)) /
                             4;
      const double scale = std::max({1e-2, std::abs(z.hessian[0]), std::abs(z.hessian[2])});
      expect_close(z.gradient[0], static_cast<double>(reference::first_difference(along(1, 0), 0.0L, h)),
                   1e-11, 1e-2);
      expect_close(z.gradient[1], static_cast<double>(reference::first_difference(along(0, 1), 0.0L, h)),
                   1e-11, 1e-2);
      expect_close(z.hessian[0], static_cast<double>(xx), 1e-9, scale);
      expect_close(z.hessian[1], static_cast<double>(xy), 1e-9, scale);
      expect_close(z.hessian[2], static_cast<double>(yy), 1e-9, scale);
    }
  });
}

TEST(SecondDual, BinaryFunctionsAgreeWithNestedDuals) {
  using D = Dual<double, 2>;
  using Nested = Dual<D, 2>;
  reference::for_each_binary_function([](const auto& function) {
    for (const auto& [x, y] : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x << ", " << y);
      const S z = function.f(S::variable(x, 0), S::variable(y, 1));
      const Nested w =
          function.f(Nested::variable(D::variable(x, 0), 0), Nested::variable(D::variable(y, 1), 1));
      EXPECT_EQ(z.value, w.value.value);
      const double scale = std::max(std::abs(z.hessian[0]), std::abs(z.hessian[2]));
      for (std::size_t i = 0; i < 2; ++i) {
        expect_close(w.value.gradient[i], z.gradient[i], 1e-14);
        for (std::size_t j = 0; j < 2; ++j) {
          expect_close(w.gradient[i].gradient[j], z.hessian[S::packed_index(i, j)], 4e-14, scale);
        }
      }
    }
  });
}

TEST(SecondDual, ArgumentsWithoutDerivativesAgreeWithStandingOnes) {
  reference::for_each_binary_function([](const auto& function) {
    for (const auto& [x, y] : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x << ", " << y);
      const S both = function.f(S::variable(x, 0), S::variable(y, 1));
      const S by_x = function.f(S::variable(x, 0), y);
      const S by_y = function.f(x, S::variable(y, 1));
      expect_close(by_x.hessian[0], both.hessian[0], 1e-14);
      expect_close(by_y.hessian[2], both.hessian[2], 1e-14);
      EXPECT_EQ(by_x.hessian[1], 0.0);
      EXPECT_EQ(by_x.hessian[2], 0.0);
      EXPECT_EQ(by_y.hessian[0], 0.0);
      EXPECT_EQ(by_y.hessian[1], 0.0);
    }
  });
}

TEST(SecondDual, PackedTriangleAgreesWithNestedDualsInManyDirections) {
  constexpr int N = 7;
  using Wide = SecondDual<double, N>;
  using D = Dual<double, N>;
  using Nested = Dual<D, N>;
  const auto f = [](const auto& x) {
    auto sum = x[0] * x[6] / (1 + x[1] * x[1]);
    for (std::size_t i = 1; i < N; ++i)
      sum += exp(x[i] * x[i - 1]) * sin(x[(3 * i) % N]) - x[i] / (2 + x[i - 1]);
    return sum * sq(x[3]);
  };
  std::array<Wide, N> x;
  std::array<Nested, N> y;
  for (int i = 0; i < N; ++i) {
    const double value = 0.3 + 0.1 * i * i - 0.4 * i;
    x[static_cast<std::size_t>(i)] = Wide::variable(value, i);
    y[static_cast<std::size_t>(i)] = Nested::variable(D::variable(value, i), i);
  }
  const Wide a = f(x);
  const Nested b = f(y);
  for (std::size_t i = 0; i < N; ++i) {
    expect_close(a.gradient[i], b.value.gradient[i], 1e-13, 1e-2);
    for (std::size_t j = 0; j < N; ++j) {
      expect_close(a.hessian[Wide::packed_index(i, j)], b.gradient[i].gradient[j], 1e-13, 1e-2);
    }
  }
}

TEST(SecondDual, SmoothPointsOfLengthsKeepTheirCurvature) {
  // At (0, 0, 2) the length is smooth although that of its first two components is not.
  using S3 = SecondDual<double, 3>;
  const S3 r = hypot(S3::variable(0.0, 0), S3::variable(0.0, 1), S3::variable(2.0, 2));
  EXPECT_EQ(r.gradient, (std::array{0.0, 0.0, 1.0}));
  EXPECT_EQ(r.hessian, (std::array{0.5, 0.0, 0.5, 0.0, 0.0, 0.0}));
}

TEST(SecondDual, PowersOfZeroHaveTheirDerivatives) {
  const auto at_zero = [](auto p) {
    const S y = pow(S::variable(0.0, 0), p);
    EXPECT_EQ(y.gradient[1], 0.0);
    EXPECT_EQ(y.hessian[1], 0.0);
    EXPECT_EQ(y.hessian[2], 0.0);
    return std::array{y.gradient[0], y.hessian[0]};
  };
  using Pair = std::array<double, 2>;
  EXPECT_EQ(at_zero(0), (Pair{0.0, 0.0}));
  EXPECT_EQ(at_zero(1), (Pair{1.0, 0.0}));
  EXPECT_EQ(at_zero(2), (Pair{0.0, 2.0}));
  EXPECT_EQ(at_zero(3.0), (Pair{0.0, 0.0}));
  EXPECT_EQ(at_zero(1.5), (Pair{0.0, infinity}));
  EXPECT_EQ(at_zero(2.5), (Pair{0.0, 0.0}));
  EXPECT_EQ(at_zero(S(1.0)), (Pair{1.0, 0.0}));
  EXPECT_EQ(at_zero(S(2.0)), (Pair{0.0, 2.0}));
  const S moving = pow(S::variable(0.0, 0), S::variable(2.5, 1));
  EXPECT_EQ(moving.gradient, (std::array{0.0, 0.0}));
  EXPECT_EQ(moving.hessian, (std::array{0.0, 0.0, 0.0}));
  EXPECT_EQ(pow(0, S::variable(2.5, 1)).hessian, (std::array{0.0, 0.0, 0.0}));
}

TEST(SecondDual, NegativeBasesKeepTheirDerivatives) {
  const S y = pow(S::variable(-2.0, 0), S(3.0));
  EXPECT_EQ(y.gradient, (std::array{12.0, 0.0}));
  EXPECT_EQ(y.hessian, (std::array{-12.0, 0.0, 0.0}));
  using Nested = Dual<Dual<double, 1>, 1>;
  const Nested z = pow(Nested::variable(D1::variable(-2.0, 0), 0), Nested(3.0));
  EXPECT_EQ(z.gradient[0].gradient[0], -12.0);
}

TEST(SecondDual, InfiniteDerivativesReachOnlyWhatMoves) {
  const S root = sqrt(S::variable(0.0, 0));
  EXPECT_EQ(root.gradient, (std::array{infinity, 0.0}));
  EXPECT_EQ(root.hessian, (std::array{-infinity, 0.0, 0.0}));
  EXPECT_EQ(sqrt(S(0.0)).hessian, (std::array{0.0, 0.0, 0.0}));
  using Nested = Dual<Dual<double, 2>, 1>;
  const Nested nested = sqrt(Nested(Dual<double, 2>(0.0)));
  EXPECT_EQ(nested.gradient[0].gradient, (std::array{0.0, 0.0}));
}

TEST(SecondDual, KinksHaveTheDocumentedDerivatives) {
  const S zero = S::variable(0.0, 0), other = S::variable(0.0, 1);
  for (const S& y :
       {abs(zero), hypot(zero, other), hypot(zero, other, S(0.0)), atan2(zero, other), round(zero)}) {
    EXPECT_EQ(y.gradient, (std::array{0.0, 0.0}));
    EXPECT_EQ(y.hessian, (std::array{0.0, 0.0, 0.0}));
  }
}

}  // namespace
}  // namespace quadric
