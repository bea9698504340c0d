#include <cmath>
#include <string>
#include <vector>

#include <Eigen/SparseCore>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/quadric.hpp"

/// Newton and its certificate where the Hessian is sparse.
namespace quadric {
namespace {

/// Σ ¼ (xᵢ² − 1)² + ½ Σ (xᵢ − xᵢ₋₁)²: minima at ±(1, …, 1), and a critical point at 0.
struct ChainOfWells {
  double value(const Vector& x) const {
    const Index n = x.size();
    return 0.25 * (x.array().square() - 1.0).square().sum() +
           0.5 * (x.tail(n - 1) - x.head(n - 1)).squaredNorm();
  }
  Vector gradient(const Vector& x) const {
    const Index n = x.size();
    Vector g = (x.array().cube() - x.array()).matrix();
    const Vector steps = x.tail(n - 1) - x.head(n - 1);
    g.tail(n - 1) += steps;
    g.head(n - 1) -= steps;
    return g;
  }
  SparseMatrix hessian(const Vector& x) const {
    const auto n = static_cast<int>(x.size());
    std::vector<Eigen::Triplet<double, int>> entries;
    for (int i = 0; i < n; ++i) {
      entries.emplace_back(i, i, 3.0 * x[i] * x[i] - 1.0 + (i > 0 ? 1.0 : 0.0) + (i + 1 < n ? 1.0 : 0.0));
      if (i == 0) continue;
      entries.emplace_back(i, i - 1, -1.0 + bias);
      if (!lower_alone) entries.emplace_back(i - 1, i, -1.0);
    }
    SparseMatrix H(n, n);
    H.setFromTriplets(entries.begin(), entries.end());
    return H;
  }

