#pragma once

#include <cstddef>

#include "derivatives/tape/kernels.hpp"
#include "derivatives/tape/projection.hpp"

namespace quadric::formula {

extern const KernelLevel level_plain;
extern const KernelLevel level_avx2;
extern const KernelLevel level_avx512;

/// operation(a, b) in each lane, for operations without an instruction of their own.
void call_lanes(Operation operation, double* target, const double* a, const double* b, std::size_t lanes);

}  // namespace quadric::formula
