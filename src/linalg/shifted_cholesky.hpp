#pragma once

#include <memory>

#include "linalg/symmetric.hpp"

namespace quadric::linalg {

/// Cholesky factors of A + σI, for one matrix A and several shifts σ. The symbolic work on a sparse pattern
/// is done once, and kept from one matrix to the next as long as the pattern stays; supernodes (CHOLMOD) are
/// used where the fill is worth it. Not thread safe.
class ShiftedCholesky {
 public:
  ShiftedCholesky();
  ~ShiftedCholesky();
  ShiftedCholesky(ShiftedCholesky&&) noexcept;
  ShiftedCholesky& operator=(ShiftedCholesky&&) noexcept;

  /// Takes A, which must be finite and stay as it is until the next `reset`.
  void reset(const Symmetric& A);
  /// Whether factors cost many times as much as solves do: some 40 multiplications an entry of theirs.
  bool is_dear() const;
  /// Whether they cost no more than a few solves.
  bool is_cheap() const;
  /// Whether A + σI is numerically positive definite: then `solve` works with it.
  bool factor(double shift);
  /// (A + σI)⁻¹ b (n).
  Vector solve(const Vector& b) const;
  /// Replaces b by it.
  void solve_in_place(Vector& b) const;
  /// (A + σI)⁻¹ B (n × k), which for few columns takes hardly longer than one where the factor is large.
  Matrix solve_columns(const Matrix& B) const;

 private:
  struct Factors;
  std::unique_ptr<Factors> factors_;
};

/// Whether factoring the sparse matrix whose lower triangle has these places takes more than 4e9
/// multiplications, so that iterations by products are the better choice.
bool fills_up(const SparseMatrix& lower);

}  // namespace quadric::linalg
