#include "linalg/dense_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quadric::linalg {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Eigenvalues below this share of the largest count as zero.
constexpr double negligible = 1e-8;
/// Eigenvalues up to this share of the largest, times n, may as well vanish, and so may parts of g that are
/// as small beside g.
constexpr double rounding = 16.0 * epsilon;

/// p(μ)ᵢ = −g̃ᵢ / (dᵢ + μ) and its norm, where zero over zero is zero.
double shifted_solution(const Vector& d, const Vector& g, double mu, Vector& p) {
  for (Index i = 0; i < d.size(); ++i) p[i] = g[i] == 0.0 ? 0.0 : -g[i] / (d[i] + mu);
  return p.norm();
}

/// The root μ > 0 of ‖p(μ)‖ = Δ for d ≥ 0, by Newton on 1/‖p‖ − 1/Δ (concave in μ) inside a bracket.
double secular_root(const Vector& d, const Vector& g, double radius, Vector& p) {
  double low = 0.0;
  double high = g.norm() / radius;
  double mu = std::max(high - d.maxCoeff(), 1e-3 * high);
  for (int iteration = 0; iteration < 200; ++iteration) {
    const double norm = shifted_solution(d, g, mu, p);
    if (std::abs(norm - radius) <= 1e-10 * radius) break;
    (norm > radius ? low : high) = mu;
    double slope = 0.0;
    for (Index i = 0; i < d.size(); ++i) {
      if (p[i] != 0.0) slope += p[i] * p[i] / (d[i] + mu);
    }
    mu += (norm / radius - 1.0) * norm * norm / slope;
    if (!(mu > low && mu < high)) mu = low > 0.0 ? std::sqrt(low * high) : 1e-3 * high;
    if (high <= low * (1.0 + 4.0 * epsilon)) break;
  }
  return mu;
}

}  // namespace

void DenseQuadratic::reset(const Matrix& B, const Vector& g) {
  B_ = B;
  g_ = g;
  cholesky_.compute(B_);
  positive_definite_ = cholesky_.info() == Eigen::Success;
  newton_.reset();
  decomposed_ = false;
  if (!positive_definite_) return;
  newton_ = -cholesky_.solve(g_);
  if (!newton_->allFinite()) {
    positive_definite_ = false;
    newton_.reset();
  }
}

void DenseQuadratic::decompose() {
  if (decomposed_) return;
  eigen_.compute(B_);
  rotated_ = eigen_.eigenvectors().transpose() * g_;
  // Where neither slope nor curvature can be told from zero, the ball alone would give a length.
  const double share = rounding * static_cast<double>(g_.size());
  zero_curvature_ = share * eigen_.eigenvalues().cwiseAbs().maxCoeff();
  const double zero_slope = share * g_.norm();
  for (Index i = 0; i < g_.size(); ++i) {
    if (std::abs(eigen_.eigenvalues()[i]) <= zero_curvature_ && std::abs(rotated_[i]) <= zero_slope)
      rotated_[i] = 0.0;
  }
  decomposed_ = true;
}

std::optional<double> DenseQuadratic::known_lambda_min() const {
  if (!decomposed_) return std::nullopt;
  return eigen_.eigenvalues()[0];
}

DenseQuadratic::Minimizer DenseQuadratic::within(double radius) {
  if (positive_definite_ && newton_->norm() <= radius) return {.step = *newton_};
  decompose();
  const double lambda_min = eigen_.eigenvalues()[0];
  const double base = std::max(0.0, -lambda_min);
  const Vector d = (eigen_.eigenvalues().array() + base).max(0.0);
  Vector p(d.size());
  const double unshifted = shifted_solution(d, rotated_, 0.0, p);
  Minimizer result{.shift = base, .at_boundary = true};
  if (std::isfinite(unshifted) && unshifted <= radius) {
    if (lambda_min >= -zero_curvature_) {
      result.at_boundary = false;
    } else {
      result.hard_case = true;
      p[0] += std::copysign(std::sqrt((radius - unshifted) * (radius + unshifted)), -rotated_[0]);
    }
  } else {
    result.shift += secular_root(d, rotated_, radius, p);
  }
  result.step = eigen_.eigenvectors() * p;
  return result;
}

Vector DenseQuadratic::descent() {
  if (positive_definite_) return *newton_;
  decompose();
  const Vector magnitude = eigen_.eigenvalues().cwiseAbs();
  const double largest = magnitude.maxCoeff() > 0.0 ? magnitude.maxCoeff() : 1.0;
  const Vector curvature = (magnitude.array() >= negligible * largest).select(magnitude, largest);
  return -eigen_.eigenvectors() * rotated_.cwiseQuotient(curvature);
}

Vector DenseQuadratic::damped(double damping) {
  decompose();
  const double lowest = eigen_.eigenvalues()[0];
  const Vector curvature = eigen_.eigenvalues().array() + damping + std::max(0.0, -2.0 * lowest);
  return -eigen_.eigenvectors() * rotated_.cwiseQuotient(curvature);
}

}  // namespace quadric::linalg
