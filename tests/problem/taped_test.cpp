#include "quadric/derivatives/taped.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

#include <Eigen/Cholesky>
#include <Eigen/SparseCore>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/derivatives/recorded.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/pointwise.hpp"
#include "quadric/problem/residuals.hpp"

#include "derivatives/random_function.hpp"
#include "derivatives/tape/kernels.hpp"

namespace quadric {
namespace {

using reference::random_point;
using reference::RandomChain;
using reference::RandomFunction;

Matrix full(const SparseMatrix& lower) {
  const Matrix L(lower);
  Matrix H = L;
  H.triangularView<Eigen::StrictlyUpper>() = L.transpose().triangularView<Eigen::StrictlyUpper>();
  return H;
}

double relative(const Matrix& a, const Matrix& b) {
  return (a - b).cwiseAbs().maxCoeff() / std::max(1.0, b.cwiseAbs().maxCoeff());
}

// Everything the tape gives, against dual numbers.
void expect_same_derivatives(const Objective& tape, const Objective& forward, const Vector& x,
                             const std::string& what) {
  SCOPED_TRACE(what);
  Vector g, expected_g, sparse_g, product, expected_product;
  Matrix H, expected_H;
  SparseMatrix sparse;
  const double expected = forward.hessian(x, expected_g, expected_H);
  ASSERT_TRUE(expected_H.allFinite());
  EXPECT_NEAR(tape.gradient(x, g), expected, 1e-12 * std::max(1.0, std::abs(expected)));
  EXPECT_LT(relative(g, expected_g), 1e-10);
  tape.hessian(x, g, H);
  EXPECT_LT(relative(g, expected_g), 1e-10);
  EXPECT_LT(relative(H, expected_H), 1e-10);
  EXPECT_EQ(H, H.transpose());
  tape.sparse_hessian(x, sparse_g, sparse);
  EXPECT_LT(relative(sparse_g, expected_g), 1e-10);
  EXPECT_LT(relative(full(sparse), expected_H), 1e-10) << "an entry is missing from the pattern";
  const Vector v = random_point(x.size(), 99);
  tape.hessian_product(x, v, product);
  expected_product = expected_H * v;
  EXPECT_LT(relative(product, expected_product), 1e-10);
}

TEST(Taped, RandomFunctionsAgreeWithDualNumbers) {
  for (unsigned seed = 0; seed < 120; ++seed) {
    const Index n = 1 + seed % 9;
    const RandomFunction f(n, 3 + static_cast<int>(seed % 23), seed);
    const Objective tape = taped(f), forward = forward_mode(f);
    for (unsigned point = 0; point < 3; ++point) {
      expect_same_derivatives(tape, forward, random_point(n, 1000 * seed + point),
                              "seed " + std::to_string(seed));
    }
  }
}

TEST(Taped, RandomChainsAgreeWithDualNumbers) {
  for (unsigned seed = 0; seed < 25; ++seed) {
    const RandomChain f(2 + seed % 4, 4 + static_cast<int>(seed % 13), seed);
    const Index n = 6 + 4 * (seed % 5);
    const Objective tape = taped(f), forward = forward_mode(f);
    for (unsigned point = 0; point < 2; ++point) {
      expect_same_derivatives(tape, forward, random_point(n, 1000 * seed + point),
                              "seed " + std::to_string(seed));
    }
  }
}

TEST(Taped, AllKernelLevelsAgree) {
  const RandomChain f(3, 17, 5);
  const Vector x = random_point(35, 3);
  Vector expected_g;
  Matrix expected_H;
  Objective(forward_mode(f)).hessian(x, expected_g, expected_H);
  int levels = 0;
  for (const formula::KernelLevel& level : formula::kernel_levels()) {
    if (!formula::force_kernel_level(level.name)) continue;
    ++levels;
    SCOPED_TRACE(level.name);
    Vector g;
    Matrix H;
    Objective(taped(f)).hessian(x, g, H);
    EXPECT_LT(relative(g, expected_g), 1e-13);
    EXPECT_LT(relative(H, expected_H), 1e-13);
  }
  EXPECT_TRUE(formula::force_kernel_level(""));
  EXPECT_FALSE(formula::force_kernel_level("of another machine"));
  EXPECT_GE(levels, 1);
}

constexpr auto chained_rosenbrock = [](const auto& x) {
  ScalarOf<decltype(x)> sum(0.0);
  for (Index i = 0; i + 1 < x.size(); ++i) {
    const auto a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
    sum += a * a + 100.0 * b * b;
  }
  return sum;
};

TEST(Taped, FindsTheStructureOfALoop) {
  const Objective f = chained_rosenbrock;
  const Vector x = random_point(100, 1);
  Vector g;
  f.gradient(x, g);
  EXPECT_EQ(f.provider().method, "tape of 99 terms in 1 structure");
}

TEST(Taped, LargeSumsHaveTheirClosedFormDerivatives) {
  const Index n = 100'000;
  const Objective f = chained_rosenbrock;
  const Vector x = random_point(n, 4);
  Vector g;
  SparseMatrix H;
  f.sparse_hessian(x, g, H);
  ASSERT_EQ(H.nonZeros(), 2 * n - 1);
  for (const Index i : {Index{0}, Index{1}, n / 2, n - 2, n - 1}) {
    const double before = i > 0 ? 200.0 * (x[i] - x[i - 1] * x[i - 1]) : 0.0;
    const bool has_next = i + 1 < n;
    const double b = has_next ? x[i + 1] - x[i] * x[i] : 0.0;
    EXPECT_NEAR(g[i], before + (has_next ? -2.0 * (1.0 - x[i]) - 400.0 * x[i] * b : 0.0), 1e-10);
    EXPECT_NEAR(H.coeff(i, i),
                (i > 0 ? 200.0 : 0.0) + (has_next ? 2.0 - 400.0 * b + 800.0 * x[i] * x[i] : 0.0), 1e-10);
    if (has_next) {
      EXPECT_NEAR(H.coeff(i + 1, i), -400.0 * x[i], 1e-10);
    }
  }
}

TEST(Taped, LinearPartsHaveNoSecondDerivatives) {
  const Objective f =
      taped([](const auto& x) { return 3.0 * x[0] - x[1] / 4.0 + 7.0 - (x[2] + x[0]) + x[1] * x[1]; });
  Vector g;
  SparseMatrix H;
  EXPECT_DOUBLE_EQ(f.sparse_hessian(Vector{{1.0, 2.0, 5.0}}, g, H), 2.0 - 0.5 + 7.0 - 5.0 + 4.0);
  EXPECT_EQ(g, (Vector{{2.0, 3.75, -1.0}}));
  EXPECT_EQ(Matrix(H), (Matrix{{0.0, 0.0, 0.0}, {0.0, 2.0, 0.0}, {0.0, 0.0, 0.0}}));
}

TEST(Taped, AConstantHasNoDerivatives) {
  const Objective f = taped([](const auto& x) { return ScalarOf<decltype(x)>(3.0); });
  Vector g;
  Matrix H;
  EXPECT_EQ(f.hessian(Vector::Zero(3), g, H), 3.0);
  EXPECT_EQ(g, Vector::Zero(3));
  EXPECT_EQ(H, Matrix::Zero(3, 3));
}

// What one evaluation does depends on values: each side of the branch must get its own derivatives.
TEST(Taped, GuardsCatchBranches) {
  const auto f = [](const auto& x) {
    using std::sin;
    ScalarOf<decltype(x)> sum(0.0);
    for (Index i = 0; i + 1 < x.size(); ++i) {
      if (x[i] * x[i + 1] > 0.2) {
        sum += sin(x[i]) * x[i + 1];
      } else if (!(x[i] >= x[i + 1])) {
        sum += x[i] * x[i] * x[i + 1];
      }
    }
    return sum;
  };
  const Objective tape = taped(f), forward = forward_mode(f);
  for (unsigned point = 0; point < 20; ++point) {
    expect_same_derivatives(tape, forward, random_point(18, point), "point " + std::to_string(point));
  }
}

TEST(Taped, GuardsCatchLoopsThatEndByValue) {
  const auto root = [](const auto& x) {  // Newton's iteration for the square root of 2 + x₀²
    using std::abs;
    auto y = 1.0 + x[1] * x[1];
    const auto square = 2.0 + x[0] * x[0];
    for (int k = 0; k < 50 && abs(y * y - square) > 1e-14 * square; ++k) y = 0.5 * (y + square / y);
    return y;
  };
  const Objective tape = taped(root);
  for (const double x0 : {0.1, 3.0, 50.0, 1e4}) {
    Vector g;
    tape.gradient(Vector{{x0, 0.3}}, g);
    EXPECT_NEAR(g[0], x0 / std::sqrt(2.0 + x0 * x0), 1e-9);
  }
}

TEST(Taped, NoticesDataThatChange) {
  double weight = 1.0;
  const Objective f = taped([&weight](const auto& x) { return weight * x[0] * x[0]; });
  Vector g;
  f.gradient(Vector{{3.0}}, g);
  EXPECT_EQ(g[0], 6.0);
  weight = 5.0;
  f.gradient(Vector{{3.0}}, g);
  EXPECT_EQ(g[0], 30.0);
}

// Near residuals that vanish a sum of squares is rounding, of which lanes have another than the function.
// Data that change by little more still show.
TEST(Taped, RoundingIsNoChangeOfData) {
  const Index n = 200;
  int records = 0;
  double goal = 3.0;
  const Objective f = taped([&](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    if constexpr (std::is_same_v<T, Recorded>) ++records;
    T sum(0.0);
    for (Index i = 0; i < x.size(); ++i) {
      T r = (goal - 2.0 * x[i]) * x[i] + 1.0;
      if (i > 0) r -= x[i - 1];
      if (i + 1 < x.size()) r -= 2.0 * x[i + 1];
      sum += r * r;
    }
    return sum;
  });
  Vector x = Vector::Constant(n, -1.0), g;
  SparseMatrix H;
  double lowest = 1.0;
  for (int step = 0; step < 8; ++step) {
    lowest = f.sparse_hessian(x, g, H);
    const Vector p = Matrix(SparseMatrix(H.selfadjointView<Eigen::Lower>())).ldlt().solve(g);
    x -= p;
  }
  EXPECT_LT(lowest, 1e-26);
  EXPECT_EQ(records, 1);
  goal += 1e-10;
  f.sparse_hessian(x, g, H);
  EXPECT_EQ(records, 2);
  EXPECT_GT(g.norm(), 1e-11);
}

TEST(Taped, ValuesTakenOutOfRecordedNumbersAreNotRemembered) {
  const Objective f = taped([](const auto& x) { return value_of(x[1]) * x[0] * x[0]; });
  Vector g;
  for (const double y : {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}) {
    f.gradient(Vector{{2.0, y}}, g);
    EXPECT_EQ(g, (Vector{{4.0 * y, 0.0}}));
  }
}

TEST(Taped, OtherNumbersOfVariablesAreRecordedAnew) {
  const Objective f = taped([](const auto& x) { return ScalarOf<decltype(x)>(x.squaredNorm()); });
  for (const Index n : {Index{3}, Index{30}, Index{2}}) {
    Vector g;
    f.gradient(Vector::Ones(n), g);
    EXPECT_EQ(g, 2.0 * Vector::Ones(n));
  }
}

TEST(Taped, ExceptionsOfTheFunctionPass) {
  const Objective f = taped([](const auto& x) {
    if (x[0] < 0.0) throw std::domain_error("below zero");
    return x[0] * x[0];
  });
  Vector g;
  f.gradient(Vector{{1.0}}, g);
  EXPECT_THROW(f.gradient(Vector{{-1.0}}, g), std::domain_error);
  f.gradient(Vector{{2.0}}, g);
  EXPECT_EQ(g[0], 4.0);
}

// Every term would hold the whole recursion: the tape is swept as a whole instead.
TEST(Taped, RecursionsAreSweptAsAWhole) {
  const auto f = [](const auto& x) {
    using std::exp, std::fmod, std::max, std::pow, std::sin;
    auto state = x[0] * 1.0;
    ScalarOf<decltype(x)> sum(0.0);
    for (Index i = 1; i < x.size(); ++i) {
      state = sin(state) + x[i] * state - 0.1 * max(x[i], state) + fmod(x[i], 0.7) * pow(1.5 + x[i], 0.5);
      sum += state * state;
      if (x[i] > 0.0) sum += exp(-state);
    }
    return sum;
  };
  const Objective tape = taped(f), forward = forward_mode(f);
  const Vector x = 0.2 * random_point(24, 7);
  expect_same_derivatives(tape, forward, x, "recursion");
  EXPECT_THAT(tape.provider().method, testing::HasSubstr("operations"));
  expect_same_derivatives(tape, forward, Vector(-x), "recursion on another path");
}

// The second derivatives of one long term are not written out, but swept.
TEST(Taped, LongProducts) {
  const Index n = 200;
  const auto f = [](const auto& x) {
    ScalarOf<decltype(x)> product(1.0);
    for (Index i = 0; i < x.size(); ++i) product *= 1.0 + 0.1 * x[i];
    return product;
  };
  const Objective tape = taped(f);
  const Vector x = random_point(n, 3), factors = (1.0 + 0.1 * x.array()).matrix();
  Vector g, product;
  Matrix H;
  SparseMatrix sparse;
  const double value = tape.hessian(x, g, H);
  EXPECT_EQ(tape.provider().method, "tape of 1 terms in 1 structure");
  Matrix expected = 0.01 * value * factors.cwiseInverse() * factors.cwiseInverse().transpose();
  expected.diagonal().setZero();
  EXPECT_LT(relative(H, expected), 1e-12);
  tape.sparse_hessian(x, g, sparse);
  EXPECT_EQ(full(sparse), H);
  tape.hessian_product(x, x, product);
  EXPECT_LT(relative(product, expected * x), 1e-12);

  const Residuals residuals = taped([&](const auto& y) { return std::vector{f(y)}; });
  residuals.sparse_weighted_hessian(x, Vector{{2.0}}, sparse);
  EXPECT_LT(relative(full(sparse), 2.0 * expected), 1e-12);
}

TEST(Taped, ANormOfManyVariables) {
  const auto f = [](const auto& x) { return ScalarOf<decltype(x)>(x.norm() + x.prod()); };
  const Vector x = 0.5 * Vector::Ones(20) + 0.1 * random_point(20, 2);
  expect_same_derivatives(taped(f), forward_mode(f), x, "norm");
}

// Eigen's own kernels must not take recorded numbers for plain ones.
TEST(Taped, ProductsOfMatricesWithConstants) {
  const Matrix A = Matrix::Random(12, 12), B = Matrix::Random(4, 12);
  const auto f = [&](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> M(12, 4);
    for (Index i = 0; i < 12; ++i) {
      for (Index j = 0; j < 4; ++j) M(i, j) = x[(i + 5 * j) % x.size()] * x[i % x.size()];
    }
    return T((A * M * B).sum() + (M.transpose() * A).squaredNorm() + x.dot(A * x));
  };
  expect_same_derivatives(taped(f), forward_mode(f), random_point(12, 6), "products");
}

TEST(Taped, TooLongFunctionsAreRefused) {
  Tape tape;
  tape.capacity = 10;
  const auto f = [](const auto& x) { return ScalarOf<decltype(x)>(x.squaredNorm()); };
  EXPECT_THROW(record(f, Vector::Ones(20), tape, [](const auto&) {}), TapeFull);
}

TEST(Taped, ManyThreadsMayEvaluateAtOnce) {
  const Objective f = chained_rosenbrock;
  Vector expected;
  const Vector x = random_point(500, 1);
  Objective(forward_mode(chained_rosenbrock)).gradient(x, expected);
  std::vector<std::thread> threads;
  std::vector<Vector> gradients(4);
  for (Vector& g : gradients) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) f.gradient(x, g);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Vector& g : gradients) EXPECT_LT(relative(g, expected), 1e-12);
}

