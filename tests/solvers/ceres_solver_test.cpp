#include "quadric/solvers/ceres_solver.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/minimize.hpp"

namespace quadric {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using Strategy = CeresSolver::Strategy;

const auto rosenbrock = [](const auto& x) { return std::array{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]}; };
/// f = (x² − 1)²/4 + y²/2: minima at (±1, 0), a saddle at the origin.
const auto double_well = [](const auto& x) {
  return std::array{(x[0] * x[0] - 1.0) / std::sqrt(2.0), 1.0 * x[1]};
};
/// Powell's singular function (1962): its Hessian at the minimum, the origin, has rank 2.
const auto powell = [](const auto& x) {
  return std::array{x[0] + 10.0 * x[1], std::sqrt(5.0) * (x[2] - x[3]),
                    (x[1] - 2.0 * x[2]) * (x[1] - 2.0 * x[2]),
                    std::sqrt(10.0) * (x[0] - x[3]) * (x[0] - x[3])};
};

bool met(const Result& result, Event event) {
  bool found = false;
  for (const Iteration& line : result.trace) found = found || line.events.has(event);
  return found;
}

class EveryStrategy : public testing::TestWithParam<Strategy> {
 protected:
  CeresSolver solver() const { return {.strategy = GetParam()}; }
  bool trust_region() const { return Solver(solver()).needs_residuals(); }
  /// Conjugate gradients know of no curvature but that of the last step: they end less close.
  double within(double usual, double conjugate_gradients) const {
    return GetParam() == Strategy::ConjugateGradients ? conjugate_gradients : usual;
  }
};

INSTANTIATE_TEST_SUITE_P(Ceres, EveryStrategy,
                         testing::Values(Strategy::LevenbergMarquardt, Strategy::Dogleg,
                                         Strategy::SubspaceDogleg, Strategy::Lbfgs, Strategy::Bfgs,
                                         Strategy::ConjugateGradients),
                         [](const auto& strategy) -> std::string {
                           switch (strategy.param) {
                             case Strategy::LevenbergMarquardt:
                               return "LevenbergMarquardt";
                             case Strategy::Dogleg:
                               return "Dogleg";
                             case Strategy::SubspaceDogleg:
                               return "SubspaceDogleg";
                             case Strategy::Bfgs:
                               return "Bfgs";
                             case Strategy::ConjugateGradients:
                               return "ConjugateGradients";
                             case Strategy::Lbfgs:
                               break;
                           }
                           return "Lbfgs";
                         });

TEST_P(EveryStrategy, SolvesRosenbrock) {
  const Result result = least_squares(rosenbrock, {-1.2, 1.0}, solver());
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_TRUE(result.critical_point.is_minimum());
  EXPECT_NEAR((result.x - Vector::Ones(2)).norm(), 0.0, within(1e-12, 1e-7));
  EXPECT_THAT(result.solver, HasSubstr("ceres ("));
  EXPECT_EQ(result.solver, Solver(solver()).name());
  EXPECT_EQ(result.provider.first, "automatic");
  EXPECT_GT(result.counts.gradients, 10);
  EXPECT_GT(result.counts.hessians, 0);
}

TEST_P(EveryStrategy, TracesWhatCeresDid) {
  const Result result = least_squares(rosenbrock, {-1.2, 1.0}, solver());
  ASSERT_EQ(static_cast<Index>(result.trace.size()), result.iterations + 1);
  EXPECT_DOUBLE_EQ(result.trace[0].value, 12.1);
  for (std::size_t k = 1; k < result.trace.size(); ++k) {
    const Iteration &line = result.trace[k], &before = result.trace[k - 1];
    EXPECT_EQ(line.iteration, static_cast<Index>(k));
    EXPECT_LE(line.value, before.value);
    EXPECT_DOUBLE_EQ(line.actual, line.value - before.value);
    EXPECT_GT(line.step_norm, 0.0);
    EXPECT_GT(line.trust, 0.0);
    EXPECT_GE(line.evaluations, before.evaluations);
    if (k + 3 > result.trace.size()) continue;  // beyond, changes are rounding
    EXPECT_LT(line.slope, 0.0);
    if (!trust_region()) continue;
    EXPECT_NEAR(line.ratio * line.predicted, line.actual, 1e-9 * std::abs(line.actual));
    EXPECT_GE(line.curvature, 0.0);
  }
}

TEST_P(EveryStrategy, LeavesTheSaddleOfTheDoubleWell) {
  for (const Point& start : {Point{0.0, 0.0}, Point{0.0, 1.0}, Point{1e-8, 1.0}}) {
    const Result result = least_squares(double_well, start, solver());
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_NEAR(std::abs(result.x[0]), 1.0, 1e-7) << result.summary();
    EXPECT_NEAR(result.x[1], 0.0, 1e-7) << result.summary();
    if (start[0] != 0.0) continue;
    EXPECT_TRUE(met(result, Event::Saddle) && met(result, Event::Escaped));
  }
}

