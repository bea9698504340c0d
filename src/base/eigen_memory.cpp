#include "quadric/base/types.hpp"

namespace quadric::detail {

template <>
const char EigenMemory<EIGEN_DEFAULT_ALIGN_BYTES, EIGEN_MALLOC_ALREADY_ALIGNED>::the_same_as_in_the_library =
    0;

}  // namespace quadric::detail
