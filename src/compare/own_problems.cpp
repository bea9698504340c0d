#include <algorithm>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/suites.hpp"
#include "quadric/fit/formula.hpp"
#include "quadric/problem/expression.hpp"

#include "base/nearest_name.hpp"
#include "base/text.hpp"
#include "io/csv.hpp"

namespace quadric {

namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

/// A point by names: the first start says which names there are, and their order.
struct Named {
  Names names;
  Vector values;
};

double finite(const Json& value, const std::string& name) {
  if (!value.is_number()) misuse(fmt::format("'{}' is not a number", name));
  return value.get<double>();
}

Named read_point(const Json& object, const std::string& key) {
  if (!object.is_object() || object.empty())
    misuse(fmt::format("'{}' is not an object {{\"name\": value}}", key));
  Named point{.names = {}, .values = Vector(static_cast<Index>(object.size()))};
  for (const auto& [name, value] : object.items()) {
    point.values[static_cast<Index>(point.names.size())] = finite(value, key + "." + name);
    point.names.push_back(name);
  }
  return point;
}

/// The values of a point in the order of `names`.
Vector ordered(const Named& point, const Names& names, const std::string& key) {
  if (point.names.size() != names.size())
    misuse(fmt::format("'{}' has {}, the first start {}", key,
                       text::count(static_cast<Index>(point.names.size()), "name"), names.size()));
  Vector values(static_cast<Index>(names.size()));
  for (std::size_t j = 0; j < names.size(); ++j) {
    const auto at = std::find(point.names.begin(), point.names.end(), names[j]);
    if (at == point.names.end()) misuse(fmt::format("'{}' lacks '{}'", key, names[j]));
    values[static_cast<Index>(j)] = point.values[at - point.names.begin()];
  }
  return values;
}

Bounds read_bounds(const Json& object, const Names& names) {
  if (!object.is_object()) misuse("'bounds' is not an object {\"name\": [low, high]}");
  Vector lower = Vector::Constant(static_cast<Index>(names.size()), -Bounds::none);
  Vector upper = -lower;
  for (const auto& [name, range] : object.items()) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end())
      misuse("'bounds' names '" + name + "', which no start has" + did_you_mean(name, names));
    if (!range.is_array() || range.size() != 2)
      misuse("the bounds of '" + name + "' are not [low, high], with null for an open side");
    const auto j = at - names.begin();
    if (!range[0].is_null()) lower[j] = finite(range[0], "bounds." + name);
    if (!range[1].is_null()) upper[j] = finite(range[1], "bounds." + name);
  }
  return Bounds(Point(lower), Point(upper));
}

std::string read_text(const Json& entry, const std::string& key, const std::string& otherwise) {
  if (!entry.contains(key)) return otherwise;
  if (!entry.at(key).is_string()) misuse(fmt::format("'{}' is not a text", key));
  return entry.at(key).get<std::string>();
}

std::vector<std::pair<std::string, Named>> read_starts(const Json& entry) {
  if (entry.contains("start") == entry.contains("starts"))
    misuse("it needs either a 'start' {\"x\": 1} or 'starts' {\"near\": {\"x\": 1}, …}");
  if (entry.contains("start")) return {{"x0", read_point(entry.at("start"), "start")}};
  const Json& starts = entry.at("starts");
  if (!starts.is_object() || starts.empty()) misuse("'starts' is not an object {\"near\": {\"x\": 1}, …}");
  std::vector<std::pair<std::string, Named>> list;
  for (const auto& [name, point] : starts.items())
    list.emplace_back(name, read_point(point, "starts." + name));
  return list;
}

Problem read_function(const Json& entry, const Names& names) {
  const BoundExpression bound = Expression::parse(read_text(entry, "function", "")).bind(names);
  return Problem(Objective([bound](const auto& x) { return bound.evaluate(x); }));
}

Problem read_fit(const Json& entry, const Names& names, const std::filesystem::path& folder) {
  if (!entry.contains("model")) misuse("'data' needs a 'model'");
  const CsvTable table = read_csv(folder / read_text(entry, "data", ""));
  const std::string usual = table.has("y") ? "y" : table.names().back();
  return Problem(bind({.model = read_text(entry, "model", ""),
                       .response = read_text(entry, "response", usual),
                       .parameters = names,
                       .columns = table.names(),
                       .data = table.observations(table.names()),
                       .weights = read_text(entry, "weights", "")})
                     .residuals);
}

void require_known_keys(const Json& entry) {
  static const Names known = {"name",  "function", "data",   "model",    "response", "weights",
                              "start", "starts",   "bounds", "solution", "minima",   "library"};
  for (const auto& [key, value] : entry.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      misuse("there is no use for '" + key + "'" + did_you_mean(key, known));
  }
}

void append(const Json& entry, std::size_t number, const std::filesystem::path& folder,
            std::vector<Case>& cases) {
  if (!entry.is_object()) misuse("it is not an object");
  require_known_keys(entry);
  if (entry.contains("function") + entry.contains("data") + entry.contains("library") != 1)
    misuse("it needs one of 'function', 'data' and 'library'");
  if (entry.contains("library")) {
    std::vector<Case> more = library_problems(folder / read_text(entry, "library", ""));
    std::move(more.begin(), more.end(), std::back_inserter(cases));
    return;
  }
  const auto starts = read_starts(entry);
  const Names& names = starts.front().second.names;
  Problem problem = entry.contains("function") ? read_function(entry, names) : read_fit(entry, names, folder);
  problem.with_names(names);
  if (entry.contains("bounds")) problem.with_bounds(read_bounds(entry.at("bounds"), names));
  Case item{.problem = read_text(entry, "name", "problem " + std::to_string(number)),
            .start = "",
            .function = std::move(problem),
            .from = {}};
  if (entry.contains("solution"))
    item.certified = ordered(read_point(entry.at("solution"), "solution"), names, "solution");
  if (entry.contains("minima")) {
    if (!entry.at("minima").is_array()) misuse("'minima' is not a list of numbers");
    for (const Json& value : entry.at("minima")) item.minima.push_back(finite(value, "minima"));
  }
  for (const auto& [name, point] : starts) {
    item.start = name;
    item.from = ordered(point, names, "starts." + name);
    cases.push_back(item);
  }
}

}  // namespace

std::vector<Case> read_problems(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) misuse("cannot read '" + file.string() + "', a list of problems");
  Json json;
  try {
    json = Json::parse(stream);
  } catch (const Json::exception& error) {
    misuse(fmt::format("'{}' is not valid JSON: {}", file.string(), error.what()));
  }
  if (!json.is_object() || !json.contains("problems") || !json.at("problems").is_array() ||
      json.at("problems").empty())
    misuse(fmt::format("'{}' has no list of problems: write {{\"problems\": [{{…}}, …]}}", file.string()));
  std::vector<Case> cases;
  std::size_t number = 0;
  for (const Json& entry : json.at("problems")) {
    ++number;
    try {
      append(entry, number, file.parent_path(), cases);
    } catch (const Misuse& error) {
      const bool named = entry.is_object() && entry.contains("name") && entry.at("name").is_string();
      misuse(fmt::format("'{}', problem {}{}: {}", file.string(), number,
                         named ? fmt::format(" '{}'", entry.at("name").get<std::string>()) : "",
                         error.what()));
    }
  }
  return cases;
}

}  // namespace quadric
