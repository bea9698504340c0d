#pragma once

#include <memory>

#include "quadric/engine/direction.hpp"
#include "quadric/solvers/gauss_newton.hpp"

namespace quadric {

/// B = ∇²f, dense or sparse, or |∇²f|.
std::unique_ptr<Direction> newton_direction(bool saddle_free = false);
/// B = JᵀJ.
std::unique_ptr<Direction> gauss_newton_direction(GaussNewtonStep kind, bool geodesic);
/// By another direction with B = JᵀJ, `geodesic` or not, and by B = ∇²f while JᵀJ misses much of the
/// curvature; kept within bounds if `bounded`.
std::unique_ptr<Direction> hybrid_direction(std::unique_ptr<Direction> gauss_newton, bool geodesic,
                                            bool bounded);

}  // namespace quadric
