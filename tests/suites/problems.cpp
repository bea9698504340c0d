#include "suites/problems.hpp"

#include <iterator>
#include <utility>

#include "compare/mgh.hpp"

namespace quadric::suites {

std::vector<TestProblem> mgh_problems() {
  std::vector<TestProblem> problems;
  for (mgh::KnownProblem& known : mgh::known_problems()) {
    TestProblem problem{.name = std::move(known.name),
                        .problem = std::move(known.residuals),
                        .starts = {known.start},
                        .minima = std::move(known.minima),
                        .minimizer = std::move(known.minimizer),
                        .singular_too = known.singular_too,
                        .singular = known.singular,
                        .note = std::move(known.note)};
    if (known.number == 1 || known.number == 29) problem.starts.push_back(10.0 * known.start);
    if (known.number == 2) problem.starts.push_back(Point{6.0, 5.0});  // leads to the global minimum
    problems.push_back(std::move(problem));
  }
  return problems;
}

std::vector<TestProblem> test_problems() {
  std::vector<TestProblem> all;
  for (auto* part : {mgh_problems, general_objectives, saddles}) {
    std::vector<TestProblem> problems = part();
    all.insert(all.end(), std::make_move_iterator(problems.begin()), std::make_move_iterator(problems.end()));
  }
  return all;
}

}  // namespace quadric::suites
