#include "quadric/solvers/variable_projection.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <Eigen/Cholesky>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/derivative_check.hpp"
#include "quadric/problem/pointwise.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/minimize.hpp"

#include "solvers/second_order/separated.hpp"

namespace quadric {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// b0 exp(−b1 t) + b2 exp(−b3 t) against 2 exp(−0.3 t) + 5 exp(−1.7 t), with something added that no such sum
/// can follow.
Residuals decays(double misfit = 0.0) {
  return pointwise(20, [misfit](const auto& b, Index i) {
    using std::exp;
    const double t = 0.25 * static_cast<double>(i);
    const double truth = 2.0 * std::exp(-0.3 * t) + 5.0 * std::exp(-1.7 * t) + misfit * std::cos(3.0 * t);
    return b[0] * exp(-b[1] * t) + b[2] * exp(-b[3] * t) - truth;
  });
}

TEST(LinearVariables, AreThoseWithoutSecondDerivatives) {
  EXPECT_THAT(linear_variables(decays(), Vector::Constant(4, 0.7)), ElementsAre(0, 2));
  const Residuals quotient = pointwise(9, [](const auto& b, Index i) {
    const double t = 0.5 * static_cast<double>(i);
    return (b[3] + b[1] * t) / (1.0 + b[0] * t + b[2] * t * t) - 1.0;
  });
  EXPECT_THAT(linear_variables(quotient, Vector::Constant(4, 0.7)), ElementsAre(1, 3));
  const Residuals line =
      pointwise(4, [](const auto& b, Index i) { return b[0] + static_cast<double>(i) * b[1] - 2.0; });
  EXPECT_THAT(linear_variables(line, Vector::Zero(2)), ElementsAre(0, 1));
}

TEST(LinearVariables, AreNoneWhereEveryOneBends) {
  const Residuals bent = pointwise(6, [](const auto& b, Index i) {
    using std::exp;
    const double t = static_cast<double>(i);
    return exp(-b[0] * t) / (b[1] + b[2] * t) - 0.5;
  });
  EXPECT_THAT(linear_variables(bent, Vector::Constant(3, 0.5)), IsEmpty());
}

TEST(LinearVariables, OfAProductAreOneFactor) {
  const Residuals product = pointwise(6, [](const auto& b, Index i) {
    using std::exp;
    return b[0] * b[1] * exp(-b[2] * static_cast<double>(i)) + b[3] - 0.5;
  });
  EXPECT_THAT(linear_variables(product, Vector::Constant(4, 0.5)),
              testing::AnyOf(ElementsAre(0, 3), ElementsAre(1, 3)));
}

/// Its second derivative is zero, too, on either side of the kink.
TEST(LinearVariables, AreNotThoseWithAKink) {
  const Residuals kink = pointwise(6, [](const auto& b, Index i) {
    using std::abs;
    return abs(b[0]) * (1.0 + static_cast<double>(i)) + b[1] * b[1] - 3.0;
  });
  EXPECT_THAT(linear_variables(kink, Vector::Constant(2, 0.5)), IsEmpty());
}

TEST(LinearVariables, AreUnknownByDifferences) {
  const auto plain = [](const Vector& b) -> Vector { return Vector::Constant(3, 2.0 * b[0] - 1.0); };
  EXPECT_THAT(linear_variables(Residuals(plain), Vector::Ones(1)), IsEmpty());
}

/// Values by the independent way: the least squares of b0, b2 for given b1, b3.
TEST(Separated, DerivativesAreThoseOfTheReducedFunction) {
  const Residuals whole = decays(0.8);
  const Vector x = (Vector(4) << 100.0, 0.4, -3.0, 1.1).finished();
  const Separated separated(whole, {0, 2}, x);
  EXPECT_THAT(separated.nonlinear(), ElementsAre(1, 3));
  const Objective reduced = separated.residuals().objective();
  const Vector alpha = (Vector(2) << 0.4, 1.1).finished();

  Vector r;
  Matrix J;
  whole.jacobian((Vector(4) << 0.0, 0.4, 0.0, 1.1).finished(), r, J);
  const Matrix Phi = J(Eigen::all, std::vector<Index>{0, 2});
  const Vector beta = -(Phi.transpose() * Phi).ldlt().solve(Phi.transpose() * r);
  const Vector lifted = separated.lift(alpha);
  EXPECT_NEAR(lifted[0], beta[0], 1e-9 * std::abs(beta[0]));
  EXPECT_NEAR(lifted[2], beta[1], 1e-9 * std::abs(beta[1]));
  EXPECT_NEAR(reduced.value(alpha), 0.5 * (r + Phi * beta).squaredNorm(), 1e-12 * r.squaredNorm());

  const auto report = check_derivatives(reduced, alpha);
  EXPECT_TRUE(report.passed()) << report;
}

TEST(VariableProjection, NeedsNoStartForWhatIsLinear) {
  const Residuals residuals = decays(0.05);
  const Result best = least_squares(residuals, {2.0, 0.3, 5.0, 1.7});
  ASSERT_EQ(best.status, Status::Converged);
  Index told = 0, last = -1;
  const Result result = least_squares(residuals, {-1e6, 0.1, 1e6, 3.0}, VariableProjection{},
                                      [&](const Iteration& line, const Vector& x) {
                                        EXPECT_EQ(line.iteration, last + 1);
                                        EXPECT_EQ(x.size(), 4);
                                        last = line.iteration;
                                        ++told;
                                      });
  EXPECT_EQ(result.status, Status::Converged) << result.summary();
  EXPECT_LE((result.x - best.x).norm(), 1e-7 * best.x.norm()) << result.summary();
  EXPECT_EQ(result.critical_point.kind, CriticalKind::Minimum);
  EXPECT_EQ(result.iterations, last);
  EXPECT_EQ(static_cast<Index>(result.trace.size()), told);
  EXPECT_THAT(result.solver, HasSubstr("variable-projection"));
  EXPECT_THAT(result.trace.front().note, HasSubstr("x0, x2 enter linearly"));
  for (std::size_t k = 1; k < result.trace.size(); ++k)
    EXPECT_LE(result.trace[k - 1].evaluations, result.trace[k].evaluations);
  EXPECT_LE(result.trace.back().evaluations, result.counts.total());
}

TEST(VariableProjection, LeavesVariablesWithBoundsAlone) {
  const Bounds bounds(Point{-1e3, 0.0, 4.0, 0.0}, Point{1e3, 10.0, 4.5, 10.0});
  const Result plain = least_squares(decays(), {1.0, 0.2, 4.2, 2.0}, bounds, GaussNewton{});
  const Result result = least_squares(decays(), {1.0, 0.2, 4.2, 2.0}, bounds, VariableProjection{});
  ASSERT_EQ(plain.status, Status::Converged);
  EXPECT_EQ(result.status, Status::Converged) << result.summary();
  EXPECT_LE((result.x - plain.x).norm(), 1e-6);
  EXPECT_EQ(result.x[2], 4.5);
}

TEST(VariableProjection, TakesTheVariablesItIsTold) {
  const Result result = least_squares(decays(0.05), {1.0, 0.2, 4.2, 2.0}, VariableProjection{.linear = {2}});
  EXPECT_EQ(result.status, Status::Converged);
  EXPECT_THAT(result.trace.front().note, HasSubstr("x2 enters linearly"));
  EXPECT_THROW(least_squares(decays(), {1.0, 0.2, 4.2, 2.0}, VariableProjection{.linear = {4}}), Misuse);
}

TEST(VariableProjection, IsPlainWhereNothingOrEverythingIsLinear) {
  const auto line = [](const auto& b) {
    using T = ScalarOf<decltype(b)>;
    return std::array<T, 3>{b[0] + b[1] - 1.0, b[0] + 2.0 * b[1] - 3.0, b[0] + 3.0 * b[1] - 4.0};
  };
  const Result result = least_squares(line, {10.0, 10.0}, VariableProjection{});
  EXPECT_EQ(result.status, Status::Converged);
  EXPECT_NEAR(result.x[1], 1.5, 1e-12);
  const auto valley = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    return std::array<T, 2>{10.0 * (x[1] * x[1] - x[0] * x[0]), 1.0 - x[0] * x[1]};
  };
  EXPECT_EQ(least_squares(valley, {2.0, 3.0}, VariableProjection{}).status, Status::Converged);
}

TEST(VariableProjection, KeepsLimitsAndListens) {
  const Point start{1.0, 5.0, 4.2, 0.01};
  for (const Index most : {0, 1, 2}) {
    const Result result =
        least_squares(decays(0.5), start, VariableProjection{.stop = {.max_iterations = most}});
    EXPECT_EQ(result.status, Status::IterationLimit) << result.summary();
    EXPECT_EQ(result.iterations, most);
  }
  const Result stopped = least_squares(decays(0.5), start, VariableProjection{},
                                       [](const Iteration& line) { return line.iteration < 2; });
  EXPECT_EQ(stopped.status, Status::StoppedByUser) << stopped.summary();
  EXPECT_EQ(stopped.iterations, 2);
}

TEST(VariableProjection, RefusesGeneralObjectives) {
  const auto f = [](const auto& x) { return x[0] * x[0]; };
  EXPECT_THROW(minimize(f, {1.0}, VariableProjection{}), Misuse);
}

}  // namespace
}  // namespace quadric
