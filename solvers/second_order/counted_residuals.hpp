#pragma once

#include <atomic>
#include <utility>

#include "quadric/engine/trace.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// Residuals that count how often they and their derivatives are evaluated. Thread safe where they are.
class CountedResiduals final : public ResidualSource {
 public:
  explicit CountedResiduals(Residuals residuals) : residuals_(std::move(residuals)) {}

  Counts counts() const {
    return {.values = values_, .gradients = jacobians_, .hessians = hessians_, .products = products_};
  }

  void value(const Vector& x, Vector& r) const override {
    ++values_;
    residuals_.value(x, r);
  }
  void jacobian(const Vector& x, Vector& r, Matrix& J) const override {
    ++jacobians_;
    residuals_.jacobian(x, r, J);
  }
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    ++hessians_;
    residuals_.weighted_hessian(x, w, S);
  }
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    ++products_;
    residuals_.weighted_hessian_product(x, w, v, Sv);
  }
  void second_directional(const Vector& x, const Vector& v, Vector& second) const override {
    ++products_;
    residuals_.second_directional(x, v, second);
  }
  Provider provider() const override { return residuals_.provider(); }
  double hessian_error(const Vector& x) const override { return residuals_.hessian_error(x); }

 private:
  Residuals residuals_;
  mutable std::atomic<Index> values_ = 0, jacobians_ = 0, hessians_ = 0, products_ = 0;
};

}  // namespace quadric
