#include "cli/assignments.hpp"

#include <algorithm>
#include <cctype>

#include "quadric/base/misuse.hpp"

#include "base/nearest_name.hpp"
#include "cli/items.hpp"
#include "cli/numbers.hpp"

namespace quadric::cli {

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return !text.empty() && std::all_of(text.begin(), text.end(), letter) &&
         std::isdigit(static_cast<unsigned char>(text.front())) == 0;
}

bool Assignments::has(std::string_view name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Assignments read_assignments(const std::string& option, const std::string& text) {
  if (trimmed(text).empty()) misuse(option + ": is empty; write NAME=VALUE,NAME=VALUE");
  Assignments read{.option = option, .text = text, .names = {}, .values = {}};
  const std::vector<std::string_view> items = split_items(text);
  read.values.resize(static_cast<Index>(items.size()));
  for (const std::string_view item : items) {
    if (item.empty()) misuse(option + ": a NAME=VALUE is missing beside a comma in '" + text + "'");
    const std::size_t equals = item.find('=');
    const std::string name(trimmed(item.substr(0, equals)));
    if (!is_name(name)) misuse(option + ": '" + name + "' is not a name; write NAME=VALUE");
    if (equals == std::string_view::npos)
      misuse(option + ": '" + name + "' lacks a value; write " + name + "=VALUE");
    if (read.has(name)) misuse(option + ": '" + name + "' is given twice");
    const double value = read_finite(option, trimmed(item.substr(equals + 1)), name);
    read.values[static_cast<Index>(read.names.size())] = value;
    read.names.push_back(name);
  }
  return read;
}

Bounds read_bounds(const std::string& text, const Assignments& assigned, const std::string& option) {
  if (text.empty()) return {};
  const std::string form = "write NAME=LOW:HIGH";
  const Index n = assigned.values.size();
  Vector lower = Vector::Constant(n, -Bounds::none), upper = Vector::Constant(n, Bounds::none);
  std::vector<std::string> seen;
  for (const std::string_view item : split_items(text)) {
    const std::size_t equals = item.find('='), colon = item.find(':');
    const std::string name(trimmed(item.substr(0, equals)));
    if (equals == std::string_view::npos || colon == std::string_view::npos || colon < equals)
      misuse(option + ": '" + std::string(item) + "' is not a range; " + form);
    if (!assigned.has(name))
      misuse(option + ": there is no '" + name + "' in " + assigned.option +
             did_you_mean(name, assigned.names));
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      misuse(option + ": '" + name + "' is given twice");
    seen.push_back(name);
    const auto i = std::find(assigned.names.begin(), assigned.names.end(), name) - assigned.names.begin();
    const std::string_view low = trimmed(item.substr(equals + 1, colon - equals - 1));
    const std::string_view high = trimmed(item.substr(colon + 1));
    if (!low.empty()) lower[i] = read_finite(option, low, name);
    if (!high.empty()) upper[i] = read_finite(option, high, name);
    if (lower[i] > upper[i])
      misuse(option + ": no number is between the bounds of '" + name + "', " +
             std::string(item.substr(equals + 1)));
  }
  return Bounds(Point(lower), Point(upper));
}

}  // namespace quadric::cli
