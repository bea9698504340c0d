#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

/// The tape: a function's operations, in the order in which one evaluation executed them (Griewank & Walther,
/// Evaluating Derivatives, 2nd ed. 2008, ch. 4). `Recorded` writes it, src/derivatives/tape reads it.

namespace quadric {

/// The operations that a tape holds.
enum class Operation : std::uint8_t {
  Variable,  ///< an independent variable; no operands
  // two operands
  Add,
  Subtract,
  Multiply,
  Divide,
  Power,
  Angle,   ///< atan2(a, b)
  Length,  ///< hypot(a, b)
  Minimum,
  Maximum,
  Modulus,    ///< fmod(a, b)
  Remainder,  ///< remainder(a, b)
  Polygamma,  ///< polygamma(b, a); the order b is a constant
  // one operand
  Negate,
  Absolute,
  SquareRoot,
  CubeRoot,
  Exponential,
  Exponential2,
  ExponentialMinus1,
  Logarithm,
  Logarithm2,
  Logarithm10,
  Logarithm1Plus,
  Sine,
  Cosine,
  Tangent,
  ArcSine,
  ArcCosine,
  ArcTangent,
  HyperbolicSine,
  HyperbolicCosine,
  HyperbolicTangent,
  AreaSine,
  AreaCosine,
  AreaTangent,
  Bell,
  ErrorFunction,
  ComplementaryErrorFunction,
  Gamma,
  LogarithmOfGamma,
  Floor,
  Ceiling,
  Round,
  Truncate,
  RoundToEven,
};

/// Whether an operation has a second operand.
constexpr bool is_binary(Operation operation) {
  return Operation::Add <= operation && operation <= Operation::Polygamma;
}

/// What a program may ask of recorded numbers, and go another way by the answer.
enum class Predicate : std::uint8_t {
  Less,
  LessOrEqual,
  Equal,
  Finite,
  NotANumber,
  Infinite,
  Normal,
  Negative
};

/// Where an operand comes from: a node of the tape (>= 0), or the constant number ~operand (< 0).
using Operand = std::int32_t;

struct TapeNode {
  Operation operation;
  Operand a;
  Operand b;  ///< only where the operation is binary
};

/// A question whose answer the recorded path depends on: where a replay answers differently, the function
/// must be recorded again.
struct Guard {
  Predicate predicate;
  Operand a;
  Operand b;  ///< only for Less, LessOrEqual and Equal
  bool answer;
};

/// Thrown while recording when a function needs more operations than a tape may hold.
class TapeFull : public std::length_error {
 public:
  using std::length_error::length_error;
};

/// The record of one evaluation. Nodes 0 … variables - 1 are the independent variables; an operand always
/// refers to an earlier node. A plain record; not thread safe while it is written.
struct Tape {
  std::int32_t variables = 0;
  std::vector<TapeNode> nodes = {};
  std::vector<double> constants = {};
  std::vector<Guard> guards = {};
  std::vector<Operand> results = {};  ///< what the function returned
  /// The function took a plain number out of a recorded one, so that nothing is known of other points.
  bool only_here = false;
  std::size_t capacity = std::size_t{1} << 26;  ///< nodes

  Operand append(Operation operation, Operand a, Operand b = 0) {
    if (nodes.size() >= capacity) throw TapeFull("the function has more operations than a tape can hold");
    nodes.push_back({operation, a, b});
    return static_cast<Operand>(nodes.size() - 1);
  }
  /// Adds an independent variable; only before the first operation.
  Operand append_variable() {
    ++variables;
    return append(Operation::Variable, 0);
  }
  Operand constant(double value) {
    constants.push_back(value);
    return ~static_cast<Operand>(constants.size() - 1);
  }
  /// Empties the tape; its memory is kept.
  void clear() {
    variables = 0;
    nodes.clear();
    constants.clear();
    guards.clear();
    results.clear();
    only_here = false;
  }
};

}  // namespace quadric
