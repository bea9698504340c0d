// One plain lambda is enough: exact derivatives, a method chosen for it, and a certificate of what was found.
#include <iostream>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  const auto rosenbrock = [](const auto& x) {
    const auto a = 1.0 - x[0];
    const auto b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  };

  const qd::Result result = qd::minimize(rosenbrock, {-1.2, 1.0});
  std::cout << result.summary() << "\n\n";

  // The derivatives on their own: J(i,j) = ∂rᵢ/∂xⱼ, and the Hessian as the Jacobian of the gradient.
  const qd::Point start = {-1.2, 1.0};
  std::cout << "gradient at the start: " << qd::gradient(rosenbrock, start).transpose() << "\n"
            << "Hessian at the start:\n"
            << qd::hessian(rosenbrock, start) << "\n";

  // The second derivative tells how much a gradient step will really gain.
  const qd::Bend bend = qd::curvature_along(rosenbrock, start, -qd::gradient(rosenbrock, start));
  std::cout << "along -gradient: " << bend.describe() << "\n";
  return result.converged() ? 0 : 1;
}
