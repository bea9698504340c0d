#pragma once

#include <functional>
#include <memory>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// What a step in a ball does at its boundary.
enum class AtBoundary {
  /// Follow it to the lowest point that the products show (GLTR: Gould, Lucidi, Roma & Toint 1999).
  Follow,
  /// End where conjugate gradients leave the ball or meet negative curvature (Steihaug 1983; Toint 1981):
  /// fewer products a step, but more steps.
  Stop,
};

/// Newton's method without a Hessian: of ∇²f it needs products with vectors only, and a step takes as many of
/// them as its accuracy asks for (truncated Newton: Dembo, Eisenstat & Steihaug 1982). For functions of many
/// variables whose Hessian has few zeros.
///
/// The residual ‖∇²f p + ∇f‖ of a step is at most min(0.5, √(‖∇f‖ / ‖∇f at the start‖)) of ‖∇f‖, so that the
/// last steps converge with order 3/2. In a ball the step is the lowest point over the Krylov space of the
/// gradient; with a line search, where the Hessian bends down in that space, −|H|⁻¹g within it.
///
/// The certificate takes the Hessian only where it is sparse. Else it puts it together from n products up to
/// 2,000 variables; beyond, extreme eigenvalues by products bound the curvature (`CriticalPoint::doubt`).
///
///     quadric::MatrixFreeNewton{.step = quadric::LineSearch{}, .most_products = 100}
struct MatrixFreeNewton {
  StepRule step = TrustRegion{};
  AtBoundary at_boundary = AtBoundary::Follow;
  /// Most products that span the space of one step, at least 1.
  Index most_products = 500;
  /// Most vectors (n numbers each) that are kept of that space, at least 1; up to 2,000 variables all are. A
  /// step on the boundary of a ball takes those beyond as products again.
  Index most_vectors = 50;
  /// The size of the diagonal of the Hessian at x, or another positive diagonal M that makes the variables
  /// comparable (n): the preconditioner, and as ‖p‖² = pᵀM p the norm of a trust region. Entries that are not
  /// finite and positive count as unknown. Empty: M = I.
  std::function<Vector(const Vector& x)> diagonal = {};
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
};

std::shared_ptr<const Method> method(const MatrixFreeNewton& options);

}  // namespace quadric
