#pragma once

#include <string_view>

namespace quadric::page {

/// What draws the plots of a comparison from its data: `comparison.js`.
std::string_view comparison_script();

}  // namespace quadric::page
