#include "quadric/derivatives/dual.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <sstream>
#include <type_traits>

#include <gtest/gtest.h>

#include "quadric/derivatives/elementary.hpp"

#include "derivatives/reference_derivatives.hpp"

namespace quadric {
namespace {

using D = Dual<double, 2>;
using Single = Dual<double, 1>;
constexpr double infinity = std::numeric_limits<double>::infinity();

static_assert(std::is_trivially_destructible_v<D>);
static_assert(std::is_trivially_destructible_v<Dual<D, 1>>);
static_assert(sizeof(Dual<double, 7>) == 8 * sizeof(double));
static_assert(std::is_convertible_v<int, D> && std::is_convertible_v<double, Dual<D, 1>>);
static_assert(std::is_convertible_v<D, Dual<D, 1>>);
static_assert(!std::is_constructible_v<double, D>, "Derivatives are never lost silently.");
static_assert(!std::is_constructible_v<bool, D>);
static_assert(std::is_same_v<decltype(D() * D()), D> && std::is_same_v<decltype(2 * D()), D>);
static_assert((D::variable(3.0, 0) * D::variable(5.0, 1)).gradient[0] == 5.0, "Arithmetic is constexpr.");

/// Equal to `tolerance` relative to the larger of the expected number and `scale`; infinities equal
/// themselves.
void expect_close(double actual, double expected, double tolerance, double scale = 0.0) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual)) << actual;
  } else if (actual != expected) {
    EXPECT_LE(std::abs(actual - expected), tolerance * std::max(std::abs(expected), scale))
        << "actual " << actual << ", expected " << expected;
  }
}

TEST(Dual, IsZeroByDefault) {
  const D x;
  EXPECT_EQ(x.value, 0.0);
  EXPECT_EQ(x.gradient, (std::array{0.0, 0.0}));
}

TEST(Dual, CombinesWithNumbersOfEveryType) {
  const D x(3.0, {1.0, -2.0});
  const auto check = [](const D& y, double value, double slope) {
    EXPECT_DOUBLE_EQ(y.value, value);
    EXPECT_DOUBLE_EQ(y.gradient[0], slope);
    EXPECT_DOUBLE_EQ(y.gradient[1], -2.0 * slope);
  };
  check(1 - x, -2.0, -1.0);
  check(x - 1L, 2.0, 1.0);
  check(2 * x, 6.0, 2.0);
  check(x * 2.5F, 7.5, 2.5);
  check(x + 1U, 4.0, 1.0);
  check(true + x, 4.0, 1.0);
  check(x / 4, 0.75, 0.25);
  check(6 / x, 2.0, -2.0 / 3.0);
  check(-x, -3.0, -1.0);
  check(+x, 3.0, 1.0);
  D y = x;
  y += 1;
  y -= 2.0;
  y *= 6;
  y /= 3;
  check(y, 4.0, 2.0);
  y = x;
  y += x;
  y *= x;
  y -= x;
  y /= x;
  check(y, 5.0, 2.0);
}

TEST(Dual, ComparesValues) {
  const D x(1.0, {5.0, 0.0}), same(1.0, {0.0, 7.0}), larger(2.0);
  EXPECT_TRUE(x == same && x <= same && x >= same && !(x != same) && !(x < same) && !(x > same));
  EXPECT_TRUE(x < larger && x <= larger && x != larger && larger > x && larger >= x);
  EXPECT_TRUE(x == 1 && 1 == x && x < 2 && 0.5F < x && x != 3U && x >= 1.0 && 1.0 <= x);
  const D nan = std::numeric_limits<D>::quiet_NaN();
  EXPECT_TRUE(!(nan == nan) && nan != nan && !(nan < x) && !(nan > 1) && !(nan <= 1) && isnan(nan));
}

TEST(Dual, ResultsAreNumbersNotExpressions) {
  const auto difference = [](const auto& a, const auto& b) {
    auto product = a * b;
    return std::array{product, product - a};
  };
  const auto result = difference(D::variable(2.0, 0), D::variable(3.0, 1));
  EXPECT_EQ(result[1].value, 4.0);
  EXPECT_EQ(result[1].gradient, (std::array{2.0, 2.0}));
}

TEST(Dual, ValueOfReachesThroughNesting) {
  EXPECT_EQ(value_of(2.5), 2.5);
  EXPECT_EQ(value_of(D(2.5)), 2.5);
  EXPECT_EQ(value_of(Dual<Dual<D, 3>, 1>(2.5)), 2.5);
  static_assert(std::is_same_v<decltype(value_of(Dual<D, 1>())), double>);
}

