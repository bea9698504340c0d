#include "derivatives/tape/kernel_levels.hpp"

#define VECTOR_BYTES 32
#include "derivatives/tape/kernel.inc"
#include "derivatives/tape/projection.inc"

namespace quadric::formula {

namespace {

bool runs_here() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

}  // namespace

extern const KernelLevel level_avx2{"avx2",    runs_here, table<1>,  table<8>,
                                    table<16>, table<32>, table<64>, project_lanes};

}  // namespace quadric::formula
