#include "suites/problems.hpp"

#include <iterator>

namespace quadric::suites {

std::vector<TestProblem> test_problems() {
  std::vector<TestProblem> all;
  for (auto* part :
       {problems_of_fixed_size, problems_with_data, problems_of_any_size, general_objectives, saddles}) {
    std::vector<TestProblem> problems = part();
    all.insert(all.end(), std::make_move_iterator(problems.begin()), std::make_move_iterator(problems.end()));
  }
  return all;
}

}  // namespace quadric::suites
