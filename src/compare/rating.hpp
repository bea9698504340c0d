#pragma once

#include <vector>

#include "quadric/compare/comparison.hpp"

namespace quadric {

/// Compares where a run ended with what is known of its case: everything of `ComparedRun` that answers are
/// needed for, but `error`.
void rate(ComparedRun& run, const Case& item);

/// Sets `error` of all runs, which may depend on the best of a case.
void rate_errors(std::vector<ComparedRun>& runs, const std::vector<Case>& cases);

/// f at the start of a run, NaN where it could not be evaluated.
double start_value(const ComparedRun& run);

/// The lowest value known of each case: of any run, or the global minimum where that is known and lower.
std::vector<double> lowest_values(const Comparison& comparison);

/// Whether the certified value was reached, though at another point: parameters may trade places or signs.
bool is_equivalent(const ComparedRun& run);

}  // namespace quadric
