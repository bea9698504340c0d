#pragma once

#include <limits>

#include "quadric/base/types.hpp"

namespace quadric {

/// What a function shows around the point where a run ended, beyond what the run needed. A quantity that is
/// not known is NaN, a variable that is not known −1. "Beside the point" is a few percent of each variable's
/// size away, where a smooth function is as good a witness as at the point and a special point is not in the
/// way.
struct Probe {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  /// A derivative by the provider and by differences.
  struct Comparison {
    double claimed = unknown, measured = unknown;
    double error = unknown;  ///< of the measured one
    bool contradicts = false;
    Index variable = -1;  ///< that is to blame
  };
  Comparison gradient;  ///< the slope along one direction beside the point against values
  Comparison hessian;   ///< an entry of ∇²f v beside the point against gradients, and its variable

  double noise = unknown;           ///< of f beside the point, as a standard deviation in units of f
  double rounding = unknown;        ///< what rounding of f would be there
  double noise_of_slope = unknown;  ///< of the slope along one direction, relative to Σ |gⱼ vⱼ|

  /// How the slope along one direction jumps across the point, over the width of both sides together in units
  /// of the size of x: of a smooth function the jump vanishes with the width.
  struct Kink {
    double before = unknown, after = unknown;
    double width = unknown;
    bool found = false;
    Index variable = -1;  ///< whose entry of the gradient jumps most
  };
  Kink kink;

  Index points = 0;  ///< that were tried around the point
  Index failed = 0;  ///< of them, where f could not be evaluated

  double condition = unknown;  ///< λmax / λmin in magnitude of ∇²f at the point, free variables only
  double scaled_condition = unknown;  ///< the same with every variable in the unit of its own curvature
  Index longest = -1, shortest = -1;  ///< the variables whose units 1/√|∂²f/∂xⱼ²| are the ends of the next
  double unit_ratio = unknown;  ///< the longest unit over the shortest
};

}  // namespace quadric
