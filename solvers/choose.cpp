#include <array>
#include <functional>
#include <string>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/ceres_solver.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "base/nearest_name.hpp"

namespace quadric {

namespace {

struct Entry {
  std::string name;
  std::function<Solver(const Stopping&, AtSaddle)> make;
  Stopping stop = {};
};

CeresSolver ceres(CeresSolver::Strategy strategy, const Stopping& stop, AtSaddle at_saddle) {
  return {.strategy = strategy, .stop = stop, .at_saddle = at_saddle};
}

/// The one list of solvers by name.
const std::vector<Entry>& registry() {
  using Strategy = CeresSolver::Strategy;
  static const std::vector<Entry> entries = {
      {"newton", [](const Stopping& s, AtSaddle a) { return Newton{.stop = s, .at_saddle = a}; }},
      {"newton-line-search",
       [](const Stopping& s, AtSaddle a) { return Newton{.step = LineSearch{}, .stop = s, .at_saddle = a}; }},
      {"gauss-newton", [](const Stopping& s, AtSaddle a) { return GaussNewton{.stop = s, .at_saddle = a}; }},
      {"gauss-newton-line-search",
       [](const Stopping& s, AtSaddle a) {
         return GaussNewton{.step = LineSearch{}, .stop = s, .at_saddle = a};
       }},
      {"gradient-descent",
       [](const Stopping& s, AtSaddle a) { return GradientDescent{.stop = s, .at_saddle = a}; },
       GradientDescent{}.stop},
      {"ceres-lm", [](const Stopping& s, AtSaddle a) { return ceres(Strategy::LevenbergMarquardt, s, a); }},
      {"ceres-dogleg", [](const Stopping& s, AtSaddle a) { return ceres(Strategy::Dogleg, s, a); }},
      {"ceres-lbfgs", [](const Stopping& s, AtSaddle a) { return ceres(Strategy::Lbfgs, s, a); }},
  };
  return entries;
}

const Entry& entry(std::string_view name) {
  for (const Entry& candidate : registry()) {
    if (candidate.name == name) return candidate;
  }
  const std::vector<std::string> names = solver_names();
  std::string sentence = "there is no solver '" + std::string(name) + "'";
  if (const auto nearest = nearest_name(name, names)) sentence += ", did you mean '" + *nearest + "'?";
  sentence += " The solvers are";
  for (const std::string& known : names) sentence += " " + known;
  misuse(sentence);
}

}  // namespace

std::vector<std::string> solver_names() {
  std::vector<std::string> names;
  for (const Entry& candidate : registry()) names.push_back(candidate.name);
  return names;
}

Solver solver_named(std::string_view name) {
  const Entry& found = entry(name);
  return found.make(found.stop, AtSaddle::Escape);
}

Solver solver_named(std::string_view name, const Stopping& stop, AtSaddle at_saddle) {
  return entry(name).make(stop, at_saddle);
}

Choice choose_solver(const Problem& problem) {
  if (problem.residuals()) {
    return {GaussNewton{},
            "the problem is a sum of squares, whose residuals give curvature from first derivatives"};
  }
  return {Newton{}, "the problem is a general objective, and its exact second derivatives are to be had"};
}

Result solve(const Problem& problem, const Point& start, const Observers& observers) {
  const Choice choice = choose_solver(problem);
  Result result = choice.solver.run(problem, start, observers);
  result.choice = choice.why;
  return result;
}

}  // namespace quadric
