#pragma once

#include <functional>
#include <memory>
#include <string>

#include "quadric/engine/solver.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

using MakeDirection = std::function<std::unique_ptr<Direction>()>;

/// A method on the shared loop from a way to make its direction and the user's options. A direction that
/// keeps within bounds of itself has another way to be made for problems with bounds.
std::shared_ptr<const Method> assemble(std::string name, MakeDirection direction, StepRule step,
                                       Stopping stop, AtSaddle at_saddle, MakeDirection bounded = {});

}  // namespace quadric
