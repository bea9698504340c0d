#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/matrix_free_newton.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "solvers/hostile_functions.hpp"

/// The problem that a seed decides, the solver that meets it, and what must hold of the answer.
namespace quadric::hostile {

inline const Stopping limits{.max_iterations = 150, .max_evaluations = 30000};

inline std::vector<Solver> objective_solvers(AtSaddle at_saddle) {
  return {Newton{.stop = limits, .at_saddle = at_saddle},
          Newton{.step = LineSearch{}, .stop = limits, .at_saddle = at_saddle},
          Newton{.step = StrongWolfe{}, .stop = limits, .at_saddle = at_saddle},
          MatrixFreeNewton{.stop = limits, .at_saddle = at_saddle},
          MatrixFreeNewton{.step = LineSearch{}, .stop = limits, .at_saddle = at_saddle},
          MatrixFreeNewton{.step = CubicRegularization{}, .stop = limits, .at_saddle = at_saddle},
          Lbfgs{.stop = limits, .at_saddle = at_saddle},
          Lbfgs{.step = TrustRegion{}, .stop = limits, .at_saddle = at_saddle},
          ConjugateGradients{.stop = limits, .at_saddle = at_saddle},
          GradientDescent{.stop = limits, .at_saddle = at_saddle},
          GradientDescent{.step = TrustRegion{}, .stop = limits, .at_saddle = at_saddle},
          GradientDescent{.length = DescentLength::BarzilaiBorwein, .stop = limits, .at_saddle = at_saddle}};
}

inline std::vector<Solver> residual_solvers(AtSaddle at_saddle) {
  return {GaussNewton{.stop = limits, .at_saddle = at_saddle},
          GaussNewton{.step = LineSearch{}, .stop = limits, .at_saddle = at_saddle},
          GaussNewton{.step = StrongWolfe{}, .stop = limits, .at_saddle = at_saddle},
          Newton{.stop = limits, .at_saddle = at_saddle}};
}

/// A plan's objective, with derivatives from where the plan says.
inline Objective objective_of(const Plan& plan, const std::shared_ptr<Seen>& seen) {
  const Function f(plan, seen);
  const Objective automatic(f);
  const auto value = [f](const Vector& x) -> double { return f(x); };
  const auto supplied_gradient = [automatic, plan, seen](const Vector& x) -> Vector {
    Vector g;
    automatic.gradient(x, g);
    if (plan.trouble == Trouble::WrongGradient) {
      ++seen->troubles;
      g[0] = plan.jump * g[0] + (plan.is_ball ? 0.0 : plan.level);
    }
    if (plan.trouble == Trouble::InfiniteGradient && plan.in_region(x)) {
      ++seen->troubles;
      g[plan.n - 1] = std::numeric_limits<double>::infinity();
    }
    return g;
  };
  const auto supplied_hessian = [automatic, plan, seen](const Vector& x) -> Matrix {
    Vector g;
    Matrix H;
    automatic.hessian(x, g, H);
    if (plan.trouble == Trouble::NanHessian && plan.in_region(x)) {
      ++seen->troubles;
      H(0, plan.n - 1) = std::numeric_limits<double>::quiet_NaN();
    }
    return H;
  };
  switch (plan.source) {
    case Source::Differences:
      return value;
    case Source::Gradient:
      return analytic(value, supplied_gradient);
    case Source::Hessian:
      return analytic(value, supplied_gradient, supplied_hessian);
    default:
      return automatic;
  }
}

inline Residuals residuals_of(const Plan& plan, const std::shared_ptr<Seen>& seen) {
  const ResidualFunction r(plan, seen);
  if (plan.source != Source::Differences) return r;
  return [r](const Vector& x) { return r(x); };
}

/// f where nothing went wrong there; empty elsewhere. Does not count as a call of the run.
inline std::optional<double> value_at(const std::function<double(const Vector&)>& f, const Vector& x,
                                      Seen& seen) {
  const Seen before = seen;
  std::optional<double> value;
  try {
    seen.calls = 0;
    value = f(x);
    if (!std::isfinite(*value)) value.reset();
  } catch (...) {
    value.reset();
  }
  seen = before;
  return value;
}

struct Case {
  Plan plan;
  Problem problem;
  std::function<double(const Vector&)> value;   ///< f with its trouble
  std::function<double(const Vector&)> smooth;  ///< f without
  std::shared_ptr<Seen> seen;
  Solver solver;
  double start_value = std::numeric_limits<double>::quiet_NaN();  ///< NaN where f fails at the start
};

inline Case case_of(unsigned seed) {
  Plan plan(seed);
  const AtSaddle at_saddle = plan.random.integer(0, 4) == 0 ? AtSaddle::Stop : AtSaddle::Escape;
  const bool has_residuals = plan.random.integer(0, 3) == 0;
  const std::vector<Solver> solvers =
      has_residuals ? residual_solvers(at_saddle) : objective_solvers(at_saddle);
  const Solver solver =
      solvers[static_cast<std::size_t>(plan.random.integer(0, static_cast<Index>(solvers.size()) - 1))];
  const auto seen = std::make_shared<Seen>();
  // A start where f fails is worth a few cases only.
  std::optional<double> start_value;
  const bool may_fail = plan.random.integer(0, 30) == 0;
  for (int attempt = 0; attempt < 50 && !start_value; ++attempt) {
    if (attempt > 0) plan.move();
    if (has_residuals) {
      const ResidualFunction r(plan, seen);
      const auto half_square = [](const std::vector<double>& values) {
        return 0.5 * callables::to_vector(values).squaredNorm();
      };
      start_value = value_at([&](const Vector& x) { return half_square(r(x)); }, plan.start, *seen);
    } else {
      start_value = value_at(Function(plan, seen), plan.start, *seen);
    }
    if (may_fail) break;
  }
  Case made{.plan = plan,
            .problem = Objective([](const Vector&) { return 0.0; }),
            .value = {},
            .smooth = {},
            .seen = seen,
            .solver = solver};
  if (start_value) made.start_value = *start_value;
  if (has_residuals) {
    const ResidualFunction r(plan, seen);
    made.problem = residuals_of(plan, seen);
    made.value = [r](const Vector& x) { return 0.5 * callables::to_vector(r(x)).squaredNorm(); };
    made.smooth = [r](const Vector& x) { return 0.5 * callables::to_vector(r.smooth(x)).squaredNorm(); };
  } else {
    const Function f(plan, seen);
    made.problem = objective_of(plan, seen);
    made.value = [f](const Vector& x) -> double { return f(x); };
    made.smooth = [f](const Vector& x) -> double { return f.smooth(x); };
  }
  return made;
}

/// The answer is a point of the run, finite, the lowest, and not above the start.
inline void check_answer(const Case& given, const Result& result, const std::vector<Vector>& points) {
  ASSERT_EQ(result.x.size(), given.plan.n);
  ASSERT_TRUE(result.x.allFinite());
  if (!std::isfinite(given.start_value) || result.trace.empty()) {
    EXPECT_EQ(to_string(result.status), "evaluation_failed");
    EXPECT_EQ(result.x, given.plan.start);
    EXPECT_EQ(result.iterations, 0);
    return;
  }
  ASSERT_TRUE(std::isfinite(result.value));
  EXPECT_TRUE(std::isfinite(result.gradient_norm));
  EXPECT_LE(result.value, result.trace.front().value);
  // Where the gradient judged a step, f may have risen by what terms that cancel leave of rounding.
  const bool polished = std::any_of(result.trace.begin(), result.trace.end(),
                                    [](const Iteration& line) { return line.events.has(Event::Polished); });
  for (const Iteration& line : result.trace) {
    ASSERT_TRUE(std::isfinite(line.value));
    const double size = std::max(std::abs(line.value), polished ? std::abs(given.start_value) : 0.0);
    EXPECT_LE(result.value, line.value + 64.0 * std::numeric_limits<double>::epsilon() * size)
        << "line " << line.iteration;
  }
  for (const Vector& x : points) ASSERT_TRUE(x.allFinite());
  EXPECT_NE(std::find(points.begin(), points.end(), result.x), points.end()) << "x is no point of the run";
  // The value is that of the point, but for the rounding of dual numbers' order of operations.
  const std::optional<double> recomputed = value_at(given.value, result.x, *given.seen);
  ASSERT_TRUE(recomputed.has_value());
  EXPECT_NEAR(result.value / given.plan.amplitude, *recomputed / given.plan.amplitude,
              1e-10 * (1.0 + std::abs(*recomputed / given.plan.amplitude)));
}

/// The status says what is so.
inline void check_status(const Result& result) {
  EXPECT_FALSE(result.reason.empty());
  EXPECT_EQ(static_cast<Index>(result.trace.size()),
            result.status == Status::EvaluationFailed && result.trace.empty() ? 0 : result.iterations + 1);
  EXPECT_LE(result.iterations, limits.max_iterations);
  EXPECT_LT(result.counts.total(), limits.max_evaluations);
  switch (result.status) {
    case Status::Converged:
      EXPECT_TRUE(result.critical_point.is_minimum());
      EXPECT_TRUE(result.critical_point.order == 4 || result.critical_point.lambda_min > 0.0 ||
                  result.critical_point.held == result.x.size());
      EXPECT_EQ(result.critical_point.index, 0);
      break;
    case Status::SaddlePoint:
      if (result.critical_point.order != 2) break;  // f was measured to fall where curvature vanishes
      EXPECT_TRUE(result.critical_point.has_negative_curvature());
      EXPECT_LT(result.critical_point.lambda_min, 0.0);
      break;
    case Status::UndecidedCurvature:
    case Status::Stalled:
      EXPECT_FALSE(result.critical_point.is_minimum());
      break;
    case Status::Unbounded:
      EXPECT_LT(result.value, limits.lowest_value);
      break;
    case Status::IterationLimit:
      // Never the limit on evaluations: an iteration tries no more than some hundreds of steps.
      EXPECT_EQ(result.iterations, limits.max_iterations);
      break;
    case Status::EvaluationFailed:
      break;
    case Status::TimeLimit:
    case Status::StoppedByUser:
      ADD_FAILURE() << "there was no such limit, and nobody asked to stop";
  }
}

/// Around a minimum that was certified no value within bounds, on its side of the trouble, is clearly lower.
/// True where enough points were compared to say so.
inline bool check_minimum(Case& given, const Result& result) {
  Plan& plan = given.plan;
  if (plan.trouble == Trouble::WrongGradient) return false;  // what is minimized is not what is measured
  if (plan.shape == Shape::Stairs) return false;             // whose edges no derivative knows
  const bool by_region = plan.trouble != Trouble::Noise && plan.trouble != Trouble::NanDust &&
                         plan.trouble != Trouble::FailsForGood;
  const bool inside = plan.in_region(result.x);
  const auto value = by_region ? given.value : given.smooth;
  const std::optional<double> here = value_at(value, result.x, *given.seen);
  if (!here) return false;
  const double measurable = plan.trouble == Trouble::Noise ? 10.0 * plan.level * std::abs(*here) : 0.0;
  const double clear = 1e-9 * (plan.amplitude + std::abs(*here)) + measurable;
  int compared = 0;
  for (int trial = 0; trial < 60; ++trial) {
    Vector move = plan.random.vector(plan.n);
    if (trial < 2 * plan.n) move = (trial % 2 == 0 ? 1.0 : -1.0) * Vector::Unit(plan.n, trial / 2);
    Vector there = result.x + 1e-3 * move.cwiseQuotient(plan.stretch);
    given.problem.bounds().place(there);
    if (by_region && plan.in_region(there) != inside) continue;
    const std::optional<double> beside = value_at(value, there, *given.seen);
    if (!beside) continue;
    ++compared;
    EXPECT_GE(*beside, *here - clear) << "at a distance of " << (there - result.x).norm();
  }
  return compared >= 10;
}

}  // namespace quadric::hostile
