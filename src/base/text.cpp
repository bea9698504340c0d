#include "base/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace quadric::text {

std::string number(double value, int digits) {
  if (std::isnan(value)) return "nan";  // whatever its sign
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, digits);
  return {buffer.data(), end.ptr};
}

std::string point(const Vector& values, int digits) {
  constexpr Index longest = 8;
  std::string text = "(";
  for (Index i = 0; i < values.size() && i < longest; ++i)
    text += (i == 0 ? "" : ", ") + number(values[i], digits);
  if (values.size() > longest) text += ", …";
  return text + ")";
}

std::string numbered(std::string stem, Index n) { return stem.append(std::to_string(n)); }

std::string count(Index n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace quadric::text
