// expected: an objective takes a vector of any scalar and returns that scalar
#include "quadric/quadric.hpp"

int main() {
  const auto f = [](const auto& x, const auto& y) { return x[0] * y[0]; };
  return static_cast<int>(quadric::minimize(f, {1.0}).iterations);
}
