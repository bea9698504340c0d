#include "quadric/engine/audit.hpp"

#include <cmath>
#include <cstddef>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/ceres_solver.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0];
  const auto b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};
const Point start{-1.2, 1.0};

/// Rosenbrock's function with its gradient, the entry by x1 times `factor` where x0 > `from`.
Objective spoiled(double factor, double from = -100.0) {
  const Objective right(rosenbrock);
  return analytic([](const Vector& x) { return rosenbrock(x); },
                  [=](const Vector& x) -> Vector {
                    Vector g;
                    right.gradient(x, g);
                    if (x[0] > from) g[1] *= factor;
                    return g;
                  });
}

TEST(AuditDerivatives, LeavesARunWithRightDerivativesAsItIs) {
  const Result plain = minimize(rosenbrock, start, Newton{});
  const Result audited = minimize(rosenbrock, start, Newton{}, AuditDerivatives{});
  EXPECT_EQ(audited.status, Status::Converged);
  EXPECT_EQ(audited.reason, plain.reason);
  EXPECT_EQ(audited.x, plain.x);
  EXPECT_EQ(audited.counts.total(), plain.counts.total());
  for (const Iteration& iteration : audited.trace) EXPECT_FALSE(iteration.events.has(Event::WrongDerivative));
}

TEST(AuditDerivatives, EndsARunOfAWrongGradientWithTheEntriesNamed) {
  for (const Solver& solver : {Solver(Newton{}), Solver(GradientDescent{}),
                               Solver(CeresSolver{.strategy = CeresSolver::Strategy::Lbfgs})}) {
    const Result result = minimize(spoiled(-1.0), start, solver, AuditDerivatives{});
    EXPECT_EQ(result.status, Status::StoppedByUser) << solver.name();
    EXPECT_THAT(result.reason, AllOf(HasSubstr("iteration 0"), HasSubstr("∂f/∂x1 is 88"),
                                     HasSubstr("should be -88"), HasSubstr("sign flipped")))
        << solver.name();
    ASSERT_FALSE(result.trace.empty());
    EXPECT_TRUE(result.trace.back().events.has(Event::WrongDerivative));
    EXPECT_LE(result.iterations, 1);
  }
}

TEST(AuditDerivatives, FindsAGradientThatIsWrongOnlyOnTheWay) {
  const Result result = minimize(spoiled(1.5, -0.5), start, Newton{}, AuditDerivatives{});
  EXPECT_EQ(result.status, Status::StoppedByUser);
  EXPECT_THAT(result.reason, AllOf(HasSubstr("∂f/∂x1"), Not(HasSubstr("at iteration 0 "))));
  AuditDerivatives start_only;
  start_only.every = 0;
  EXPECT_THAT(minimize(spoiled(1.5, -0.5), start, Newton{}, start_only).reason, Not(HasSubstr("audit")));
}

TEST(AuditDerivatives, CanReportWithoutStopping) {
  AuditDerivatives report;
  report.stop = false;
  const Result result = minimize(spoiled(1.01), start, Newton{}, report);
  EXPECT_GT(result.iterations, 2);
  EXPECT_NE(result.status, Status::Converged);
  EXPECT_THAT(result.reason, HasSubstr("∂f/∂x1"));
}

TEST(AuditDerivatives, NamesResidualAndParameter) {
  const Residuals wrong = analytic_residuals(
      [](const Vector& x) -> Vector {
        return Point{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]};
      },
      [](const Vector& x) -> Matrix {
        Matrix J(2, 2);
        J << -10.0 * x[0], 10.0, -1.0, 0.0;
        return J;
      });
  const Result result = least_squares(wrong, start, GaussNewton{}, AuditDerivatives{});
  EXPECT_THAT(result.reason, HasSubstr("∂r0/∂x0 is 12, but should be 24 (half the reference)"));
}

TEST(AuditDerivatives, AuditsDirectionsWhereThereAreManyVariables) {
  const auto chain = [](const auto& x) {
    ScalarOf<decltype(x)> sum(0.0);
    for (Index j = 0; j + 1 < x.size(); ++j) {
      const auto a = 1.0 - x[j];
      const auto b = x[j + 1] - x[j] * x[j];
      sum += a * a + 100.0 * b * b;
    }
    return sum;
  };
  const Objective right(chain);
  const Objective wrong = analytic([=](const Vector& x) { return chain(x); },
                                   [=](const Vector& x) -> Vector {
                                     Vector g;
                                     right.gradient(x, g);
                                     g[17] *= 1.01;
                                     return g;
                                   });
  AuditDerivatives audit;
  audit.most_variables = 10;
  const Vector far = Vector::Constant(40, -0.7);
  EXPECT_THAT(minimize(wrong, far, Newton{}, audit).reason, HasSubstr("∂f/∂x17"));
  EXPECT_EQ(minimize(right, far, Newton{}, audit).status, minimize(right, far, Newton{}).status);
}

TEST(AuditDerivatives, RefusesOptionsThatMeanNothing) {
  AuditDerivatives audit;
  audit.every = -1;
  EXPECT_THROW(minimize(rosenbrock, start, Newton{}, audit), Misuse);
}

}  // namespace
}  // namespace quadric
