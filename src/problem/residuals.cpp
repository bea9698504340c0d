#include "quadric/problem/residuals.hpp"

#include <algorithm>
#include <string>

#include "quadric/base/misuse.hpp"
#include "quadric/derivatives/differences.hpp"

namespace quadric {

namespace {

/// Analytic where a piece was supplied, central differences elsewhere.
class SuppliedResidualSource final : public ResidualSource {
 public:
  explicit SuppliedResidualSource(SuppliedResiduals pieces) : pieces_(std::move(pieces)) {
    if (!pieces_.value) misuse("residuals need a value function");
  }

  void value(const Vector& x, Vector& r) const override { r = pieces_.value(x); }

  void jacobian(const Vector& x, Vector& r, Matrix& J) const override {
    r = pieces_.value(x);
    fill_jacobian(x, J);
    if (J.rows() == r.size() && J.cols() == x.size()) return;
    misuse("the Jacobian of " + std::to_string(r.size()) + " residuals in " + std::to_string(x.size()) +
           " variables is " + std::to_string(J.rows()) + " x " + std::to_string(J.cols()) + ", but must be " +
           std::to_string(r.size()) + " x " + std::to_string(x.size()));
  }

  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    if (pieces_.weighted_hessian) {
      S = pieces_.weighted_hessian(x, w);
      if (S.rows() == x.size() && S.cols() == x.size()) return;
      misuse("the weighted Hessian is " + std::to_string(S.rows()) + " x " + std::to_string(S.cols()) +
             ", but must be square of size " + std::to_string(x.size()));
    }
    if (!pieces_.jacobian) {
      return differences::hessian([this, &w](const Vector& at) { return w.dot(pieces_.value(at)); }, x, S);
    }
    const auto gradient = [this, &w](const Vector& at, Vector& g) {
      g = pieces_.jacobian(at).transpose() * w;
    };
    differences::jacobian(gradient, x, S);
    S = 0.5 * (S + S.transpose()).eval();
  }

  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    if (!pieces_.weighted_hessian && pieces_.jacobian) {
      const auto gradient = [this, &w](const Vector& at, Vector& g) {
        g = pieces_.jacobian(at).transpose() * w;
      };
      return differences::hessian_product(gradient, x, v, Sv);
    }
    Matrix S;
    weighted_hessian(x, w, S);
    Sv.noalias() = S * v;
  }

  Provider provider() const override {
    if (!pieces_.jacobian) {
      return {.first = "differences",
              .second = "differences",
              .second_error = differences::hessian_error_from_values};
    }
    if (pieces_.weighted_hessian) return {.first = "analytic", .second = "analytic"};
    return {.first = "analytic",
            .second = "differences of the Jacobian",
            .second_error = differences::hessian_error_from_gradient};
  }

 private:
  void fill_jacobian(const Vector& x, Matrix& J) const {
    if (pieces_.jacobian) {
      J = pieces_.jacobian(x);
    } else {
      differences::jacobian([this](const Vector& at, Vector& r) { r = pieces_.value(at); }, x, J);
    }
  }

  SuppliedResiduals pieces_;
};

/// f = ½‖r‖².
class HalfSquaredNorm final : public ObjectiveSource {
 public:
  explicit HalfSquaredNorm(Residuals residuals) : residuals_(std::move(residuals)) {}

  double value(const Vector& x) const override {
    Vector r;
    residuals_.value(x, r);
    return 0.5 * r.squaredNorm();
  }

  double gradient(const Vector& x, Vector& g) const override {
    Vector r;
    Matrix J;
    residuals_.jacobian(x, r, J);
    g.noalias() = J.transpose() * r;
    return 0.5 * r.squaredNorm();
  }

  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    Vector r;
    Matrix J;
    residuals_.jacobian(x, r, J);
    residuals_.weighted_hessian(x, r, H);
    H.noalias() += J.transpose() * J;
    g.noalias() = J.transpose() * r;
    return 0.5 * r.squaredNorm();
  }

  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    Vector r;
    Matrix J;
    residuals_.jacobian(x, r, J);
    residuals_.weighted_hessian_product(x, r, v, Hv);
    Hv.noalias() += J.transpose() * (J * v);
  }

  Provider provider() const override { return residuals_.provider(); }

 private:
  Residuals residuals_;
};

}  // namespace

std::shared_ptr<const ResidualSource> make_source(SuppliedResiduals pieces) {
  return std::make_shared<const SuppliedResidualSource>(std::move(pieces));
}

Objective Residuals::objective() const {
  return Objective(std::shared_ptr<const ObjectiveSource>(std::make_shared<const HalfSquaredNorm>(*this)));
}

}  // namespace quadric
