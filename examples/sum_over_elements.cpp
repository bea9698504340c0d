// A net of springs, hung up at two corners: an energy that is a sum over many small terms, each of two points
// in space. The term is written once; its sparse second derivatives are exact and found by themselves.
#include <array>
#include <iostream>
#include <vector>

#include <Eigen/SparseCore>
#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  constexpr qd::Index side = 6;
  std::vector<std::array<qd::Index, 2>> springs;
  for (qd::Index i = 0; i < side; ++i) {
    for (qd::Index j = 0; j < side; ++j) {
      if (i + 1 < side) springs.push_back({i * side + j, (i + 1) * side + j});
      if (j + 1 < side) springs.push_back({i * side + j, i * side + j + 1});
    }
  }
  // Each spring pulls by its length, and its ends hang down by their weight along the third axis.
  const auto energy = [](const auto& p) {
    const auto stretch = (p.col(1) - p.col(0)).squaredNorm();
    return 20.0 * stretch + 0.25 * (p(2, 0) + p(2, 1)) + stretch * stretch;
  };
  const qd::Index corner = side * (side - 1);
  const qd::ElementOptions hung{.fixed = {0, 1, 2, 3 * corner, 3 * corner + 1, 3 * corner + 2},
                                .values = {0.0, 0.0, 0.0, 5.0, 0.0, 0.0}};
  const qd::Elements net = qd::elements<2, 3>(
      static_cast<qd::Index>(springs.size()),
      [&](qd::Index e) { return springs[static_cast<std::size_t>(e)]; }, energy, hung);

  const qd::Vector start = qd::Vector::LinSpaced(3 * side * side - 6, 0.0, 5.0);
  const qd::Result result = qd::minimize(net, start);
  std::cout << to_string(result.status) << " after " << result.iterations << " iterations, energy "
            << result.value << "\n"
            << "derivatives: " << result.provider.describe() << "\n"
            << "entries of the Hessian: " << qd::sparse_hessian(net, result.x).nonZeros() << " of "
            << start.size() * start.size() << "\n";
  return result.converged() ? 0 : 1;
}
