#include "derivatives/tape/dependence.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace quadric::sweeps {

namespace {

std::size_t index(Operand operand) { return static_cast<std::size_t>(operand); }

/// How an operation bends, in the order of its operands.
struct Bends {
  bool aa = false;
  bool ab = false;
  bool bb = false;
};

/// Where in doubt, an operation bends.
Bends bends(const TapeNode& node) {
  const bool with_a = node.a >= 0, with_b = is_binary(node.operation) && node.b >= 0;
  const bool with_both = with_a && with_b;
  switch (node.operation) {
    case Operation::Variable:
    case Operation::Add:
    case Operation::Subtract:
    case Operation::Minimum:
    case Operation::Maximum:
    case Operation::Modulus:
    case Operation::Remainder:
    case Operation::Negate:
    case Operation::Absolute:
    case Operation::Floor:
    case Operation::Ceiling:
    case Operation::Round:
    case Operation::Truncate:
    case Operation::RoundToEven:
      return {};
    case Operation::Multiply:
      return {.ab = with_both};
    case Operation::Divide:
      return {.ab = with_both, .bb = with_b};
    default:
      return {.aa = with_a, .ab = with_both, .bb = with_b};
  }
}

bool is_piecewise_constant(Operation operation) { return operation >= Operation::Floor; }

/// The nodes that an operation hands derivatives on to, each once.
class Operands {
 public:
  explicit Operands(const TapeNode& node) {
    if (is_piecewise_constant(node.operation)) return;
    if (node.a >= 0) nodes_[count_++] = node.a;
    if (is_binary(node.operation) && node.b >= 0 && node.b != node.a) nodes_[count_++] = node.b;
  }
  const Operand* begin() const { return nodes_.data(); }
  const Operand* end() const { return nodes_.data() + count_; }

 private:
  std::array<Operand, 2> nodes_{};
  std::size_t count_ = 0;
};

/// Pairs of nodes that interact, each kept with its later node: when that node's turn comes in a reverse
/// sweep, all its partners are there.
class Interactions {
 public:
  Interactions(std::size_t nodes, std::size_t most_added, std::size_t most_kept)
      : partners_(nodes), seen_(nodes, -1), most_added_(most_added), most_kept_(most_kept) {}

  void add(Operand p, Operand q) {
    Partners& of = partners_[index(std::max(p, q))];
    of.nodes.push_back(std::min(p, q));
    ++added_;
    ++kept_;
    if (of.nodes.size() >= 2 * of.distinct + 64) make_distinct(of);
  }
  bool too_many() const { return added_ > most_added_ || kept_ > most_kept_; }

  /// The partners of a node, each once and in any order; they are taken out.
  std::vector<Operand> take(Operand node) {
    Partners& of = partners_[index(node)];
    make_distinct(of);
    kept_ -= of.nodes.size();
    of.distinct = 0;
    return std::exchange(of.nodes, {});
  }

 private:
  struct Partners {
    std::vector<Operand> nodes = {};
    std::size_t distinct = 0;  ///< of them, when they were last counted
  };

  void make_distinct(Partners& of) {
    const std::size_t before = of.nodes.size();
    ++stamp_;
    std::erase_if(of.nodes,
                  [&](Operand node) { return std::exchange(seen_[index(node)], stamp_) == stamp_; });
    of.distinct = of.nodes.size();
    kept_ -= before - of.distinct;
  }

