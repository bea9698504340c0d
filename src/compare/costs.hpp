#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/compare/comparison.hpp"

namespace quadric {

/// The names of the solvers in order of their first run.
std::vector<std::string> solvers_of(const Comparison& comparison);

/// Evaluations and seconds of each run (cases × solvers) that `counts` says was solved; infinite of others,
/// NaN where there is no run. Seconds below a microsecond count as one.
struct Costs {
  Matrix evaluations, seconds;
};
template <class Counts>
Costs costs_of(const Comparison& comparison, const Counts& counts);

/// The evaluations after which each run (cases × solvers) was down to fL + τ (f₀ − fL), fL being the lowest
/// value known of the case and f₀ that of the start (Moré & Wild 2009); infinite where it never was, NaN
/// where there is no run.
Matrix evaluations_until(const Comparison& comparison, double tolerance);

/// A matrix (cases × solvers) of what `entry` says of each run, NaN where there is none.
template <class Entry>
Matrix by_case_and_solver(const Comparison& comparison, const Entry& entry) {
  const std::vector<std::string> solvers = solvers_of(comparison);
  Matrix table =
      Matrix::Constant(static_cast<Index>(comparison.cases.size()), static_cast<Index>(solvers.size()),
                       std::numeric_limits<double>::quiet_NaN());
  for (const ComparedRun& run : comparison.runs) {
    Index s = 0;
    while (solvers[static_cast<std::size_t>(s)] != run.solver) ++s;
    table(static_cast<Index>(run.item), s) = entry(run);
  }
  return table;
}

template <class Counts>
Costs costs_of(const Comparison& comparison, const Counts& counts) {
  constexpr double never = std::numeric_limits<double>::infinity(), microsecond = 1e-6;
  return {.evaluations = by_case_and_solver(comparison,
                                            [&](const ComparedRun& run) {
                                              return counts(run)
                                                         ? static_cast<double>(run.result.counts.total())
                                                         : never;
                                            }),
          .seconds = by_case_and_solver(comparison, [&](const ComparedRun& run) {
            return counts(run) ? std::max(microsecond, run.result.seconds) : never;
          })};
}

}  // namespace quadric
