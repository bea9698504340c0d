#include "derivatives/tape/kernel_levels.hpp"

#define VECTOR_BYTES 16
#include "derivatives/tape/kernel.inc"
#include "derivatives/tape/projection.inc"

namespace quadric::formula {

namespace {

bool runs_here() { return true; }

}  // namespace

extern const KernelLevel level_plain{"plain",   runs_here, table<1>,  table<8>,
                                     table<16>, table<32>, table<64>, project_lanes};

}  // namespace quadric::formula
