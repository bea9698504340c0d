#include "engine/findings.hpp"

namespace quadric {

void add_findings(const Observers& observers, Result& result) {
  for (const auto& observer : observers) {
    const Finding finding = observer->finding();
    if (!result.trace.empty()) result.trace.back().events.add(finding.events);
    if (!finding.sentence.empty()) {
      const bool asked_to_stop = result.status == Status::StoppedByUser;
      result.reason.append(asked_to_stop ? ": " : "; ").append(finding.sentence);
    }
    if (finding.events.has(Event::WrongDerivative) && result.status == Status::Converged)
      result.status = Status::StoppedByUser;
  }
}

}  // namespace quadric
