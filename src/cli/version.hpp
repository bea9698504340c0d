#pragma once

#include <string>

namespace quadric::cli {

/// Version, compiler, build type and the instruction set that the program was compiled for, a line each.
std::string version_text();

}  // namespace quadric::cli
