#pragma once

#include <string>
#include <string_view>

#include "quadric/base/types.hpp"

namespace quadric::cli {

/// The finite number that a text is, the same in every locale. Throws `Misuse`: "--start: 'abc' is not a
/// number (b1)"; `option` and, where there is one, `name` say where it stood.
double read_finite(const std::string& option, std::string_view text, const std::string& name = {});

/// A finite number above 0.
double read_positive(const std::string& option, std::string_view text);

/// A whole number of at least 0.
Index read_count(const std::string& option, std::string_view text);

}  // namespace quadric::cli
