#include "curvature/higher_orders.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include "linalg/symmetric.hpp"
#include "linalg/symmetric_spectrum.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Directions of more dimensions are too many to sample, and their differences cost too many Hessians.
constexpr Index most_dimensions = 2;
constexpr Index most_variables = 64;
/// A direction is not flat where its curvature has this share of itself and of what it changes by over a
/// length.
constexpr double lasting_share = 0.3;
/// In variables that count the same a curvature below this is none.
constexpr double least_curvature = 1e-8;
/// f falls by more than its rounding.
constexpr double measurable_fall = 1e3 * epsilon;
/// Lengths of the differences, as shares of the size of x.
constexpr std::array<double, 2> lengths = {2e-2, 2e-3};
/// A derivative counts when it is so many times its error.
constexpr double trusted = 4.0;
/// The lowest point of the expansion counts as x itself within this share of the length.
constexpr double at_x = 0.01;
constexpr int samples = 256;
/// The least positive quartic over samples proves it positive between them where it has this share of the
/// largest one: on the unit circle it changes by no more than four times the largest value a radian.
constexpr double covered_share = 0.06;
/// Of which a few tell how large the form is on the whole.
constexpr std::size_t balancing_stride = 16;
constexpr int balancing_sweeps = 5;

/// Unit vectors (k), one of each pair ±θ, that cover the circle evenly.
std::vector<Vector> half_circle(Index k) {
  if (k == 1) return {Vector::Ones(1)};
  std::vector<Vector> directions;
  for (int i = 0; i < samples; ++i) {
    const double angle = std::numbers::pi * i / samples;
    directions.push_back((Vector(2) << std::cos(angle), std::sin(angle)).finished());
  }
  return directions;
}

/// q(s) = a₁s + a₂s²/2 + a₃s³/6 + a₄s⁴/24: φ along a direction.
struct Quartic {
  double first = 0.0, second = 0.0, third = 0.0, fourth = 0.0;
  double third_error = 0.0, fourth_error = 0.0;

  double at(double s) const {
    return s * (first + s * (second / 2.0 + s * (third / 6.0 + s * fourth / 24.0)));
  }
  /// The s in [−reach, reach] where q is lowest.
  double lowest(double reach) const {
    double best = 0.0;
    const auto consider = [&](double s) {
      if (std::abs(s) <= reach && at(s) < at(best)) best = s;
    };
    consider(reach);
    consider(-reach);
    // q′ in z = s / reach, as the eigenvalues of its companion matrix.
    const double c3 = fourth * reach * reach * reach / 6.0;
    if (c3 == 0.0) return best;
    Eigen::Matrix3d companion = Eigen::Matrix3d::Zero();
    companion(1, 0) = companion(2, 1) = 1.0;
    companion.col(2) << -first / c3, -second * reach / c3, -third * reach * reach / 2.0 / c3;
    if (!companion.allFinite()) return best;
    const auto roots = companion.eigenvalues();
    for (Index i = 0; i < 3; ++i) consider(reach * roots[i].real());
    return best;
  }
};

