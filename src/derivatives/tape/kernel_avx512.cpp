#include "derivatives/tape/kernel_levels.hpp"

#define VECTOR_BYTES 64
#include "derivatives/tape/kernel.inc"
#include "derivatives/tape/projection.inc"

namespace quadric::formula {

namespace {

bool runs_here() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

}  // namespace

extern const KernelLevel level_avx512{"avx512",  runs_here, table<1>,  table<8>,
                                      table<16>, table<32>, table<64>, project_lanes};

}  // namespace quadric::formula
