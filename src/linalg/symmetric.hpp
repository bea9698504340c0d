#pragma once

#include <memory>

#include <Eigen/SparseCore>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

// Of a symmetric matrix A by the lower triangle of a sparse one (n × n), compressed with sorted columns.

/// A v (n), in one pass.
void multiply(const SparseMatrix& lower, const Vector& v, Vector& product);
/// vᵀA v, in one pass that writes nothing.
double curvature(const SparseMatrix& lower, const Vector& v);
/// |A| v (n), with the magnitudes of its entries.
void multiply_magnitudes(const SparseMatrix& lower, const Vector& v, Vector& product);
/// The sum of that, for v >= 0, in one pass that writes nothing.
double sum_of_magnitudes(const SparseMatrix& lower, const Vector& v);

/// A symmetric matrix (n × n): dense, or the lower triangle of a sparse one. Of both the lower triangle is
/// read. A sparse one is shared, not copied, and a scaling of it is kept beside it.
class Symmetric {
 public:
  Symmetric() = default;
  explicit Symmetric(Matrix A) : dense_(std::move(A)) {}
  explicit Symmetric(SparseMatrix lower)
      : Symmetric(std::make_shared<const SparseMatrix>(std::move(lower))) {}
  /// Compressed, with sorted columns; must not change while this or a copy of it lives.
  explicit Symmetric(std::shared_ptr<const SparseMatrix> lower) : lower_(std::move(lower)) {}

  bool is_sparse() const noexcept { return lower_ != nullptr; }
  Index size() const { return is_sparse() ? lower_->rows() : dense_.rows(); }
  /// The matrix where it is not sparse.
  const Matrix& dense() const noexcept { return dense_; }
  /// Where it is sparse it is diag(s) L diag(s), with the lower triangle L and s (n), empty for ones.
  const SparseMatrix& unscaled() const noexcept { return *lower_; }
  const Vector& scaling() const noexcept { return scaling_; }

  /// f(row, column, value) for each entry of the lower triangle.
  template <class F>
  void for_each_entry(const F& f) const {
    const bool scaled = scaling_.size() > 0;
    for (Index j = 0; j < size(); ++j) {
      if (!is_sparse()) {
        for (Index i = j; i < size(); ++i) f(i, j, dense_(i, j));
        continue;
      }
      for (SparseMatrix::InnerIterator entry(*lower_, j); entry; ++entry) {
        const Index i = entry.row();
        f(i, j, scaled ? scaling_[i] * entry.value() * scaling_[j] : entry.value());
      }
    }
  }

  /// Whether the magnitudes of its entries add up to a number.
  bool is_finite() const;
  Vector diagonal() const;
  /// A v (n).
  Vector multiply(const Vector& v) const;
  void multiply(const Vector& v, Vector& product) const;
  /// The largest magnitude of each row (n).
  Vector largest_of_rows() const;
  /// Σ_{j ≠ i} |a_ij| of each row (n): the radii of Gershgorin's discs.
  Vector radii() const;
  /// Becomes diag(d) A diag(d).
  void scale(Vector d);

 private:
  Matrix dense_;
  std::shared_ptr<const SparseMatrix> lower_;
  Vector scaling_;
};

/// No eigenvalue of A is larger in magnitude: maxᵢ (|A| v)ᵢ / vᵢ bounds them for every v > 0 (Collatz 1942),
/// and here v is the root of the row sums, with which a full row among sparse ones counts as little as it
/// should.
double eigenvalue_bound(const Symmetric& A);

/// A positive diagonal d such that diag(d) A diag(d) has rows of largest magnitude 1 (Ruiz 2001); rows of
/// zeros keep 1.
Vector equilibrate(const Symmetric& A);
inline Vector equilibrate(const Matrix& A) { return equilibrate(Symmetric(A)); }

}  // namespace quadric::linalg
