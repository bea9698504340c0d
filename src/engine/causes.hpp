#pragma once

#include <vector>

#include "quadric/engine/explanation.hpp"
#include "quadric/engine/result.hpp"

namespace quadric {

/// What held a run back, the most important first: rules over its trace, its certificate and, where there is
/// one, what a probe measured. `ended` is false for a trace whose ending is not known.
std::vector<Cause> find_causes(const Result& result, const Probe* probe, bool ended);

}  // namespace quadric
