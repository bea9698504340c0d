// A function with several minima, started from many points on threads: all that were found, each with its
// certificate and its number of runs, the same for any number of threads.
#include <iostream>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  // Himmelblau's function: four minima of value 0.
  const auto himmelblau = [](const auto& x) {
    const auto a = x[0] * x[0] + x[1] - 11.0;
    const auto b = x[0] + x[1] * x[1] - 7.0;
    return a * a + b * b;
  };
  const auto starts = qd::latin_hypercube(qd::Bounds({-5.0, -5.0}, {5.0, 5.0}), 40);
  const qd::Multistarted found = qd::multistart(qd::Problem(qd::Objective(himmelblau)), starts, qd::Newton{});
  std::cout << found.summary() << "\n";
  return found.converged() && found.points.size() == 4 && found.failures.empty() ? 0 : 1;
}