/// The derivatives of f of order 3 and 4 over the null space, by differences of one length.
class Differences {
 public:
  /// Columns of `null` (n × k) and `rest` (n × (n − k)) in variables of size 1; `at(y, H)` gives the Hessian
  /// in them.
  template <class HessianAt>
  static std::optional<Differences> take(const HessianAt& at, const Matrix& H, const Matrix& null,
                                         const Matrix& rest, const Eigen::LLT<Matrix>& on_rest,
                                         double length) {
    const Index k = null.cols();
    Differences taken;
    taken.k_ = k;
    taken.cross_.assign(static_cast<std::size_t>(k * k), {});
    taken.along_.resize(taken.cross_.size());
    taken.fourth_.resize(taken.cross_.size());
    taken.rounding_ = 4.0 * epsilon * H.cwiseAbs().maxCoeff() / (length * length);
    Matrix ahead, behind;
    const auto bend = [&]() -> Matrix {
      return null.transpose() * (ahead - 2.0 * H + behind) * null / (length * length);
    };
    for (Index i = 0; i < k; ++i) {
      const Vector u = null.col(i);
      if (!at(length * u, ahead) || !at(-length * u, behind)) return std::nullopt;
      const Matrix third = (ahead - behind) * null / (2.0 * length);
      for (Index j = 0; j < k; ++j) {
        taken.along_[taken.place(i, j)] = null.transpose() * third.col(j);
        taken.cross_[taken.place(i, j)] = on_rest.matrixL().solve(rest.transpose() * third.col(j));
      }
      taken.fourth_[taken.place(i, i)] = bend();
    }
    for (Index i = 0; i < k; ++i) {
      for (Index j = i + 1; j < k; ++j) {
        const Vector u = (null.col(i) + null.col(j)) / std::numbers::sqrt2;
        if (!at(length * u, ahead) || !at(-length * u, behind)) return std::nullopt;
        const Matrix mixed =
            bend() - 0.5 * (taken.fourth_[taken.place(i, i)] + taken.fourth_[taken.place(j, j)]);
        taken.fourth_[taken.place(i, j)] = taken.fourth_[taken.place(j, i)] = mixed;
      }
    }
    return taken;
  }

  /// ∂³φ along t (k).
  double third(const Vector& t) const {
    double sum = 0.0;
    for (Index i = 0; i < k_; ++i) {
      for (Index j = 0; j < k_; ++j) sum += t[i] * t[j] * along_[place(i, j)].dot(t);
    }
    return sum;
  }
  /// ∂⁴φ along t: that of f, less what the complement gives way by.
  double fourth(const Vector& t) const {
    double sum = 0.0;
    for (Index i = 0; i < k_; ++i) {
      for (Index j = 0; j < k_; ++j) sum += t[i] * t[j] * t.dot(fourth_[place(i, j)] * t);
    }
    return sum - 3.0 * give_way(t).squaredNorm();
  }
  /// L⁻¹ Wᵀ ∂³f(t, t, ·), with L the Cholesky factor of the Hessian on the complement W.
  Vector give_way(const Vector& t) const {
    Vector sum = Vector::Zero(cross_.front().size());
    for (Index i = 0; i < k_; ++i) {
      for (Index j = 0; j < k_; ++j) sum += t[i] * t[j] * cross_[place(i, j)];
    }
    return sum;
  }
  double rounding() const { return rounding_; }

 private:
  std::size_t place(Index i, Index j) const { return static_cast<std::size_t>(i * k_ + j); }

  Index k_ = 0;
  std::vector<Vector> along_;   ///< Vᵀ ∂³f(vᵢ, vⱼ, ·) (k each)
  std::vector<Vector> cross_;   ///< L⁻¹ Wᵀ ∂³f(vᵢ, vⱼ, ·) (n − k each)
  std::vector<Matrix> fourth_;  ///< Vᵀ ∂⁴f(vᵢ, vⱼ, ·, ·) V (k × k each)
  double rounding_ = 0.0;       ///< of a fourth derivative
};

/// φ by differences of two lengths, one half of the other.
struct Expansion {
  Vector first;   ///< k
  Matrix second;  ///< k × k
  Differences coarse, fine;
  double length = 0.0;

  Quartic along(const Vector& t) const {
    const double c3 = coarse.third(t), f3 = fine.third(t), c4 = coarse.fourth(t), f4 = fine.fourth(t);
    const double size = t.squaredNorm();
    return {.first = first.dot(t),
            .second = t.dot(second * t),
            .third = (4.0 * f3 - c3) / 3.0,
            .fourth = (4.0 * f4 - c4) / 3.0,
            .third_error = std::abs(f3 - c3) + 0.5 * length * fine.rounding() * size * std::sqrt(size),
            .fourth_error = std::abs(f4 - c4) + fine.rounding() * size * size};
  }
};