/// Everything the tape gives of residuals, against dual numbers.
void expect_same_derivatives(const Residuals& tape, const Residuals& forward, const Vector& x) {
  const Vector v = random_point(x.size(), 5);
  Vector r, expected_r, product, expected_product, second, expected_second;
  Matrix J, expected_J, S, expected_S;
  SparseMatrix sparse;
  forward.jacobian(x, expected_r, expected_J);
  tape.jacobian(x, r, J);
  EXPECT_LT(relative(r, expected_r), 1e-14);
  EXPECT_LT(relative(J, expected_J), 1e-10);
  tape.sparse_jacobian(x, r, sparse);
  EXPECT_LT(relative(Matrix(sparse), expected_J), 1e-10);
  const Vector w = random_point(r.size(), 8);
  forward.weighted_hessian(x, w, expected_S);
  tape.weighted_hessian(x, w, S);
  EXPECT_LT(relative(S, expected_S), 1e-10);
  tape.sparse_weighted_hessian(x, w, sparse);
  EXPECT_LT(relative(full(sparse), expected_S), 1e-10);
  tape.weighted_hessian_product(x, w, v, product);
  expected_product = expected_S * v;
  EXPECT_LT(relative(product, expected_product), 1e-10);
  forward.second_directional(x, v, expected_second);
  tape.second_directional(x, v, second);
  EXPECT_LT(relative(second, expected_second), 1e-10);
  EXPECT_NEAR(w.dot(second), v.dot(expected_S * v), 1e-8 * std::max(1.0, expected_S.cwiseAbs().maxCoeff()));
  Vector g, expected_g;
  Matrix H;
  tape.objective().sparse_hessian(x, g, sparse);
  forward.objective().hessian(x, expected_g, H);
  EXPECT_LT(relative(full(sparse), H), 1e-10);
}

