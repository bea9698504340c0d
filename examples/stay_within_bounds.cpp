// Bounds: the run stays within them, and the certificate says which variables they hold, how hard they push
// (the multipliers), and that what is left free is at a minimum.
#include <iostream>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  const auto rosenbrock = [](const auto& x) {
    const auto a = 1.0 - x[0];
    const auto b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  };

  // x₀ may not exceed ½, where the valley would lead it; the lower side of x₀ is open.
  const qd::Bounds box({-qd::Bounds::none, 0.0}, {0.5, 2.0});
  const qd::Result result = qd::minimize(rosenbrock, {-1.2, 1.0}, box);
  std::cout << result.summary() << "\n\n";

  const qd::CriticalPoint& point = result.critical_point;
  std::cout << "variables held by bounds: " << point.held << "\n"
            << "f would fall at the rate " << -point.multipliers[0] << " if x0 might pass its bound\n";

  // On the bound f is (1 - ½)² + 100 (x₁ - ¼)², lowest at x₁ = ¼, with slope -2 (1 - ½) along x₀.
  const bool right = (result.x - qd::Vector{{0.5, 0.25}}).norm() < 1e-8 && point.held == 1;
  return result.converged() && right ? 0 : 1;
}
