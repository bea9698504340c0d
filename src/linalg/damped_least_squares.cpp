#include "linalg/damped_least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace quadric::linalg {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// Rows of a triangular matrix: entry k and those after it, in a row of memory. The loops over them are
/// short.
const double* row_of(const Matrix& rows, Index k) { return rows.data() + k * rows.rows(); }

/// p = R⁻¹ p on the first `count` rows and columns; column k of `rows` is row k of R.
void solve_upper(const Matrix& rows, Index count, Vector& p) {
  for (Index k = count; k-- > 0;) {
    const double* const row = row_of(rows, k);
    double left = p[k];
    for (Index j = k + 1; j < count; ++j) left -= row[j] * p[j];
    p[k] = left / row[k];
  }
}

/// w = R⁻ᵀ w.
void solve_transposed(const Matrix& rows, Vector& w) {
  for (Index k = 0; k < w.size(); ++k) {
    const double* const row = row_of(rows, k);
    w[k] /= row[k];
    for (Index j = k + 1; j < w.size(); ++j) w[j] -= w[k] * row[j];
  }
}

/// (c, s) with c a + s b = √(a² + b²), c b − s a = 0 for b ≠ 0, without overflow.
std::pair<double, double> rotation(double a, double b) {
  const bool steep = std::abs(b) > std::abs(a);
  const double ratio = steep ? a / b : b / a;
  const double larger = std::copysign(1.0 / std::sqrt(1.0 + ratio * ratio), steep ? b : a);
  return steep ? std::pair{larger * ratio, larger} : std::pair{larger, larger * ratio};
}

}  // namespace

void DampedLeastSquares::reset(const Matrix& J, const Vector& scaling, const Vector& r) {
  const Index n = J.cols();
  const Index rows = std::min(J.rows(), n);
  QR_.resize(J.rows(), n);
  for (Index j = 0; j < n; ++j) QR_.col(j) = J.col(j) / scaling[j];
  Qr_ = r;
  factor();

  R_.setZero(n, n);
  rotated_.setZero(n);
  for (Index k = 0; k < rows; ++k) R_.col(k).tail(n - k) = QR_.row(k).tail(n - k);
  rotated_.head(rows) = Qr_.head(rows);
  double squares = 0.0;  // ‖Rᵀ Qᵀr‖²
  for (Index j = 0; j < n; ++j) {
    const Index height = std::min(j + 1, rows);
    const double slope = QR_.col(j).head(height).dot(Qr_.head(height));
    squares += slope * slope;
  }
  gradient_norm_ = std::sqrt(squares);
  const double threshold = n == 0 ? 0.0 : std::abs(R_(0, 0)) * epsilon * static_cast<double>(n);
  rank_ = 0;
  while (rank_ < rows && std::abs(R_(rank_, rank_)) > threshold) ++rank_;
}

/// Businger & Golub's factorization: the longest column left is next. Its vectors are downdated where that is
/// safe (Drmač & Bujanović, ACM TOMS 35, 2008).
void DampedLeastSquares::factor() {
  const Index m = QR_.rows(), n = QR_.cols();
  norms_.resize(n);
  pivots_.resize(static_cast<std::size_t>(n));
  for (Index j = 0; j < n; ++j) {
    norms_[j] = QR_.col(j).norm();
    pivots_[static_cast<std::size_t>(j)] = j;
  }
  exact_ = norms_;
  const double safe = std::sqrt(epsilon);
  for (Index k = 0; k < std::min(m, n); ++k) {
    Index longest = k;
    for (Index j = k + 1; j < n; ++j)
      if (norms_[j] > norms_[longest]) longest = j;
    if (longest != k) {
      QR_.col(k).swap(QR_.col(longest));
      std::swap(norms_[k], norms_[longest]);
      std::swap(exact_[k], exact_[longest]);
      std::swap(pivots_[static_cast<std::size_t>(k)], pivots_[static_cast<std::size_t>(longest)]);
    }
    reflect(k);
    for (Index j = k + 1; j < n; ++j) {
      if (norms_[j] == 0.0) continue;
      const double share = std::abs(QR_(k, j)) / norms_[j];
      const double left = std::max(0.0, (1.0 - share) * (1.0 + share));
      const double of_exact = norms_[j] / exact_[j];
      if (left * of_exact * of_exact > safe) {
        norms_[j] *= std::sqrt(left);
      } else {
        norms_[j] = exact_[j] = QR_.col(j).tail(m - k - 1).norm();
      }
    }
  }
}

