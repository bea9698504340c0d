// expected: an objective takes a vector of any scalar and returns that scalar
#include <array>

#include "quadric/quadric.hpp"

int main() {
  const auto r = [](const auto& x) { return std::array{x[0] - 1.0, x[1] * 2.0}; };
  return static_cast<int>(quadric::minimize(r, {1.0, 2.0}).iterations);
}
