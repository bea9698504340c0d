#pragma once

#include <string_view>
#include <vector>

namespace quadric::cli {

/// The text without the blanks around it.
std::string_view trimmed(std::string_view text);

/// The items between the commas, without blanks around them; an empty text has one empty item. Views of
/// `text`.
std::vector<std::string_view> split_items(std::string_view text);

}  // namespace quadric::cli