/// Coordinates t = B τ in which the quartic form is about as large along every direction τ.
Matrix balance(const Expansion& phi, const std::vector<Vector>& directions) {
  const Index k = phi.first.size();
  Matrix B = Matrix::Identity(k, k);
  for (int sweep = 0; k > 1 && sweep < balancing_sweeps; ++sweep) {
    Matrix moments = Matrix::Zero(k, k);
    for (std::size_t i = 0; i < directions.size(); i += balancing_stride) {
      const Vector& direction = directions[i];
      const double size = std::sqrt(std::abs(phi.along(B * direction).fourth));
      moments += size * direction * direction.transpose();
    }
    const Eigen::SelfAdjointEigenSolver<Matrix> spectrum(moments);
    const Vector& values = spectrum.eigenvalues();
    if (!(values[0] > 1e-12 * values[k - 1])) break;
    const Vector shrink = (values / values[k - 1]).cwiseSqrt().cwiseInverse();
    B = B * spectrum.eigenvectors() * shrink.asDiagonal();
    B /= B.norm();
  }
  return B;
}

/// What one expansion shows; `lowest` becomes the t (k) where it is lowest, if that is not x.
HigherOrders::Verdict read(const Expansion& phi, Vector& lowest, Index& order) {
  const Index k = phi.first.size();
  const std::vector<Vector> directions = half_circle(k);
  const Matrix B = balance(phi, directions);
  double least = std::numeric_limits<double>::infinity(), most = 0.0, bottom = 0.0;
  bool at_bottom = true, known = true;
  for (const Vector& direction : directions) {
    const Vector t = B * direction;
    const Quartic q = phi.along(t);
    const double reach = phi.length / t.norm();
    least = std::min(least, q.fourth - trusted * q.fourth_error);
    most = std::max(most, q.fourth);
    known = known && trusted * q.third_error / 6.0 <= at_x * std::abs(q.fourth) * reach / 24.0;
    const double s = q.lowest(reach);
    at_bottom = at_bottom && std::abs(s) <= at_x * reach;
    const double cubic = std::abs(q.third * s * s * s) / 6.0,
                 quartic = std::abs(q.fourth * s * s * s * s) / 24.0;
    const double doubt = trusted * (std::abs(q.third_error * s * s * s) / 6.0 +
                                    std::abs(q.fourth_error * s * s * s * s) / 24.0);
    if (q.at(s) + doubt < bottom) {
      bottom = q.at(s) + doubt;
      lowest = s * t;
      order = cubic > quartic ? 3 : 4;
    }
  }
  const bool positive = least > (k > 1 ? covered_share * most : 0.0);
  if (positive && at_bottom && known) {
    order = 4;
    return HigherOrders::Verdict::Minimum;
  }
  return bottom < 0.0 && !at_bottom ? HigherOrders::Verdict::Falls : HigherOrders::Verdict::Open;
}

/// The problem in variables y = (x − x₀) / size: every length is a share of the size of x.
class Surroundings {
 public:
  Surroundings(const NearbyEvaluations& nearby, const Vector& x, const Vector& size)
      : nearby_(nearby), x_(x), size_(size) {}

  bool hessian(const Vector& y, Matrix& H) const {
    if (!nearby_.hessian(x_ + size_.cwiseProduct(y), H)) return false;
    H = (size_.asDiagonal() * H * size_.asDiagonal()).eval();
    return true;
  }
  bool operator()(const Vector& y, Matrix& H) const { return hessian(y, H); }

 private:
  const NearbyEvaluations& nearby_;
  const Vector& x_;
  const Vector& size_;
};

