// expected: an objective takes a vector of any scalar and returns that scalar
#include <string>

#include "quadric/quadric.hpp"

int main() {
  return static_cast<int>(
      quadric::minimize([](const auto&) { return std::string("low"); }, {1.0}).iterations);
}
