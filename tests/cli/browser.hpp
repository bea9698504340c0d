#pragma once

#include <string>

#include "cli/run_program.hpp"

namespace quadric::testing {

/// A page after its scripts have run, by headless Chromium; empty where there is none.
std::string drawn(const std::string& page, const TemporaryFolder& folder);

}  // namespace quadric::testing
