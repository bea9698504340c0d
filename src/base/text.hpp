#pragma once

#include <string>

#include "quadric/base/types.hpp"

namespace quadric::text {

/// A number with the given count of significant digits, in the shortest of fixed or scientific form:
/// "0.3994", "1e-12".
std::string number(double value, int digits = 6);

/// "(1, 0.5, -2)", shortened to the first eight coordinates.
std::string point(const Vector& values, int digits = 6);

/// "x0", "x1", ...
std::string numbered(std::string stem, Index n);

/// "1 step", "2 steps".
std::string count(Index n, const std::string& noun);

}  // namespace quadric::text
