#include "linalg/symmetric_spectrum.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "linalg/householder_form.hpp"
#include "linalg/tridiagonal.hpp"

namespace quadric::linalg {

namespace {

/// Up to so many rows loops decompose a matrix for less than blocks take.
constexpr Index few = 64;

/// The spectrum by a solver for matrices of a size that the compiler knows, which takes a fraction of what
/// others take.
template <int n>
Spectrum tiny_spectrum(const Matrix& A) {
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix<double, n, n>> solver((Eigen::Matrix<double, n, n>(A)));
  return {.values = solver.eigenvalues(), .vectors = solver.eigenvectors()};
}

std::vector<Index> ascending(const Vector& values) {
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(), [&values](Index i, Index j) { return values[i] < values[j]; });
  return order;
}

Spectrum spectrum_by_reflections(const Matrix& A) {
  const HouseholderForm form(A);
  Matrix vectors = form.orthogonal();
  const Vector values = form.scale() * diagonalize(form.tridiagonal(), vectors);
  const std::vector<Index> order = ascending(values);
  return {.values = values(order), .vectors = vectors(Eigen::all, order)};
}

}  // namespace

Spectrum symmetric_spectrum(const Matrix& A) {
  if (A.rows() == 1) return tiny_spectrum<1>(A);
  if (A.rows() == 2) return tiny_spectrum<2>(A);
  if (A.rows() == 3) return tiny_spectrum<3>(A);
  if (A.rows() > 3 && A.rows() <= few && A.allFinite()) return spectrum_by_reflections(A);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(A);
  return {.values = solver.eigenvalues(), .vectors = solver.eigenvectors()};
}

Vector symmetric_eigenvalues(const Matrix& A) {
  if (A.rows() <= 3) return symmetric_spectrum(A).values;
  return Eigen::SelfAdjointEigenSolver<Matrix>(A, Eigen::EigenvaluesOnly).eigenvalues();
}

LowSpectrum low_spectrum(const Matrix& A) {
  if (A.rows() <= 3) {
    const Spectrum spectrum = symmetric_spectrum(A);
    return {.values = spectrum.values, .lowest = spectrum.vectors.col(0)};
  }
  const HouseholderForm form(A);
  Vector values = ritz_values(form.tridiagonal()).values;
  std::sort(values.begin(), values.end());
  Vector lowest = form.turned_back(lowest_vector(form.tridiagonal(), values[0]));
  return {.values = form.scale() * values, .lowest = std::move(lowest)};
}

SmallestPair smallest_of_positive_definite(const Matrix& A, const Vector& d) {
  const Eigen::LLT<Matrix> factor(d.asDiagonal() * A * d.asDiagonal());
  if (factor.info() != Eigen::Success) return {};
  const Matrix scaled_inverse = factor.solve(Matrix(d.asDiagonal()));
  const Matrix inverse = d.asDiagonal() * scaled_inverse;
  if (!inverse.allFinite()) return {};
  LowSpectrum spectrum = low_spectrum(-0.5 * (inverse + inverse.transpose()));
  const double largest = -spectrum.values[0];
  if (!(largest > 0.0)) return {};
  return {.value = 1.0 / largest, .vector = std::move(spectrum.lowest)};
}

}  // namespace quadric::linalg
