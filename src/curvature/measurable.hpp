#pragma once

#include <limits>

namespace quadric {

/// f fell where it did by this share of its size, which is many times its rounding.
inline constexpr double measurable_fall = 1e3 * std::numeric_limits<double>::epsilon();

}  // namespace quadric
