#pragma once

#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric {

/// The best fit that has a parameter at a given value.
struct ProfilePoint {
  double value = 0.0;  ///< of the parameter
  double tau = 0.0;    ///< ±√(S − S at the estimate) / s, of the sign of value − estimate
  Vector x = {};       ///< all parameters (n)
};

/// How the sum of squares S rises as one parameter leaves its estimate and all others follow. Where the model
/// is linear in the parameters τ is a straight line and the interval Student's; where it is not, this
/// interval is right to a higher order, and does not depend on how the model was parameterized (Bates & Watts
/// 1988, chapter 6).
struct Profile {
  Interval interval = {};                 ///< where |τ| is within Student's quantile
  std::vector<ProfilePoint> points = {};  ///< fits on the way, by value
  std::string remark = {};                ///< why an end was not found
};

/// The profile of parameter i of a fit of this problem. Bounds of the problem are ends. NaN for a parameter
/// that a bound holds, without degrees of freedom, and under a loss. Throws `Misuse` unless the problem has
/// residuals and 0 < level < 1; exceptions of the user's function pass through. Costs some 5 to 15 fits an
/// end.
Profile profile(const Problem& problem, const Fit& fit, Index i, double level = 0.95);

}  // namespace quadric
