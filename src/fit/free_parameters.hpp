#pragma once

#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/engine/result.hpp"

namespace quadric {

/// Those that no bound holds.
std::vector<Index> free_parameters(const Result& result);

}  // namespace quadric
