#include "quadric/solvers/newton.hpp"

#include <cmath>
#include <limits>

#include "curvature/symmetric_hessian.hpp"
#include "linalg/quadratic.hpp"
#include "solvers/assemble.hpp"
#include "solvers/variable_scaling.hpp"

namespace quadric {

namespace {

/// While the quadric has no bottom, an unrestricted step knows no length of its own: it grows by this factor.
constexpr double growth = 2.0;

/// B = ∇²f, dense or sparse.
class NewtonDirection final : public Direction {
 public:
  std::string_view name() const override { return "newton"; }
  Curvature needs() const override { return Curvature::Hessian; }
  void restart() override {
    scaling_.restart();
    stretch_ = 1.0;
    bottomless_ = false;
  }

  void prepare(const LocalModel& model) override {
    linalg::Symmetric B = symmetric_hessian(model);
    scaling_.update(B.diagonal().cwiseAbs().cwiseSqrt());
    const Vector inverse = scaling_.diagonal().cwiseInverse();
    B.scale(inverse);
    if (!quadratic_ || B.is_sparse() != is_sparse_) quadratic_ = linalg::make_quadratic(B);
    is_sparse_ = B.is_sparse();
    quadratic_->reset(std::move(B), inverse.cwiseProduct(model.gradient));
    stretch_ = bottomless_ && !quadratic_->positive_definite() ? growth * stretch_ : 1.0;
    bottomless_ = !quadratic_->positive_definite();
  }

  void unrestricted(const LocalModel& model, Proposal& proposal) override {
    set_step(model, stretch_ * quadratic_->descent(), proposal);
    proposal.restricted = !quadratic_->positive_definite();
    if (proposal.restricted)
      proposal.predicted = std::min(proposal.predicted, 0.5 * model.slope(proposal.step));
  }

  void within(const LocalModel& model, double radius, Proposal& proposal) override {
    const auto minimizer = quadratic_->within(radius);
    set_step(model, minimizer.step, proposal);
    proposal.restricted = minimizer.at_boundary;
    if (minimizer.hard_case) proposal.events.add(Event::HardCase);
  }

  double norm(const Vector& p) const override { return scaling_.norm(p); }
  double first_radius(const LocalModel& model) const override {
    return model.gradient.cwiseQuotient(scaling_.diagonal()).norm();
  }
  double lambda_min() const override {
    return quadratic_ ? quadratic_->known_lambda_min().value_or(Iteration::unknown) : Iteration::unknown;
  }

 private:
  void set_step(const LocalModel& model, const Vector& scaled, Proposal& proposal) const {
    proposal.step = scaled.cwiseQuotient(scaling_.diagonal());
    proposal.predicted = model.predicted_change(proposal.step);
  }

  VariableScaling scaling_;
  std::unique_ptr<linalg::Quadratic> quadratic_;
  bool is_sparse_ = false;
  bool bottomless_ = false;  ///< the quadric has no bottom: B is not positive definite
  double stretch_ = 1.0;     ///< of an unrestricted step, growing while there is no bottom
};

}  // namespace

std::shared_ptr<const Method> method(const Newton& options) {
  return assemble(
      "newton", [] { return std::make_unique<NewtonDirection>(); }, options.step, options.stop,
      options.at_saddle);
}

}  // namespace quadric