TEST(TapedResiduals, AgreeWithDualNumbers) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    const RandomFunction term(3, 6 + static_cast<int>(seed % 9), seed);
    const auto f = [&](const auto& x) {
      using std::sin;
      std::vector<ScalarOf<decltype(x)>> r;
      for (Index i = 0; i + 3 <= x.size(); i += 2) {
        r.push_back(term(x.segment(i, 3)));
        r.push_back(r.back() * x[i] - 2.0);  // shares the first one's operations
        if (x[i] > 0.5) r.back() += sin(x[i + 1]);
      }
      return r;
    };
    const Residuals tape = taped(f), forward = forward_mode(f);
    for (unsigned point = 0; point < 2; ++point) {
      expect_same_derivatives(tape, forward, random_point(21, 100 * seed + point));
    }
  }
}

// What shares too much to be taken apart has all derivatives too.
TEST(TapedResiduals, RecursionsAreSweptAsAWhole) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    const reference::RandomRecursion recursion(6, 4, seed);
    const auto f = [&](const auto& x) {
      const auto z = recursion(x);
      std::vector<ScalarOf<decltype(x)>> r;
      for (std::size_t i = 0; i < 120; ++i) r.push_back(z[i % z.size()] * z[7 * i % z.size()]);
      return r;
    };
    const Residuals tape = taped(f);
    expect_same_derivatives(tape, forward_mode(f), random_point(20, seed));
    EXPECT_THAT(tape.provider().method, testing::HasSubstr("operations"));
  }
}

