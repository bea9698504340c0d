#include "solvers/step_controls/line_search.hpp"

#include <algorithm>

#include "quadric/base/misuse.hpp"

namespace quadric {

LineSearchControl::LineSearchControl(const LineSearch& options) : options_(options) {
  if (!(options.sufficient_decrease > 0.0 && options.sufficient_decrease < 0.5)) {
    misuse("the sufficient decrease of a line search must be in (0, 0.5)");
  }
  if (options.memory < 1)
    misuse("the memory of a line search must be at least 1: the value of the point itself");
}

void LineSearchControl::restart(const LocalModel& /*model*/, Direction& /*direction*/,
                                const Vector& /*typical*/) {
  latest_.clear();
}

void LineSearchControl::propose(const LocalModel& model, Direction& direction, Proposal& proposal) {
  proposal.events = {};
  latest_.push_back(model.value);
  if (static_cast<Index>(latest_.size()) > options_.memory) latest_.pop_front();
  direction.unrestricted(model, proposal);
  length_ = 1.0;
  slope_ = model.slope(proposal.step);
  predicted_ = proposal.predicted;
  proposal.trust = length_;
}

bool LineSearchControl::accept(const LocalModel& model, const Direction& /*direction*/,
                               const Proposal& /*proposal*/, const Outcome& outcome) {
  if (!outcome.finite) {
    shrink_ = 0.1;
    return false;
  }
  shrink_ = std::clamp(0.5 * outcome.slope / (outcome.slope - outcome.actual), 0.1, 0.5);
  const double above = *std::max_element(latest_.begin(), latest_.end()) - model.value;
  return outcome.actual <= above + options_.sufficient_decrease * outcome.slope;
}

void LineSearchControl::retry(const LocalModel& /*model*/, Direction& /*direction*/, Proposal& proposal) {
  length_ *= shrink_;
  proposal.step *= shrink_;
  // The parabola with the slope at 0 and the predicted change at the full step.
  proposal.predicted = length_ * (slope_ + length_ * (predicted_ - slope_));
  proposal.restricted = true;
  proposal.trust = length_;
}

void LineSearchControl::remember(Memory& memory) {
  memory.option("sufficient decrease", options_.sufficient_decrease);
  memory.option("memory", static_cast<double>(options_.memory));
  Vector latest(static_cast<Index>(latest_.size()));
  std::copy(latest_.begin(), latest_.end(), latest.begin());
  memory.item("latest_values", latest);
  latest_.assign(latest.begin(), latest.end());
}

}  // namespace quadric
