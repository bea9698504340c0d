#include "linalg/damped_least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "linalg/column_products.hpp"

namespace quadric::linalg {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// The columns of J are clearly independent where of the square of each this share is left orthogonal to
/// those before it: rounding of JᵀJ then costs a step no more than some five digits, of which it needs few.
constexpr double independent_share = 1e-4;
/// Squares of columns outside of these have lost digits.
constexpr double least_square = 1e-270, most_square = 1e270;

/// A number that the compiler knows.
template <Index value>
using Constant = std::integral_constant<Index, value>;

/// f(i) for i = begin … end − 1: written out where both are constants, i then being one too.
template <class Begin, class End, class F>
[[gnu::always_inline]] inline void loop(Begin begin, End end, const F& f) {
  if constexpr (std::is_same_v<Begin, Index> || std::is_same_v<End, Index>) {
    for (Index i = begin; i < end; ++i) f(i);
  } else if constexpr (Begin::value < End::value) {
    f(begin);
    loop(Constant<Begin::value + 1>{}, end, f);
  }
}
template <class End, class F>
[[gnu::always_inline]] inline void loop_down(End end, const F& f) {
  if constexpr (std::is_same_v<End, Index>) {
    for (Index i = end; i-- > 0;) f(i);
  } else if constexpr (End::value > 0) {
    f(Constant<End::value - 1>{});
    loop_down(Constant<End::value - 1>{}, f);
  }
}
inline Index after(Index k) { return k + 1; }
template <Index k>
Constant<k + 1> after(Constant<k>) {
  return {};
}

/// Calls f with the number of variables, as a constant where it is small.
template <class F>
auto with_size(Index n, const F& f) {
  switch (n) {
    case 1:
      return f(Constant<1>{});
    case 2:
      return f(Constant<2>{});
    case 3:
      return f(Constant<3>{});
    case 4:
      return f(Constant<4>{});
    case 5:
      return f(Constant<5>{});
    case 6:
      return f(Constant<6>{});
    default:
      return f(n);
  }
}

/// p = R⁻¹ p on the first `count` rows and columns, p being 0 beyond; row k of R (n × n) starts at k n.
template <class Size>
void solve_upper(const double* rows, Size n, Index count, double* p) {
  loop_down(n, [&](auto k) {
    if (k >= count) return;
    const double* const row = rows + k * n;
    double left = p[k];
    loop(after(k), n, [&](auto j) { left -= row[j] * p[j]; });
    p[k] = left / row[k];
  });
}

/// w = R⁻ᵀ w.
template <class Size>
void solve_transposed(const double* rows, Size n, double* w) {
  loop(Constant<0>{}, n, [&](auto k) {
    const double* const row = rows + k * n;
    const double entry = w[k] /= row[k];
    loop(after(k), n, [&](auto j) { w[j] -= entry * row[j]; });
  });
}

/// ‖R p‖²
template <class Size>
double squared_norm_of_product(const double* rows, Size n, const double* p) {
  double squares = 0.0;
  loop(Constant<0>{}, n, [&](auto k) {
    double entry = 0.0;
    loop(k, n, [&](auto j) { entry += rows[k * n + j] * p[j]; });
    squares += entry * entry;
  });
  return squares;
}

/// (c, s) with c a + s b = √(a² + b²), c b − s a = 0 for b ≠ 0, without overflow.
std::pair<double, double> rotation(double a, double b) {
  const bool steep = std::abs(b) > std::abs(a);
  const double ratio = steep ? a / b : b / a;
  const double larger = std::copysign(1.0 / std::sqrt(1.0 + ratio * ratio), steep ? b : a);
  return steep ? std::pair{larger * ratio, larger} : std::pair{larger, larger * ratio};
}

/// Adds rows (√λ at k, else 0) with right-hand sides 0 to a triangular system, by rotations.
template <class Size>
void add_diagonal(double* rows, double* rhs, Size n, double root, double* row) {
  loop(Constant<0>{}, n, [&](auto start) {
    loop(start, n, [&](auto j) { row[j] = 0.0; });
    row[start] = root;
    double entry = 0.0;
    loop(start, n, [&](auto k) {
      if (row[k] == 0.0) return;
      double* const upper = rows + k * n;
      const auto [c, s] = rotation(upper[k], row[k]);
      const double cosine = c, sine = s;
      loop(k, n, [&](auto j) {
        const double was = upper[j], added = row[j];
        upper[j] = cosine * was + sine * added;
        row[j] = cosine * added - sine * was;
      });
      const double was = rhs[k];
      rhs[k] = cosine * was + sine * entry;
      entry = cosine * entry - sine * was;
    });
  });
}

}  // namespace

