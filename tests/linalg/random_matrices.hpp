#pragma once

#include <cmath>
#include <random>

#include <Eigen/QR>

#include "quadric/base/types.hpp"

/// Random vectors and matrices from a seed: the same on every machine, since only the engine's own bits are
/// used.
namespace quadric::random {

class Source {
 public:
  explicit Source(unsigned seed) : engine_(seed) {}

  /// In [-1, 1).
  double number() { return static_cast<double>(engine_()) / 2147483648.0 - 1.0; }
  /// In [low, high].
  Index integer(Index low, Index high) {
    return low + static_cast<Index>(engine_() % static_cast<unsigned>(high - low + 1));
  }
  /// Of either sign, with a magnitude from 10⁻ᵈ to 10ᵈ.
  double spread(double decades) { return std::copysign(std::pow(10.0, decades * number()), number()); }

  Vector vector(Index n) {
    return Vector::NullaryExpr(n, [this](Index) { return number(); });
  }
  Matrix matrix(Index m, Index n) {
    return Matrix::NullaryExpr(m, n, [this](Index, Index) { return number(); });
  }
  Matrix rotation(Index n) { return Eigen::HouseholderQR<Matrix>(matrix(n, n)).householderQ(); }
  /// Q diag(eigenvalues) Qᵀ, exactly symmetric.
  Matrix symmetric(const Vector& eigenvalues) {
    const Matrix Q = rotation(eigenvalues.size());
    const Matrix A = Q * eigenvalues.asDiagonal() * Q.transpose();
    return 0.5 * (A + A.transpose());
  }

 private:
  std::mt19937 engine_;
};

}  // namespace quadric::random
