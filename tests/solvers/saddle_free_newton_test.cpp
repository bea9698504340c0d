#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

/// (x² − 1)²/4 + y²/2: minima at (±1, 0), a saddle at the origin.
const auto double_well = [](const auto& x) {
  const auto a = x[0] * x[0] - 1.0;
  return a * a / 4.0 + x[1] * x[1] / 2.0;
};

Vector first_step(const Point& start, const Newton& solver) {
  Vector step;
  minimize(double_well, start, solver, [&](const Iteration& line, const Vector& x) {
    if (line.iteration == 1) step = x - start.vector();
  });
  return step;
}

/// At (0.2, 1) the Hessian is diag(3 · 0.04 − 1, 1) and the gradient (0.2³ − 0.2, 1): Newton's own step goes
/// to the side of the saddle, the saddle-free one as far to the other side.
TEST(SaddleFreeNewton, GoesAwayFromASaddle) {
  const Vector step = first_step(
      {0.2, 1.0}, Newton{.step = LineSearch{}, .stop = {.max_iterations = 1}, .saddle_free = true});
  EXPECT_NEAR(step[0], (0.2 - 0.008) / 0.88, 1e-12);
  EXPECT_NEAR(step[1], -1.0, 1e-12);
}

TEST(SaddleFreeNewton, IsNewtonWhereTheHessianIsPositiveDefinite) {
  for (const StepRule& rule :
       {StepRule(LineSearch{}), StepRule(TrustRegion{}), StepRule(CubicRegularization{})}) {
    const Newton newton{.step = rule, .stop = {.max_iterations = 1}};
    Newton saddle_free = newton;
    saddle_free.saddle_free = true;
    EXPECT_LE((first_step({1.2, 0.3}, saddle_free) - first_step({1.2, 0.3}, newton)).norm(), 1e-12);
  }
}

TEST(SaddleFreeNewton, FindsMinimaWithEveryControl) {
  const auto coupled = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum(0.0);
    for (Index i = 0; i < x.size(); ++i) {
      const T a = x[i] * x[i] - 1.0;
      sum += 0.25 * a * a;
      if (i > 0) sum += 0.3 * x[i] * x[i - 1];
    }
    return sum;
  };
  for (const StepRule& rule :
       {StepRule(LineSearch{}), StepRule(TrustRegion{}), StepRule(CubicRegularization{})}) {
    for (const Index n : {6, 90}) {
      Vector start = Vector::Constant(n, 1e-3);
      start[0] = -0.3;
      const Result result = minimize(coupled, Point(start), Newton{.step = rule, .saddle_free = true});
      EXPECT_EQ(result.status, Status::Converged) << result.summary();
      EXPECT_LE(result.iterations, 100) << result.solver;
      EXPECT_THAT(result.solver, testing::StartsWith("newton-saddle-free ("));
    }
    // On the saddle itself the gradient says nothing: the certificate leads away.
    EXPECT_TRUE(minimize(double_well, {0.0, 0.0}, Newton{.step = rule, .saddle_free = true}).converged());
  }
}

TEST(SaddleFreeNewton, RefusesWhatHasTooManyVariables) {
  const auto quadratic = [](const auto& x) { return x.squaredNorm(); };
  EXPECT_THROW(minimize(quadratic, Vector::Ones(2001), Newton{.saddle_free = true}), Misuse);
}

}  // namespace
}  // namespace quadric
