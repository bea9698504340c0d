#pragma once

#include "quadric/base/types.hpp"

#include "linalg/tridiagonal.hpp"

namespace quadric::linalg {

/// A symmetric matrix as scale · Q T Qᵀ, with T tridiagonal and Q a product of reflections (Householder 1958;
/// Golub & Van Loan 2013, algorithm 8.3.1). By loops that cost small matrices, of up to some hundred rows,
/// much less than blocks do.
class HouseholderForm {
 public:
  /// Of A (n × n), which is finite, n > 0; its lower triangle is read.
  explicit HouseholderForm(const Matrix& A);

  const Tridiagonal& tridiagonal() const noexcept { return T_; }
  /// The largest magnitude of A's entries, so that T's are of size 1; 1 where all are 0.
  double scale() const noexcept { return scale_; }
  /// Q h (n).
  Vector turned_back(Vector h) const;
  /// Q (n × n).
  Matrix orthogonal() const;

 private:
  void reflect(Index k, double* h) const;

  Matrix vectors_;  ///< vₖ in column k, from row k + 1 on: reflections I − βₖ vₖ vₖᵀ
  Vector betas_;
  Tridiagonal T_;
  double scale_ = 1.0;
};

}  // namespace quadric::linalg
