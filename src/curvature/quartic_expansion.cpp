#include "curvature/quartic_expansion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <Eigen/Eigenvalues>

namespace quadric {

namespace {

/// A derivative counts when it is so many times its error.
constexpr double trusted = 4.0;
/// Errors of this share are next to none.
constexpr double certain = 0.01;
/// The lowest point of the expansion counts as t = 0 within this share of the length.
constexpr double at_origin = 0.01;
constexpr int samples = 64;
/// The least positive quartic over samples proves it positive between them where it has this share of the
/// largest one. Its second derivative by the angle is at most 16 times its largest value (Bernstein), the
/// first is zero where it is least, and that is no more than π / 128 from a sample: 8 (π / 128)² = 0.005.
constexpr double covered_share = 0.01;
/// Of which a few tell how large the form is on the whole.
constexpr int balancing_stride = 4, balancing_sweeps = 5;

/// One of each pair ±t of unit vectors that cover the circle evenly.
Eigen::Vector2d sample(int i) {
  const double angle = std::numbers::pi * i / samples;
  return {std::cos(angle), std::sin(angle)};
}

/// q(s) = a₁s + a₂s²/2 + a₃s³/6 + a₄s⁴/24: φ along a direction.
struct Quartic {
  double first = 0.0, second = 0.0, third = 0.0, fourth = 0.0;
  double third_error = 0.0, fourth_error = 0.0;

  Quartic(const QuarticExpansion& phi, const Eigen::Vector2d& t)
      : first(phi.first.dot(t)),
        second(t.dot(phi.second * t)),
        third(phi.third.along(t)),
        fourth(phi.fourth.along(t)),
        third_error(phi.third_error.along(t.cwiseAbs())),
        fourth_error(phi.fourth_error.along(t.cwiseAbs())) {}

  double at(double s) const {
    return s * (first + s * (second / 2.0 + s * (third / 6.0 + s * fourth / 24.0)));
  }
  double doubt(double s) const {
    return trusted * (std::abs(third_error * s * s * s) / 6.0 + fourth_error * s * s * s * s / 24.0);
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

/// Coordinates t = B τ in which the quartic form is about as large along every direction τ.
Eigen::Matrix2d balance(const QuarticExpansion& phi) {
  Eigen::Matrix2d B = Eigen::Matrix2d::Identity();
  for (int sweep = 0; phi.dimensions > 1 && sweep < balancing_sweeps; ++sweep) {
    Eigen::Matrix2d moments = Eigen::Matrix2d::Zero();
    for (int i = 0; i < samples; i += balancing_stride) {
      const Eigen::Vector2d direction = sample(i);
      moments += std::sqrt(std::abs(phi.fourth.along(B * direction))) * direction * direction.transpose();
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix2d> spectrum(moments);
    const Eigen::Vector2d& values = spectrum.eigenvalues();
    if (!(values[0] > 1e-12 * values[1])) break;
    const Eigen::Vector2d shrink = (values / values[1]).cwiseSqrt().cwiseInverse();
    B = (B * spectrum.eigenvectors() * shrink.asDiagonal()).eval();
    B /= B.norm();
  }
  return B;
}

}  // namespace

QuarticExpansion::Reading QuarticExpansion::read() const {
  const Eigen::Matrix2d B = balance(*this);
  Reading reading;
  double least = std::numeric_limits<double>::infinity(), most = 0.0, bottom = 0.0;
  bool at_bottom = true, known = true, sure = true;
  for (int i = 0; i < (dimensions > 1 ? samples : 1); ++i) {
    const Eigen::Vector2d t = B * sample(i);
    const Quartic q(*this, t);
    const double size = t.norm(), reach = length / size;
    least = std::min(least, q.fourth - trusted * q.fourth_error);
    most = std::max(most, q.fourth);
    known = known && trusted * q.third_error / 6.0 <= at_origin * std::abs(q.fourth) * reach / 24.0;
    const double whole = fourth_size * size * size * size * size;
    sure = sure && q.fourth_error <= certain * whole && q.third_error / 6.0 <= certain * whole * reach / 24.0;
    const double s = q.lowest(reach);
    at_bottom = at_bottom && std::abs(s) <= at_origin * reach;
    if (q.at(s) + q.doubt(s) < bottom) {
      bottom = q.at(s) + q.doubt(s);
      reading.lowest = s * t;
      reading.order = std::abs(q.third) / 6.0 > std::abs(q.fourth * s) / 24.0 ? 3 : 4;
    }
  }
  const bool positive = least > (dimensions > 1 ? covered_share * most : 0.0);
  if (positive && at_bottom && known) {
    reading.shape = Shape::Minimum;
    reading.order = 4;
  } else if (bottom < 0.0 && !at_bottom) {
    reading.shape = Shape::Falls;
  } else if (!positive && sure) {
    reading.shape = Shape::Vanishes;
  }
  return reading;
}

}  // namespace quadric
