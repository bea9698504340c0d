#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "derivatives/tape/graph.hpp"

namespace quadric::formula {

/// What one instruction of a program does. The letter `l` stands for its literal.
enum class Code : std::uint8_t {
  Add,                      ///< a + b
  Subtract,                 ///< a - b
  Multiply,                 ///< a b
  MultiplyAdd,              ///< a b + c
  MultiplySubtract,         ///< a b - c
  SubtractProduct,          ///< c - a b
  AddLiteral,               ///< a + l
  LiteralMinus,             ///< l - a
  MultiplyLiteral,          ///< l a
  MultiplyLiteralAdd,       ///< l a + c
  MultiplyLiteralSubtract,  ///< l a - c
  Negate,                   ///< -a
  Reciprocal,               ///< 1 / a
  SquareRoot,
  Absolute,
  Minimum,
  Maximum,
  Less,         ///< a < b ? 1 : 0
  LessOrEqual,  ///< a <= b ? 1 : 0
  Equal,        ///< a == b ? 1 : 0
  Both,         ///< a != 0 && b != 0 ? 1 : 0
  Select,       ///< a != 0 ? b : c
  Copy,         ///< a
  Call,         ///< operation(a), lane by lane
  CallBinary,   ///< operation(a, b), lane by lane
  Stop,         ///< the end
};
inline constexpr std::size_t number_of_codes = static_cast<std::size_t>(Code::Stop) + 1;

/// `target = code(a, b, c)`; operands are numbers of slots.
struct Instruction {
  Code code;
  Operation operation;  ///< of Call and CallBinary
  std::uint32_t target;
  std::uint32_t a;
  std::uint32_t b;
  std::uint32_t c;
  double literal;
};

/// Formulas as straight-line code over numbered slots, each of which holds one number a lane: first the
/// variables, then the parameters, the components of the direction, the literals, the results, and the
/// temporaries, which are reused.
struct Program {
  std::uint32_t variables = 0;
  std::uint32_t parameters = 0;
  std::uint32_t directions = 0;
  std::vector<double> literals = {};
  std::uint32_t results = 0;
  std::uint32_t slots = 0;
  std::vector<Instruction> code = {};

  std::uint32_t first_parameter() const { return variables; }
  std::uint32_t first_direction() const { return variables + parameters; }
  std::uint32_t first_literal() const { return first_direction() + directions; }
  std::uint32_t first_result() const { return first_literal() + static_cast<std::uint32_t>(literals.size()); }
};

/// The program that computes the `results`, in their order. Additions take up products that serve nothing
/// else, and of two orders of evaluation the one that needs fewer slots is taken.
Program compile(const Graph& graph, std::span<const Id> results, std::uint32_t variables,
                std::uint32_t parameters, std::uint32_t directions);

}  // namespace quadric::formula
