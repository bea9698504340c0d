#pragma once

#include <memory>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Newton's method: the quadric's B is the exact Hessian ∇²f; of residuals, JᵀJ + Σ rᵢ∇²rᵢ.
///
/// With a trust region, the global minimizer of the quadric in a ball (Moré & Sorensen 1983). With a line
/// search, the direction −|H|⁻¹g, which is Newton's where the Hessian is positive definite.
///
///     quadric::Newton{.step = quadric::LineSearch{}, .stop = {.max_iterations = 50}}
struct Newton {
  StepRule step = TrustRegion{};
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
};

std::shared_ptr<const Method> method(const Newton& options);

}  // namespace quadric
