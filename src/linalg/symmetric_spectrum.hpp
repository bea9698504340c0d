#pragma once

#include "quadric/base/types.hpp"

#include "linalg/symmetric.hpp"

namespace quadric::linalg {

struct Spectrum {
  Vector values;   ///< eigenvalues, ascending (n)
  Matrix vectors;  ///< orthonormal eigenvectors, by column (n × n)
};

/// Eigenvalues and eigenvectors of a symmetric matrix; the lower triangle is read.
Spectrum symmetric_spectrum(const Matrix& A);

/// Eigenvalues alone, ascending.
Vector symmetric_eigenvalues(const Matrix& A);

/// Eigenvalues, and the one eigenvector that goes with the lowest.
struct LowSpectrum {
  Vector values;  ///< ascending (n)
  Vector lowest;  ///< of unit length (n)
};
/// The same for hardly more than the values take: the vector is found by inverse iteration on the tridiagonal
/// matrix that is similar to A (Parlett 1998, section 4.6).
LowSpectrum low_spectrum(const Matrix& A);

/// The smallest eigenvalue of a positive definite matrix and a unit vector of it, to high relative accuracy
/// where diag(d) A diag(d) is well conditioned: the largest eigenvalue of the inverse, inverted. 0 and an
/// empty vector where a factor can not be had.
struct SmallestPair {
  double value = 0.0;
  Vector vector = {};
};
SmallestPair smallest_of_positive_definite(const Matrix& A, const Vector& d);

}  // namespace quadric::linalg
