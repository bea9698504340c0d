#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "quadric/base/types.hpp"

namespace quadric::cli {

/// {name: value}; what is not finite is null.
nlohmann::ordered_json by_name(const std::vector<std::string>& names, const Vector& values);

/// The number, or null where it is not finite.
nlohmann::ordered_json finite_or_null(double value);

/// Writes the object to the file, whole or not at all; an empty path writes nothing.
void save(const std::filesystem::path& path, const nlohmann::ordered_json& object);

}  // namespace quadric::cli
