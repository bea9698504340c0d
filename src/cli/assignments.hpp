#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/bounds.hpp"

namespace quadric::cli {

/// What `--start b1=500,b2=1e-4` says: at least one name, each once, with a finite value.
struct Assignments {
  std::string option;  ///< "--start"
  std::string text;    ///< as it was written
  std::vector<std::string> names;
  Vector values;  ///< as many as names

  bool has(std::string_view name) const;
};

/// Reads `NAME=VALUE,NAME=VALUE`, with or without spaces. Throws `Misuse` that names the option and the item.
Assignments read_assignments(const std::string& option, const std::string& text);

/// A name as formulas know them: `[A-Za-z_][A-Za-z0-9_]*`.
bool is_name(std::string_view text);

/// Reads `NAME=LOW:HIGH,NAME=LOW:,NAME=:HIGH` for some of the names assigned; a side that is left out is
/// open. No bounds where the text is empty. `option` is named where something is wrong.
Bounds read_bounds(const std::string& text, const Assignments& assigned,
                   const std::string& option = "--bounds");

}  // namespace quadric::cli
