#include "derivatives/tape/projection.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <Eigen/Eigenvalues>

#include "quadric/base/types.hpp"

namespace quadric::formula {

namespace {

constexpr std::size_t widest = TermClass::Instances::tile;

std::size_t packed(std::size_t i, std::size_t j) { return i * (i + 1) / 2 + j; }

/// What is left of the largest entry when it counts as 0.
constexpr double rounding = 64 * std::numeric_limits<double>::epsilon();

/// LDLᵀ of all lanes in place. A pivot that is 0 within rounding needs the rest of its column to be so too;
/// one below it, or a column that is not, shows that the matrix is not semidefinite.
void test_lanes(std::size_t K, std::size_t lanes, double* L, std::array<double, widest>& indefinite) {
  std::array<double, widest> tolerance{}, pivot{}, inverse{}, multiple{};
  indefinite.fill(0.0);
  for (std::size_t i = 0; i < K; ++i) {
    const double* diagonal = L + packed(i, i) * lanes;
    for (std::size_t l = 0; l < lanes; ++l) tolerance[l] = std::max(tolerance[l], std::abs(diagonal[l]));
  }
  for (std::size_t l = 0; l < lanes; ++l) tolerance[l] *= rounding * static_cast<double>(K);
  for (std::size_t j = 0; j < K; ++j) {
    const double* diagonal = L + packed(j, j) * lanes;
    for (std::size_t l = 0; l < lanes; ++l) {
      pivot[l] = diagonal[l];
      inverse[l] = pivot[l] > tolerance[l] ? 1.0 / pivot[l] : 0.0;
      indefinite[l] = pivot[l] < -tolerance[l] ? 1.0 : indefinite[l];
    }
    for (std::size_t i = j + 1; i < K; ++i) {
      const double* column = L + packed(i, j) * lanes;
      for (std::size_t l = 0; l < lanes; ++l) {
        multiple[l] = column[l] * inverse[l];
        const double loose = std::abs(column[l]) > tolerance[l] ? 1.0 : indefinite[l];
        indefinite[l] = inverse[l] == 0.0 ? loose : indefinite[l];
      }
      for (std::size_t k = j + 1; k <= i; ++k) {
        const double* other = L + packed(k, j) * lanes;
        double* entry = L + packed(i, k) * lanes;
        for (std::size_t l = 0; l < lanes; ++l) entry[l] -= multiple[l] * other[l];
      }
    }
  }
}

void project_one(std::size_t K, std::size_t lanes, bool absolute, double* triangle) {
  const auto n = static_cast<Index>(K);
  Matrix A = Matrix::Zero(n, n);
  for (std::size_t i = 0; i < K; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      A(static_cast<Index>(i), static_cast<Index>(j)) = triangle[packed(i, j) * lanes];
    }
  }
  if (!A.allFinite()) return;
  const Eigen::SelfAdjointEigenSolver<Matrix> spectrum(A);
  for (Index k = 0; k < n && spectrum.eigenvalues()[k] < 0.0; ++k) {
    const double lift = (absolute ? -2.0 : -1.0) * spectrum.eigenvalues()[k];
    const auto v = spectrum.eigenvectors().col(k);
    for (std::size_t i = 0; i < K; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        triangle[packed(i, j) * lanes] += lift * v[static_cast<Index>(i)] * v[static_cast<Index>(j)];
      }
    }
  }
}

}  // namespace

void project(std::size_t K, std::size_t lanes, std::size_t count, bool absolute, double* triangles,
             Slots& scratch) {
  const std::size_t size = K * (K + 1) / 2 * lanes;
  double* factor = scratch.reserve(size);
  std::copy_n(triangles, size, factor);
  std::array<double, widest> indefinite;
  test_lanes(K, lanes, factor, indefinite);
  for (std::size_t l = 0; l < count; ++l) {
    if (indefinite[l] != 0.0) project_one(K, lanes, absolute, triangles + l);
  }
}

}  // namespace quadric::formula
