#include "quadric/solvers/gauss_newton.hpp"

#include "linalg/damped_least_squares.hpp"
#include "solvers/assemble.hpp"
#include "solvers/variable_scaling.hpp"

namespace quadric {

namespace {

/// Where J is so close to rank deficient that the step is this close to orthogonal to the gradient, it is
/// damped.
constexpr double least_cosine = 1e-6;

/// B = JᵀJ, never formed.
class GaussNewtonDirection final : public Direction {
 public:
  std::string_view name() const override { return "gauss-newton"; }
  Curvature needs() const override { return Curvature::GaussNewton; }
  void restart() override { scaling_.restart(); }

  void prepare(const LocalModel& model) override {
    sizes_.resize(model.size());
    for (Index j = 0; j < model.size(); ++j) sizes_[j] = model.jacobian.col(j).norm();
    scaling_.update(sizes_);
    least_squares_.reset(model.jacobian, scaling_.diagonal(), model.residuals);
  }

  void unrestricted(const LocalModel& model, Proposal& proposal) override {
    const auto full = least_squares_.unrestricted();
    const double steepest = first_radius(model);
    // gᵀp = −‖J p‖² = 2 × the predicted change, in the scaled variables as in the original ones.
    const bool descends = -2.0 * full.predicted >= least_cosine * steepest * full.step.norm();
    set_step(descends ? full : least_squares_.within(steepest), proposal);
  }

  void within(const LocalModel& /*model*/, double radius, Proposal& proposal) override {
    set_step(least_squares_.within(radius), proposal);
  }

  double norm(const Vector& p) const override { return scaling_.norm(p); }
  double first_radius(const LocalModel& model) const override {
    return model.gradient.cwiseQuotient(scaling_.diagonal()).norm();
  }
  void remember(Memory& memory) override { scaling_.remember(memory); }

 private:
  void set_step(const linalg::DampedLeastSquares::Minimizer& minimizer, Proposal& proposal) const {
    proposal.step = minimizer.step.cwiseQuotient(scaling_.diagonal());
    proposal.predicted = minimizer.predicted;
    proposal.restricted = minimizer.at_boundary;
  }

  VariableScaling scaling_;
  Vector sizes_;
  linalg::DampedLeastSquares least_squares_;
};

}  // namespace

std::shared_ptr<const Method> method(const GaussNewton& options) {
  return assemble(
      "gauss-newton", [] { return std::make_unique<GaussNewtonDirection>(); }, options.step, options.stop,
      options.at_saddle);
}

}  // namespace quadric
