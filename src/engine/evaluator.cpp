#include "engine/evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>

#include <Eigen/SparseCore>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"
#include "linalg/sums.hpp"

namespace quadric {

namespace {

std::optional<Residuals> residuals_for_one_run(const Problem& problem) {
  if (!problem.residuals()) return std::nullopt;
  return problem.residuals()->for_one_run();
}

}  // namespace

class Evaluator::Watched final : public ObjectiveSource {
 public:
  explicit Watched(Evaluator& owner) : owner_(owner), f_(owner.objective_) {}

  double value(const Vector& x) const override { return f_.value(x); }
  double gradient(const Vector& x, Vector& g) const override { return f_.gradient(x, g); }
  double hessian(const Vector& x, Vector& g, Matrix& H) const override { return f_.hessian(x, g, H); }
  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    Hv = owner_.product(x, v);
  }
  double sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const override {
    return f_.sparse_hessian(x, g, H);
  }
  bool has_full_hessian(const Vector& x) const override { return f_.has_full_hessian(x); }
  Provider provider() const override { return f_.provider(); }
  double hessian_error(const Vector& x) const override { return f_.hessian_error(x); }
  double hessian_asymmetry(const Vector& x) const override { return f_.hessian_asymmetry(x); }

 private:
  Evaluator& owner_;
  const Objective& f_;
};

class Evaluator::WatchedResiduals final : public ResidualSource {
 public:
  explicit WatchedResiduals(Evaluator& owner) : owner_(owner), r_(*owner.residual_function_) {}

  void value(const Vector& x, Vector& r) const override { r_.value(x, r); }
  void jacobian(const Vector& x, Vector& r, Matrix& J) const override { r_.jacobian(x, r, J); }
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    r_.weighted_hessian(x, w, S);
  }
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    r_.weighted_hessian_product(x, w, v, Sv);
  }
  void second_directional(const Vector& x, const Vector& v, Vector& second) const override {
    ++owner_.counts_.products;
    const bool had = owner_.guarded([&] {
      r_.second_directional(x, v, second);
      return true;
    });
    if (!had) second = Vector::Constant(owner_.residual_count_, std::numeric_limits<double>::quiet_NaN());
  }
  Provider provider() const override { return r_.provider(); }

 private:
  Evaluator& owner_;
  const Residuals& r_;
};

Evaluator::Evaluator(const Problem& problem, bool by_products)
    : problem_(problem),
      residual_function_(residuals_for_one_run(problem)),
      objective_(residual_function_ ? residual_function_->objective() : problem.objective().for_one_run()),
      watched_(std::static_pointer_cast<const ObjectiveSource>(std::make_shared<const Watched>(*this))),
      by_products_(by_products),
      start_(Clock::now()) {
  if (residual_function_)
    watched_residuals_ =
        std::static_pointer_cast<const ResidualSource>(std::make_shared<const WatchedResiduals>(*this));
}

template <class Evaluation>
bool Evaluator::guarded(Evaluation&& evaluation) {
  try {
    return evaluation();
  } catch (const Misuse&) {
    throw;
  } catch (const std::exception& error) {
    failure_ = std::string("the function threw: ") + error.what();
  } catch (...) {
    failure_ = "the function threw something that is not a std::exception";
  }
  return false;
}

bool Evaluator::is_allowed(const Vector& x) {
  if (problem_.bounds().contain(x)) return true;
  failure_ = "x = " + text::point(x) + " is outside the bounds";
  return false;
}

bool Evaluator::value(const Vector& x, double& f) {
  if (!is_allowed(x)) return false;
  ++counts_.values;
  return guarded([&] {
    if (residual_function_) {
      residual_function_->value(x, residuals_);
      check_count(residuals_.size());
      f = 0.5 * residuals_.squaredNorm();
    } else {
      f = objective_.value(x);
    }
    if (!std::isfinite(f)) failure_ = "the value is " + text::number(f) + " at x = " + text::point(x);
    return std::isfinite(f);
  });
}

void Evaluator::count(const Counts& counts) {
  counts_.values += counts.values;
  counts_.gradients += counts.gradients;
  counts_.hessians += counts.hessians;
  counts_.products += counts.products;
}

void Evaluator::check_count(Index residuals) {
  if (residuals == 0) misuse("the residual function returned no residuals: there is nothing to fit");
  if (residual_count_ == 0) residual_count_ = residuals;
  if (residuals != residual_count_) automatic::misuse_of_sizes(residual_count_, residuals);
}

void Evaluator::fill_gauss_newton(const Vector& x, LocalModel& model) {
  ++counts_.gradients;
  residual_function_->jacobian(x, model.residuals, model.jacobian);
  check_count(model.residuals.size());
  model.value = 0.5 * model.residuals.squaredNorm();
  model.gradient.noalias() = model.jacobian.transpose() * model.residuals;
}

