#pragma once

#include <memory>
#include <vector>

#include "quadric/engine/solver.hpp"
#include "quadric/problem/linear_variables.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Least squares whose residuals are linear in some variables, β: they are always at their best for the
/// others, α, which alone are searched for (Golub & Pereyra 1973), by Gauss-Newton with Kaufman's Jacobian
/// (1975) and, where it matters, the exact Hessian of the reduced function (`GaussNewton::hybrid`). Needs no
/// start for β and fewer, but dearer steps: each evaluates a Jacobian or two. A run of all variables follows,
/// which ends with their certificate. Variables with bounds are not eliminated. Without linear variables, the
/// plain method. Runs can not be resumed.
struct VariableProjection {
  StepRule step = TrustRegion{};
  Stopping stop = {};  ///< of both runs together
  AtSaddle at_saddle = AtSaddle::Escape;
  /// The variables that are eliminated, in any order; found by `linear_variables` where empty.
  std::vector<Index> linear = {};
};

std::shared_ptr<const Method> method(const VariableProjection& options);

}  // namespace quadric
