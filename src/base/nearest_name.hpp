#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace quadric {

/// The candidate that someone who wrote `name` most likely meant, if any is near enough: at most a third of
/// the letters (one letter in short names) inserted, left out, replaced or swapped with their neighbour,
/// whatever the case. Of equally near candidates the first. Reentrant.
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

/// `; did you mean 'NAME'?` for the nearest candidate, or nothing: what an error message about a name ends
/// with.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace quadric
