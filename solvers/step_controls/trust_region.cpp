#include "solvers/step_controls/trust_region.hpp"

#include <algorithm>
#include <cmath>

#include "quadric/base/misuse.hpp"

namespace quadric {

namespace {

/// The first radius is this many times the scaled size of x (Moré 1978 takes a factor between 0.1 and 100).
/// The error of an exact quadric tells after one trial how far it does.
constexpr double exact_radius_per_size = 10.0;
constexpr double crude_radius_per_size = 1.0;
/// Growth of the radius after a good step. An exact quadric errs by the third order, so that its error tells
/// how far it will do; the ratio of a quadric that misses curvature may be near 1 by chance.
constexpr double usual_growth = 2.0;
constexpr double most_growth = 10.0;
constexpr double least_shrinking = 0.5;
constexpr double most_shrinking = 0.1;
/// The next radius is where an exact quadric is expected to err by this share of the change that it predicts:
/// after a good step, and after one that was too long.
constexpr double error_after_good = 0.25;
constexpr double error_after_bad = 0.5;
/// Least ratio of an accepted step, for an exact quadric and for one that misses curvature.
constexpr double exact_acceptance = 0.1;
constexpr double crude_acceptance = 1e-4;
constexpr double bad_ratio = 0.25;
constexpr double good_ratio = 0.75;

/// The fraction of the step that minimizes the parabola through f(0), the slope there and f(1).
double interpolated_fraction(double slope, double actual) {
  if (!(slope < 0.0) || !std::isfinite(actual)) return most_shrinking;
  return 0.5 * slope / (slope - actual);
}

/// The multiple t of the step at which the error of an exact quadric, which grows like t³, is the given share
/// of the change that it predicts, which grows like t at least, and like t² where the quadric bends down.
double multiple_with_error(double share, double slope, double predicted, double actual) {
  const double error = std::abs(actual - predicted);
  if (!std::isfinite(error)) return most_shrinking;
  const double bends_down = std::max(0.0, slope - predicted), falls = -predicted - bends_down;
  if (error <= 1e-8 * -predicted) return most_growth;
  const double half = 0.5 * share * bends_down / error;
  return half + std::sqrt(half * half + share * std::max(falls, 0.0) / error);
}

double growth(bool exact, const Proposal& proposal, const Outcome& outcome) {
  if (!exact) return usual_growth;
  return std::clamp(multiple_with_error(error_after_good, outcome.slope, proposal.predicted, outcome.actual),
                    usual_growth, most_growth);
}

double shrinking(bool exact, const Proposal& proposal, const Outcome& outcome) {
  const double fraction =
      exact ? multiple_with_error(error_after_bad, outcome.slope, proposal.predicted, outcome.actual)
            : interpolated_fraction(outcome.slope, outcome.actual);
  return std::clamp(fraction, most_shrinking, least_shrinking);
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
  rejected_ = 0.0;
  radius_ = options_.initial_radius;
  if (radius_ > 0.0) return;
  radius_ = (direction.exact() ? exact_radius_per_size : crude_radius_per_size) * direction.norm(typical);
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
    // A step that can not be evaluated must not fit again: its value alone may have let the radius grow
    // before the rest of its quadric failed.
    const double reach = outcome.finite ? 10.0 * length : length;
    radius_ = shrinking(direction.exact(), proposal, outcome) * std::min(radius_, reach);
  } else if (ratio >= good_ratio || !proposal.restricted) {
    double grown = growth(direction.exact(), proposal, outcome) * length;
    if (rejected_ > length) grown = std::min(grown, std::sqrt(length) * std::sqrt(rejected_));
    radius_ = std::max(proposal.restricted ? radius_ : 0.0, grown);
  }
  const bool accepted =
      ratio > options_.acceptance.value_or(direction.exact() ? exact_acceptance : crude_acceptance);
  first_ = first_ && !accepted;
  rejected_ = accepted ? 0.0 : length;
  return accepted;
}

void TrustRegionControl::retry(const LocalModel& model, Direction& direction, Proposal& proposal) {
  propose(model, direction, proposal);
}

void TrustRegionControl::remember(Memory& memory) {
  memory.option("initial radius", options_.initial_radius);
  memory.option("acceptance", options_.acceptance.value_or(Iteration::unknown));
  memory.item("radius", radius_);
  memory.item("first", first_);
  memory.item("rejected", rejected_);
}

}  // namespace quadric
