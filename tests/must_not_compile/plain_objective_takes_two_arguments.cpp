// expected: an objective takes a vector and returns one number
#include "quadric/quadric.hpp"

int main() {
  const auto f = [](double x, double y) { return x * y; };
  return static_cast<int>(quadric::minimize(f, {1.0, 2.0}).iterations);
}
