#pragma once

#include <memory>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// How a step of bounded length is found.
enum class GaussNewtonStep {
  Exact,         ///< minimizes the quadric in the ball (Moré 1978)
  Dogleg,        ///< along a path of two legs (Powell 1970)
  DoubleDogleg,  ///< along a path of three (Dennis & Mei 1979)
};

/// The Gauss-Newton method for ½‖r‖²: the quadric's B is JᵀJ, so that only first derivatives are needed.
///
/// With a trust region or `Damping` this is Levenberg–Marquardt, in Moré's form (1978) or Nielsen's (1999),
/// the variables scaled by the largest column norms of J so far. With a line search, the least-squares step,
/// which always descends. Rank-deficient Jacobians and fewer residuals than unknowns are allowed. A problem
/// without residuals throws `Misuse`.
struct GaussNewton {
  StepRule step = TrustRegion{};
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
  /// Compares after each step what JᵀJ and ∇²f would have said of it, without a second derivative, and goes
  /// on by ∇²f, as Newton's method, where residuals stay large and bend: Gauss-Newton crawls there, Newton
  /// converges quadratically. Back by JᵀJ where such steps are rejected. What `least_squares` takes unless
  /// told otherwise.
  bool hybrid = false;
  /// With a trust region.
  GaussNewtonStep within = GaussNewtonStep::Exact;
  /// Bends the steps with the residuals, by their exact second derivatives along the step: p + ½a, where a is
  /// the response to vᵀ∇²rᵢ v (Transtrum & Sethna 2012), which costs one more evaluation a step. For long
  /// curved valleys.
  bool geodesic = false;
};

std::shared_ptr<const Method> method(const GaussNewton& options);

}  // namespace quadric
