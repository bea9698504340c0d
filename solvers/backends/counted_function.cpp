#include "solvers/backends/counted_function.hpp"

#include <memory>
#include <utility>

namespace quadric::backends {

namespace {

/// Residuals that leave a copy of their last value, which an `Evaluator` keeps to itself.
class RecordedResiduals final : public ResidualSource {
 public:
  RecordedResiduals(Residuals residuals, Vector& last) : residuals_(std::move(residuals)), last_(last) {}
  void value(const Vector& x, Vector& r) const override {
    residuals_.value(x, r);
    last_ = r;
  }
  void jacobian(const Vector& x, Vector& r, Matrix& J) const override { residuals_.jacobian(x, r, J); }
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    residuals_.weighted_hessian(x, w, S);
  }
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    residuals_.weighted_hessian_product(x, w, v, Sv);
  }
  Provider provider() const override { return residuals_.provider(); }
  double hessian_error(const Vector& x) const override { return residuals_.hessian_error(x); }

 private:
  Residuals residuals_;
  Vector& last_;
};

Problem recorded(const Problem& problem, bool least_squares, Vector& last) {
  if (!least_squares) return problem;
  Problem copy(Residuals(std::shared_ptr<const ResidualSource>(
      std::make_shared<const RecordedResiduals>(*problem.residuals(), last))));
  return copy.with_bounds(problem.bounds());
}

}  // namespace

CountedFunction::CountedFunction(const Problem& problem, bool least_squares)
    : problem_(recorded(problem, least_squares, residuals_)),
      evaluator_(problem_),
      form_(least_squares ? Curvature::GaussNewton : Curvature::Product) {}

template <class Evaluation>
bool CountedFunction::guarded(Evaluation&& evaluation) {
  ++fruitless_;
  if (!over_ && is_limit_reached_) over_ = is_limit_reached_();
  if (abandoned()) return false;
  try {
    const bool done = evaluation();
    if (!done) ++failures_;
    return done;
  } catch (...) {
    abandon(std::current_exception());
    return false;
  }
}

bool CountedFunction::value(const Vector& x, double& f) {
  return guarded([&] { return evaluator_.value(x, f); });
}

const LocalModel* CountedFunction::known(const Vector& x) const {
  return has_latest_ && latest_.x == x ? &latest_ : nullptr;
}

const LocalModel* CountedFunction::model(const Vector& x) {
  if (const LocalModel* latest = known(x)) return latest;
  has_latest_ = guarded([&] { return evaluator_.model(x, form_, latest_); });
  return has_latest_ ? &latest_ : nullptr;
}

const LocalModel* CountedFunction::exact(const Vector& x) {
  if (has_exact_ && exact_.x == x) return &exact_;
  has_exact_ = guarded([&] { return evaluator_.model(x, Curvature::Hessian, exact_); });
  return has_exact_ ? &exact_ : nullptr;
}

}  // namespace quadric::backends
