#include "solvers/step_controls/cubic_regularization.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quadric/base/misuse.hpp"

namespace quadric {

namespace {

/// λ(r) and σ r may differ by this factor: the error of the sum's lowest value is of second order in it.
constexpr double close_enough = 1.1;
/// The quadric's own bottom does where the cubic term takes no more than this share of what is gained there.
constexpr double negligible_cubic = 0.1;
constexpr int most_balls = 60;
/// Least and largest change of the weight after one step.
constexpr double most_relief = 0.1;
constexpr double least_tightening = 2.0;
constexpr double most_tightening = 100.0;
constexpr double bad_ratio = 0.25;

/// The multiplier of the ball on whose boundary p is the quadric's lowest point: (B + λD²) p = −g.
double multiplier(const LocalModel& model, const Proposal& proposal, double length) {
  const double slope = model.slope(proposal.step);
  // What was predicted holds the curvature; another product would have to be evaluated.
  const double curvature =
      model.form == Curvature::Product ? 2.0 * (proposal.predicted - slope) : model.curvature(proposal.step);
  return std::max(0.0, -(slope + curvature) / length / length);  // the square may underflow
}

}  // namespace

CubicRegularizationControl::CubicRegularizationControl(const CubicRegularization& options)
    : options_(options) {
  if (!(options.initial_weight >= 0.0))
    misuse("the initial weight of a cubic regularization must be at least 0");
  if (!(options.acceptance >= 0.0 && options.acceptance < bad_ratio)) {
    misuse("the acceptance ratio of a cubic regularization must be in [0, 0.25)");
  }
}

void CubicRegularizationControl::restart(const LocalModel& model, Direction& direction,
                                         const Vector& typical) {
  const double size = direction.norm(typical), plane_step = direction.first_radius(model);
  radius_ = size > 0.0 ? size : plane_step;
  if (!(radius_ > 0.0 && std::isfinite(radius_))) radius_ = 1.0;
  weight_ = options_.initial_weight;
  // On a plane of this slope the step is as long as the size of x.
  if (!(weight_ > 0.0)) weight_ = plane_step / (radius_ * radius_);
  if (!(weight_ > 0.0 && std::isfinite(weight_))) weight_ = 1.0;
}

void CubicRegularizationControl::propose(const LocalModel& model, Direction& direction, Proposal& proposal) {
  proposal.events = {};
  double low = 0.0, high = std::numeric_limits<double>::infinity();
  double radius = radius_;
  bool free = false;  // of the cubic term
  for (int ball = 0; ball < most_balls; ++ball) {
    direction.within(model, radius, proposal);
    const double length = direction.norm(proposal.step);
    if (!(length > 0.0) || !std::isfinite(length)) break;
    const double lambda = proposal.restricted ? multiplier(model, proposal, length) : 0.0;
    const double cubic = weight_ * length * length * length / 3.0;
    free = !proposal.restricted && cubic <= negligible_cubic * -proposal.predicted;
    if (free) break;
    radius = length;
    const double wanted = weight_ * length;
    if (lambda <= close_enough * wanted && wanted <= close_enough * lambda) break;
    (lambda > wanted ? low : high) = length;
    // Exact where the curvature is 0.
    radius = length * std::sqrt(std::clamp(lambda / wanted, 0.01, 100.0));
    if (!(radius > low && radius < high)) radius = low > 0.0 ? 0.5 * (low + high) : 0.1 * high;
    if (high <= (1.0 + 1e-3) * low) break;
  }
  radius_ = direction.norm(proposal.step);
  proposal.restricted = !free;
  proposal.trust = weight_;
}

/// The error that the quadric made is what the cubic term would have had to be.
bool CubicRegularizationControl::accept(const LocalModel& /*model*/, const Direction& direction,
                                        const Proposal& proposal, const Outcome& outcome) {
  const double length = direction.norm(proposal.step);
  const double ratio = outcome.actual / proposal.predicted;
  const double error = std::abs(outcome.actual - proposal.predicted);
  const double seen = 3.0 * error / length / length / length;  // the cube may underflow
  const double factor = std::isfinite(seen) ? seen / weight_ : most_tightening;
  weight_ *= ratio > bad_ratio ? std::clamp(factor, most_relief, 1.0)
                               : std::clamp(factor, least_tightening, most_tightening);
  weight_ = std::clamp(weight_, std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
  return ratio > options_.acceptance;
}

void CubicRegularizationControl::retry(const LocalModel& model, Direction& direction, Proposal& proposal) {
  propose(model, direction, proposal);
}

void CubicRegularizationControl::remember(Memory& memory) {
  memory.option("initial weight", options_.initial_weight);
  memory.option("acceptance", options_.acceptance);
  memory.item("weight", weight_);
  memory.item("radius", radius_);
}

}  // namespace quadric
