#pragma once

#include <memory>

#include "quadric/engine/trace.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric::suites {

/// A problem that counts what is asked of it. An objective's Hessian comes with its gradient; of residuals
/// the Jacobian is the first derivative, needed for each Hessian-vector product too.
struct CountingProblem {
  struct Seen : Counts {
    Index second_directionals = 0;  ///< of the products, those that needed no Jacobian
  };
  Problem problem;
  std::shared_ptr<Seen> seen;

  /// What a result must report to be true.
  bool agrees(const Counts& reported) const {
    const Index jacobians = problem.residuals()
                                ? reported.gradients + reported.products - seen->second_directionals
                                : reported.gradients;
    return seen->values == reported.values && seen->gradients == jacobians &&
           seen->hessians == reported.hessians && seen->products == reported.products;
  }
};

class CountingObjective final : public ObjectiveSource {
 public:
  CountingObjective(Objective f, std::shared_ptr<CountingProblem::Seen> seen)
      : f_(std::move(f)), seen_(std::move(seen)) {}
  double value(const Vector& x) const override {
    ++seen_->values;
    return f_.value(x);
  }
  double gradient(const Vector& x, Vector& g) const override {
    ++seen_->gradients;
    return f_.gradient(x, g);
  }
  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    ++seen_->gradients;
    ++seen_->hessians;
    return f_.hessian(x, g, H);
  }
  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    ++seen_->products;
    f_.hessian_product(x, v, Hv);
  }
  Provider provider() const override { return f_.provider(); }

 private:
  Objective f_;
  std::shared_ptr<CountingProblem::Seen> seen_;
};

class CountingResiduals final : public ResidualSource {
 public:
  CountingResiduals(Residuals r, std::shared_ptr<CountingProblem::Seen> seen)
      : r_(std::move(r)), seen_(std::move(seen)) {}
  void value(const Vector& x, Vector& r) const override {
    ++seen_->values;
    r_.value(x, r);
  }
  void jacobian(const Vector& x, Vector& r, Matrix& J) const override {
    ++seen_->gradients;
    r_.jacobian(x, r, J);
  }
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    ++seen_->hessians;
    r_.weighted_hessian(x, w, S);
  }
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    ++seen_->products;
    r_.weighted_hessian_product(x, w, v, Sv);
  }
  void second_directional(const Vector& x, const Vector& v, Vector& second) const override {
    ++seen_->products;
    ++seen_->second_directionals;
    r_.second_directional(x, v, second);
  }
  Provider provider() const override { return r_.provider(); }

 private:
  Residuals r_;
  std::shared_ptr<CountingProblem::Seen> seen_;
};

inline CountingProblem counted(const Problem& problem) {
  const auto seen = std::make_shared<CountingProblem::Seen>();
  if (problem.residuals()) {
    const std::shared_ptr<const ResidualSource> source =
        std::make_shared<const CountingResiduals>(*problem.residuals(), seen);
    return {Problem(Residuals(source)), seen};
  }
  const std::shared_ptr<const ObjectiveSource> source =
      std::make_shared<const CountingObjective>(problem.objective(), seen);
  return {Problem(Objective(source)), seen};
}

}  // namespace quadric::suites