TEST_P(EveryStrategy, NamesTheSaddleItLeaves) {
  const Result result = least_squares(double_well, {0.0, 0.0}, solver());
  ASSERT_GE(result.trace.size(), 2u);
  EXPECT_THAT(result.trace[1].note, HasSubstr("at a saddle of index 1"));
  EXPECT_LT(result.trace[1].curvature, 0.0);
}

TEST_P(EveryStrategy, StopsAtASaddleWhenAsked) {
  CeresSolver stopping = solver();
  stopping.at_saddle = AtSaddle::Stop;
  const Result result = least_squares(double_well, {0.0, 1.0}, stopping);
  EXPECT_EQ(result.status, Status::SaddlePoint) << result.summary();
  EXPECT_EQ(result.critical_point.index, 1);
}

TEST_P(EveryStrategy, LeavesTheHilltopOfAGeneralFunctionOfResiduals) {
  // A maximum at the origin in both variables.
  const auto hill = [](const auto& x) { return std::array{x[0] * x[0] - 1.0, x[1] * x[1] - 2.0}; };
  const Result result = least_squares(hill, {0.0, 0.0}, solver());
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_NEAR(std::abs(result.x[0]), 1.0, 1e-6);
  EXPECT_NEAR(std::abs(result.x[1]), std::sqrt(2.0), 1e-6);
}

TEST_P(EveryStrategy, ComesCloseOnPowellsSingularFunction) {
  const Result result = least_squares(powell, {3.0, -1.0, 0.0, 1.0}, solver());
  EXPECT_LT(result.value, within(1e-15, 1e-6)) << result.summary();
  EXPECT_LT(result.x.norm(), within(1e-3, 0.1));
  EXPECT_NE(result.status, Status::EvaluationFailed) << result.summary();
}

/// log x − 1, not to be evaluated beyond 0.
double guarded_log(double x) {
  if (x <= 0.0) throw std::domain_error("the logarithm needs a positive number");
  return std::log(x);
}

TEST_P(EveryStrategy, ShortensTheStepWhereTheFunctionThrows) {
  SuppliedResiduals pieces{
      .value = [](const Vector& x) { return Vector::Constant(1, guarded_log(x[0]) - 1.0); },
      .jacobian = [](const Vector& x) { return Matrix::Constant(1, 1, 1.0 / x[0]); }};
  const Result result = least_squares(pieces, {20.0}, solver());
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_NEAR(result.x[0], std::exp(1.0), 1e-6);
  if (!trust_region()) return;  // its first line search stays at small steps
  EXPECT_TRUE(met(result, Event::NonFinite)) << result.summary();
}

TEST_P(EveryStrategy, SaysWhenTheStartCanNotBeEvaluated) {
  const auto nowhere = [](const Vector&) -> Vector { throw std::runtime_error("no data"); };
  const Result result = least_squares(nowhere, {1.0}, solver());
  EXPECT_EQ(result.status, Status::EvaluationFailed);
  EXPECT_THAT(result.reason, HasSubstr("no data"));
  EXPECT_EQ(result.x[0], 1.0);
  EXPECT_TRUE(result.trace.empty());
}

TEST_P(EveryStrategy, EndsWhereNoShorterStepCanBeEvaluated) {
  const auto only_here = [](const Vector& x) -> Vector {
    return Vector::Constant(1, x[0] == 1.0 ? 3.0 : std::numeric_limits<double>::quiet_NaN());
  };
  SuppliedResiduals pieces{.value = only_here,
                           .jacobian = [](const Vector&) { return Matrix::Constant(1, 1, 1.0); }};
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  const Result result = least_squares(pieces, {1.0}, solver());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(result.converged()) << result.summary();
  EXPECT_EQ(result.x[0], 1.0);
  EXPECT_EQ(result.value, 4.5);
}

TEST_P(EveryStrategy, IsSilent) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  least_squares(rosenbrock, {-1.2, 1.0}, solver());
  least_squares(powell, {3.0, -1.0, 0.0, 1.0}, solver());
  const auto flat = [](const auto& x) { return std::array{0.0 * x[0], 0.0 * x[1]}; };
  least_squares(flat, {1.0, 1.0}, solver());
  const auto steep = [](const auto& x) {
    using std::exp;
    return std::array{exp(exp(x[0])), 1e200 * x[1] * x[1]};
  };
  least_squares(steep, {3.0, 1e-60}, solver());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_P(EveryStrategy, IsStoppedByAnObserver) {
  const auto twice = [](const Iteration& line) { return line.iteration < 2; };
  const Result result = least_squares(rosenbrock, {-1.2, 1.0}, solver(), twice);
  EXPECT_EQ(result.status, Status::StoppedByUser) << result.summary();
  EXPECT_EQ(result.iterations, 2);
  EXPECT_EQ(result.critical_point.kind, CriticalKind::NotCritical);
  EXPECT_LT(result.value, 12.1);
}

