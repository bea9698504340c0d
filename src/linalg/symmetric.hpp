#pragma once

#include <Eigen/SparseCore>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// A symmetric matrix (n × n): dense, or the lower triangle of a sparse one. Of both the lower triangle is
/// read.
class Symmetric {
 public:
  Symmetric() = default;
  explicit Symmetric(Matrix A) : dense_(std::move(A)) {}
  explicit Symmetric(SparseMatrix lower) : lower_(std::move(lower)), is_sparse_(true) {}

  bool is_sparse() const noexcept { return is_sparse_; }
  Index size() const { return is_sparse_ ? lower_.rows() : dense_.rows(); }
  /// The matrix where it is not sparse, and where it is.
  const Matrix& dense() const noexcept { return dense_; }
  const SparseMatrix& lower() const noexcept { return lower_; }

  /// f(row, column, value) for each entry of the lower triangle.
  template <class F>
  void for_each_entry(const F& f) const {
    for (Index j = 0; j < size(); ++j) {
      if (is_sparse_) {
        for (SparseMatrix::InnerIterator entry(lower_, j); entry; ++entry) f(entry.row(), j, entry.value());
      } else {
        for (Index i = j; i < size(); ++i) f(i, j, dense_(i, j));
      }
    }
  }

  Vector diagonal() const;
  /// A v (n).
  Vector multiply(const Vector& v) const;
  /// The largest magnitude of each row (n).
  Vector largest_of_rows() const;
  /// Σ_{j ≠ i} |a_ij| of each row (n): the radii of Gershgorin's discs.
  Vector radii() const;
  /// diag(d) A diag(d).
  void scale(const Vector& d);

 private:
  Matrix dense_;
  SparseMatrix lower_;
  bool is_sparse_ = false;
};

/// A positive diagonal d such that diag(d) A diag(d) has rows of largest magnitude 1 (Ruiz 2001); rows of
/// zeros keep 1.
Vector equilibrate(const Symmetric& A);
inline Vector equilibrate(const Matrix& A) { return equilibrate(Symmetric(A)); }

}  // namespace quadric::linalg
