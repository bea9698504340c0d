#pragma once

#include <memory>

#include "quadric/engine/direction.hpp"

namespace quadric {

/// B = (1/α) I, with 1/α = sᵀy / sᵀs the curvature along the last step (Barzilai & Borwein 1988, eq. 5).
/// Where that is zero or negative, the step doubles the last one.
std::unique_ptr<Direction> barzilai_borwein();

}  // namespace quadric
