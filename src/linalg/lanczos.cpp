#include "linalg/lanczos.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <Eigen/Eigenvalues>

namespace quadric::linalg {

namespace {

constexpr Index most_steps = 60;
/// Up to this many variables the basis is kept orthogonal, which costs the square of the steps. Without,
/// copies of ends that were found turn up, which do no harm to the ends (Paige 1971).
constexpr Index largest_orthogonalized = 2000;
/// Steps between two looks at the ends.
constexpr Index between_looks = 5;

struct Ritz {
  Vector values;
  Matrix vectors;
};

Ritz ritz(const std::vector<double>& diagonal, const std::vector<double>& below) {
  const auto k = static_cast<Index>(diagonal.size());
  Vector d = Eigen::Map<const Vector>(diagonal.data(), k);
  Vector e = Eigen::Map<const Vector>(below.data(), k - 1);
  // Eigen's test of convergence wants entries of size 1: with larger ones it may fail, which leaves the
  // values unsorted, with smaller ones it is passed too early.
  double size = d.cwiseAbs().maxCoeff();
  if (k > 1) size = std::max(size, e.cwiseAbs().maxCoeff());
  if (!(size > 0.0)) size = 1.0;
  d /= size;
  e /= size;
  Eigen::SelfAdjointEigenSolver<Matrix> solver;
  solver.computeFromTridiagonal(d, e);
  return {size * solver.eigenvalues(), solver.eigenvectors()};
}

}  // namespace

Vector any_vector(Index n) {
  std::uint64_t state = 1;
  return Vector::NullaryExpr(n,
                             [&state](Index) {
                               state = state * 6364136223846793005U + 1442695040888963407U;
                               return 0.5 + static_cast<double>(state >> 11U) * 0x1p-53;
                             })
      .normalized();
}

Extremes lanczos(Index n, const std::function<Vector(const Vector&)>& multiply, double tolerance,
                 Ends wanted) {
  const Index steps = std::min(n, most_steps);
  Matrix basis(n, std::min(steps, between_looks));
  basis.col(0) = any_vector(n);
  std::vector<double> diagonal, below;
  Ritz found;
  double beta = 0.0;
  for (Index k = 0; k < steps; ++k) {
    Vector next = multiply(basis.col(k));
    diagonal.push_back(basis.col(k).dot(next));
    if (n <= largest_orthogonalized) {
      for (int twice = 0; twice < 2; ++twice) {
        next -= basis.leftCols(k + 1) * (basis.leftCols(k + 1).transpose() * next);
      }
    } else {
      next -= diagonal.back() * basis.col(k);
      if (k > 0) next -= beta * basis.col(k - 1);
    }
    beta = next.norm();
    const bool is_last = k + 1 == steps || !(beta > 0.0) || !std::isfinite(beta);
    if (is_last || (k + 1) % between_looks == 0) {
      found = ritz(diagonal, below);
      const double size = found.values.cwiseAbs().maxCoeff();
      const double low = std::abs(found.vectors(k, 0)), high = std::abs(found.vectors(k, k));
      const double off = beta * (wanted == Ends::Highest ? high : std::max(low, high));
      if (is_last || off <= tolerance * size || beta <= 1e-14 * size) break;
    }
    below.push_back(beta);
    if (k + 1 == basis.cols()) basis.conservativeResize(n, std::min(steps, 2 * basis.cols()));
    basis.col(k + 1) = next / beta;
  }
  const Index k = found.values.size();
  const auto pair = [&](Index i) {
    return EigenPair{.value = found.values[i],
                     .vector = (basis.leftCols(k) * found.vectors.col(i)).normalized(),
                     .residual = beta * std::abs(found.vectors(k - 1, i))};
  };
  return {.lowest = pair(0), .highest = pair(k - 1)};
}

}  // namespace quadric::linalg