void Evaluator::symmetrize(Matrix& H) {
  const double size = H.cwiseAbs().maxCoeff();
  const double difference = (H - H.transpose()).cwiseAbs().maxCoeff();
  if (!(difference > 0.0)) return;
  asymmetry_ = std::max(asymmetry_, difference / size);
  H = 0.5 * (H + H.transpose()).eval();
}

bool Evaluator::model(const Vector& x, Curvature form, LocalModel& model) {
  if (!is_allowed(x)) return false;
  const bool filled = guarded([&] {
    model.form = form;
    model.x = x;
    model.objective = &watched_;
    model.bounds = nullptr;
    model.multipliers.resize(0);
    model.residual_function = form == Curvature::GaussNewton ? &*watched_residuals_ : nullptr;
    if (form == Curvature::GaussNewton) {
      fill_gauss_newton(x, model);
    } else {
      ++counts_.gradients;
      if (form == Curvature::Hessian && by_products_ && watched_.has_full_hessian(x)) {
        fill_from_products(model);
      } else if (form == Curvature::Hessian) {
        ++counts_.hessians;
        is_filled_ = model.fill_hessian(is_filled_);
        if (model.is_sparse()) asymmetry_ = std::max(asymmetry_, objective_.hessian_asymmetry(x));
      } else {
        model.value = objective_.gradient(x, model.gradient);
      }
    }
    if (!problem_.bounds().empty()) model.keep_within(problem_.bounds());
    if (form == Curvature::Product) model.gradient_product = model.multiply(model.gradient);
    const char* wrong = nullptr;
    if (!std::isfinite(model.value)) wrong = "the value";
    if (!wrong && !(linalg::all_finite(model.gradient) && !model.multipliers.hasNaN()))
      wrong = "the gradient";
    if (!wrong && form == Curvature::Hessian &&
        !(model.is_sparse() ? linalg::all_finite(model.sparse_hessian->coeffs())
                            : linalg::all_finite(model.hessian)))
      wrong = "the Hessian";
    if (!wrong && form == Curvature::GaussNewton && !linalg::all_finite(model.jacobian))
      wrong = "the Jacobian";
    if (!wrong && form == Curvature::Product && !linalg::all_finite(model.gradient_product))
      wrong = "the Hessian-vector product";
    if (wrong) {
      failure_ = std::string(wrong) + " is not finite at x = " + text::point(x);
      return false;
    }
    if (form == Curvature::Hessian && !model.is_sparse()) symmetrize(model.hessian);
    return true;
  });
  if (!filled) model.x.resize(0);  // whoever asks where it is finds it nowhere
  return filled;
}

void Evaluator::remember(Memory& memory) {
  memory.item("values", counts_.values);
  memory.item("gradients", counts_.gradients);
  memory.item("hessians", counts_.hessians);
  memory.item("products", counts_.products);
  memory.item("failure", failure_);
  memory.item("asymmetry", asymmetry_);
  memory.item("is_filled", is_filled_);
  Index residuals = residual_count_;
  memory.item("residuals", residuals);
  if (residuals != 0 && residual_count_ != 0 && residuals != residual_count_)
    misuse("the checkpoint is of a problem with " + text::count(residuals, "residual") +
           ", but this one has " + std::to_string(residual_count_));
  double elapsed = seconds();
  memory.item("seconds", elapsed);
  if (memory.reading())
    start_ =
        Clock::now() - std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(elapsed));
}

/// NaN where it threw.
Vector Evaluator::product(const Vector& x, const Vector& v) {
  ++counts_.products;
  Vector Hv;
  const bool had = guarded([&] {
    objective_.hessian_product(x, v, Hv);
    return true;
  });
  if (!had) return Vector::Constant(x.size(), std::numeric_limits<double>::quiet_NaN());
  if (!Hv.allFinite()) failure_ = "the Hessian-vector product is not finite at x = " + text::point(x);
  return Hv;
}

void Evaluator::fill_from_products(LocalModel& model) {
  const Index n = model.size();
  model.value = watched_.gradient(model.x, model.gradient);
  model.sparse_hessian = nullptr;
  model.hessian.resize(n, n);
  for (Index j = 0; j < n; ++j) model.hessian.col(j) = product(model.x, Vector::Unit(n, j));
}

bool Evaluator::has_full_hessian(const Vector& x) {
  bool is_full = true;
  guarded([&] {
    is_full = watched_.has_full_hessian(x);
    return true;
  });
  return is_full;
}

bool Evaluator::model_comes_with_value(const Vector& x, Curvature form) const {
  if (form == Curvature::GaussNewton) return residual_function_->jacobian_comes_with_value(x);
  return form == Curvature::Hessian && !by_products_ && objective_.hessian_comes_with_value(x);
}

bool Evaluator::hessian_error(const Vector& x, double& error) {
  return guarded([&] {
    error = objective_.hessian_error(x);
    return true;
  });
}

}  // namespace quadric
