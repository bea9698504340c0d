#pragma once

#include <filesystem>
#include <string_view>

namespace quadric {

/// Writes a whole file or nothing: into a temporary file of the same folder, which then takes the name, so
/// that a reader never sees half of it and a failure leaves an older file as it was. An existing file keeps
/// its permissions, a symbolic link its place. What is no ordinary file (`/dev/stdout`, a pipe) is written to
/// as it stands.
///
/// Throws `Misuse` naming the path and the system's reason. Thread safe; of two writers of one path the later
/// wins.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace quadric
