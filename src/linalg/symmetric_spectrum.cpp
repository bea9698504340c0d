#include "linalg/symmetric_spectrum.hpp"

#include <cmath>
#include <type_traits>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

namespace quadric::linalg {

namespace {

/// Matrices of at most so many rows are decomposed without an allocation.
constexpr int few = 8;
using Small = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, few, few>;

/// f with A, of a type that allocates nothing where it is small.
template <class F>
auto by_size(const Matrix& A, const F& f) {
  return A.rows() <= few ? f(Small(A)) : f(A);
}

}  // namespace

Spectrum symmetric_spectrum(const Matrix& A) {
  return by_size(A, [](const auto& B) {
    const Eigen::SelfAdjointEigenSolver<std::decay_t<decltype(B)>> solver(B);
    return Spectrum{.values = solver.eigenvalues(), .vectors = solver.eigenvectors()};
  });
}

Vector symmetric_eigenvalues(const Matrix& A) {
  return by_size(A, [](const auto& B) -> Vector {
    return Eigen::SelfAdjointEigenSolver<std::decay_t<decltype(B)>>(B, Eigen::EigenvaluesOnly).eigenvalues();
  });
}

double smallest_of_positive_definite(const Matrix& A, const Vector& d) {
  const double largest = by_size(A, [&d](const auto& B) {
    using Square = std::decay_t<decltype(B)>;
    const Eigen::LLT<Square> factor(Square(d.asDiagonal() * B * d.asDiagonal()));
    if (factor.info() != Eigen::Success) return 0.0;
    const Square scaled_inverse = factor.solve(Square(d.asDiagonal()));
    const Square inverse = d.asDiagonal() * scaled_inverse;
    const Square symmetric = 0.5 * (inverse + inverse.transpose());
    return Eigen::SelfAdjointEigenSolver<Square>(symmetric, Eigen::EigenvaluesOnly).eigenvalues().maxCoeff();
  });
  return std::isfinite(largest) && largest > 0.0 ? 1.0 / largest : 0.0;
}

}  // namespace quadric::linalg
