#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "quadric/derivatives/tape.hpp"

/// Formulas as a graph: the body of one term of a function, with its derivatives added to it as further
/// formulas. From here a straight-line program is made (program.hpp).
namespace quadric::formula {

/// What a node of the graph computes.
enum class Kind : std::uint8_t {
  Literal,    ///< a number
  Variable,   ///< independent variable `index` of the term
  Parameter,  ///< a number that differs from one instance of the term to the next
  Direction,  ///< component `index` of the direction of a directional derivative
  Apply,      ///< an operation of the tape
  // What only derivatives need.
  Reciprocal,
  Less,         ///< 1 where a < b, else 0
  LessOrEqual,  ///< 1 where a <= b, else 0
  Equal,        ///< 1 where a == b, else 0
  Both,         ///< 1 where a and b are not 0, else 0
  Select,       ///< b where a is not 0, else c
};

using Id = std::int32_t;

struct Node {
  Kind kind = Kind::Literal;
  Operation operation = Operation::Variable;
  Id a = -1;
  Id b = -1;
  Id c = -1;
  double literal = 0.0;

  bool operator==(const Node& other) const;
};

/// Nodes in an order in which each comes after what it needs; equal formulas are stored once, and what can
/// be simplified or computed beforehand is.
class Graph {
 public:
  Id literal(double value);
  Id variable(std::int32_t index) { return leaf(Kind::Variable, index); }
  Id parameter(std::int32_t index) { return leaf(Kind::Parameter, index); }
  Id direction(std::int32_t index) { return leaf(Kind::Direction, index); }

  Id add(Id a, Id b);
  Id subtract(Id a, Id b);
  Id multiply(Id a, Id b);
  Id divide(Id a, Id b);
  Id negate(Id a);
  Id reciprocal(Id a);
  Id less(Id a, Id b) { return condition(Kind::Less, a, b); }
  Id less_or_equal(Id a, Id b) { return condition(Kind::LessOrEqual, a, b); }
  Id equal(Id a, Id b) { return condition(Kind::Equal, a, b); }
  Id both(Id a, Id b) { return condition(Kind::Both, a, b); }
  Id select(Id mask, Id a, Id b);
  Id apply(Operation operation, Id a, Id b = -1);

  const Node& operator[](Id id) const { return nodes_[static_cast<std::size_t>(id)]; }
  Id size() const { return static_cast<Id>(nodes_.size()); }

  bool is_literal(Id id) const { return (*this)[id].kind == Kind::Literal; }
  bool is_literal(Id id, double value) const { return is_literal(id) && (*this)[id].literal == value; }
  bool is_leaf(Id id) const { return (*this)[id].kind <= Kind::Direction; }

 private:
  struct Hash {
    std::size_t operator()(const Node& node) const;
  };

  bool is_negation(Id id) const;
  Id leaf(Kind kind, std::int32_t index) { return intern({.kind = kind, .a = index}); }
  Id condition(Kind kind, Id a, Id b);
  Id intern(const Node& node);

  std::vector<Node> nodes_;
  std::unordered_map<Node, Id, Hash> ids_;
};

/// The value of one operation, as the programs compute it; b only where the operation is binary.
double evaluate(Operation operation, double a, double b);

}  // namespace quadric::formula
