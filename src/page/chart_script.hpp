#pragma once

#include <string_view>

namespace quadric::page {

/// The text of Chart.js; empty where it was not found when this was built.
std::string_view chart_script();

}  // namespace quadric::page