  bool lower_alone = false;
  double bias = 0.0;
};

const auto wells = [](const auto& x) {
  using T = ScalarOf<decltype(x)>;
  T sum(0.0);
  for (Index i = 0; i < x.size(); ++i) {
    const auto a = x[i] * x[i] - 1.0;
    sum += 0.25 * a * a;
    if (i > 0) sum += 0.5 * (x[i] - x[i - 1]) * (x[i] - x[i - 1]);
  }
  return sum;
};

/// DIXMAANP of the CUTE collection (Bongartz, Conn, Gould & Toint 1995).
const auto dixmaan_p = [](const auto& x) {
  using T = ScalarOf<decltype(x)>;
  const Index n = x.size(), m = n / 3;
  const auto weight = [n](Index i, double power) {
    return 0.26 * std::pow(static_cast<double>(i + 1) / static_cast<double>(n), power);
  };
  T sum(1.0);
  for (Index i = 0; i < n; ++i) sum += weight(i, 2.0) / 0.26 * x[i] * x[i];
  for (Index i = 0; i + 1 < n; ++i) {
    const auto next = x[i + 1] + x[i + 1] * x[i + 1];
    sum += weight(i, 1.0) * x[i] * x[i] * next * next;
  }
  for (Index i = 0; i < 2 * m; ++i) {
    const auto square = x[i + m] * x[i + m];
    sum += weight(i, 1.0) * x[i] * x[i] * square * square;
  }
  for (Index i = 0; i < m; ++i) sum += weight(i, 2.0) * x[i] * x[i + 2 * m];
  return sum;
};

// A tenth of the radius does perfectly, the whole one does not: neither is tried at every iteration.
TEST(LargeNewton, DoesNotGrowBackToTheRadiusThatWasRejected) {
  const Result result = minimize(dixmaan_p, Vector::Constant(90, 2.0), Newton{});
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_LE(result.iterations, 40);
  EXPECT_LE(result.counts.values, 60);
}

TEST(LargeNewton, LeavesTheSaddleThatItStartsOn) {
  for (const Index n : {65, 3000}) {
    const Result result = minimize(wells, Vector::Zero(n));
    EXPECT_EQ(result.status, Status::Converged) << result.summary();
    EXPECT_TRUE(result.critical_point.is_minimum());
    EXPECT_GT(result.critical_point.lambda_min, 0.0);
    EXPECT_LT(result.value, 0.25 * static_cast<double>(n));
    EXPECT_TRUE(result.trace[1].events.has(Event::Escaped));
  }
}

// The first-order test passes before the last steps do; only the last point is worth a certificate.
TEST(LargeNewton, CertifiesWhereItsStepsEnd) {
  const Result result = minimize(wells, Vector::Constant(500, 1.7), Newton{});
  ASSERT_TRUE(result.converged()) << result.summary();
  EXPECT_LT(result.gradient_norm, 1e-12);
  // One at each point, and one at most to see that curvature lasts.
  EXPECT_LE(result.counts.hessians, result.iterations + 2);
}

TEST(LargeNewton, CallsASaddleWhatItIs) {
  const Result result = minimize(wells, Vector::Zero(3000), Newton{.at_saddle = AtSaddle::Stop});
  EXPECT_EQ(result.status, Status::SaddlePoint);
  // The eigenvalues are 4 sin²(kπ/2n) − 1 for k = 0, …, n − 1.
  if (!result.critical_point.index_is_bound) {
    EXPECT_THAT(result.critical_point.describe(), testing::HasSubstr("index 1000"));
    EXPECT_EQ(result.critical_point.nullity, 1);
  }
  // The lowest eigenvalue is −1, of (1, …, 1).
  EXPECT_NEAR(result.critical_point.lambda_min, -1.0, 1e-3);
}

TEST(LargeNewton, TakesSparseHessiansOfTheirOwner) {
  const Vector start = Vector::LinSpaced(200, -1.5, 2.0);
  const Result expected = minimize(wells, start);
  ASSERT_TRUE(expected.converged());
  const ChainOfWells full, lower{.lower_alone = true};
  const auto analytic_of = [](const ChainOfWells& f) {
    return analytic([f](const Vector& x) { return f.value(x); },
                    [f](const Vector& x) -> Vector { return f.gradient(x); },
                    [f](const Vector& x) { return f.hessian(x); });
  };
  for (const Objective& f :
       {Objective(full), Objective(lower), Objective(analytic_of(full)), Objective(analytic_of(lower))}) {
    const Result result = minimize(f, start);
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_EQ(result.iterations, expected.iterations);
    EXPECT_LT((result.x - expected.x).norm(), 1e-9);
    EXPECT_EQ(result.provider.second, "analytic");
  }
}

TEST(LargeNewton, GivesDenseMatricesAndProductsOfSparseHessians) {
  const ChainOfWells full, lower{.lower_alone = true};
  const Vector x = Vector::LinSpaced(6, -1.0, 2.0);
  const Matrix expected = hessian(wells, x);
  for (const Objective& f : {Objective(full), Objective(lower)}) {
    EXPECT_LT((hessian(f, x) - expected).norm(), 1e-13);
    EXPECT_LT((hessian_product(f, x, Vector::Ones(6)) - expected * Vector::Ones(6)).norm(), 1e-13);
    EXPECT_LT((Matrix(sparse_hessian(f, x)).triangularView<Eigen::Lower>().toDenseMatrix() -
               expected.triangularView<Eigen::Lower>().toDenseMatrix())
                  .norm(),
              1e-13);
  }
}

TEST(LargeNewton, ReportsSparseHessiansThatAreNotSymmetric) {
  const Result result = minimize(ChainOfWells{.bias = 1e-3}, Vector::Constant(100, 2.0));
  EXPECT_THAT(result.reason, testing::HasSubstr("not symmetric"));
}

TEST(LargeNewton, RefusesSparseHessiansOfTheWrongSize) {
  const auto wrong = analytic([](const Vector& x) { return x.squaredNorm(); },
                              [](const Vector& x) -> Vector { return 2.0 * x; },
                              [](const Vector&) { return SparseMatrix(3, 3); });
  try {
    minimize(wrong, Vector::Ones(100));
    FAIL();
  } catch (const Misuse& misuse) {
    EXPECT_THAT(misuse.what(), testing::HasSubstr("3 x 3, but must be 100 x 100"));
  }
}

TEST(LargeNewton, SolvesFullHessiansByFactorsToo) {
  // ½ xᵀA x + ¼ (Σ xᵢ)⁴ with A positive definite: every entry of the Hessian is other than zero.
  const auto f = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T squares(0.0), sum(0.0);
    for (Index i = 0; i < x.size(); ++i) {
      squares += 0.5 * static_cast<double>(i + 1) * (x[i] - 1.0) * (x[i] - 1.0);
      sum += x[i];
    }
    return squares + 0.25 * sum * sum * sum * sum;
  };
  const Result result = minimize(f, Vector::Constant(120, 3.0));
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_GE(result.critical_point.lambda_min, 1.0 - 1e-6);
}

TEST(LargeNewton, FindsExtendedRosenbrocksMinimumByEitherStepControl) {
  const auto f = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum(0.0);
    for (Index i = 0; i + 1 < x.size(); i += 2) {
      const auto a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
      sum += a * a + 100.0 * b * b;
    }
    return sum;
  };
  Vector start(2000);
  for (Index i = 0; i < start.size(); ++i) start[i] = i % 2 == 0 ? -1.2 : 1.0;
  for (const Solver& solver : {Solver(Newton{}), Solver(Newton{.step = LineSearch{}})}) {
    const Result result = minimize(f, start, solver);
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_LT((result.x - Vector::Ones(2000)).cwiseAbs().maxCoeff(), 1e-8);
    // The eigenvalues of the two-dimensional function at its minimum.
    EXPECT_NEAR(result.critical_point.lambda_min, 0.39936, 1e-4);
    EXPECT_NEAR(result.critical_point.lambda_max, 1001.6006, 1e-3);
  }
}

// ¼ Σ_{i>0} xᵢ⁴ + ½ x₀²: flat at 0 along all axes but one.
TEST(LargeNewton, DoesNotCallAFlatPointAMinimum) {
  const auto f = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum = 0.5 * x[0] * x[0];
    for (Index i = 1; i < x.size(); ++i) sum += 0.25 * x[i] * x[i] * x[i] * x[i];
    return sum;
  };
  const CriticalPoint point = classify(f, Vector::Zero(100));
  EXPECT_EQ(point.kind, CriticalKind::Degenerate) << point.describe();
  EXPECT_NEAR(point.direction[0], 0.0, 1e-9);
}

}  // namespace
}  // namespace quadric
