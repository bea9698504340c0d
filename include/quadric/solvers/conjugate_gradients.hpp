#pragma once

#include <memory>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Nonlinear conjugate gradients after Hager & Zhang (SIAM J. Optim. 16, 2005, eq. 1.3): the direction is
/// −g + β d with d the last one, always downhill, and on a quadratic with an exact search conjugate to all
/// before, so that n steps are enough. It keeps three vectors and needs gradients only, one a trial point.
///
///     quadric::ConjugateGradients{.step = quadric::StrongWolfe{.curvature = 0.01}}
struct ConjugateGradients {
  StepRule step = StrongWolfe{.curvature = 0.1};
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
};

std::shared_ptr<const Method> method(const ConjugateGradients& options);

}  // namespace quadric
