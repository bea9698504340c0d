#pragma once

#include <optional>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// Minimizers of the quadratic q(p) = gᵀp + ½ pᵀB p with B dense and symmetric, of any inertia.
///
/// A Cholesky factor is tried first; the eigenvalues are computed once, and only when B is not positive
/// definite or a radius binds. Then the global minimizer in a ball follows from the secular equation (Moré &
/// Sorensen 1983; Conn, Gould & Toint 2000, section 7.3): (B + λI) p = −g, B + λI ⪰ 0, λ (‖p‖ − Δ) = 0. Not
/// thread safe.
class DenseQuadratic {
 public:
  struct Minimizer {
    Vector step = {};
    double shift = 0.0;  ///< λ ≥ 0
    bool at_boundary = false;
    bool hard_case = false;  ///< g has no component along the lowest eigenvectors
  };

  /// Takes B (n × n, the lower triangle is read) and g (n); both must be finite.
  void reset(const Matrix& B, const Vector& g);

  bool positive_definite() const noexcept { return positive_definite_; }

  /// The global minimizer of q over ‖p‖ ≤ radius; radius > 0.
  Minimizer within(double radius);

  /// The minimizer −B⁻¹g where B is positive definite; elsewhere −|B|⁻¹g, with every eigenvalue replaced by
  /// its absolute value, or by the largest where it is less than `floor` times that, or by 1
  /// where all are zero (Gill, Murray & Wright
  /// 1981, section 4.4; Dauphin et al. 2014).
  Vector descent(double floor = 1e-8);

  /// The smallest eigenvalue, where the eigenvalues had to be computed.
  std::optional<double> known_lambda_min() const;

 private:
  void decompose();

  Matrix B_;
  Vector g_;
  Eigen::LLT<Matrix> cholesky_;
  bool positive_definite_ = false;
  std::optional<Vector> newton_;
  Eigen::SelfAdjointEigenSolver<Matrix> eigen_;
  bool decomposed_ = false;
  Vector rotated_;  ///< Qᵀg
};

}  // namespace quadric::linalg
