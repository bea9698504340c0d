#pragma once

#include <memory>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// The Gauss-Newton method for ½‖r‖²: the quadric's B is JᵀJ, so that only first derivatives are needed.
///
/// With a trust region this is Levenberg–Marquardt in Moré's form (1978), the variables scaled by the largest
/// column norms of J so far. With a line search, the least-squares step, which always descends. A problem
/// without residuals throws `Misuse`.
struct GaussNewton {
  StepRule step = TrustRegion{};
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
};

std::shared_ptr<const Method> method(const GaussNewton& options);

}  // namespace quadric
