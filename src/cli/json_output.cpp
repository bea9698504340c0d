#include "cli/json_output.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/run_json.hpp"
#include "io/atomic_file.hpp"

namespace quadric::cli {

nlohmann::ordered_json by_name(const std::vector<std::string>& names, const Vector& values) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (Index j = 0; j < values.size(); ++j)
    object[names[static_cast<std::size_t>(j)]] = finite_or_null(values[j]);
  return object;
}

nlohmann::ordered_json finite_or_null(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

void save(const std::filesystem::path& path, const nlohmann::ordered_json& object) {
  if (!path.empty()) write_file(path, json_text(object, 2) + "\n");
}

}  // namespace quadric::cli
