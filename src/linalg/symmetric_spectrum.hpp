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

/// The smallest eigenvalue of a positive definite matrix to high relative accuracy where diag(d) A diag(d) is
/// well conditioned: the largest eigenvalue of the inverse, inverted. 0 where a factor can not be had.
double smallest_of_positive_definite(const Matrix& A, const Vector& d);

}  // namespace quadric::linalg
