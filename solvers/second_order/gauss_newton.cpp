#include "quadric/solvers/gauss_newton.hpp"

#include <string>

#include "quadric/problem/residuals.hpp"

#include "linalg/damped_least_squares.hpp"
#include "solvers/assemble.hpp"
#include "solvers/second_order/directions.hpp"
#include "solvers/variable_scaling.hpp"

namespace quadric {

namespace {

/// Where J is so close to rank deficient that the step is this close to orthogonal to the gradient, it is
/// damped.
constexpr double least_cosine = 1e-6;

/// ½a may be no longer than this share of the step: more would be beyond what second derivatives know
/// (Transtrum & Sethna 2012, section 3). A step that bends more is halved, so many times at most; then it is
/// taken as it is.
constexpr double most_bent = 0.25;
constexpr int most_halvings = 3;

class GaussNewtonDirection final : public Direction {
 public:
  GaussNewtonDirection(GaussNewtonStep kind, bool geodesic) : kind_(kind), geodesic_(geodesic) {}

  std::string_view name() const override { return "gauss-newton"; }
  Curvature needs() const override { return Curvature::GaussNewton; }
  void restart() override { scaling_.restart(); }

  void prepare(const LocalModel& model) override {
    least_squares_.take(model.jacobian, model.residuals);
    scaling_.update(least_squares_.column_norms());
    least_squares_.factor(scaling_.diagonal());
  }

  void unrestricted(const LocalModel& model, Proposal& proposal) override {
    const auto full = least_squares_.unrestricted();
    const double steepest = first_radius(model);
    // gᵀp = −‖J p‖² = 2 × the predicted change, in the scaled variables as in the original ones.
    const bool descends = -2.0 * full.predicted >= least_cosine * steepest * full.step.norm();
    set_step(descends ? full : least_squares_.within(steepest), proposal);
  }

  void within(const LocalModel& model, double radius, Proposal& proposal) override {
    set_step(kind_ == GaussNewtonStep::Exact
                 ? least_squares_.within(radius)
                 : least_squares_.dogleg(radius, kind_ == GaussNewtonStep::DoubleDogleg),
             proposal);
    for (int halving = 0; geodesic_ && !bend(model, proposal) && halving < most_halvings; ++halving) {
      set_step(least_squares_.within(0.5 * scaling_.norm(proposal.step)), proposal);
      proposal.restricted = true;
    }
  }

  bool damped(const LocalModel& model, double damping, Proposal& proposal) override {
    set_step(least_squares_.damped(damping), proposal);
    if (geodesic_) bend(model, proposal);
    return true;
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

  /// Adds ½a to the step v, a being the response to the second derivatives of r along v. False where v bends
  /// too much.
  bool bend(const LocalModel& model, Proposal& proposal) const {
    if (model.residual_function == nullptr) return true;
    Vector second;
    model.residual_function->second_directional(model.x, proposal.step, second);
    if (!second.allFinite()) return false;
    const Vector response = least_squares_.respond(second);
    if (response.size() == 0) return true;
    const Vector half = 0.5 * response.cwiseQuotient(scaling_.diagonal());
    if (!(scaling_.norm(half) <= most_bent * scaling_.norm(proposal.step))) return false;
    proposal.step += half;
    return true;
  }

  GaussNewtonStep kind_;
  bool geodesic_;
  VariableScaling scaling_;
  linalg::DampedLeastSquares least_squares_;
};

}  // namespace

std::unique_ptr<Direction> gauss_newton_direction(GaussNewtonStep kind, bool geodesic) {
  return std::make_unique<GaussNewtonDirection>(kind, geodesic);
}

std::shared_ptr<const Method> method(const GaussNewton& options) {
  std::string name = "gauss-newton";
  if (options.hybrid) name += "-hybrid";
  if (options.within == GaussNewtonStep::Dogleg) name += "-dogleg";
  if (options.within == GaussNewtonStep::DoubleDogleg) name += "-double-dogleg";
  if (options.geodesic) name += "-geodesic";
  const auto pure = [kind = options.within, geodesic = options.geodesic] {
    return gauss_newton_direction(kind, geodesic);
  };
  if (!options.hybrid) return assemble(name, pure, options.step, options.stop, options.at_saddle);
  const auto hybrid = [pure, geodesic = options.geodesic](bool bounded) {
    return [pure, geodesic, bounded] { return hybrid_direction(pure(), geodesic, bounded); };
  };
  return assemble(name, hybrid(false), options.step, options.stop, options.at_saddle, hybrid(true));
}

}  // namespace quadric
