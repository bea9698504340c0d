#pragma once

#include <string>
#include <vector>

#include "quadric/problem/expression.hpp"

#include "cli/assignments.hpp"

namespace quadric::cli {

/// Reads the formula of an option; what is wrong with it is said with the option's name and a caret.
Expression read_formula(const std::string& option, const std::string& text);

/// Throws `Misuse` unless the formula's names are those assigned and, beside them, columns of `source`: for a
/// name that is neither, with the nearest known one or with the assignment that is lacking; for an assignment
/// that the formula does not use, nor `used_elsewhere` has; for one that has the name of a column.
void require_matching_names(const std::string& option, const Expression& formula, const Assignments& assigned,
                            const std::vector<std::string>& columns = {}, const std::string& source = {},
                            const std::vector<std::string>& used_elsewhere = {});

}  // namespace quadric::cli
