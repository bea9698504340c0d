#include "linalg/damped_least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Jacobi>

namespace quadric::linalg {

void DampedLeastSquares::reset(const Matrix& J, const Vector& r) {
  const Index n = J.cols();
  const Index rows = std::min(J.rows(), n);
  qr_.compute(J);
  R_ = Matrix::Zero(n, n);
  R_.topRows(rows) = qr_.matrixR().topRows(rows).template triangularView<Eigen::Upper>();
  rotated_ = Vector::Zero(n);
  const Vector Qr = qr_.householderQ().adjoint() * r;
  rotated_.head(rows) = Qr.head(rows);
  gradient_norm_ = (R_.transpose() * rotated_).norm();
  const double threshold =
      std::abs(R_(0, 0)) * std::numeric_limits<double>::epsilon() * static_cast<double>(n);
  rank_ = 0;
  while (rank_ < rows && std::abs(R_(rank_, rank_)) > threshold) ++rank_;
}

double DampedLeastSquares::predicted_change(const Vector& pivoted_step, double damping) const {
  const double linear = (R_.template triangularView<Eigen::Upper>() * pivoted_step).squaredNorm();
  return -(0.5 * linear + damping * pivoted_step.squaredNorm());
}

DampedLeastSquares::Minimizer DampedLeastSquares::unrestricted() const {
  Vector p = Vector::Zero(R_.cols());
  p.head(rank_) =
      -R_.topLeftCorner(rank_, rank_).template triangularView<Eigen::Upper>().solve(rotated_.head(rank_));
  Minimizer result{.predicted = predicted_change(p, 0.0)};
  result.step = qr_.colsPermutation() * p;
  return result;
}

void DampedLeastSquares::eliminate_damping(double damping, Matrix& S, Vector& rhs) const {
  const Index n = R_.cols();
  S = R_;
  rhs = rotated_;
  Vector row(n);
  for (Index start = 0; start < n; ++start) {
    row.setZero();
    row[start] = std::sqrt(damping);
    double entry = 0.0;
    for (Index k = start; k < n; ++k) {
      if (row[k] == 0.0) continue;
      Eigen::JacobiRotation<double> rotation;
      rotation.makeGivens(S(k, k), row[k]);
      for (Index j = k; j < n; ++j) {
        const double upper = S(k, j);
        S(k, j) = rotation.c() * upper - rotation.s() * row[j];
        row[j] = rotation.s() * upper + rotation.c() * row[j];
      }
      const double upper = rhs[k];
      rhs[k] = rotation.c() * upper - rotation.s() * entry;
      entry = rotation.s() * upper + rotation.c() * entry;
    }
  }
}

DampedLeastSquares::Minimizer DampedLeastSquares::within(double radius) const {
  Minimizer full = unrestricted();
  double norm = full.step.norm();
  if (std::isfinite(norm) && norm <= 1.1 * radius) return full;

  const Index n = R_.cols();
  // Newton's correction to λ for ‖p(λ)‖ = Δ (Moré 1978, equation 5.5): w = S⁻ᵀ p / ‖p‖.
  const auto correction = [&](const Matrix& S, const Vector& pivoted_step, double length) {
    Vector w = pivoted_step / length;
    S.template triangularView<Eigen::Upper>().transpose().solveInPlace(w);
    return (length - radius) / radius / w.squaredNorm();
  };
  double low = 0.0;
  double high = gradient_norm_ / radius;
  if (rank_ == n && std::isfinite(norm)) {
    const Vector pivoted = qr_.colsPermutation().transpose() * full.step;
    low = correction(R_, pivoted, norm);
  }
  if (high == 0.0) high = std::numeric_limits<double>::min() / std::min(radius, 0.1);
  double damping = std::clamp(gradient_norm_ / norm, low, high);
  if (!(damping > 0.0)) damping = std::max(1e-3 * high, low);

  Matrix S(n, n);
  Vector p(n);
  for (int iteration = 0; iteration < 30; ++iteration) {
    eliminate_damping(damping, S, p);
    S.template triangularView<Eigen::Upper>().solveInPlace(p);
    p = -p;
    norm = p.norm();
    if (std::abs(norm - radius) <= 0.1 * radius) break;
    (norm > radius ? low : high) = damping;
    damping = std::clamp(damping + correction(S, p, norm), low, high);
    if (!(damping > low && damping < high)) damping = low > 0.0 ? std::sqrt(low * high) : 1e-3 * high;
  }
  // Where J is rank deficient the ball may hold a minimizer of least squares: the damping has faded to
  // nothing.
  const bool at_boundary = norm > 0.9 * radius;
  Minimizer result{.damping = at_boundary ? damping : 0.0,
                   .at_boundary = at_boundary,
                   .predicted = predicted_change(p, damping)};
  result.step = qr_.colsPermutation() * p;
  return result;
}

}  // namespace quadric::linalg