TEST(TapedResiduals, PointwiseResidualsOfManyVariables) {
  const Residuals r = pointwise(50, [](const auto& x, Index i) {
    using std::exp;
    return x[i % 20] * exp(x[(i + 3) % 20]) - 0.1 * static_cast<double>(i);
  });
  const Vector x = random_point(20, 1);
  Vector values;
  Matrix J;
  r.jacobian(x, values, J);
  EXPECT_THAT(r.provider().method, testing::HasSubstr("tape of 50 terms"));
  for (Index i = 0; i < 50; ++i) {
    Vector row = Vector::Zero(20);
    row[i % 20] = std::exp(x[(i + 3) % 20]);
    row[(i + 3) % 20] = x[i % 20] * std::exp(x[(i + 3) % 20]);
    EXPECT_LT((J.row(i).transpose() - row).cwiseAbs().maxCoeff(), 1e-14);
  }
}

// Second derivatives along a direction for residuals that bring a Jacobian only.
TEST(TapedResiduals, SuppliedJacobiansAreDifferencedAlongTheDirection) {
  const Residuals r = analytic_residuals(
      [](const Vector& x) {
        return Vector{{x[0] * x[0] * x[1], std::sin(x[1])}};
      },
      [](const Vector& x) {
        return Matrix{{2.0 * x[0] * x[1], x[0] * x[0]}, {0.0, std::cos(x[1])}};
      });
  Vector second;
  r.second_directional(Vector{{2.0, 3.0}}, Vector{{1.0, -2.0}}, second);
  EXPECT_NEAR(second[0], 2.0 * 3.0 - 2.0 * 2.0 * 2.0 * 2.0, 1e-8);
  EXPECT_NEAR(second[1], -4.0 * std::sin(3.0), 1e-8);
}

}  // namespace
}  // namespace quadric
