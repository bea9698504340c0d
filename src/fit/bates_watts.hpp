#pragma once

#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/fit/statistics.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// The curvatures of residuals at x in the parameters `free`, with the Jacobian J (m × p, p ≤ m) in these, L
/// (p × p) such that LᵀJᵀJL = I, and the residual standard deviation. Takes p (p + 1)/2 second directional
/// derivatives. NaN where one is not finite.
BatesWatts bates_watts(const Residuals& residuals, const Vector& x, const std::vector<Index>& free,
                       const Matrix& J, const Matrix& L, double deviation);

}  // namespace quadric
