#include "solvers/step_controls/strong_wolfe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quadric/base/misuse.hpp"

namespace quadric {

namespace {

/// A relative change of f up to this may be rounding.
constexpr double rounding = 16.0 * std::numeric_limits<double>::epsilon();

}  // namespace

StrongWolfeControl::StrongWolfeControl(const StrongWolfe& options)
    : options_(options), search_(options.sufficient_decrease, options.curvature) {
  if (!(options.sufficient_decrease > 0.0 && options.sufficient_decrease < 0.5)) {
    misuse("the sufficient decrease of a line search must be in (0, 0.5)");
  }
  if (!(options.curvature > options.sufficient_decrease && options.curvature < 1.0)) {
    misuse("the share of the slope that a line search leaves must be in (sufficient decrease, 1)");
  }
}

void StrongWolfeControl::restart(const LocalModel& /*model*/, Direction& /*direction*/,
                                 const Vector& /*typical*/) {}

void StrongWolfeControl::propose(const LocalModel& model, Direction& direction, Proposal& proposal) {
  proposal.events = {};
  direction.unrestricted(model, proposal);
  full_ = proposal.step;
  slope_ = model.slope(full_);
  curvature_ = 2.0 * (proposal.predicted - slope_);
  length_ = 1.0;
  proposal.trust = length_;
  failed_ = false;
  search_.start(slope_, proposal.longest);
}

bool StrongWolfeControl::accept(const LocalModel& model, const Direction& /*direction*/,
                                const Proposal& /*proposal*/, const Outcome& outcome) {
  if (!outcome.finite) {
    // What the search settles for can fail only then: in a part of the quadric that the search did not need,
    // or because the function gives another answer now. It would be asked for again and again.
    failed_ = search_.hopeless();
    if (!failed_) search_.tell_missing();
    return false;
  }
  if (approximately(model, outcome)) return true;
  curvature_ = (outcome.end_slope - outcome.slope) / (length_ * length_);
  if (!search_.hopeless()) return search_.tell(outcome.actual, outcome.end_slope / length_);
  failed_ = !(outcome.actual < 0.0);
  return !failed_;
}

/// The approximate Wolfe conditions, where the change of f is lost in its rounding (Hager & Zhang 2005, eq.
/// 4.1).
bool StrongWolfeControl::approximately(const LocalModel& model, const Outcome& outcome) const {
  return std::abs(outcome.actual) <= rounding * std::abs(model.value) &&
         outcome.end_slope <= (2.0 * options_.sufficient_decrease - 1.0) * outcome.slope &&
         outcome.end_slope >= options_.curvature * outcome.slope;
}

void StrongWolfeControl::retry(const LocalModel& /*model*/, Direction& /*direction*/, Proposal& proposal) {
  length_ = failed_ ? 0.0 : search_.length();
  proposal.step = length_ * full_;
  // Beyond the bottom of the parabola that is known so far, the search still expects what it asks for.
  proposal.predicted = std::min(length_ * (slope_ + 0.5 * length_ * curvature_),
                                options_.sufficient_decrease * length_ * slope_);
  proposal.restricted = true;
  proposal.trust = length_;
}

/// Each search starts anew.
void StrongWolfeControl::remember(Memory& memory) {
  memory.option("sufficient decrease", options_.sufficient_decrease);
  memory.option("curvature", options_.curvature);
}

}  // namespace quadric
