#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/engine/checkpoint.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric {

/// What a caller sets on top of a solver's own defaults; empty leaves the default.
struct Overrides {
  std::optional<Index> max_iterations = {};
  std::optional<Index> max_evaluations = {};
  std::optional<double> max_seconds = {};
  std::optional<AtSaddle> at_saddle = {};
};

/// The solver of a name, one of `solver_names()`: a method and, unless it is the usual one, its step control,
/// as in `newton`, `newton-line-search`, `newton-cubic`, `gauss-newton-hybrid`, `lbfgs`, `ceres-lm`; or
/// `auto`, which runs what `choose_solver` picks for each problem. An unknown name throws `Misuse` with the
/// nearest known one.
Solver solver_named(std::string_view name, const Overrides& overrides = {});
/// All names, in the order of the documentation.
std::vector<std::string> solver_names();

/// The solver that fits the problem's form and its number of variables, that of a start, and why: for
/// residuals Gauss-Newton, which goes on as Newton's method where the curvature that it misses is measured to
/// matter (`GaussNewton::hybrid`), or Newton's from the start where there are so many variables that a
/// Jacobian without zeros in it would be too large; Newton for a general objective, by products alone where
/// its Hessian is large and has few zeros, or L-BFGS where second derivatives would have to be differenced.
/// The function may be evaluated at the start.
struct Choice {
  Solver solver;
  std::string why;
};
Choice choose_solver(const Problem& problem, const Point& start, const Overrides& overrides = {});

/// Runs the solver that `choose_solver` picks; the result says which and why.
Result solve(const Problem& problem, const Point& start, const Observers& observers);

/// Minimizes f from a start: with the solver given, else one chosen from the problem. Observers are told of
/// every iteration. A start that is empty or not finite throws `Misuse`; what happens in the run is the
/// result's status.
///
///     Result r = minimize(rosenbrock, {-1.2, 1.0});
///     Result s = minimize(rosenbrock, {-1.2, 1.0}, Newton{.step = LineSearch{}}, LogIterations{logger});
inline Result minimize(const Objective& f, const Point& start) { return solve(f, start, {}); }
template <class... O>
Result minimize(const Objective& f, const Point& start, const Solver& solver, O&&... observers) {
  return solver.run(f, start, {make_observer(std::forward<O>(observers))...});
}

/// The same within bounds. A start outside of them is moved to the nearest point within. At a solution bounds
/// may hold variables: their derivatives are the `multipliers` of the certificate, which then speaks of the
/// other variables.
///
///     Result r = minimize(rosenbrock, {-1.2, 1.0}, Bounds::at_most({0.5, 2.0}));
inline Result minimize(const Objective& f, const Point& start, const Bounds& bounds) {
  return solve(Problem(f).with_bounds(bounds), start, {});
}
template <class... O>
Result minimize(const Objective& f, const Point& start, const Bounds& bounds, const Solver& solver,
                O&&... observers) {
  return solver.run(Problem(f).with_bounds(bounds), start, {make_observer(std::forward<O>(observers))...});
}

/// The same for a problem, which may have names and bounds.
template <std::same_as<Problem> P>
Result minimize(const P& problem, const Point& start) {
  return solve(problem, start, {});
}
template <std::same_as<Problem> P, class... O>
Result minimize(const P& problem, const Point& start, const Solver& solver, O&&... observers) {
  return solver.run(problem, start, {make_observer(std::forward<O>(observers))...});
}

/// Goes on with an interrupted minimization of f, by the same solver; see `Checkpoint`.
///
///     Result s = minimize(rosenbrock, Checkpoint::read("run.json"), Newton{});
template <class... O>
Result minimize(const Objective& f, const Checkpoint& from, const Solver& solver, O&&... observers) {
  return solver.resume(f, from, {make_observer(std::forward<O>(observers))...});
}

template <std::same_as<Problem> P, class... O>
Result minimize(const P& problem, const Checkpoint& from, const Solver& solver, O&&... observers) {
  return solver.resume(problem, from, {make_observer(std::forward<O>(observers))...});
}

/// Minimizes ½‖r‖² from a start; otherwise as `minimize`.
inline Result least_squares(const Residuals& r, const Point& start) { return solve(r, start, {}); }
template <class... O>
Result least_squares(const Residuals& r, const Point& start, const Solver& solver, O&&... observers) {
  return solver.run(r, start, {make_observer(std::forward<O>(observers))...});
}

inline Result least_squares(const Residuals& r, const Point& start, const Bounds& bounds) {
  return solve(Problem(r).with_bounds(bounds), start, {});
}
template <class... O>
Result least_squares(const Residuals& r, const Point& start, const Bounds& bounds, const Solver& solver,
                     O&&... observers) {
  return solver.run(Problem(r).with_bounds(bounds), start, {make_observer(std::forward<O>(observers))...});
}

template <class... O>
Result least_squares(const Residuals& r, const Checkpoint& from, const Solver& solver, O&&... observers) {
  return solver.resume(r, from, {make_observer(std::forward<O>(observers))...});
}

}  // namespace quadric
