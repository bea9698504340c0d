#pragma once

#include "quadric/engine/result.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/problem/bounds.hpp"
#include "quadric/problem/parametrization.hpp"

namespace quadric {

/// A run on the variables of a parametrization with its point, names, direction and multipliers in the
/// parameters, which are put on bounds (n) that are within rounding.
Result in_parameters(Result run, const Parametrization& by, const Bounds& bounds);

/// What a fit has of its parameters as said of the variables: of the result the point, names and multipliers,
/// covariance and standard errors, and what does not depend on how it is parametrized. The parameters must be
/// within their scales.
Fit in_variables(const Fit& fit);

}  // namespace quadric
