#pragma once

#include <memory>
#include <vector>

#include "quadric/engine/direction.hpp"

namespace quadric {

/// Any direction, kept within bounds: what it proposes is asked for on the face of the variables that no
/// bound holds, and bent into the box. Where the quadric is known, it is then minimized on, face after face,
/// as in the projected trust region of Lin & Moré (SIAM J. Optim. 9, 1999, section 4); where only the last
/// gradients speak of it, a step that bounds bend must gain what the bent gradient would.
std::unique_ptr<Direction> keep_within_bounds(std::unique_ptr<Direction> direction);

}  // namespace quadric
