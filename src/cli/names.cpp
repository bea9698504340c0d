#include "cli/names.hpp"

#include <algorithm>

#include "quadric/base/misuse.hpp"

#include "base/nearest_name.hpp"
#include "problem/expression_tree.hpp"

namespace quadric::cli {

namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// "the start" for --start.
std::string words(const Assignments& assigned) {
  return assigned.option == "--at" ? "the point" : "the start";
}

/// The assigned names that the formula does not use. `pi` and `e` may be used although they are not among its
/// names.
Names unused_names(const Expression& formula, const Assignments& assigned) {
  Names unused;
  for (const std::string& name : assigned.names) {
    if (name != "pi" && name != "e" && !contains(formula.names(), name)) unused.push_back(name);
  }
  return unused;
}

/// Whether an unknown name is a slip of the pen rather than a parameter without a value: it is near a name
/// that would otherwise go unused, or near a column, or that of a function.
bool is_slip(const std::string& name, const Names& unused, const Names& columns) {
  return expressions::find_function(name) != nullptr || nearest_name(name, unused) ||
         nearest_name(name, columns);
}

[[noreturn]] void lacking(const Names& missing, const Names& unused, const Assignments& assigned,
                          const Names& columns, const std::string& source) {
  std::string give = assigned.text;
  for (const std::string& name : missing) give += "," + name + "=VALUE";
  std::string sentence =
      words(assigned) + " lacks " + joined(missing) + ": give " + assigned.option + " " + give;
  if (!unused.empty()) sentence += "; it gives " + joined(unused) + ", which is not used";
  if (!columns.empty()) sentence += " (the columns of " + source + " are " + joined(columns) + ")";
  misuse(sentence);
}

/// Lets the expression itself complain of an unknown name, the likeliest names first.
void complain_of_slip(const std::string& option, const Expression& formula, const Names& unused,
                      const Assignments& assigned, const Names& columns) {
  Names parameters = unused;
  for (const std::string& name : assigned.names) {
    if (!contains(unused, name)) parameters.push_back(name);
  }
  try {
    formula.bind(parameters, columns);
  } catch (const Misuse& error) {
    misuse(option + ": " + error.what());
  }
}

}  // namespace

Expression read_formula(const std::string& option, const std::string& text) {
  try {
    return Expression::parse(text);
  } catch (const Misuse& error) {
    misuse(option + ": " + error.what());
  }
}

void require_matching_names(const std::string& option, const Expression& formula, const Assignments& assigned,
                            const Names& columns, const std::string& source, const Names& used_elsewhere) {
  for (const std::string& name : assigned.names) {
    if (contains(columns, name)) {
      misuse(assigned.option + ": '" + name + "' is a column of " + source +
             "; a parameter needs a name of its own");
    }
  }
  Names unused = unused_names(formula, assigned);
  std::erase_if(unused, [&](const std::string& name) { return contains(used_elsewhere, name); });
  Names missing;
  for (const std::string& name : formula.names()) {
    if (assigned.has(name) || contains(columns, name)) continue;
    if (is_slip(name, unused, columns)) complain_of_slip(option, formula, unused, assigned, columns);
    missing.push_back(name);
  }
  if (!missing.empty()) lacking(missing, unused, assigned, columns, source);
  if (!unused.empty())
    misuse(words(assigned) + " gives " + joined(unused) + ", which " + option + " does not use");
}

}  // namespace quadric::cli