TEST_P(EveryStrategy, TellsObserversOfEveryLine) {
  struct Counting final : Observer {
    void started(const RunInfo& run) override { solver = run.solver; }
    bool iterated(const Iteration& line, const Vector& x) override {
      const Vector r = Point{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]};
      agrees = agrees && std::abs(0.5 * r.squaredNorm() - line.value) <= 1e-12 * line.value;
      ++lines;
      return true;
    }
    void finished(const Result& result) override { ended = result.converged(); }
    std::string solver;
    bool agrees = true, ended = false;
    std::size_t lines = 0;
  };
  const auto observer = std::make_shared<Counting>();
  const Result result = least_squares(rosenbrock, {-1.2, 1.0}, solver(), observer);
  EXPECT_EQ(observer->solver, result.solver);
  EXPECT_EQ(observer->lines, result.trace.size());
  EXPECT_TRUE(observer->agrees && observer->ended);
}

TEST_P(EveryStrategy, PassesTheExceptionOfAnObserver) {
  const auto angry = [](const Iteration& line) {
    if (line.iteration == 2) throw std::logic_error("enough");
  };
  EXPECT_THAT(
      [&] {
        least_squares(rosenbrock, {-1.2, 1.0}, solver(), angry);
      },
      ThrowsMessage<std::logic_error>(HasSubstr("enough")));
}

TEST_P(EveryStrategy, PassesMisuseOfTheFunction) {
  int calls = 0;
  SuppliedResiduals pieces{.value = [](const Vector& x) -> Vector { return x; },
                           .jacobian = [&calls](const Vector& x) -> Matrix {
                             return ++calls < 2 ? Matrix::Identity(x.size(), x.size()) : Matrix(3, 3);
                           }};
  EXPECT_THROW(least_squares(pieces, {1.0, 2.0}, solver()), Misuse);
}

TEST_P(EveryStrategy, KeepsItsLimits) {
  const auto limited = [this](const Stopping& stop) {
    CeresSolver options = solver();
    options.stop = stop;
    return least_squares(rosenbrock, {-1.2, 1.0}, options);
  };
  EXPECT_EQ(limited({.max_iterations = 3}).status, Status::IterationLimit);
  EXPECT_EQ(limited({.max_iterations = 3}).iterations, 3);
  EXPECT_EQ(limited({.max_iterations = 0}).status, Status::IterationLimit);
  EXPECT_EQ(limited({.max_iterations = 0}).x, Vector(Point{-1.2, 1.0}));
  EXPECT_EQ(limited({.max_evaluations = 10}).status, Status::IterationLimit);
  EXPECT_EQ(limited({.max_seconds = 0.0}).status, Status::TimeLimit);
  EXPECT_EQ(limited({.lowest_value = 1.0}).status, Status::Unbounded);
}

TEST_P(EveryStrategy, SaysWhenCeresStopsTooEarly) {
  CeresSolver loose = solver();
  loose.function_tolerance = 0.5;
  const Result result = least_squares(rosenbrock, {-1.2, 1.0}, loose);
  EXPECT_EQ(result.status, Status::Stalled) << result.summary();
  EXPECT_THAT(result.reason, HasSubstr("ceres reported convergence, but"));
  EXPECT_EQ(result.critical_point.kind, CriticalKind::NotCritical);
}

TEST(CeresSolver, RunsAGeneralObjectiveByLineSearchesOnly) {
  const auto f = [](const auto& x) {
    const auto a = x[0] * x[0] - 1.0;
    return a * a / 4.0 + x[1] * x[1] / 2.0;
  };
  for (const Strategy strategy : {Strategy::Lbfgs, Strategy::Bfgs, Strategy::ConjugateGradients}) {
    const Result result = minimize(f, {0.0, 1.0}, CeresSolver{.strategy = strategy});
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_NEAR(std::abs(result.x[0]), 1.0, 1e-7);
  }
  for (const Strategy strategy : {Strategy::LevenbergMarquardt, Strategy::Dogleg, Strategy::SubspaceDogleg}) {
    EXPECT_THAT(
        [&] {
          minimize(f, {0.0, 1.0}, CeresSolver{.strategy = strategy});
        },
        ThrowsMessage<Misuse>(HasSubstr("needs residuals")));
    EXPECT_TRUE(Solver(CeresSolver{.strategy = strategy}).needs_residuals());
  }
}

TEST(CeresSolver, RefusesWhatMeansNothing) {
  EXPECT_THROW(Solver(CeresSolver{.function_tolerance = -1.0}), Misuse);
  EXPECT_THROW(Solver(CeresSolver{.stop = {.max_iterations = -1}}), Misuse);
  EXPECT_THROW(least_squares(rosenbrock, {std::nan(""), 1.0}, CeresSolver{}), Misuse);
}

}  // namespace
}  // namespace quadric
