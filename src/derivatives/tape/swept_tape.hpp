#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/tape.hpp"

#include "derivatives/tape/sweeps.hpp"

namespace quadric::sweeps {

class Compression;

/// The derivatives of a tape that is swept as a whole. Matrices are found in few sweeps of eight directions:
/// columns (or rows) that share no row (column) are swept together, as their coloring says
/// (quadric/derivatives/coloring.hpp). Patterns, colorings and the memory of sweeps are made when first
/// needed and kept. Const and thread safe; equal calls give equal bits.
///
/// A sparse matrix that would have more entries than its storage can number throws `std::length_error`.
class SweptTape {
 public:
  explicit SweptTape(Tape tape);
  ~SweptTape();
  SweptTape(const SweptTape&) = delete;
  SweptTape& operator=(const SweptTape&) = delete;

  const Tape& tape() const { return tape_; }
  /// Whether every question of the recorded evaluation has the same answer at x.
  bool same_path(const Vector& x) const;

  /// The results (m).
  void values(const Vector& x, Vector& r) const;

  // Of Σ wᵢ resultᵢ, w empty for the sum.
  /// Its value, and its gradient g (n).
  double gradient(const Vector& x, const Vector& w, Vector& g) const;
  void hessian_product(const Vector& x, const Vector& w, const Vector& v, Vector& product) const;
  /// Entries of the lower triangle of the Hessian that may be other than zero; all where they are so many
  /// that it does not pay to tell them apart.
  Index count_hessian_entries() const;
  /// Value, gradient and Hessian H (n × n).
  double hessian(const Vector& x, const Vector& w, Vector& g, Matrix& H) const;
  /// The lower triangle of the Hessian, the diagonal always included.
  double hessian(const Vector& x, const Vector& w, Vector& g, SparseMatrix& H) const;

  // Of the results one by one.
  /// r (m) and J (m × n).
  void jacobian(const Vector& x, Vector& r, Matrix& J) const;
  void jacobian(const Vector& x, Vector& r, SparseMatrix& J) const;
  /// vᵀ∇²rᵢ v (m).
  void second_directional(const Vector& x, const Vector& v, Vector& second) const;

 private:
  class Lease;

  double hessian_entries(const Vector& x, const Vector& w, Vector& g, double* entries) const;
  void jacobian_entries(const Vector& x, Vector& r, double* entries) const;
  const Compression& hessian_compression() const;
  const Compression& jacobian_compression() const;

  Tape tape_;
  mutable std::once_flag asked_hessian_, asked_jacobian_;
  mutable std::unique_ptr<const Compression> hessian_, jacobian_;
  mutable std::mutex mutex_;  ///< of `idle_`
  mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace quadric::sweeps
