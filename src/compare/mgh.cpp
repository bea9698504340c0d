#include "compare/mgh.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "quadric/compare/suites.hpp"

namespace quadric {

namespace mgh {

std::vector<KnownProblem> known_problems() {
  std::vector<KnownProblem> all;
  for (auto* part : {problems_of_fixed_size, problems_with_data, problems_of_any_size}) {
    std::vector<KnownProblem> problems = part();
    all.insert(all.end(), std::make_move_iterator(problems.begin()), std::make_move_iterator(problems.end()));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const KnownProblem& a, const KnownProblem& b) { return a.number < b.number; });
  return all;
}

Vector scaled_start(const KnownProblem& problem, double factor) {
  if (factor == 1.0 || !problem.start.isZero(0.0)) return factor * problem.start;
  return Vector::Constant(problem.start.size(), factor);
}

}  // namespace mgh

std::vector<Case> mgh_suite() {
  std::vector<Case> cases;
  for (const mgh::KnownProblem& problem : mgh::known_problems()) {
    for (const auto& [name, factor] : {std::pair{"x1", 1.0}, {"x10", 10.0}, {"x100", 100.0}}) {
      cases.push_back({.problem = problem.name,
                       .start = name,
                       .function = problem.residuals,
                       .from = mgh::scaled_start(problem, factor),
                       .minima = problem.minima,
                       .degenerate = problem.singular || problem.singular_too});
    }
  }
  return cases;
}

}  // namespace quadric
