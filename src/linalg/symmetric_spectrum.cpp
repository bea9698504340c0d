#include "linalg/symmetric_spectrum.hpp"

#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

namespace quadric::linalg {

Spectrum symmetric_spectrum(const Matrix& A) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(A);
  return {.values = solver.eigenvalues(), .vectors = solver.eigenvectors()};
}

Vector symmetric_eigenvalues(const Matrix& A) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(A, Eigen::EigenvaluesOnly).eigenvalues();
}

double smallest_of_positive_definite(const Matrix& A, const Vector& d) {
  const Eigen::LLT<Matrix> factor(Matrix(d.asDiagonal() * A * d.asDiagonal()));
  if (factor.info() != Eigen::Success) return 0.0;
  const Matrix scaled_inverse = factor.solve(Matrix(d.asDiagonal()));
  const Matrix inverse = d.asDiagonal() * scaled_inverse;
  const double largest = symmetric_eigenvalues(0.5 * (inverse + inverse.transpose())).maxCoeff();
  return std::isfinite(largest) && largest > 0.0 ? 1.0 / largest : 0.0;
}

}  // namespace quadric::linalg