/// Orthonormal columns (n × n), and how many of them, the first ones, are flat: along them the curvature at
/// the point is small beside what it changes by over a step of the length. Empty where a Hessian fails.
std::optional<std::pair<Matrix, Index>> flat_directions(const Surroundings& at, const Matrix& H,
                                                        double length) {
  const Index n = H.rows();
  Vector aside(n);  // no direction in particular
  for (Index j = 0; j < n; ++j) aside[j] = std::cos(1.0 + 2.4 * static_cast<double>(j));
  aside *= length / aside.norm() * std::sqrt(static_cast<double>(n));
  Matrix ahead, behind;
  if (!at(aside, ahead) || !at(-aside, behind)) return std::nullopt;
  const auto magnitude = [](const Matrix& A) -> Matrix {
    const linalg::Spectrum spectrum = linalg::symmetric_spectrum(A);
    return spectrum.vectors * spectrum.values.cwiseAbs().asDiagonal() * spectrum.vectors.transpose();
  };
  // What a flat direction has nothing of, in variables that count the same.
  const Vector d =
      linalg::equilibrate(Matrix(H.cwiseAbs() + (ahead - H).cwiseAbs() + (behind - H).cwiseAbs()));
  const auto scaled = [&](const Matrix& A) -> Matrix { return d.asDiagonal() * A * d.asDiagonal(); };
  const Matrix here = scaled(H);
  const Matrix around = magnitude(here) + magnitude(scaled(ahead - H)) + magnitude(scaled(behind - H)) +
                        least_curvature * Matrix::Identity(n, n);
  const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> pencil(here, around);
  if (pencil.info() != Eigen::Success) return std::nullopt;
  const Index k = (pencil.eigenvalues().array() < lasting_share).count();
  const Eigen::HouseholderQR<Matrix> basis(d.asDiagonal() * pencil.eigenvectors().leftCols(k));
  return std::pair{Matrix(basis.householderQ() * Matrix::Identity(n, n)), k};
}

}  // namespace

HigherOrders look_at_higher_orders(const NearbyEvaluations& nearby, const Vector& x, double value,
                                   const Vector& gradient, const Matrix& hessian, const Vector& size) {
  if (x.size() > most_variables) return {};
  const Surroundings at(nearby, x, size);
  const Matrix H = size.asDiagonal() * hessian * size.asDiagonal();
  const Vector g = size.cwiseProduct(gradient);
  for (const double length : lengths) {
    const auto flat = flat_directions(at, H, length);
    if (!flat) continue;
    const auto& [all, k] = *flat;
    if (k == 0 || k > most_dimensions) continue;
    const Matrix null = all.leftCols(k), rest = all.rightCols(x.size() - k);
    const Eigen::LLT<Matrix> on_rest(Matrix(rest.transpose() * H * rest));
    if (on_rest.info() != Eigen::Success) continue;
    const auto coarse = Differences::take(at, H, null, rest, on_rest, length);
    const auto fine = Differences::take(at, H, null, rest, on_rest, 0.5 * length);
    if (!coarse || !fine) continue;
    const Matrix coupling = on_rest.matrixL().solve(rest.transpose() * H * null);
    const Expansion phi = {
        .first = null.transpose() * g - coupling.transpose() * on_rest.matrixL().solve(rest.transpose() * g),
        .second = null.transpose() * H * null - coupling.transpose() * coupling,
        .coarse = *coarse,
        .fine = *fine,
        .length = length};
    Vector lowest;
    HigherOrders seen{.nullity = k};
    seen.verdict = read(phi, lowest, seen.order);
    if (seen.verdict == HigherOrders::Verdict::Minimum) return seen;
    if (seen.verdict == HigherOrders::Verdict::Open) continue;
    const Vector away = -0.5 * phi.fine.give_way(lowest);
    seen.step = size.cwiseProduct(null * lowest + rest * on_rest.matrixU().solve(away));
    const double rounding =
        std::abs(value) + H.cwiseAbs().maxCoeff() * seen.step.cwiseQuotient(size).squaredNorm();
    double there = 0.0;
    if (nearby.value(x + seen.step, there) && there < value - measurable_fall * rounding) return seen;
  }
  return {};
}

void apply(const HigherOrders& seen, CriticalPoint& point) {
  if (seen.verdict == HigherOrders::Verdict::Open) return;
  point.order = seen.order;
  point.nullity = seen.nullity;
  if (seen.verdict == HigherOrders::Verdict::Minimum) {
    point.kind = CriticalKind::Minimum;
    point.reason.clear();
  } else {
    point.direction = seen.step.normalized();
  }
}

}  // namespace quadric
