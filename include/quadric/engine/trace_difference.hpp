#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quadric/engine/trace.hpp"

namespace quadric {

/// The first iteration in which two runs differ.
struct Parting {
  Index iteration = 0;
  /// The quantity that differs first, in the order in which an iteration makes them: `rejected`, `trust`,
  /// `step_norm`, `slope`, `curvature`, `predicted`, `lambda_min`, `actual`, `value`, `gradient_norm`,
  /// `events`, `evaluations`; `end` where one of the runs has no such iteration.
  std::string quantity = {};
  /// Its values in the first and the second run; NaN where unknown and for `events` and `end`.
  double first = Iteration::unknown, second = Iteration::unknown;
  std::string why = {};  ///< what that says about the two runs, in a sentence
};

/// How two runs differ.
struct TraceDifference {
  std::optional<Parting> visible = {};  ///< beyond the tolerance
  std::optional<Parting> any = {};      ///< in any bit
};

/// Where two runs part: where they take other steps or see another function; where they never do, where they
/// differ in anything else, such as the radius, rejected trial steps or events. Numbers differ visibly where
/// they do by more than `tolerance` (≥ 0) of the larger one and by more than 1e-12 of the largest that the
/// quantity had so far (of f, for changes of f), below which there is rounding; times do not count. Of a run
/// that was resumed only what the other has too is compared. Misuse: a tolerance that is negative or not a
/// number, traces without a common iteration.
TraceDifference trace_difference(const std::vector<Iteration>& first, const std::vector<Iteration>& second,
                                 double tolerance = 1e-6);

}  // namespace quadric
