#include "derivatives/tape/shapes.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace quadric::formula {

namespace {

std::uint64_t hash_of(const Shape& shape) {
  std::uint64_t hash = shape.operations.size();
  const auto mix = [&hash](std::uint64_t part) {
    hash = (hash ^ part) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 32U;
  };
  for (const TapeNode& node : shape.operations) {
    mix(static_cast<std::uint64_t>(static_cast<std::uint32_t>(node.a)) << 32U |
        static_cast<std::uint32_t>(node.b));
    mix(static_cast<std::uint64_t>(node.operation));
  }
  for (const Operand root : shape.roots) mix(static_cast<std::uint32_t>(root));
  return hash;
}

}  // namespace

bool Shape::operator==(const Shape& other) const {
  return variables == other.variables && constants == other.constants && roots == other.roots &&
         std::equal(operations.begin(), operations.end(), other.operations.begin(), other.operations.end(),
                    [](const TapeNode& p, const TapeNode& q) {
                      return p.operation == q.operation && p.a == q.a && p.b == q.b;
                    });
}

std::vector<Id> build(Graph& graph, const Shape& shape, std::span<const std::int32_t> variables,
                      std::span<const Id> constants) {
  std::vector<Id> ids;
  ids.reserve(shape.operations.size());
  const auto id_of = [&](Operand operand) {
    if (operand >= 0) return ids[static_cast<std::size_t>(operand)];
    const auto index = static_cast<std::size_t>(Shape::index(operand));
    return Shape::is_variable(operand) ? graph.variable(variables[index]) : constants[index];
  };
  for (const TapeNode& node : shape.operations) {
    const Id a = id_of(node.a);
    ids.push_back(graph.apply(node.operation, a, is_binary(node.operation) ? id_of(node.b) : -1));
  }
  std::vector<Id> roots;
  for (const Operand root : shape.roots) roots.push_back(id_of(root));
  return roots;
}

void ShapeFinder::read(const Tape& tape, std::span<const std::int32_t> numbers) {
  tape_ = &tape;
  numbers_ = numbers;
  ++current_;
  if (stamp_.size() < tape.nodes.size()) {
    stamp_.resize(tape.nodes.size(), -1);
    local_index_.resize(tape.nodes.size(), 0);
  }
}

/// The nodes that the roots depend on, ascending, in nodes_; variables are stamped but not listed.
void ShapeFinder::collect(std::span<const Operand> roots) {
  nodes_.clear();
  const auto reach = [&](Operand operand) {
    if (operand < 0 || stamp_[static_cast<std::size_t>(operand)] == current_) return;
    stamp_[static_cast<std::size_t>(operand)] = current_;
    if (operand < tape_->variables) {
      local_index_[static_cast<std::size_t>(operand)] = -1;
    } else {
      open_.push_back(operand);
    }
  };
  for (const Operand root : roots) reach(root);
  while (!open_.empty()) {
    const Operand operand = open_.back();
    open_.pop_back();
    nodes_.push_back(operand);
    const TapeNode& node = tape_->nodes[static_cast<std::size_t>(operand)];
    reach(node.a);
    if (is_binary(node.operation)) reach(node.b);
  }
  // Mostly in descending order already, as a term is recorded.
  std::reverse(nodes_.begin(), nodes_.end());
  if (!std::is_sorted(nodes_.begin(), nodes_.end())) std::sort(nodes_.begin(), nodes_.end());
}

Operand ShapeFinder::local(Operand operand, Shape& shape) {
  if (operand < 0) {
    found_.constants.push_back(tape_->constants[static_cast<std::size_t>(~operand)]);
    return Shape::constant(shape.constants++);
  }
  std::int32_t& index = local_index_[static_cast<std::size_t>(operand)];
  if (operand >= tape_->variables) return index;
  if (index < 0) {
    found_.variables.push_back(numbers_.empty() ? operand : numbers_[static_cast<std::size_t>(operand)]);
    index = shape.variables++;
  }
  return Shape::variable(index);
}

bool ShapeFinder::add(std::span<const Operand> roots) {
  ++current_;
  collect(roots);
  operations_ += nodes_.size();
  if (operations_ > limit_) return false;

  Occurrence term{.shape = -1, .variables = found_.variables.size(), .constants = found_.constants.size()};
  scratch_.operations.clear();
  scratch_.roots.clear();
  scratch_.variables = scratch_.constants = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const TapeNode& node = tape_->nodes[static_cast<std::size_t>(nodes_[i])];
    local_index_[static_cast<std::size_t>(nodes_[i])] = static_cast<std::int32_t>(i);
    const Operand a = local(node.a, scratch_);
    const Operand b = is_binary(node.operation) ? local(node.b, scratch_) : 0;
    scratch_.operations.push_back({node.operation, a, b});
  }
  for (const Operand root : roots) scratch_.roots.push_back(local(root, scratch_));
  term.shape = intern(scratch_);
  ++found_.frequency[static_cast<std::size_t>(term.shape)];
  found_.terms.push_back(term);
  return true;
}

/// The number of a shape. What followed the last shape before is likely to follow it again.
std::int32_t ShapeFinder::intern(const Shape& shape) {
  const std::int32_t before = last_;
  if (before >= 0) {
    const std::int32_t guess = follower_[static_cast<std::size_t>(before)];
    if (guess >= 0 && found_.shapes[static_cast<std::size_t>(guess)] == shape) return last_ = guess;
  }
  last_ = look_up(shape);
  if (before >= 0) follower_[static_cast<std::size_t>(before)] = last_;
  return last_;
}

std::int32_t ShapeFinder::look_up(const Shape& shape) {
  const std::uint64_t hash = hash_of(shape);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto candidate = first; candidate != last; ++candidate) {
    if (found_.shapes[static_cast<std::size_t>(candidate->second)] == shape) return candidate->second;
  }
  const auto number = static_cast<std::int32_t>(found_.shapes.size());
  found_.shapes.push_back(shape);
  found_.frequency.push_back(0);
  follower_.push_back(-1);
  by_hash_.emplace(hash, number);
  return number;
}

}  // namespace quadric::formula
