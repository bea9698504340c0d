#pragma once

#include <Eigen/QR>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// Minimizers of ‖r + J p‖² with ‖p‖ bounded, the subproblem of Levenberg–Marquardt (Moré 1978), from one
/// pivoted QR factorization of J (m × n, any rank, m < n allowed). Not thread safe.
class DampedLeastSquares {
 public:
  struct Minimizer {
    Vector step = {};
    double damping = 0.0;  ///< λ ≥ 0 in (JᵀJ + λI) p = −Jᵀr
    bool at_boundary = false;
    double predicted = 0.0;  ///< ½‖r + Jp‖² − ½‖r‖², computed without cancellation
  };

  void reset(const Matrix& J, const Vector& r);

  /// The solution of least squares; where J is rank deficient, a basic one.
  Minimizer unrestricted() const;

  /// The minimizer over ‖p‖ ≤ radius, to the tolerance | ‖p‖ − radius | ≤ 0.1 radius at the boundary.
  Minimizer within(double radius) const;

  Index rank() const noexcept { return rank_; }

 private:
  /// The factor S (upper triangular) of RᵀR + λI and the correspondingly rotated right-hand side.
  void eliminate_damping(double damping, Matrix& S, Vector& rhs) const;
  double predicted_change(const Vector& pivoted_step, double damping) const;

  Eigen::ColPivHouseholderQR<Matrix> qr_;
  Matrix R_;        ///< n × n upper triangular, zero rows where m < n
  Vector rotated_;  ///< first n entries of Qᵀr
  double gradient_norm_ = 0.0;
  Index rank_ = 0;
};

}  // namespace quadric::linalg
