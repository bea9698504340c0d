#pragma once

#include <memory>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// L-BFGS (Nocedal 1980; Liu & Nocedal 1989): the quadric's B is built from the last steps and the changes of
/// the gradient over them by the update of Broyden, Fletcher, Goldfarb & Shanno, and never formed: its
/// inverse is applied in 4 n `memory` operations. It needs gradients only, one a trial point; the certificate
/// at the end takes the exact Hessian as for every solver.
///
///     quadric::Lbfgs{.memory = 20, .stop = {.max_iterations = 500}}
struct Lbfgs {
  /// Pairs of a step and a change of the gradient that are kept, at least 1.
  Index memory = 10;
  StepRule step = StrongWolfe{};
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
};

/// Options out of range throw `Misuse`.
std::shared_ptr<const Method> method(const Lbfgs& options);

}  // namespace quadric
