#pragma once

#include <string>
#include <vector>

#include "quadric/problem/parametrization.hpp"

#include "cli/assignments.hpp"
#include "cli/options.hpp"

namespace quadric::cli {

/// The parameters of a fit, and what is free of them.
struct FitParameters {
  Assignments start;  ///< of all: those of `--start`, then those that `--fix` and `--tie` alone name
  Parametrization by;
  std::vector<std::string> in_ties;  ///< names that `--tie` defines or uses, which the model need not have
};

/// Reads `--fix`, `--tie`, `--log-scale` and `--logit` beside the start. Throws `Misuse` that names the
/// option and the parameter.
FitParameters read_parameters(const Assignments& start, const ParameterOptions& options);

}  // namespace quadric::cli
