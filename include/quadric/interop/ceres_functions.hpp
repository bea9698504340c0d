#pragma once

#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <ceres/ceres.h>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"
#include "quadric/derivatives/differences.hpp"
#include "quadric/interop/ceres_refusals.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric::detail {

/// Residuals whose first derivatives are Ceres'. A derived class says how to evaluate; r, and J unless it is
/// null, are sized by it.
class CeresResiduals : public ResidualSource {
 public:
  void value(const Vector& x, Vector& r) const final { evaluate(x, r, nullptr); }
  void jacobian(const Vector& x, Vector& r, Matrix& J) const final { evaluate(x, r, &J); }
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const final {
    S = differences::hessian_from_gradient(weighted_gradient(w), x).derivative;
  }
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v, Vector& Sv) const final {
    Sv = differences::hessian_product(weighted_gradient(w), x, v).derivative;
  }
  Provider provider() const final {
    return {.first = "ceres",
            .second = "differences of the Jacobian",
            .second_error = differences::hessian_error_from_gradient};
  }

 private:
  virtual void evaluate(const Vector& x, Vector& r, Matrix* J) const = 0;

  /// x ↦ ∇(wᵀr)(x) = J(x)ᵀw; refers to this and w.
  differences::VectorFunction weighted_gradient(const Vector& w) const {
    return [this, &w](const Vector& x, Vector& g) {
      Vector r;
      Matrix J;
      evaluate(x, r, &J);
      g.noalias() = J.transpose() * w;
    };
  }
};

/// One cost function; its parameter blocks are consecutive parts of x.
class CeresCostResiduals final : public CeresResiduals {
 public:
  explicit CeresCostResiduals(std::shared_ptr<const ceres::CostFunction> cost) : cost_(std::move(cost)) {
    if (!cost_) misuse("from_ceres was given a null cost function");
    for (const auto size : cost_->parameter_block_sizes()) size_ += size;
  }

 private:
  void evaluate(const Vector& x, Vector& r, Matrix* J) const override {
    require_size(x, size_, "the Ceres cost function");
    const Index m = cost_->num_residuals();
    r.resize(m);
    fill_unset(r);
    Vector storage(J ? m * size_ : 0);
    fill_unset(storage);
    std::vector<const double*> blocks;
    std::vector<double*> jacobians;
    Index first = 0;
    for (const auto size : cost_->parameter_block_sizes()) {
      blocks.push_back(x.data() + first);
      jacobians.push_back(J ? storage.data() + m * first : nullptr);
      first += size;
    }
    if (!cost_->Evaluate(blocks.data(), r.data(), J ? jacobians.data() : nullptr))
      refused("the Ceres cost function");
    if (J) unpack(storage, *J);
  }

  /// Row-major m × nₖ blocks, one behind the other, to J (m × n).
  void unpack(const Vector& storage, Matrix& J) const {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Index m = cost_->num_residuals();
    J.resize(m, size_);
    Index first = 0;
    for (const auto size : cost_->parameter_block_sizes()) {
      J.middleCols(first, size) = Eigen::Map<const RowMajor>(storage.data() + m * first, m, size);
      first += size;
    }
  }

  std::shared_ptr<const ceres::CostFunction> cost_;
  Index size_ = 0;
};

/// Value and gradient of a first-order function.
class CeresObjective final : public ObjectiveSource {
 public:
  explicit CeresObjective(std::shared_ptr<const ceres::FirstOrderFunction> function)
      : function_(std::move(function)) {
    if (!function_) misuse("from_ceres was given a null first-order function");
  }

  double value(const Vector& x) const override { return evaluate(x, nullptr); }
  double gradient(const Vector& x, Vector& g) const override {
    g.resize(x.size());
    fill_unset(g);
    return evaluate(x, g.data());
  }
  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    H = differences::hessian_from_gradient(gradient_function(), x).derivative;
    return gradient(x, g);
  }
  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    Hv = differences::hessian_product(gradient_function(), x, v).derivative;
  }
  Provider provider() const override {
    return {.first = "ceres",
            .second = "differences of the gradient",
            .second_error = differences::hessian_error_from_gradient};
  }

 private:
  differences::VectorFunction gradient_function() const {
    return [this](const Vector& x, Vector& g) { gradient(x, g); };
  }

  double evaluate(const Vector& x, double* g) const {
    require_size(x, function_->NumParameters(), "the Ceres first-order function");
    double f = std::numeric_limits<double>::quiet_NaN();
    if (!function_->Evaluate(x.data(), &f, g)) refused("the Ceres first-order function");
    return f;
  }

  std::shared_ptr<const ceres::FirstOrderFunction> function_;
};

}  // namespace quadric::detail
