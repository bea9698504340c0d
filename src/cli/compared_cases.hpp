#pragma once

#include <vector>

#include "quadric/compare/suites.hpp"

#include "cli/options.hpp"

namespace quadric::cli {

/// The cases that a command names: those of suites, of a function or a fit, of a list of problems and of a
/// library, in this order, and of them those that --starts and --only leave. Throws `Misuse` where there are
/// none, or where an option is wrong or has nothing to go with.
std::vector<Case> compared_cases(const CompareCommand& command);

}  // namespace quadric::cli