TEST(Dual, PrintsItsValue) {
  std::ostringstream out;
  out << Dual<D, 1>(2.5);
  EXPECT_EQ(out.str(), "2.5");
}

TEST(Dual, FirstDerivativesAgreeWithTheComplexStep) {
  reference::for_each_complex_function([](const auto& function) {
    for (const double x : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x);
      const D y = function.f(D(x, {1.0, -3.0}));
      EXPECT_EQ(y.value, function.f(x));
      const double expected = reference::complex_step(function.f, x);
      expect_close(y.gradient[0], expected, 4e-14, 1e-300);
      expect_close(y.gradient[1], -3.0 * expected, 4e-14, 1e-300);
    }
  });
}

TEST(Dual, FirstDerivativesAgreeWithDifferences) {
  reference::for_each_unary_function([](const auto& function) {
    for (const double x : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x);
      const D y = function.f(D(x, {1.0, -3.0}));
      expect_close(y.value, static_cast<double>(function.f(static_cast<long double>(x))), 2e-15);
      const auto f = [&](long double t) { return static_cast<long double>(function.f(t)); };
      const auto expected = static_cast<double>(reference::first_difference(f, x, function.reach / 64.0L));
      expect_close(y.gradient[0], expected, 1e-11, std::abs(y.value) * 1e-2);
      expect_close(y.gradient[1], -3.0 * y.gradient[0], 1e-15);
    }
  });
}

TEST(Dual, GradientsOfBinaryFunctionsAgreeWithDifferences) {
  reference::for_each_binary_function([](const auto& function) {
    for (const auto& [x, y] : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x << ", " << y);
      const D z = function.f(D::variable(x, 0), D::variable(y, 1));
      expect_close(z.value, function.f(x, y), 1e-15);
      const long double h = function.reach / 64.0L;
      const auto along_x = [&, fixed = static_cast<long double>(y)](long double t) {
        return function.f(t, fixed);
      };
      const auto along_y = [&, fixed = static_cast<long double>(x)](long double t) {
        return function.f(fixed, t);
      };
      expect_close(z.gradient[0], static_cast<double>(reference::first_difference(along_x, x, h)), 1e-11,
                   1e-2);
      expect_close(z.gradient[1], static_cast<double>(reference::first_difference(along_y, y, h)), 1e-11,
                   1e-2);
    }
  });
}

TEST(Dual, ArgumentsWithoutDerivativesAgreeWithStandingOnes) {
  reference::for_each_binary_function([](const auto& function) {
    for (const auto& [x, y] : function.points) {
      SCOPED_TRACE(testing::Message() << function.name << " at " << x << ", " << y);
      const D both = function.f(D::variable(x, 0), D::variable(y, 1));
      const D by_x = function.f(D::variable(x, 0), y);
      const D by_y = function.f(x, D::variable(y, 1));
      expect_close(by_x.value, both.value, 1e-15);
      expect_close(by_y.value, both.value, 1e-15);
      expect_close(by_x.gradient[0], both.gradient[0], 4e-15);
      expect_close(by_y.gradient[1], both.gradient[1], 4e-15);
      EXPECT_EQ(by_x.gradient[1], 0.0);
      EXPECT_EQ(by_y.gradient[0], 0.0);
    }
  });
}

/// The derivative of `f` at x along one direction.
template <class F>
double slope(const F& f, double x) {
  return f(Single(x, {1.0})).gradient[0];
}

