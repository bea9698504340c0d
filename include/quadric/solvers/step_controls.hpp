#pragma once

#include <optional>
#include <variant>

namespace quadric {

/// Go no further than a radius in which the quadric has proved right (Conn, Gould & Toint 2000).
struct TrustRegion {
  /// First radius, in the norm ‖D p‖ of the direction's scaling; 0 takes it from the first quadric and the
  /// size of x.
  double initial_radius = 0.0;
  /// A step is accepted when the actual decrease is more than this share of the predicted one, in [0, 0.25).
  /// Empty: 0.1 where the quadric is exact, 1e-4 where it misses curvature, as JᵀJ does.
  std::optional<double> acceptance = {};
};

/// Go along the direction, backing off by interpolation until f falls enough (Armijo 1966).
struct LineSearch {
  /// A step is accepted when f falls by at least this share of what the slope promises, in (0, 0.5).
  double sufficient_decrease = 1e-4;
};

/// How far a step goes.
using StepRule = std::variant<TrustRegion, LineSearch>;

}  // namespace quadric