/// Turns column k into (R(k, k), 0 …) below row k, and the columns after it and Qᵀr with it.
void DampedLeastSquares::reflect(Index k) {
  const Index m = QR_.rows(), below = m - k - 1;
  auto v = QR_.col(k).tail(below);
  const double tail = v.norm();
  if (!(tail > 0.0)) return;
  const double first = QR_(k, k);
  const double diagonal = -std::copysign(std::hypot(first, tail), first);
  v /= first - diagonal;
  const double tau = (diagonal - first) / diagonal;
  QR_(k, k) = diagonal;
  const auto apply = [&](double& head, auto&& rest) {
    const double along = tau * (head + v.dot(rest));
    head -= along;
    rest -= along * v;
  };
  for (Index j = k + 1; j < QR_.cols(); ++j) apply(QR_(k, j), QR_.col(j).tail(below));
  apply(Qr_[k], Qr_.tail(below));
}

Vector DampedLeastSquares::unpivoted(const Vector& p) const {
  Vector step(p.size());
  for (Index j = 0; j < p.size(); ++j) step[pivots_[static_cast<std::size_t>(j)]] = p[j];
  return step;
}

double DampedLeastSquares::predicted_change(const Vector& pivoted_step, double damping) const {
  double linear = 0.0;
  for (Index k = 0; k < pivoted_step.size(); ++k) {
    const double* const row = row_of(R_, k);
    double Rp = 0.0;
    for (Index j = k; j < pivoted_step.size(); ++j) Rp += row[j] * pivoted_step[j];
    linear += Rp * Rp;
  }
  return -(0.5 * linear + damping * pivoted_step.squaredNorm());
}

DampedLeastSquares::Minimizer DampedLeastSquares::unrestricted() const {
  Vector p = -rotated_;
  p.tail(p.size() - rank_).setZero();
  solve_upper(R_, rank_, p);
  return {.step = unpivoted(p), .predicted = predicted_change(p, 0.0)};
}

void DampedLeastSquares::eliminate_damping(double damping) const {
  const Index n = R_.cols();
  S_ = R_;
  rhs_ = rotated_;
  row_.resize(n);
  const double root = std::sqrt(damping);
  for (Index start = 0; start < n; ++start) {
    row_.tail(n - start).setZero();
    row_[start] = root;
    double entry = 0.0;
    for (Index k = start; k < n; ++k) {
      if (row_[k] == 0.0) continue;
      const auto [c, s] = rotation(S_(k, k), row_[k]);
      double* const upper = S_.col(k).data();
      double* const lower = row_.data();
      for (Index j = k; j < n; ++j) {
        const double was = upper[j];
        upper[j] = c * was + s * lower[j];
        lower[j] = c * lower[j] - s * was;
      }
      const double was = rhs_[k];
      rhs_[k] = c * was + s * entry;
      entry = c * entry - s * was;
    }
  }
}

DampedLeastSquares::Minimizer DampedLeastSquares::within(double radius) const {
  Minimizer full = unrestricted();
  double norm = full.step.norm();
  if (std::isfinite(norm) && norm <= 1.1 * radius) return full;

  const Index n = R_.cols();
  // Newton's correction to λ for ‖p(λ)‖ = Δ (Moré 1978, equation 5.5): w = S⁻ᵀ p / ‖p‖.
  Vector w(n);
  const auto correction = [&](const Matrix& S, const Vector& pivoted_step, double length) {
    w = pivoted_step / length;
    solve_transposed(S, w);
    return (length - radius) / radius / w.squaredNorm();
  };
  double low = 0.0;
  double high = gradient_norm_ / radius;
  Vector p(n);
  if (rank_ == n && std::isfinite(norm)) {
    for (Index j = 0; j < n; ++j) p[j] = full.step[pivots_[static_cast<std::size_t>(j)]];
    low = correction(R_, p, norm);
  }
  if (high == 0.0) high = std::numeric_limits<double>::min() / std::min(radius, 0.1);
  double damping = std::clamp(gradient_norm_ / norm, low, high);
  if (!(damping > 0.0)) damping = std::max(1e-3 * high, low);

  for (int iteration = 0; iteration < 30; ++iteration) {
    eliminate_damping(damping);
    p = -rhs_;
    solve_upper(S_, n, p);
    norm = p.norm();
    if (std::abs(norm - radius) <= 0.1 * radius) break;
    (norm > radius ? low : high) = damping;
    damping = std::clamp(damping + correction(S_, p, norm), low, high);
    if (!(damping > low && damping < high)) damping = low > 0.0 ? std::sqrt(low * high) : 1e-3 * high;
  }
  // Where J is rank deficient the ball may hold a minimizer of least squares: the damping has faded to
  // nothing.
  const bool at_boundary = norm > 0.9 * radius;
  return {.step = unpivoted(p),
          .damping = at_boundary ? damping : 0.0,
          .at_boundary = at_boundary,
          .predicted = predicted_change(p, damping)};
}

}  // namespace quadric::linalg
