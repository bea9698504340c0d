#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quadric/problem/expression_program.hpp"

namespace quadric::expressions {

/// A constant, a name, or an operation on earlier nodes.
struct Node {
  Operation operation = Operation::Constant;
  std::uint32_t a = 0, b = 0;  ///< operands; of a Name, `a` is its number
  double value = 0.0;          ///< of a Constant
};

/// What the parser makes: nodes in post-order, the root last.
struct Tree {
  std::string text;
  std::vector<Node> nodes;
  std::vector<std::string> names;      ///< every name, `pi` and `e` included
  std::vector<std::size_t> positions;  ///< where in the text each first appears
  std::vector<std::string> free_names;
};

/// A function that expressions may call.
struct Function {
  std::string_view name;
  Operation operation;
  int least_arguments, most_arguments;
};

const Function* find_function(std::string_view name);
std::vector<std::string> function_names();
bool is_constant_name(std::string_view name);

/// Throws `Misuse` with the sentence, the text, and a caret under the byte at `position`.
[[noreturn]] void fail_at(std::string_view text, std::size_t position, const std::string& sentence);

}  // namespace quadric::expressions
