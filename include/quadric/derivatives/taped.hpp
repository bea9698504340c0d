#pragma once

#include <functional>
#include <memory>
#include <string>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/tape.hpp"

namespace quadric {

/// Derivatives of a whole function from its tape: recorded when first needed, taken apart into terms of equal
/// structure whose derivatives are compiled and evaluated many at a time, and replayed from then on. Where
/// the function's path changes (a comparison answers differently, data that it reads have changed) it is
/// recorded again. What shares too much to be taken apart is swept as a whole.
///
/// All functions return false where a tape can not serve: the function takes plain numbers out of recorded
/// ones, or is too long; then another method must do. Evaluations are const and thread safe where the
/// function is. The function must depend on nothing but x and data that stand still during an evaluation.
class Taped {
 public:
  /// Runs the function at x with `Recorded` numbers and notes its results on the tape.
  using Record = std::function<void(const Vector& x, Tape& tape)>;
  explicit Taped(Record record);

  // The sum of the results. `value` is what the function itself returned at x, against which the tape is
  // checked.
  bool gradient(const Vector& x, double value, Vector& g) const;
  bool hessian(const Vector& x, double value, Vector& g, Matrix& H) const;
  /// The lower triangle, diagonal included.
  bool hessian(const Vector& x, double value, Vector& g, SparseMatrix& H) const;
  bool hessian_product(const Vector& x, const Vector& v, Vector& product) const;
  /// Whether the Hessian may have three tenths of its entries or more other than zero; true as well where a
  /// tape can not serve.
  bool has_full_hessian(const Vector& x) const;

  // Each result on its own: J (m × n), and the Hessian of Σ wᵢ rᵢ. `r` (m) is what the function itself
  // returned at x, against which the tape is checked.
  bool jacobian(const Vector& x, const Vector& r, Matrix& J) const;
  bool jacobian(const Vector& x, const Vector& r, SparseMatrix& J) const;
  bool weighted_hessian(const Vector& x, const Vector& r, const Vector& w, Matrix& S) const;
  /// The lower triangle, diagonal included.
  bool weighted_hessian(const Vector& x, const Vector& r, const Vector& w, SparseMatrix& S) const;
  bool weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v, Vector& product) const;
  /// vᵀ∇²rᵢ v for each i (m), in one forward sweep.
  bool second_directional(const Vector& x, const Vector& v, Vector& second) const;

  /// What the tape looks like, for example "tape of 499 terms in 1 structure"; empty before it was recorded.
  std::string describe() const;

 private:
  class State;
  class Keeper;
  std::shared_ptr<Keeper> keeper_;
};

}  // namespace quadric
