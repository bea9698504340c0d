#include "quadric/base/types.hpp"

namespace quadric::detail {

template <int alignment, bool plain_malloc>
const char EigenMemory<alignment, plain_malloc>::the_same_as_in_the_library = 0;

template struct EigenMemory<EIGEN_DEFAULT_ALIGN_BYTES, EIGEN_MALLOC_ALREADY_ALIGNED>;

}  // namespace quadric::detail
