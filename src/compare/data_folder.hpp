#pragma once

#include <filesystem>

namespace quadric {

/// The project's own data: beside the program or library that this code was loaded from, where that is
/// installed, wherever its prefix was moved; else in the source tree that it was built from.
std::filesystem::path data_folder();

}  // namespace quadric
