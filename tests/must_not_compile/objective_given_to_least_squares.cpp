// expected: residuals take a vector of any scalar and return a container of that scalar
#include "quadric/quadric.hpp"

int main() {
  const auto f = [](const auto& x) { return x[0] * x[0]; };
  return static_cast<int>(quadric::least_squares(f, {1.0}).iterations);
}