void DampedLeastSquares::take(const Matrix& J, const Vector& r) {
  const Index n = J.cols();
  J_ = &J;
  r_ = &r;
  column_products(J, squares_);
  column_norms_.resize(n);
  for (Index j = 0; j < n; ++j) {
    const double square = squares_(j, j);
    const bool exact = square > least_square && square < most_square;
    column_norms_[j] = exact ? std::sqrt(square) : J.col(j).stableNorm();
  }
}

void DampedLeastSquares::factor(const Vector& scaling) {
  const Index n = J_->cols();
  R_.resize(n, n);
  gradient_.resize(n);
  pivots_.resize(static_cast<std::size_t>(n));
  damping_ = 0.0;
  scaling_ = scaling;
  by_squares_ = factor_squares(scaling);
  if (!by_squares_) factor_orthogonally(scaling);
  gradient_norm_ = gradient_.norm();
}

/// R from RᵀR = D⁻¹JᵀJ D⁻¹, and Qᵀr = R⁻ᵀD⁻¹Jᵀr; false where the columns are not clearly independent.
bool DampedLeastSquares::factor_squares(const Vector& scaling) {
  const Index n = J_->cols();
  if (J_->rows() < n) return false;
  R_.setZero();
  for (Index k = 0; k < n; ++k) {
    const double square = squares_(k, k);
    if (!(square > least_square && square < most_square)) return false;
    for (Index j = 0; j <= k; ++j) {
      const double whole = squares_(k, j) / (scaling[j] * scaling[k]);
      double left = whole;
      for (Index i = 0; i < j; ++i) left -= R_(j, i) * R_(k, i);
      if (j == k && !(left > independent_share * whole)) return false;
      R_(k, j) = j < k ? left / R_(j, j) : std::sqrt(left);
    }
  }
  for (Index j = 0; j < n; ++j) {
    gradient_[j] = J_->col(j).dot(*r_) / scaling[j];
    pivots_[static_cast<std::size_t>(j)] = j;
  }
  rotated_ = gradient_;
  with_size(n, [&](auto size) { solve_transposed(R_.data(), size, rotated_.data()); });
  rank_ = n;
  return true;
}

void DampedLeastSquares::factor_orthogonally(const Vector& scaling) {
  const Index n = J_->cols();
  const Index rows = std::min(J_->rows(), n);
  QR_.resize(J_->rows(), n);
  for (Index j = 0; j < n; ++j) QR_.col(j) = J_->col(j) / scaling[j];
  Qr_ = *r_;
  reduce();

  R_.setZero();
  rotated_.setZero(n);
  for (Index k = 0; k < rows; ++k) R_.col(k).tail(n - k) = QR_.row(k).tail(n - k);
  rotated_.head(rows) = Qr_.head(rows);
  for (Index j = 0; j < n; ++j) {
    const Index height = std::min(j + 1, rows);
    gradient_[j] = QR_.col(j).head(height).dot(Qr_.head(height));
  }
  const double threshold = n == 0 ? 0.0 : std::abs(R_(0, 0)) * epsilon * static_cast<double>(n);
  rank_ = 0;
  while (rank_ < rows && std::abs(R_(rank_, rank_)) > threshold) ++rank_;
}

/// Businger & Golub's factorization: the longest column left is next. Its vectors are downdated where that is
/// safe (Drmač & Bujanović, ACM TOMS 35, 2008).
void DampedLeastSquares::reduce() {
  const Index m = QR_.rows(), n = QR_.cols();
  norms_.resize(n);
  for (Index j = 0; j < n; ++j) {
    norms_[j] = QR_.col(j).norm();
    pivots_[static_cast<std::size_t>(j)] = j;
  }
  exact_ = norms_;
  taus_.setZero(std::min(m, n));
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
  const double tau = taus_[k] = (diagonal - first) / diagonal;
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
  const double linear = with_size(
      R_.cols(), [&](auto n) { return squared_norm_of_product(R_.data(), n, pivoted_step.data()); });
  return -(0.5 * linear + damping * pivoted_step.squaredNorm());
}

void DampedLeastSquares::solve() const {
  p_ = -rotated_;
  p_.tail(p_.size() - rank_).setZero();
  with_size(p_.size(), [&](auto n) { solve_upper(R_.data(), n, rank_, p_.data()); });
}

DampedLeastSquares::Minimizer DampedLeastSquares::unrestricted() const {
  damping_ = 0.0;
  solve();
  return {.step = unpivoted(p_), .predicted = predicted_change(p_, 0.0)};
}

void DampedLeastSquares::eliminate_damping(double damping) const {
  S_ = R_;
  rhs_ = rotated_;
  row_.resize(R_.cols());
  const double root = std::sqrt(damping);
  with_size(R_.cols(), [&](auto n) { add_diagonal(S_.data(), rhs_.data(), n, root, row_.data()); });
}

