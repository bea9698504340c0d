#include "solvers/step_controls/trust_region.hpp"

#include <algorithm>
#include <cmath>

#include "quadric/base/misuse.hpp"

namespace quadric {

namespace {

/// The first radius is this many times the scaled size of x (Moré 1978 takes a factor between 0.1 and 100).
constexpr double radius_per_size = 1.0;
/// Growth of the radius after a good step. An exact quadric errs by the third order, so that a ratio near 1
/// proves that there is room for more; the ratio of a quadric that misses curvature may be near 1 by chance.
constexpr double usual_growth = 2.0;
constexpr double most_growth = 10.0;
constexpr double growth_per_surprise = 0.25;
/// Least ratio of an accepted step, for an exact quadric and for one that misses curvature.
constexpr double exact_acceptance = 0.1;
constexpr double crude_acceptance = 1e-4;
constexpr double bad_ratio = 0.25;
constexpr double good_ratio = 0.75;

/// The fraction of the step that minimizes the parabola through f(0), the slope there and f(1), within [0.1,
/// 0.5].
double interpolated_fraction(double slope, double actual) {
  if (!(slope < 0.0) || !std::isfinite(actual)) return 0.1;
  return std::clamp(0.5 * slope / (slope - actual), 0.1, 0.5);
}

bool exact(const Direction& direction) { return direction.needs() == Curvature::Hessian; }

double growth(const Direction& direction, double ratio) {
  if (!exact(direction)) return usual_growth;
  return std::clamp(growth_per_surprise / std::abs(ratio - 1.0), usual_growth, most_growth);
}

}  // namespace

TrustRegionControl::TrustRegionControl(const TrustRegion& options) : options_(options) {
  if (!(options.initial_radius >= 0.0)) misuse("the initial radius of a trust region must be at least 0");
  if (options.acceptance && !(*options.acceptance >= 0.0 && *options.acceptance < bad_ratio)) {
    misuse("the acceptance ratio of a trust region must be in [0, 0.25)");
  }
}

void TrustRegionControl::restart(const LocalModel& model, Direction& direction, const Vector& typical) {
  first_ = true;
  radius_ = options_.initial_radius;
  if (radius_ > 0.0) return;
  radius_ = radius_per_size * direction.norm(typical);
  if (radius_ > 0.0) return;
  radius_ = direction.first_radius(model);
  if (!(radius_ > 0.0 && std::isfinite(radius_))) radius_ = 1.0;
}

void TrustRegionControl::propose(const LocalModel& model, Direction& direction, Proposal& proposal) {
  proposal.events = {};
  direction.within(model, radius_, proposal);
  proposal.trust = radius_;
}

bool TrustRegionControl::accept(const LocalModel& /*model*/, const Direction& direction,
                                const Proposal& proposal, const Outcome& outcome) {
  const double length = direction.norm(proposal.step);
  const double ratio = outcome.actual / proposal.predicted;
  if (first_) radius_ = std::min(radius_, length);
  if (!(ratio > bad_ratio)) {
    radius_ = interpolated_fraction(outcome.slope, outcome.actual) * std::min(radius_, 10.0 * length);
  } else if (ratio >= good_ratio || !proposal.restricted) {
    const double grown = growth(direction, ratio) * length;
    radius_ = std::max(proposal.restricted ? radius_ : 0.0, grown);
  }
  const bool accepted =
      ratio > options_.acceptance.value_or(exact(direction) ? exact_acceptance : crude_acceptance);
  first_ = first_ && !accepted;
  return accepted;
}

void TrustRegionControl::retry(const LocalModel& model, Direction& direction, Proposal& proposal) {
  propose(model, direction, proposal);
}

}  // namespace quadric
