#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric::cli {

/// Ends of the program.
enum ExitCode : int { solved = 0, not_solved = 1, misused = 2 };

/// Throws `Misuse` unless every file of `outputs` (an option and its path, which may be empty) can be
/// written: before a run starts, so that its result is not lost. No two outputs may be one file, and none may
/// be the `input`.
struct Output {
  std::string option;
  std::filesystem::path path;
};
void require_writable(const std::vector<Output>& outputs, const std::filesystem::path& input = {});

/// Prints to stdout, with a line end.
void print(const std::string& text);

/// A direction by names: "x" for a coordinate axis, "0.707 x + 0.707 y" otherwise. Of long ones the largest
/// eight terms.
std::string describe_direction(const std::vector<std::string>& names, const Vector& direction);

/// "x = 0, y = 1".
std::string describe_point(const std::vector<std::string>& names, const Vector& x);

}  // namespace quadric::cli
