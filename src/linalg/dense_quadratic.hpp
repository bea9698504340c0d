#pragma once

#include <optional>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "quadric/base/types.hpp"

#include "linalg/quadratic.hpp"

namespace quadric::linalg {

/// Minimizers of a quadratic with B dense: a Cholesky factor is tried first; the eigenvalues are computed
/// once, and only when B is not positive definite or a radius binds. Then the global minimizer in a ball
/// follows from the secular equation (Moré & Sorensen 1983; Conn, Gould & Toint 2000, section 7.3).
class DenseQuadratic final : public Quadratic {
 public:
  void reset(Symmetric B, const Vector& g) override { reset(B.dense(), g); }
  void reset(const Matrix& B, const Vector& g);

  bool positive_definite() noexcept override { return positive_definite_; }
  Minimizer within(double radius) override;
  /// Where B is not positive definite −|B|⁻¹g, with every eigenvalue replaced by its absolute value, or by
  /// the largest where it is less than 1e-8 times that, or by 1 where all are zero (Gill, Murray & Wright
  /// 1981, section 4.4; Dauphin et al. 2014).
  Vector descent() override;
  Vector damped(double damping) override;
  std::optional<double> known_lambda_min() const override;

 private:
  void decompose();

  Matrix B_;
  Vector g_;
  Eigen::LLT<Matrix> cholesky_;
  bool positive_definite_ = false;
  std::optional<Vector> newton_;
  Eigen::SelfAdjointEigenSolver<Matrix> eigen_;
  bool decomposed_ = false;
  Vector rotated_;               ///< Qᵀg
  double zero_curvature_ = 0.0;  ///< what rounding leaves of an eigenvalue 0
};

}  // namespace quadric::linalg
