#pragma once

#include <optional>
#include <variant>

#include "quadric/base/types.hpp"

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
  /// The fall is measured from the highest of this many values of f, the latest ones; at least 1. With more
  /// than 1 f may rise for a while, so that steps which pay off later are not cut (Grippo, Lampariello &
  /// Lucidi 1986). Never above the start; the result is the lowest point.
  Index memory = 1;
};

/// Go along the direction until f falls enough and little of its slope is left, |φ'(t)| ≤ c |φ'(0)| (the
/// strong Wolfe conditions), by safeguarded cubic interpolation (Moré & Thuente 1994). Each trial costs a
/// gradient; steps may grow too, so that a direction which does not know its length finds it, and the pairs
/// (s, y) have sᵀy > 0. What falls by less than the rounding of f is judged by slopes alone (Hager & Zhang
/// 2005, the approximate Wolfe conditions).
struct StrongWolfe {
  /// Share of the decrease that the slope promises, in (0, 0.5).
  double sufficient_decrease = 1e-4;
  /// c, in (sufficient_decrease, 1): near 0 the search is exact.
  double curvature = 0.9;
};

/// Add (σ/3)‖D p‖³ to the quadric and go to the lowest point of the sum, which exists whatever the curvature;
/// the weight σ follows the error that the quadric was seen to make (Nesterov & Polyak 2006; ARC: Cartis,
/// Gould & Toint 2011).
struct CubicRegularization {
  /// First σ, in units of f per ‖D p‖³; 0 takes it from the first quadric and the size of x.
  double initial_weight = 0.0;
  /// A step is accepted when the actual decrease is more than this share of the predicted one, in [0, 0.25).
  double acceptance = 0.1;
};

/// Add ½λ‖D p‖² to the quadric; λ falls and grows smoothly with the ratio of actual to predicted change
/// (Nielsen 1999, IMM-REP-1999-05), as in many programs called Levenberg–Marquardt. For Gauss-Newton and
/// Newton; other directions throw `Misuse` when they run.
struct Damping {
  /// First λ, against columns of J D⁻¹ of length 1, or a diagonal of D⁻¹∇²f D⁻¹ of 1; positive.
  double initial = 1e-3;
};

/// How far a step goes.
using StepRule = std::variant<TrustRegion, LineSearch, StrongWolfe, CubicRegularization, Damping>;

}  // namespace quadric
