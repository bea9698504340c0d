#include "cli/assignments.hpp"

#include <algorithm>
#include <cctype>

#include "quadric/base/misuse.hpp"

#include "cli/items.hpp"
#include "cli/numbers.hpp"

namespace quadric::cli {

namespace {

/// A name as formulas know them: `[A-Za-z_][A-Za-z0-9_]*`.
bool is_name(std::string_view text) {
  const auto letter = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return !text.empty() && std::all_of(text.begin(), text.end(), letter) &&
         std::isdigit(static_cast<unsigned char>(text.front())) == 0;
}

}  // namespace

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

}  // namespace quadric::cli
