#pragma once

#include <string>

#include "quadric/problem/problem.hpp"

#include "cli/assignments.hpp"

namespace quadric::cli {

/// The function that a formula says, of the names assigned, in their order. Throws `Misuse` for a formula
/// that can not be read, and unless its names are those.
Problem function_problem(const std::string& formula, const Assignments& assigned);

}  // namespace quadric::cli