TEST(Dual, KeepsDigitsWhereTextbookFormsLoseThem) {
  const auto check = [](double actual, double expected) { expect_close(actual, expected, 1.2e-15); };
  check(slope([](const auto& x) { return tanh(x); }, 15.0),
        4.0 * std::exp(-30.0) / std::pow(1.0 + std::exp(-30.0), 2));
  check(slope([](const auto& x) { return tanh(x); }, 300.0), 4.0 * std::exp(-600.0));
  check(slope([](const auto& x) { return erfc(x); }, 20.0),
        -2.0 * std::numbers::inv_sqrtpi * std::exp(-400.0));
  const double step = std::ldexp(1.0, -40);
  check(slope([](const auto& x) { return asin(x); }, 1.0 - step), 1.0 / std::sqrt(2.0 * step - step * step));
  check(slope([](const auto& x) { return acos(x); }, step - 1.0), -1.0 / std::sqrt(2.0 * step - step * step));
  check(slope([](const auto& x) { return atanh(x); }, 1.0 - step), 1.0 / (2.0 * step - step * step));
  check(slope([](const auto& x) { return acosh(x); }, 1.0 + step), 1.0 / std::sqrt(2.0 * step + step * step));
  check(slope([](const auto& x) { return expm1(x); }, -40.0), std::exp(-40.0));
  check(slope([](const auto& x) { return acosh(x); }, 1e200), 1e-200);
  check(slope([](const auto& x) { return asinh(x); }, 1e200), 1e-200);
  check(slope([](const auto& x) { return atan(x); }, 1e100), 1e-200);
  check(slope([](const auto& x) { return hypot(x, 1e200); }, 1e200), std::sqrt(0.5));
  check(slope([](const auto& x) { return pow(x, 2.5); }, 1e-150), 2.5 * std::pow(1e-150, 1.5));
}

/// Closed forms of Abramowitz & Stegun, 6.3.2, 6.3.3, 6.4.2, 6.4.4, 6.3.5, 6.3.7; ζ(3) = 1.2020569031595943.
TEST(Dual, PolygammaHasItsKnownValues) {
  constexpr double pi = std::numbers::pi, zeta3 = 1.2020569031595943;
  const auto check = [](double actual, double expected, double largest_term = 0.0) {
    expect_close(actual, expected, 1e-15, std::max(3.0, largest_term));
  };
  check(polygamma(0, 1.0), -std::numbers::egamma);
  check(polygamma(0, 0.5), -std::numbers::egamma - 2.0 * std::numbers::ln2);
  check(polygamma(0, -0.5), 2.0 - std::numbers::egamma - 2.0 * std::numbers::ln2);
  check(polygamma(0, 3.0), 1.5 - std::numbers::egamma);
  check(polygamma(1, 1.0), pi * pi / 6.0);
  check(polygamma(1, 0.5), pi * pi / 2.0);
  check(polygamma(1, -0.5), pi * pi / 2.0 + 4.0);
  check(polygamma(2, 1.0), -2.0 * zeta3);
  check(polygamma(2, 0.5), -14.0 * zeta3);
  check(polygamma(2, -0.5), 16.0 - 14.0 * zeta3, 16.0);
  check(polygamma(3, 1.0), std::pow(pi, 4) / 15.0);
  check(polygamma(3, 0.5), std::pow(pi, 4));
  check(polygamma(0, 1e10), std::log(1e10) - 0.5e-10);
  check(polygamma(1, 1e-8), 1e16 + pi * pi / 6.0);
  expect_close(polygamma(5, 20.25) - polygamma(5, 21.25), 120.0 / std::pow(20.25, 6), 2e-14);
  expect_close(polygamma(9, 3.25) - polygamma(9, 4.25), 362880.0 / std::pow(3.25, 10), 2e-14);
  expect_close(polygamma(4, -1.75) - polygamma(4, -0.75), -24.0 / std::pow(-1.75, 5), 1e-12);
  EXPECT_TRUE(std::isnan(polygamma(0, 0.0)) && std::isnan(polygamma(1, -3.0)));
}

TEST(Dual, PowersOfZeroHaveTheirDerivatives) {
  const auto at_zero = [](auto p) { return slope([p](const auto& x) { return pow(x, p); }, 0.0); };
  EXPECT_EQ(at_zero(2), 0.0);
  EXPECT_EQ(at_zero(1), 1.0);
  EXPECT_EQ(at_zero(0), 0.0);
  EXPECT_EQ(at_zero(2.0), 0.0);
  EXPECT_EQ(at_zero(1.0), 1.0);
  EXPECT_EQ(at_zero(0.0), 0.0);
  EXPECT_EQ(at_zero(1.5), 0.0);
  EXPECT_EQ(at_zero(0.5), infinity);
  EXPECT_EQ(at_zero(Single(1.0)), 1.0);
  EXPECT_EQ(at_zero(Single(2.0)), 0.0);
  EXPECT_EQ(at_zero(Single(0.0)), 0.0);
  EXPECT_EQ(slope([](const auto& y) { return pow(0.0, y); }, 2.0), 0.0);
  EXPECT_EQ(slope([](const auto& y) { return pow(Single(0.0), y); }, 2.0), 0.0);
  EXPECT_EQ(slope([](const auto& y) { return pow(Single(0.0), y); }, 0.5), 0.0);
}

