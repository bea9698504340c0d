#include "solvers/second_order/separated.hpp"

#include <limits>
#include <utility>

#include <Eigen/QR>

namespace quadric {

namespace {

/// Columns of Φ of length 1 count as dependent below this: β would be large and cancel.
constexpr double least_pivot = 1e-10;

}  // namespace

class Separated::Source final : public ResidualSource {
 public:
  Source(Residuals residuals, std::vector<Index> linear, const Vector& x)
      : residuals_(std::move(residuals)), linear_(std::move(linear)), base_(x) {
    std::size_t next = 0;
    for (Index j = 0; j < x.size(); ++j) {
      if (next < linear_.size() && linear_[next] == j) {
        ++next;
      } else {
        nonlinear_.push_back(j);
      }
    }
    // r at β = 0 is r₀, which large parts of β would drown.
    Vector without = x, r;
    without(linear_).setZero();
    residuals_.value(without, r);
    if (r.allFinite()) base_ = std::move(without);
  }

  const std::vector<Index>& nonlinear() const { return nonlinear_; }
  Vector lift(const Vector& alpha) const { return eliminate(alpha).x; }

  void value(const Vector& alpha, Vector& r) const override { r = eliminate(alpha).r; }

  void jacobian(const Vector& alpha, Vector& r, Matrix& K) const override {
    Point at = at_bottom(alpha);
    const Matrix A = at.J(Eigen::all, nonlinear_);
    K = A - at.J(Eigen::all, linear_) * (at.inverse * A);
    r = std::move(at.r);
  }

  void weighted_hessian(const Vector& alpha, const Vector& /*weights*/, Matrix& S) const override {
    const Point at = at_bottom(alpha);
    if (!at.r.allFinite()) {
      S.setConstant(alpha.size(), alpha.size(), std::numeric_limits<double>::quiet_NaN());
      return;
    }
    Matrix whole;
    residuals_.weighted_hessian(at.x, at.r, whole);
    const Matrix B = at.inverse * at.J(Eigen::all, nonlinear_);  // Φ⁺A
    const Matrix mixed = whole(linear_, nonlinear_);
    const Matrix response = at.inverse.transpose() * mixed;  // (ΦᵀΦ)⁺ = Φ⁺ Φ⁺ᵀ
    S = whole(nonlinear_, nonlinear_) - B.transpose() * mixed - mixed.transpose() * B -
        response.transpose() * response;
  }

  void weighted_hessian_product(const Vector& alpha, const Vector& weights, const Vector& v,
                                Vector& Sv) const override {
    Matrix S;
    weighted_hessian(alpha, weights, S);
    Sv = S * v;
  }

  Provider provider() const override { return residuals_.provider(); }
  double hessian_error(const Vector& alpha) const override {
    const Vector x = lift(alpha);
    return x.allFinite() ? residuals_.hessian_error(x) : std::numeric_limits<double>::infinity();
  }

 private:
  struct Point {
    Vector x;        ///< (α, β(α)) (n)
    Vector r;        ///< there (m)
    Matrix J;        ///< of all variables (m × n), where it was evaluated
    Matrix inverse;  ///< Φ⁺
  };

  /// Moves β of a point to where ‖r‖ is least, by its J. Everything is NaN where r or J is not finite.
  void move_linear(Point& at) const {
    if (!at.r.allFinite() || !at.J.allFinite()) {
      constexpr double nan = std::numeric_limits<double>::quiet_NaN();
      at.x.setConstant(nan);
      at.r.setConstant(nan);
      at.J.setConstant(nan);
      at.inverse.setConstant(static_cast<Index>(linear_.size()), at.r.size(), nan);
      return;
    }
    const Matrix Phi = at.J(Eigen::all, linear_);
    if (at.inverse.size() == 0) {
      Vector sizes = Phi.colwise().norm().transpose();
      sizes = (sizes.array() > 0.0).select(sizes, 1.0);
      const Matrix scaled = Phi * sizes.cwiseInverse().asDiagonal();
      Eigen::CompleteOrthogonalDecomposition<Matrix> factors;
      factors.setThreshold(least_pivot);
      factors.compute(scaled);
      const Matrix inverse = factors.pseudoInverse();
      at.inverse = sizes.cwiseInverse().asDiagonal() * inverse;
    }
    const Vector step = -(at.inverse * at.r);
    at.x(linear_) += step;
    at.r += Phi * step;
  }

  /// J is that where β is still what it was in the base.
  Point eliminate(const Vector& alpha) const {
    Point at{.x = base_, .r = {}, .J = {}, .inverse = {}};
    at.x(nonlinear_) = alpha;
    residuals_.jacobian(at.x, at.r, at.J);
    move_linear(at);
    return at;
  }

  Point at_bottom(const Vector& alpha) const {
    Point at = eliminate(alpha);
    if (!at.x.allFinite()) return at;
    residuals_.jacobian(at.x, at.r, at.J);
    move_linear(at);  // what rounding left of the way
    return at;
  }

  Residuals residuals_;
  std::vector<Index> linear_, nonlinear_;
  Vector base_;
};

Separated::Separated(Residuals residuals, std::vector<Index> linear, const Vector& x)
    : source_(std::make_shared<const Source>(std::move(residuals), std::move(linear), x)) {}
Separated::~Separated() = default;

const std::vector<Index>& Separated::nonlinear() const { return source_->nonlinear(); }
Residuals Separated::residuals() const {
  return Residuals(std::static_pointer_cast<const ResidualSource>(source_));
}
Vector Separated::lift(const Vector& alpha) const { return source_->lift(alpha); }

}  // namespace quadric
