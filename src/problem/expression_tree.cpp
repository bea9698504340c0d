#include "problem/expression_tree.hpp"

#include <algorithm>
#include <array>

#include "quadric/base/misuse.hpp"

namespace quadric::expressions {
namespace {

constexpr std::array functions{
    Function{"exp", Operation::Exp, 1, 1},
    Function{"expm1", Operation::Expm1, 1, 1},
    Function{"log", Operation::Log, 1, 1},
    Function{"ln", Operation::Log, 1, 1},
    Function{"log10", Operation::Log10, 1, 1},
    Function{"log2", Operation::Log2, 1, 1},
    Function{"log1p", Operation::Log1p, 1, 1},
    Function{"sqrt", Operation::Sqrt, 1, 1},
    Function{"cbrt", Operation::Cbrt, 1, 1},
    Function{"sin", Operation::Sin, 1, 1},
    Function{"cos", Operation::Cos, 1, 1},
    Function{"tan", Operation::Tan, 1, 1},
    Function{"asin", Operation::Asin, 1, 1},
    Function{"acos", Operation::Acos, 1, 1},
    Function{"atan", Operation::Atan, 1, 1},
    Function{"sinh", Operation::Sinh, 1, 1},
    Function{"cosh", Operation::Cosh, 1, 1},
    Function{"tanh", Operation::Tanh, 1, 1},
    Function{"asinh", Operation::Asinh, 1, 1},
    Function{"acosh", Operation::Acosh, 1, 1},
    Function{"atanh", Operation::Atanh, 1, 1},
    Function{"abs", Operation::Abs, 1, 1},
    Function{"erf", Operation::Erf, 1, 1},
    Function{"erfc", Operation::Erfc, 1, 1},
    Function{"gamma", Operation::Gamma, 1, 1},
    Function{"tgamma", Operation::Gamma, 1, 1},
    Function{"lgamma", Operation::LogGamma, 1, 1},
    Function{"sq", Operation::IntegerPower, 1, 1},
    Function{"square", Operation::IntegerPower, 1, 1},
    Function{"atan2", Operation::Atan2, 2, 2},
    Function{"pow", Operation::Power, 2, 2},
    Function{"min", Operation::Minimum, 2, 3},
    Function{"max", Operation::Maximum, 2, 3},
    Function{"hypot", Operation::Hypot, 2, 3},
};

// One printable character for every character of the text, so that a caret can be put under it.
std::vector<std::string> characters(std::string_view text, std::size_t position, std::size_t& column) {
  std::vector<std::string> shown;
  column = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t length = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    const auto continues = [&](std::size_t k) {
      return i + k < text.size() && (static_cast<unsigned char>(text[i + k]) & 0xC0U) == 0x80U;
    };
    for (std::size_t k = 1; k < length; ++k) {
      if (!continues(k)) length = 1;
    }
    if (i < position) ++column;
    if (lead < 0x20 || lead == 0x7F) {
      shown.emplace_back(" ");
    } else {
      shown.emplace_back(length == 1 && lead >= 0x80 ? "?" : text.substr(i, length));
    }
    i += length;
  }
  return shown;
}

}  // namespace

const Function* find_function(std::string_view name) {
  const auto found =
      std::find_if(functions.begin(), functions.end(), [&](const auto& f) { return f.name == name; });
  return found == functions.end() ? nullptr : &*found;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Function& function : functions) names.emplace_back(function.name);
  return names;
}

bool is_constant_name(std::string_view name) { return name == "pi" || name == "e"; }

void fail_at(std::string_view text, std::size_t position, const std::string& sentence) {
  constexpr std::size_t window = 48;
  const std::size_t start = position > 1000 ? position - 1000 : 0;  // long texts: only what is near
  std::size_t column = 0;
  const auto shown = characters(text.substr(start, 2000), position - start, column);
  const std::size_t first = column > window ? column - window : 0;
  const std::size_t last = std::min(shown.size(), column + window);
  std::string line = first > 0 || start > 0 ? "  ..." : "  ";
  const std::size_t indent = line.size() + column - first;
  for (std::size_t i = first; i < last; ++i) line += shown[i];
  if (last < shown.size()) line += "...";
  misuse(sentence + "\n" + line + "\n" + std::string(indent, ' ') + "^");
}

void unsupported(Operation operation) {
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&](const auto& f) { return f.operation == operation; });
  const std::string name(found == functions.end() ? "this operation" : found->name);
  misuse("the expression calls '" + name +
         "', which is not available for the scalar that it is evaluated with (no "
         "automatic derivative of it is known)");
}

}  // namespace quadric::expressions
