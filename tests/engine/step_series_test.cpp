#include "engine/step_series.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "engine/plain_norm.hpp"

/// Steps that shrink at a constant rate: what they add up to, and runs towards points where they do.
namespace quadric {
namespace {

Vector vector(double a, double b) { return (Vector(2) << a, b).finished(); }

/// The sum of `next` after steps p, rp, r²p … have been taken.
std::optional<double> sum_after(int steps, const Vector& p, double rate) {
  StepSeries series;
  Vector step = p;
  for (int k = 0; k < steps; ++k, step *= rate) series.taken(step);
  return series.sum(step, PlainNorm());
}

TEST(StepSeries, SumsAGeometricSeries) {
  for (const double rate : {0.3, 2.0 / 3.0, 0.9, -0.3, -0.9}) {
    const auto sum = sum_after(2, vector(3.0, -1.0), rate);
    ASSERT_TRUE(sum) << rate;
    EXPECT_NEAR(*sum, 1.0 / (1.0 - rate), 1e-13) << rate;
  }
}

TEST(StepSeries, KnowsNoSumOfFewFastOrGrowingSteps) {
  EXPECT_FALSE(sum_after(1, vector(1.0, 2.0), 0.5));
  EXPECT_FALSE(sum_after(2, vector(1.0, 2.0), 0.1));
  EXPECT_FALSE(sum_after(2, vector(1.0, 2.0), 1.0));
  EXPECT_FALSE(sum_after(2, vector(1.0, 2.0), -1.5));
  EXPECT_FALSE(sum_after(2, vector(0.0, 0.0), 0.5));
}

TEST(StepSeries, KnowsNoSumWhereTheLineOrTheRateChanges) {
  const PlainNorm norm;
  StepSeries turning;
  turning.taken(vector(4.0, 0.0));
  turning.taken(vector(0.0, 2.0));
  EXPECT_FALSE(turning.sum(vector(0.0, 1.0), norm));
  StepSeries accelerating;
  accelerating.taken(vector(8.0, 0.0));
  accelerating.taken(vector(7.0, 0.0));
  EXPECT_FALSE(accelerating.sum(vector(3.5, 0.0), norm));
}

TEST(StepSeries, WaitsTwiceAsLongAfterEachSumThatFailed) {
  const PlainNorm norm;
  StepSeries series;
  for (int failures = 0, wanted = 2; failures < 3; ++failures, wanted *= 2) {
    for (int step = 0; step < wanted; ++step) {
      EXPECT_FALSE(series.sum(vector(1.0, 0.0) * std::pow(0.5, step), norm)) << failures << ' ' << step;
      series.taken(vector(1.0, 0.0) * std::pow(0.5, step));
    }
    EXPECT_TRUE(series.sum(vector(1.0, 0.0) * std::pow(0.5, wanted), norm)) << failures;
    series.tried(false);
  }
  series.tried(true);
  series.taken(vector(1.0, 0.0));
  series.taken(vector(0.5, 0.0));
  EXPECT_TRUE(series.sum(vector(0.25, 0.0), norm));
}

Index sums_taken(const Result& result) {
  return std::count_if(result.trace.begin(), result.trace.end(),
                       [](const Iteration& line) { return line.events.has(Event::Summed); });
}

/// Newton's steps alone need 60 for 10 digits: ln 1e-10 / ln (2/3).
TEST(StepSeries, LeadsToTheBottomOfAQuarticInFewSteps) {
  const auto quartic = [](const auto& x) {
    auto sum = 0.5 * x[0] * x[0] * x[0] * x[0];
    for (Index i = 1; i < x.size(); ++i) {
      const auto away = x[i] - static_cast<double>(i);
      sum += static_cast<double>(i) * away * away * away * away;
    }
    return sum;
  };
  for (const Solver& solver : {Solver(Newton{}), Solver(Newton{.step = LineSearch{}})}) {
    const Result result = minimize(quartic, Vector::Constant(7, 2.5), solver);
    EXPECT_LE((result.x - Vector::LinSpaced(7, 0.0, 6.0)).cwiseAbs().maxCoeff(), 1e-8) << result.summary();
    EXPECT_GE(sums_taken(result), 1) << result.summary();
    EXPECT_LE(result.counts.hessians, 25) << result.summary();
  }
}

/// One of many variables starts at its bottom, where f does not bend along it: nothing moves it, and the
/// others are not held back.
TEST(StepSeries, IsSeenWhereAVariableHasNoCurvatureFromTheStart) {
  const auto quartic = [](const auto& x) {
    auto sum = 0.0 * x[0];
    for (Index i = 0; i < x.size(); ++i) {
      const auto away = x[i] - static_cast<double>(i + 1);
      sum += away * away * away * away;
    }
    return sum;
  };
  const Result result = minimize(quartic, Vector::Constant(1000, 2.0), Newton{});
  EXPECT_LE((result.x - Vector::LinSpaced(1000, 1.0, 1000.0)).cwiseAbs().maxCoeff(), 1e-3)
      << result.summary();
  EXPECT_LE(result.counts.hessians, 20) << result.summary();
}

/// r = (x + 1, λx² + x − 1) has its minimum at 0, where JᵀJ = 2 and the Hessian is 2 − 2λ: the error of
/// Gauss-Newton shrinks by λ a step (Madsen, Nielsen & Tingleff 2004). For λ < 0 steps alternate in sign.
TEST(StepSeries, SpeedsUpAQuadricThatMissesCurvature) {
  for (const double lambda : {0.7, 0.9, -0.7}) {
    const auto residuals = [lambda](const auto& x) {
      return std::array{x[0] + 1.0, lambda * x[0] * x[0] + x[0] - 1.0};
    };
    const Result result =
        least_squares(residuals, {0.3}, GaussNewton{.step = TrustRegion{.initial_radius = 10.0}});
    EXPECT_NEAR(result.x[0], 0.0, 1e-9) << result.summary();
    EXPECT_GE(sums_taken(result), 1) << result.summary();
    EXPECT_LE(result.iterations, 20) << result.summary();
  }
}

/// exp(−x) falls for ever by a constant rate; a run that waits for zero ends where the exponent underflows.
TEST(StepSeries, AnEndlessFallBelowAllRoundingIsLeft) {
  const auto valley = [](const auto& x) {
    using std::exp;
    return exp(-x[0]) + (x[1] - 1.0) * (x[1] - 1.0) * exp(-x[0]);
  };
  const Result result = minimize(valley, {0.0, 0.0}, Newton{});
  EXPECT_EQ(to_string(result.status), "undecided_curvature") << result.summary();
  EXPECT_FALSE(result.critical_point.is_minimum());
  EXPECT_LE(result.iterations, 200) << result.summary();
}

}  // namespace
}  // namespace quadric
