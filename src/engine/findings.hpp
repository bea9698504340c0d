#pragma once

#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"

namespace quadric {

/// Adds what the observers found to the reason of a result and to the events of its last iteration. Wrong
/// derivatives refute a `converged`: the certificate was made of them.
void add_findings(const Observers& observers, Result& result);

}  // namespace quadric
