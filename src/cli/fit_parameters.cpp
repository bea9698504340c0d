#include "cli/fit_parameters.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "base/nearest_name.hpp"
#include "cli/items.hpp"
#include "cli/names.hpp"
#include "cli/numbers.hpp"

namespace quadric::cli {

namespace {

/// NAME, and what stands after its first `=`.
struct Item {
  std::string name;
  std::optional<std::string> text = {};
};

Item read_item(const std::string& option, std::string_view text, const std::string& form) {
  const std::size_t equals = text.find('=');
  Item item{.name = std::string(trimmed(text.substr(0, equals)))};
  if (!is_name(item.name)) misuse(option + ": '" + item.name + "' is not a name; write " + form);
  if (equals != std::string_view::npos) item.text = std::string(trimmed(text.substr(equals + 1)));
  return item;
}

std::vector<Item> read_items(const std::string& option, const std::string& text, const std::string& form) {
  std::vector<Item> items;
  if (text.empty()) return items;
  for (const std::string_view item : split_items(text)) items.push_back(read_item(option, item, form));
  return items;
}

/// What the library refuses, with the option that asked for it.
void under(const std::string& option, const std::function<void()>& act) {
  try {
    act();
  } catch (const Misuse& error) {
    misuse(option + ": " + error.what());
  }
}

/// A name that the start lacks joins it, with a value of no meaning until another is known.
void join(Assignments& all, const std::string& name, double value = 0.0) {
  if (all.has(name)) return;
  all.names.push_back(name);
  all.values.conservativeResize(all.values.size() + 1);
  all.values[all.values.size() - 1] = value;
}

double value_at(const Assignments& all, const std::string& name) {
  return all.values[std::find(all.names.begin(), all.names.end(), name) - all.names.begin()];
}

/// The parameters that `--fix` names, at their values, which join the start.
std::vector<std::pair<std::string, double>> read_fixed(const std::string& text, Assignments& all) {
  std::vector<std::pair<std::string, double>> fixed;
  for (const Item& item : read_items("--fix", text, "NAME or NAME=VALUE")) {
    if (!item.text && !all.has(item.name)) {
      misuse("--fix: '" + item.name + "' has no start to be held at; write " + item.name + "=VALUE" +
             did_you_mean(item.name, all.names));
    }
    const double value = item.text ? read_finite("--fix", *item.text, item.name) : value_at(all, item.name);
    fixed.emplace_back(item.name, value);
    join(all, item.name, value);
  }
  return fixed;
}

}  // namespace

FitParameters read_parameters(const Assignments& start, const ParameterOptions& options) {
  Assignments all = start;
  const auto fixed = read_fixed(options.fix, all);
  std::vector<Item> ties;
  for (const std::string& text : options.tie) {
    ties.push_back(read_item("--tie", text, "NAME=FORMULA"));
    if (!ties.back().text)
      misuse("--tie: '" + text + "' lacks a formula; write " + ties.back().name + "=FORMULA");
    join(all, ties.back().name);
  }
  Parametrization by(all.names);
  std::vector<std::string> in_ties;
  for (const auto& [name, value] : fixed) {
    const std::string& of = name;
    const double at = value;
    under("--fix", [&] { by.fix(of, at); });
  }
  for (const Item& tie : ties) {
    const Expression formula = read_formula("--tie", *tie.text);
    in_ties.push_back(tie.name);
    in_ties.insert(in_ties.end(), formula.names().begin(), formula.names().end());
    under("--tie", [&] { by.tie(tie.name, *tie.text); });
  }
  for (const Item& item : read_items("--log-scale", options.log_scale, "NAME,NAME")) {
    if (item.text) misuse("--log-scale: '" + item.name + "' takes no value; write NAME,NAME");
    under("--log-scale", [&] { by.log_scale(item.name); });
  }
  if (!options.logit.empty()) {
    const Bounds ranges = read_bounds(options.logit, all, "--logit");
    for (const Item& item : read_items("--logit", options.logit, "NAME=LOW:HIGH")) {
      const Index i = std::find(all.names.begin(), all.names.end(), item.name) - all.names.begin();
      under("--logit", [&] { by.logit_scale(item.name, ranges.lower()[i], ranges.upper()[i]); });
    }
  }
  under("--start", [&] { by.variables(all.values); });
  if (by.free().empty()) misuse("--fix and --tie leave no parameter to be found");
  return {.start = std::move(all), .by = std::move(by), .in_ties = std::move(in_ties)};
}

}  // namespace quadric::cli
