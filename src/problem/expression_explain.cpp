#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <set>

#include "quadric/base/misuse.hpp"
#include "quadric/derivatives/traced.hpp"
#include "quadric/problem/expression.hpp"

#include "base/text.hpp"
#include "problem/expression_tree.hpp"

namespace quadric {
namespace expressions {
namespace {

/// How tightly an operation binds.
enum Binding : int { sum = 1, product = 2, sign = 3, power = 4, atom = 5 };

struct Text {
  std::string text;
  Binding binding = atom;
  /// The text where an operand must bind at least so tightly.
  std::string within(Binding least) const {
    if (binding >= least) return text;
    std::string bracketed = "(";
    return bracketed.append(text).append(")");
  }
};

std::string_view name_of(Operation operation) {
  for (const std::string_view name :
       {"exp", "expm1", "log",  "log10", "log2",   "log1p", "sqrt", "cbrt",  "sin",   "cos",
        "tan", "asin",  "acos", "atan",  "sinh",   "cosh",  "tanh", "asinh", "acosh", "atanh",
        "abs", "erf",   "erfc", "gamma", "lgamma", "atan2", "min",  "max",   "hypot"}) {
    if (find_function(name)->operation == operation) return name;
  }
  return "?";
}

/// The sub-expression that ends at a node, as one would write it.
Text write(const Tree& tree, std::uint32_t at) {
  const Node& node = tree.nodes[at];
  const auto operand = [&](std::uint32_t child, Binding least) { return write(tree, child).within(least); };
  const auto joined = [&](const char* sign_of_operation, Binding left, Binding right, Binding own) {
    std::string text = operand(node.a, left);
    return Text{text.append(sign_of_operation).append(operand(node.b, right)), own};
  };
  switch (node.operation) {
    case Operation::Constant:
      return {text::number(node.value, 15), atom};
    case Operation::Name:
      return {tree.names[node.a], atom};
    case Operation::Negate: {
      std::string text = "-";
      return {text.append(operand(node.a, sign)), sign};
    }
    case Operation::Add:
      return joined(" + ", sum, sum, sum);
    case Operation::Subtract:
      return joined(" - ", sum, product, sum);
    case Operation::Multiply:
      return joined("*", product, product, product);
    case Operation::Divide:
      return joined("/", product, sign, product);
    case Operation::Power:
      return joined("^", atom, power, power);
    default: {
      std::string text(name_of(node.operation));
      text.append("(").append(operand(node.a, sum));
      if (node.operation < Operation::Exp) text.append(", ").append(operand(node.b, sum));
      return {text.append(")"), atom};
    }
  }
}

void collect_names(const Tree& tree, std::uint32_t at, std::set<std::uint32_t>& names) {
  const Node& node = tree.nodes[at];
  if (node.operation == Operation::Constant) return;
  if (node.operation == Operation::Name) {
    names.insert(node.a);
    return;
  }
  collect_names(tree, node.a, names);
  const bool binary = node.operation != Operation::Negate && node.operation < Operation::Exp;
  if (binary) collect_names(tree, node.b, names);
}

/// A node's number, and whether a variable is in it.
struct Moving {
  Traced number;
  bool moves = false;
};

Moving combine(const Node& node, const Moving& a, const Moving& b) {
  if (node.operation == Operation::Power && !b.moves) return {pow(a.number, value_of(b.number)), a.moves};
  if (node.operation == Operation::Power && !a.moves) return {pow(value_of(a.number), b.number), true};
  return {apply(node.operation, a.number, b.number), a.moves || b.moves};
}

}  // namespace
}  // namespace expressions

std::string Expression::explain_non_finite(const std::vector<std::string>& parameters, const Vector& x,
                                           const std::vector<std::string>& data,
                                           std::span<const double> row) const {
  if (parameters.size() != static_cast<std::size_t>(x.size()) || data.size() != row.size()) {
    misuse("to explain an expression there must be as many values as names: " +
           std::to_string(parameters.size()) + " parameters with " + std::to_string(x.size()) +
           " values, and " + std::to_string(data.size()) + " columns with " + std::to_string(row.size()));
  }
  const expressions::Tree& tree = *tree_;
  const auto value = [&](const std::string& name) -> expressions::Moving {
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      if (parameters[k] != name) continue;
      return {Traced::variable(x[static_cast<Index>(k)], 1.0 + 0.1 / static_cast<double>(k + 1)), true};
    }
    for (std::size_t k = 0; k < data.size(); ++k) {
      if (data[k] == name) return {row[k], false};
    }
    if (name == "pi") return {std::numbers::pi, false};
    if (name == "e") return {std::numbers::e, false};
    misuse("to explain an expression every name needs a value, but '" + name + "' has none");
  };
  std::vector<expressions::Moving> values;
  for (std::uint32_t at = 0; at < tree.nodes.size(); ++at) {
    const expressions::Node& node = tree.nodes[at];
    using expressions::Operation;
    detail::non_finite_operation() = {};
    if (node.operation == Operation::Constant) {
      values.push_back({node.value, false});
    } else if (node.operation == Operation::Name) {
      values.push_back(value(tree.names[node.a]));
    } else if (node.operation == Operation::Negate || node.operation >= Operation::Exp) {
      values.push_back({expressions::apply(node.operation, values[node.a].number), values[node.a].moves});
    } else {
      values.push_back(expressions::combine(node, values[node.a], values[node.b]));
    }
    if (!detail::non_finite_operation().found()) continue;
    std::set<std::uint32_t> names;
    expressions::collect_names(tree, at, names);
    std::string sentence = "in " + expressions::write(tree, at).text;
    const char* before = " at ";
    for (const std::uint32_t name : names) {
      const double given = value_of(value(tree.names[name]).number);
      sentence.append(before).append(tree.names[name]).append(" = ").append(text::number(given));
      before = ", ";
    }
    return sentence.append(": ").append(detail::non_finite_operation().text);
  }
  return "";
}

}  // namespace quadric