/// Newton's correction to λ for ‖p(λ)‖ = Δ (Moré 1978, equation 5.5): w = S⁻ᵀ p / ‖p‖.
double DampedLeastSquares::correction(const Matrix& S, double length, double radius) const {
  w_ = p_ / length;
  with_size(w_.size(), [&](auto n) { solve_transposed(S.data(), n, w_.data()); });
  return (length - radius) / radius / w_.squaredNorm();
}

/// p = −(RᵀR + λI)⁻¹ Rᵀ Qᵀr; returns its length.
double DampedLeastSquares::solve_damped(double damping) const {
  eliminate_damping(damping);
  p_ = -rhs_;
  with_size(p_.size(), [&](auto n) { solve_upper(S_.data(), n, n, p_.data()); });
  return p_.norm();
}

DampedLeastSquares::Minimizer DampedLeastSquares::damped(double damping) const {
  solve_damped(damping);
  damping_ = damping;
  return {.step = unpivoted(p_),
          .damping = damping,
          .at_boundary = true,
          .predicted = predicted_change(p_, damping)};
}

DampedLeastSquares::Minimizer DampedLeastSquares::dogleg(double radius, bool doubly) const {
  if (rank_ < R_.cols()) return within(radius);
  damping_ = 0.0;
  solve();
  if (p_.norm() <= radius) return {.step = unpivoted(p_), .predicted = predicted_change(p_, 0.0)};
  const double gradient_square = gradient_norm_ * gradient_norm_;
  const double curvature =
      with_size(R_.cols(), [&](auto n) { return squared_norm_of_product(R_.data(), n, gradient_.data()); });
  const Vector cauchy = -gradient_square / curvature * gradient_;
  // Between the two the quadric falls, up to the boundary.
  const double reach = -gradient_.dot(p_);  // gᵀB⁻¹g
  const double bias = doubly ? 0.2 + 0.8 * gradient_square * gradient_square / (curvature * reach) : 1.0;
  Vector p;
  if (cauchy.norm() >= radius) {
    p = radius / gradient_norm_ * -gradient_;
  } else if (bias * p_.norm() <= radius) {
    p = radius / p_.norm() * p_;
  } else {
    const Vector leg = bias * p_ - cauchy;
    const double along = cauchy.dot(leg), square = leg.squaredNorm();
    const double room = radius * radius - cauchy.squaredNorm();
    p = cauchy + room / (along + std::sqrt(along * along + square * room)) * leg;
  }
  const double bend =
      with_size(R_.cols(), [&](auto n) { return squared_norm_of_product(R_.data(), n, p.data()); });
  return {.step = unpivoted(p), .at_boundary = true, .predicted = gradient_.dot(p) + 0.5 * bend};
}

Vector DampedLeastSquares::respond(const Vector& s) const {
  const Index n = R_.cols();
  if (damping_ == 0.0 && rank_ < n) return {};
  Vector a(n);
  for (Index j = 0; j < n; ++j) {
    const Index column = pivots_[static_cast<std::size_t>(j)];
    a[j] = -J_->col(column).dot(s) / scaling_[column];
  }
  const Matrix& factor = damping_ > 0.0 ? S_ : R_;
  with_size(n, [&](auto size) {
    solve_transposed(factor.data(), size, a.data());
    solve_upper(factor.data(), size, n, a.data());
  });
  return unpivoted(a);
}

DampedLeastSquares::Minimizer DampedLeastSquares::within(double radius) const {
  damping_ = 0.0;
  solve();
  double norm = p_.norm();
  if (std::isfinite(norm) && norm <= 1.1 * radius)
    return {.step = unpivoted(p_), .predicted = predicted_change(p_, 0.0)};

  const Index n = R_.cols();
  double low = rank_ == n && std::isfinite(norm) ? correction(R_, norm, radius) : 0.0;
  double high = gradient_norm_ / radius;
  if (high == 0.0) high = std::numeric_limits<double>::min() / std::min(radius, 0.1);
  double damping = std::clamp(gradient_norm_ / norm, low, high);
  if (!(damping > 0.0)) damping = std::max(1e-3 * high, low);

  for (int iteration = 0; iteration < 30; ++iteration) {
    norm = solve_damped(damping);
    if (std::abs(norm - radius) <= 0.1 * radius) break;
    (norm > radius ? low : high) = damping;
    damping = std::clamp(damping + correction(S_, norm, radius), low, high);
    if (!(damping > low && damping < high)) damping = low > 0.0 ? std::sqrt(low * high) : 1e-3 * high;
  }
  // Where J is rank deficient the ball may hold a minimizer of least squares: the damping has faded to
  // nothing.
  const bool at_boundary = norm > 0.9 * radius;
  damping_ = damping;
  return {.step = unpivoted(p_),
          .damping = at_boundary ? damping : 0.0,
          .at_boundary = at_boundary,
          .predicted = predicted_change(p_, damping)};
}

}  // namespace quadric::linalg
