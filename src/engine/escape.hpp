#pragma once

#include <optional>

#include "engine/certificate.hpp"
#include "engine/evaluator.hpp"

namespace quadric {

/// A step away from a critical point that is no minimum, and what it gained.
struct Escape {
  Vector step = {};
  double value = 0.0;      ///< f after the step
  double predicted = 0.0;  ///< change by the quadric
};

/// From a critical point that is no strict minimum. From a saddle or maximum: along the direction of negative
/// curvature, downhill, to at least a tenth of the decrease that the curvature promises. From a degenerate
/// point: by the step that its higher derivatives show to lead down, or along its flat direction, where f
/// measurably falls within a tenth of the size of x. Lengths are doubled while f falls. `typical` is the size
/// of each variable (n), where the search for a length starts. Empty where f does not fall.
std::optional<Escape> find_escape(Evaluator& evaluator, const Certificate& certificate,
                                  const Vector& typical);

}  // namespace quadric