  std::vector<Partners> partners_;
  std::vector<std::int64_t> seen_;
  std::int64_t stamp_ = -1;
  std::size_t added_ = 0, kept_ = 0;
  std::size_t most_added_, most_kept_;
};

/// Hands the interactions of a node over to its operands.
void push(const TapeNode& node, Operand at, Interactions& interactions) {
  const Operands operands(node);
  for (const Operand partner : interactions.take(at)) {
    if (partner != at) {
      for (const Operand operand : operands) interactions.add(operand, partner);
      continue;
    }
    for (const Operand first : operands) {
      for (const Operand second : operands) {
        if (second <= first) interactions.add(first, second);
      }
    }
  }
  const Bends how = bends(node);
  if (how.aa) interactions.add(node.a, node.a);
  if (how.ab) interactions.add(node.a, node.b);
  if (how.bb) interactions.add(node.b, node.b);
}

/// The lower triangle, from the partners of the variables.
formula::Pattern lower_triangle(std::int32_t variables, Interactions& interactions) {
  const std::size_t n = index(variables);
  std::vector<std::vector<Operand>> columns_of(n);
  formula::Pattern pattern{.rows = variables, .column_starts = std::vector<std::int32_t>(n + 1, 0)};
  for (Operand i = 0; i < variables; ++i) {
    interactions.add(i, i);
    columns_of[index(i)] = interactions.take(i);
    for (const Operand j : columns_of[index(i)]) ++pattern.column_starts[index(j) + 1];
  }
  for (std::size_t j = 0; j < n; ++j) pattern.column_starts[j + 1] += pattern.column_starts[j];
  pattern.row.resize(index(pattern.column_starts.back()));
  std::vector<std::int32_t> next(pattern.column_starts.begin(), pattern.column_starts.end() - 1);
  for (Operand i = 0; i < variables; ++i) {
    for (const Operand j : columns_of[index(i)]) pattern.row[index(next[index(j)]++)] = i;
  }
  return pattern;
}

using Set = std::shared_ptr<const std::vector<Operand>>;

/// The variables that nodes depend on, ascending; nodes that depend on the same ones share a set. Kept for as
/// long as a later node or a result needs them; empty where they have too many elements.
std::optional<std::vector<Set>> sets_of_variables(const Tape& tape) {
  const std::size_t count = tape.nodes.size();
  std::vector<std::int32_t> last_use(count, 0);
  for (std::size_t i = index(tape.variables); i < count; ++i) {
    for (const Operand operand : Operands(tape.nodes[i])) last_use[index(operand)] = static_cast<Operand>(i);
  }
  for (const Operand result : tape.results) {
    if (result >= 0) last_use[index(result)] = static_cast<Operand>(count);
  }

  std::vector<Set> reached_by(count);
  std::size_t room = std::clamp<std::size_t>(index(tape.variables), 64, 1024) * count;
  for (std::size_t i = 0; i < count; ++i) {
    if (last_use[i] == 0) continue;
    if (i < index(tape.variables)) {
      reached_by[i] = std::make_shared<const std::vector<Operand>>(1, static_cast<Operand>(i));
      continue;
    }
    const Operands operands(tape.nodes[i]);
    for (const Operand operand : operands) {
      const Set& other = reached_by[index(operand)];
      Set& own = reached_by[i];
      if (!other || own == other) continue;
      if (!own) {
        own = other;
        continue;
      }
      std::vector<Operand> both;
      both.reserve(own->size() + other->size());
      std::set_union(own->begin(), own->end(), other->begin(), other->end(), std::back_inserter(both));
      if (both.size() > room) return {};
      room -= both.size();
      own = std::make_shared<const std::vector<Operand>>(std::move(both));
    }
    for (const Operand operand : operands) {
      if (last_use[index(operand)] == static_cast<Operand>(i)) reached_by[index(operand)] = nullptr;
    }
  }
  return reached_by;
}

}  // namespace

std::optional<formula::Pattern> hessian_pattern(const Tape& tape) {
  // To add an interaction takes about as long as a node in a sweep of eight directions.
  const std::size_t nodes = tape.nodes.size();
  const std::size_t each = std::clamp<std::size_t>(index(tape.variables) / 8, 64, 1024);
  Interactions interactions(nodes, each * nodes, 128 * nodes + (std::size_t{1} << 22));
  std::vector<bool> reached(nodes, false);
  for (const Operand result : tape.results) {
    if (result >= 0) reached[index(result)] = true;
  }
  for (std::size_t i = nodes; i-- > index(tape.variables);) {
    if (!reached[i]) continue;
    const TapeNode& node = tape.nodes[i];
    push(node, static_cast<Operand>(i), interactions);
    for (const Operand operand : Operands(node)) reached[index(operand)] = true;
    if (interactions.too_many()) return {};
  }
  return lower_triangle(tape.variables, interactions);
}

std::optional<formula::Pattern> jacobian_pattern(const Tape& tape) {
  const auto sets = sets_of_variables(tape);
  if (!sets) return {};
  const std::size_t n = index(tape.variables);
  formula::Pattern pattern{.rows = static_cast<Index>(tape.results.size()),
                           .column_starts = std::vector<std::int32_t>(n + 1, 0)};
  const auto for_each_entry = [&](const auto& body) {
    for (std::size_t i = 0; i < tape.results.size(); ++i) {
      const Operand result = tape.results[i];
      if (result < 0 || !(*sets)[index(result)]) continue;
      for (const Operand j : *(*sets)[index(result)]) body(static_cast<std::int32_t>(i), index(j));
    }
  };
  std::size_t entries = 0;
  for_each_entry([&](std::int32_t, std::size_t j) {
    ++pattern.column_starts[j + 1];
    ++entries;
  });
  if (entries > index(std::numeric_limits<std::int32_t>::max())) return {};
  for (std::size_t j = 0; j < n; ++j) pattern.column_starts[j + 1] += pattern.column_starts[j];
  pattern.row.resize(index(pattern.column_starts.back()));
  std::vector<std::int32_t> next(pattern.column_starts.begin(), pattern.column_starts.end() - 1);
  for_each_entry([&](std::int32_t i, std::size_t j) { pattern.row[index(next[j]++)] = i; });
  return pattern;
}

}  // namespace quadric::sweeps
