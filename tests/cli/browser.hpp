#pragma once

#include <string>

#include "cli/run_program.hpp"

namespace quadric::testing {

bool there_is_a_browser();

/// A page after its scripts have run, by headless Chromium, which must print it.
std::string drawn(const std::string& page, const TemporaryFolder& folder);

}  // namespace quadric::testing
