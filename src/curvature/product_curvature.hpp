#pragma once

#include <optional>

#include "quadric/curvature/critical_point.hpp"
#include "quadric/problem/local_model.hpp"

namespace quadric {

/// What `CurvatureAnalyzer` says of a Hessian, by products alone and in memory for a few vectors. A minimum
/// is claimed only where the probability of an eigenvalue that was missed is at most 1e-10; a saddle is
/// proved by a direction. Elsewhere, as where the condition number is beyond some thousands: undecided.
/// `hessian_error` is the relative error of a product.
CriticalPoint classify_by_products(const LocalModel& model, double hessian_error);

/// Whether all curvatures of the model are above `floor` > 0 but for such a probability; adds it to `doubt`.
bool stays_above_by_products(const LocalModel& model, double floor, double& doubt);

/// The step to the bottom of the quadric (n) to a relative accuracy of 1e-4 in its residual; empty where the
/// quadric bends down or the step takes too many products.
std::optional<Vector> newton_step_by_products(const LocalModel& model);

}  // namespace quadric