TEST(Dual, PowersOfNegativeNumbersHaveTheirDerivatives) {
  const D x = D::variable(-2.0, 0);
  EXPECT_EQ(pow(x, 3).gradient[0], 12.0);
  EXPECT_EQ(pow(x, D(3.0)).gradient[0], 12.0);
  EXPECT_EQ(pow(x, D(3.0)).gradient[1], 0.0);
  const D carrying = pow(x, D::variable(3.0, 1));
  EXPECT_EQ(carrying.value, -8.0);
  EXPECT_EQ(carrying.gradient[0], 12.0);
  EXPECT_TRUE(std::isnan(carrying.gradient[1]));
  EXPECT_TRUE(std::isnan(pow(x, 0.5).gradient[0]));
}

TEST(Dual, InfiniteDerivativesReachOnlyWhatMoves) {
  const D zero = D::variable(0.0, 0), one = D::variable(1.0, 0);
  const auto check = [](const D& y, double expected) {
    EXPECT_EQ(y.gradient[0], expected);
    EXPECT_EQ(y.gradient[1], 0.0);
  };
  check(sqrt(zero), infinity);
  check(cbrt(zero), infinity);
  check(log(zero), infinity);
  check(asin(one), infinity);
  check(acos(one), -infinity);
  check(acosh(one), infinity);
  check(atanh(one), infinity);
  check(log1p(-one), -infinity);
  check(pow(zero, 0.5), infinity);
  EXPECT_TRUE(std::isnan(sqrt(-one).gradient[0]));
  EXPECT_EQ(sqrt(-one).gradient[1], 0.0);
}

TEST(Dual, KinksHaveTheDocumentedDerivative) {
  const D zero = D::variable(0.0, 0), other = D::variable(0.0, 1);
  const std::array none{0.0, 0.0};
  EXPECT_EQ(abs(zero).gradient, none);
  EXPECT_EQ(abs(-zero).gradient, none);
  EXPECT_EQ(hypot(zero, other).gradient, none);
  EXPECT_EQ(hypot(zero, other, 0).gradient, none);
  EXPECT_EQ(atan2(zero, other).gradient, none);
  EXPECT_EQ(floor(D::variable(1.0, 0)).gradient, none);
  EXPECT_EQ(fdim(zero, other).gradient, none);
  EXPECT_EQ(max(zero, other).gradient, zero.gradient);
  EXPECT_EQ(min(zero, other).gradient, zero.gradient);
  EXPECT_EQ(std::max(zero, other).gradient, zero.gradient);
  EXPECT_EQ(fmax(zero, other).gradient, zero.gradient);
  EXPECT_EQ(fmin(zero, other).gradient, zero.gradient);
  EXPECT_EQ(max(zero, 0).gradient, zero.gradient);
  EXPECT_EQ(max(0, zero).gradient, none);
  EXPECT_EQ(fmax(D(NAN), other).gradient, other.gradient);
  EXPECT_EQ(fmin(other, NAN).gradient, other.gradient);
}

TEST(Dual, TestsReadTheValue) {
  const D x(1.0, {NAN, infinity});
  EXPECT_TRUE(isfinite(x) && !isnan(x) && !isinf(x) && isnormal(x) && !signbit(x));
  EXPECT_TRUE(isinf(D(-infinity)) && signbit(D(-0.0)) && isnan(D(NAN)) && !isnormal(D(0.0)));
}

TEST(Dual, NestedNumbersGiveHessianVectorProducts) {
  // f = x² y + sin y:  H = [2y 2x; 2x -sin y].
  using T = Dual<D, 1>;
  const auto f = [](const auto& x, const auto& y) { return x * x * y + sin(y); };
  const double x = 1.5, y = 0.4, v = 2.0, w = -1.0;
  const T result = f(T(D::variable(x, 0), {D(v)}), T(D::variable(y, 1), {D(w)}));
  EXPECT_DOUBLE_EQ(result.value.gradient[0], 2.0 * x * y);
  EXPECT_DOUBLE_EQ(result.value.gradient[1], x * x + std::cos(y));
  EXPECT_DOUBLE_EQ(result.gradient[0].gradient[0], 2.0 * y * v + 2.0 * x * w);
  EXPECT_DOUBLE_EQ(result.gradient[0].gradient[1], 2.0 * x * v - std::sin(y) * w);
}

}  // namespace
}  // namespace quadric
