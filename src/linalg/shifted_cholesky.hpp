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
  /// Whether A + σI is numerically positive definite: then `solve` works with it.
  bool factor(double shift);
  /// (A + σI)⁻¹ b (n).
  Vector solve(const Vector& b) const;

 private:
  struct Factors;
  std::unique_ptr<Factors> factors_;
};

/// Whether factoring the sparse matrix whose lower triangle has these places takes more than 4e9
/// multiplications, so that iterations by products are the better choice.
bool fills_up(const SparseMatrix& lower);

}  // namespace quadric::linalg
