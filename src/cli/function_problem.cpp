#include "cli/function_problem.hpp"

#include "quadric/problem/expression.hpp"

#include "cli/names.hpp"

namespace quadric::cli {

Problem function_problem(const std::string& formula, const Assignments& assigned) {
  const Expression expression = read_formula("--function", formula);
  require_matching_names("--function", expression, assigned);
  const BoundExpression bound = expression.bind(assigned.names);
  const Objective objective = [bound](const auto& x) { return bound.evaluate(x); };
  Problem problem(objective);
  problem.with_names(assigned.names);
  return problem;
}

}  // namespace quadric::cli
