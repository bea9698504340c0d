#pragma once

#include <memory>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Gradient descent whose step comes from measured curvature: the quadric along −g is minimized by α = gᵀg /
/// gᵀH g, which costs one Hessian-vector product (Cauchy 1847). Where the curvature along −g is zero or
/// negative, the step doubles the last one, since f falls at least as fast as the slope says.
struct GradientDescent {
  StepRule step = LineSearch{};
  Stopping stop = {.max_iterations = 10000};
  AtSaddle at_saddle = AtSaddle::Escape;
};

std::shared_ptr<const Method> method(const GradientDescent& options);

}  // namespace quadric
