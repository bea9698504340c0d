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
  /// B = |∇²f|, the magnitudes of the eigenvalues in place of them (saddle-free Newton: Dauphin et al. 2014),
  /// of the Hessian in variables of unit curvature: steps go away from saddles, as far as they would go
  /// towards them. Up to 2,000 variables, whose eigenvalues are all computed; more are `Misuse`.
  bool saddle_free = false;
};

std::shared_ptr<const Method> method(const Newton& options);

}  // namespace quadric
