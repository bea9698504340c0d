#pragma once

#include <optional>

#include "quadric/curvature/critical_point.hpp"

#include "engine/evaluator.hpp"

namespace quadric {

/// A step away from a critical point that is no minimum, and what it gained.
struct Escape {
  Vector step = {};
  double value = 0.0;      ///< f after the step
  double predicted = 0.0;  ///< change by the quadric
};

/// From a saddle or maximum: along the direction of negative curvature, downhill, to at least a tenth of the
/// decrease that the curvature promises; lengths are doubled while f falls. `typical` is the size of each
/// variable (n), where the search for a length starts.
std::optional<Escape> escape_saddle(Evaluator& evaluator, const LocalModel& model, const CriticalPoint& point,
                                    const Vector& typical);

/// From a degenerate point: along its flat direction, where f measurably falls within a tenth of the size of
/// x.
std::optional<Escape> escape_flat(Evaluator& evaluator, const LocalModel& model, const CriticalPoint& point,
                                  const Vector& typical);

}  // namespace quadric
