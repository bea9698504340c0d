#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "quadric/derivatives/tape.hpp"

#include "derivatives/tape/graph.hpp"

/// Finds the repeated structure of a tape: a sum of many terms that apply the same operations to different
/// variables and constants.
namespace quadric::formula {

/// The operations of a term without its variables and constants, which are numbered in the order in which
/// they appear; terms with equal shapes differ only in what they are applied to.
struct Shape {
  /// Operands: >= 0 an earlier operation of the shape; < 0 a variable or a constant, see below.
  std::vector<TapeNode> operations;
  std::vector<Operand> roots;  ///< what the term computes
  std::int32_t variables = 0;
  std::int32_t constants = 0;

  static Operand variable(std::int32_t index) { return -2 * index - 1; }
  static Operand constant(std::int32_t index) { return -2 * index - 2; }
  static bool is_variable(Operand operand) { return operand < 0 && operand % 2 != 0; }
  static std::int32_t index(Operand operand) { return (-operand - 1) / 2; }

  bool operator==(const Shape& other) const;
};

/// One occurrence of a shape: where its variables and constants start in `Occurrences`.
struct Occurrence {
  std::int32_t shape;
  std::size_t variables;
  std::size_t constants;
};

/// The formulas that a shape computes, in a graph: variable k becomes variable `variables[k]`, and constant c
/// the formula `constants[c]`.
std::vector<Id> build(Graph& graph, const Shape& shape, std::span<const std::int32_t> variables,
                      std::span<const Id> constants);

/// Terms of a tape with their shapes, in the order in which they were added.
struct Occurrences {
  std::vector<Shape> shapes;
  std::vector<std::int32_t> frequency;  ///< of each shape
  std::vector<Occurrence> terms;
  std::vector<std::int32_t> variables;
  std::vector<double> constants;

  std::span<const std::int32_t> variables_of(const Occurrence& term) const {
    return {variables.data() + term.variables, static_cast<std::size_t>(shape_of(term).variables)};
  }
  std::span<const double> constants_of(const Occurrence& term) const {
    return {constants.data() + term.constants, static_cast<std::size_t>(shape_of(term).constants)};
  }
  const Shape& shape_of(const Occurrence& term) const { return shapes[static_cast<std::size_t>(term.shape)]; }
};

/// Collects the terms of tapes. Each costs time in proportion to its own operations.
class ShapeFinder {
 public:
  /// `limit`: the number of operations that all terms together may have.
  explicit ShapeFinder(std::size_t limit) : limit_(limit) {}

  /// The tape that the next terms are on, which must outlive them; its variable i is the function's variable
  /// `numbers[i]` (empty: i).
  void read(const Tape& tape, std::span<const std::int32_t> numbers = {});

  /// Adds the term that computes the roots (operands of the tape). False where the limit is passed: the terms
  /// share so much that taking them apart does not pay.
  bool add(std::span<const Operand> roots);

  Occurrences take() { return std::move(found_); }

 private:
  void collect(std::span<const Operand> roots);
  Operand local(Operand operand, Shape& shape);
  std::int32_t intern(const Shape& shape);
  std::int32_t look_up(const Shape& shape);

  const Tape* tape_ = nullptr;
  std::span<const std::int32_t> numbers_;
  std::size_t limit_;
  std::size_t operations_ = 0;
  std::vector<std::int32_t> stamp_;        ///< by node: the last term that reached it
  std::vector<std::int32_t> local_index_;  ///< by node: its number in that term
  std::int32_t current_ = 0;
  std::vector<Operand> nodes_;
  std::vector<Operand> open_;
  Shape scratch_;
  std::int32_t last_ = -1;              ///< the shape of the last term
  std::vector<std::int32_t> follower_;  ///< by shape: the one that came after it last time
  std::unordered_multimap<std::uint64_t, std::int32_t> by_hash_;
  Occurrences found_;
};

}  // namespace quadric::formula
