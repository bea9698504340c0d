#pragma once

#include <memory>
#include <optional>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Where gradient descent takes the curvature from that its step length is the inverse of.
enum class DescentLength {
  /// Along −g, by one Hessian-vector product: α = gᵀg / gᵀH g minimizes the quadric (Cauchy 1847).
  Cauchy,
  /// Along the last step s, over which the gradient changed by y: α = sᵀs / sᵀy (Barzilai & Borwein 1988). No
  /// product is needed, and far fewer steps; f may rise on the way (Raydan 1997).
  BarzilaiBorwein,
};

/// Gradient descent whose step comes from measured curvature. Where that is zero or negative, the step
/// doubles the last one, since f falls at least as fast as the slope says.
///
///     quadric::GradientDescent{.length = quadric::DescentLength::BarzilaiBorwein}
struct GradientDescent {
  DescentLength length = DescentLength::Cauchy;
  /// Empty: a line search, for Barzilai & Borwein's lengths one that looks at the last 10 values of f.
  std::optional<StepRule> step = {};
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
};

std::shared_ptr<const Method> method(const GradientDescent& options);

}  // namespace quadric
