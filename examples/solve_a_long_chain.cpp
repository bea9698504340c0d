// A chain of 2,000 variables, written as a plain loop: the structure is found by itself, the Hessian has
// three diagonals, and a Newton step costs as much as a few gradients.
#include <iostream>

#include <Eigen/SparseCore>
#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  const qd::Index n = 2000;
  // Masses between springs that harden, each drawn down by its weight.
  const auto chain = [](const auto& x) {
    auto energy = 0.5 * x[0] * x[0];
    for (qd::Index i = 0; i + 1 < x.size(); ++i) {
      const auto stretch = x[i + 1] - x[i];
      energy += 0.5 * stretch * stretch + 0.25 * stretch * stretch * stretch * stretch - 1e-3 * x[i];
    }
    return energy;
  };
  const qd::Result result = qd::minimize(chain, qd::Vector::Zero(n), qd::Newton{});
  const qd::SparseMatrix H = qd::sparse_hessian(chain, result.x);
  std::cout << to_string(result.status) << " after " << result.iterations << " iterations\n"
            << "derivatives: " << result.provider.describe() << "\n"
            << "entries of the Hessian: " << H.nonZeros() << " of " << n * n << "\n"
            << "the certificate: " << result.critical_point.describe() << "\n";
  return result.converged() && H.nonZeros() == 3 * n - 2 ? 0 : 1;
}
