#include "solvers/step_controls/damping.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "quadric/base/misuse.hpp"

namespace quadric {

namespace {

constexpr double first_growth = 2.0;
constexpr double most_relief = 1.0 / 3.0;
/// A step is accepted when the actual decrease is more than this share of the predicted one.
constexpr double acceptance = 1e-4;
/// Beyond, dampings are none, or leave no step.
constexpr double least = 1e-150, most = 1e150;

}  // namespace

DampingControl::DampingControl(const Damping& options) : options_(options) {
  if (!(options.initial > 0.0 && std::isfinite(options.initial)))
    misuse("the initial damping must be positive and finite");
}

void DampingControl::restart(const LocalModel& /*model*/, Direction& /*direction*/,
                             const Vector& /*typical*/) {
  damping_ = options_.initial;
  growth_ = first_growth;
}

void DampingControl::propose(const LocalModel& model, Direction& direction, Proposal& proposal) {
  proposal.events = {};
  if (!direction.damped(model, damping_, proposal)) {
    misuse(std::string(direction.name()) +
           " knows no damped steps: take Gauss-Newton or Newton, or another step control");
  }
  proposal.trust = damping_;
}

bool DampingControl::accept(const LocalModel& /*model*/, const Direction& /*direction*/,
                            const Proposal& proposal, const Outcome& outcome) {
  const double ratio = outcome.actual / proposal.predicted;
  if (ratio > acceptance) {
    const double above_half = 2.0 * ratio - 1.0;
    damping_ *= std::max(most_relief, 1.0 - above_half * above_half * above_half);
    growth_ = first_growth;
  } else {
    // The value alone may have let λ fall before the rest of the quadric there could not be evaluated.
    damping_ = growth_ * std::max(damping_, proposal.trust);
    growth_ *= 2.0;
  }
  damping_ = std::clamp(damping_, least, most);
  growth_ = std::min(growth_, most);
  return ratio > acceptance;
}

void DampingControl::retry(const LocalModel& model, Direction& direction, Proposal& proposal) {
  propose(model, direction, proposal);
}

void DampingControl::remember(Memory& memory) {
  memory.option("initial damping", options_.initial);
  memory.item("damping", damping_);
  memory.item("growth", growth_);
}

}  // namespace quadric
