// Uses the library from end to end; the exit code says whether it did what it should.
#include <iostream>

#include <quadric/quadric.hpp>

int main() {
  const auto rosenbrock = [](const auto& x) {
    const auto a = 1.0 - x[0];
    const auto b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  };
  const quadric::Result result = quadric::minimize(rosenbrock, {-1.2, 1.0});
  std::cout << result.summary() << "\n";

  // Data that are installed with the program are found from the library.
  const auto cases = quadric::suite("nist");
  const quadric::Result fitted =
      quadric::minimize(cases.front().function, cases.front().from, quadric::GaussNewton{});
  std::cout << fitted.summary() << "\n";
  const bool right = (result.x - quadric::Vector::Ones(2)).norm() < 1e-8 && cases.size() == 54;
  return right && result.converged() && fitted.converged() ? 0 : 1;
}
