#include "quadric/problem/loss.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include <Eigen/SparseCore>

#include "quadric/base/misuse.hpp"

namespace quadric {

namespace {

/// Where ρ′ differs from ρ′(0) by no more than this share, the first two terms of a series are all of t.
constexpr double negligible_bend = 1e-8;

double squared(double scale) {
  if (!(scale > 0.0 && std::isfinite(scale))) misuse("the scale of a loss must be positive");
  return scale * scale;
}

/// t(r) with t² = ρ(r²), of the sign of r.
struct Transformed {
  double value, first, second;
};

/// `first_at_zero` is ρ′(0).
Transformed transformed(const Loss& loss, double first_at_zero, double r) {
  const double s = r * r;
  const Rho rho = loss(s);
  if (rho.first > 0.0 && std::abs(rho.first - first_at_zero) <= negligible_bend * rho.first) {
    // From the derivatives, as near 0 a ρ may be computed as the difference of larger numbers.
    const double root = std::sqrt(rho.first), bend = 0.25 * s * rho.second / rho.first;
    if (std::abs(bend) <= negligible_bend)
      return {r * root * (1.0 - bend), root * (1.0 + bend), 1.5 * rho.second * r / root};
  }
  if (!(rho.value >= 0.0)) {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    return {unknown, unknown, unknown};
  }
  if (rho.value == 0.0) return {0.0, 0.0, 0.0};
  const double size = std::sqrt(rho.value), t = std::copysign(size, r),
               slope = rho.first * std::abs(r) / size;
  return {t, slope, (rho.first + 2.0 * s * rho.second - slope * slope) / t};
}

class RobustResiduals final : public ResidualSource {
 public:
  RobustResiduals(Residuals residuals, Loss loss)
      : residuals_(std::move(residuals)), loss_(std::move(loss)), first_at_zero_(loss_(0.0).first) {}

  void value(const Vector& x, Vector& r) const override {
    residuals_.value(x, r);
    for (double& entry : r) entry = transformed(loss_, first_at_zero_, entry).value;
  }

  void jacobian(const Vector& x, Vector& r, Matrix& J) const override {
    residuals_.jacobian(x, r, J);
    const Bends bends(*this, r);
    r = bends.value;
    J.array().colwise() *= bends.first.array();
  }

  void sparse_jacobian(const Vector& x, Vector& r, SparseMatrix& J) const override {
    residuals_.sparse_jacobian(x, r, J);
    const Bends bends(*this, r);
    r = bends.value;
    J = bends.first.asDiagonal() * J;
  }

  /// Σ w (t′ ∇²r + t″ ∇r ∇rᵀ).
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    Vector r;
    Matrix J;
    residuals_.jacobian(x, r, J);
    const Bends bends(*this, r);
    residuals_.weighted_hessian(x, w.cwiseProduct(bends.first), S);
    S += J.transpose() * w.cwiseProduct(bends.second).asDiagonal() * J;
  }

  void sparse_weighted_hessian(const Vector& x, const Vector& w, SparseMatrix& S) const override {
    Vector r;
    SparseMatrix J;
    residuals_.sparse_jacobian(x, r, J);
    const Bends bends(*this, r);
    residuals_.sparse_weighted_hessian(x, w.cwiseProduct(bends.first), S);
    const SparseMatrix weighted = w.cwiseProduct(bends.second).asDiagonal() * J;
    const SparseMatrix outer = SparseMatrix(J.transpose()) * weighted;
    S = S + SparseMatrix(outer.triangularView<Eigen::Lower>());
  }

  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    Vector r;
    SparseMatrix J;
    residuals_.sparse_jacobian(x, r, J);
    const Bends bends(*this, r);
    residuals_.weighted_hessian_product(x, w.cwiseProduct(bends.first), v, Sv);
    Sv += J.transpose() * w.cwiseProduct(bends.second).cwiseProduct(J * v);
  }

  void second_directional(const Vector& x, const Vector& v, Vector& second) const override {
    Vector r;
    SparseMatrix J;
    residuals_.sparse_jacobian(x, r, J);
    const Bends bends(*this, r);
    residuals_.second_directional(x, v, second);
    second = bends.first.cwiseProduct(second) + bends.second.cwiseProduct((J * v).cwiseAbs2());
  }

  bool jacobian_comes_with_value(const Vector& x) const override {
    return residuals_.jacobian_comes_with_value(x);
  }
  std::shared_ptr<const ResidualSource> for_one_run() const override {
    return std::make_shared<const RobustResiduals>(residuals_.for_one_run(), loss_);
  }
  Provider provider() const override { return residuals_.provider(); }
  double hessian_error(const Vector& x) const override { return residuals_.hessian_error(x); }

 private:
  /// t and its derivatives at every residual (m each).
  struct Bends {
    Bends(const RobustResiduals& of, const Vector& r) : value(r.size()), first(r.size()), second(r.size()) {
      for (Index i = 0; i < r.size(); ++i) {
        const Transformed t = transformed(of.loss_, of.first_at_zero_, r[i]);
        value[i] = t.value;
        first[i] = t.first;
        second[i] = t.second;
      }
    }
    Vector value, first, second;
  };

  Residuals residuals_;
  Loss loss_;
  double first_at_zero_;
};

}  // namespace

Rho Huber::operator()(double s) const {
  const double square = squared(scale), r = std::sqrt(s);
  if (s <= square) return {s, 1.0, 0.0};
  return {2.0 * scale * r - square, scale / r, -0.5 * scale / (r * s)};
}

Rho SoftL1::operator()(double s) const {
  const double square = squared(scale), root = std::sqrt(1.0 + s / square);
  return {2.0 * s / (1.0 + root), 1.0 / root, -0.5 / (square * root * root * root)};
}

Rho Cauchy::operator()(double s) const {
  const double square = squared(scale), inverse = 1.0 / (1.0 + s / square);
  return {square * std::log1p(s / square), inverse, -inverse * inverse / square};
}

Rho Arctan::operator()(double s) const {
  const double square = squared(scale), u = s / square, inverse = 1.0 / (1.0 + u * u);
  return {square * std::atan(u), inverse, -2.0 * u * inverse * inverse / square};
}

Rho Tukey::operator()(double s) const {
  const double square = squared(scale), u = s / square;
  if (u >= 1.0) return {square / 3.0, 0.0, 0.0};
  return {s * (1.0 - u + u * u / 3.0), (1.0 - u) * (1.0 - u), -2.0 * (1.0 - u) / square};
}

Residuals robust(const Residuals& residuals, const Loss& loss) {
  return Residuals(
      std::shared_ptr<const ResidualSource>(std::make_shared<const RobustResiduals>(residuals, loss)));
}

}  // namespace quadric
