#pragma once

#include <vector>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// Minimizers of ‖r + J p‖² with ‖D p‖ bounded, the subproblem of Levenberg–Marquardt (Moré 1978), from one
/// triangular factor of J D⁻¹ (m × n, any rank, m < n allowed): that of D⁻¹JᵀJ D⁻¹ where its columns are
/// clearly independent, else by a pivoted QR factorization, which takes four times as long. Made for many
/// small problems in a row: at a size that it had before it allocates nothing but the steps that it returns.
/// Not thread safe.
class DampedLeastSquares {
 public:
  struct Minimizer {
    Vector step = {};      ///< D p
    double damping = 0.0;  ///< λ ≥ 0 in (D⁻¹JᵀJ D⁻¹ + λI) D p = −D⁻¹Jᵀr
    bool at_boundary = false;
    double predicted = 0.0;  ///< ½‖r + Jp‖² − ½‖r‖², computed without cancellation
  };

  /// Takes J and r, which must stay as they are until the next call.
  void take(const Matrix& J, const Vector& r);
  /// ‖J eⱼ‖ (n).
  const Vector& column_norms() const noexcept { return column_norms_; }
  /// Factors with D = diag(scaling) (n, positive).
  void factor(const Vector& scaling);

  void reset(const Matrix& J, const Vector& scaling, const Vector& r) {
    take(J, r);
    factor(scaling);
  }
  void reset(const Matrix& J, const Vector& r) { reset(J, Vector::Ones(J.cols()), r); }

  /// The solution of least squares; where J is rank deficient, a basic one.
  Minimizer unrestricted() const;

  /// The minimizer over ‖D p‖ ≤ radius, to the tolerance | ‖D p‖ − radius | ≤ 0.1 radius at the boundary.
  Minimizer within(double radius) const;

  /// The minimizer of ½‖r + J p‖² + ½ λ‖D p‖², λ > 0.
  Minimizer damped(double damping) const;

  /// The lowest point within the radius of a path from 0 along the gradient to its minimizer and on to the
  /// solution of least squares (Powell 1970), or, `doubly`, first to a point on the way there (Dennis & Mei
  /// 1979). Where J is rank deficient, `within`.
  Minimizer dogleg(double radius, bool doubly) const;

  /// −(D⁻¹JᵀJ D⁻¹ + λI)⁻¹ D⁻¹Jᵀs, for the λ of the last minimizer and any s (m); empty where J is rank
  /// deficient and λ is 0.
  Vector respond(const Vector& s) const;

  Index rank() const noexcept { return rank_; }

 private:
  bool factor_squares(const Vector& scaling);
  void factor_orthogonally(const Vector& scaling);
  void reduce();
  void reflect(Index k);
  /// p = −R⁻¹ Qᵀr, a basic solution where J is rank deficient.
  void solve() const;
  /// The factor S (upper triangular) of RᵀR + λI and the correspondingly rotated right-hand side.
  void eliminate_damping(double damping) const;
  double solve_damped(double damping) const;
  double correction(const Matrix& S, double length, double radius) const;
  double predicted_change(const Vector& pivoted_step, double damping) const;
  Vector unpivoted(const Vector& p) const;

  const Matrix* J_ = nullptr;
  const Vector* r_ = nullptr;
  Matrix squares_;           ///< the lower triangle of JᵀJ (n × n)
  Vector column_norms_;      ///< of J (n)
  bool by_squares_ = false;  ///< R is the factor of the squares; the next six are not used
  Vector scaling_;           ///< the diagonal of D (n)
  Matrix QR_;                ///< m × n: R, and below it the vectors of the reflections
  Vector taus_;              ///< factors of the reflections
  Vector Qr_;                ///< Qᵀr (m)
  Vector norms_;             ///< of what is left of each column (n)
  Vector exact_;  ///< each when it was last summed up: what downdating has left of it tells its rounding
  std::vector<Index> pivots_;
  /// Triangular matrices by rows, one after the other: column k holds row k (n × n), zeros before entry k.
  Matrix R_;
  Vector rotated_;   ///< first n entries of Qᵀr, zeros where m < n
  Vector gradient_;  ///< Rᵀ Qᵀr in the order of the pivots (n)
  double gradient_norm_ = 0.0;
  Index rank_ = 0;
  mutable double damping_ = 0.0;  ///< of the last minimizer, whose factor `S_` is where it is not 0
  // Of the damping that was eliminated last, and the step in the order of the pivots.
  mutable Matrix S_;
  mutable Vector rhs_, row_, p_, w_;
};

}  // namespace quadric::linalg
