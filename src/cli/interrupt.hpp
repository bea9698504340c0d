#pragma once

#include <memory>

#include "quadric/engine/observer.hpp"

namespace quadric::cli {

/// From here on the first Ctrl-C (SIGINT) asks the run to stop; a second one ends the program.
void catch_interrupt();

/// Whether Ctrl-C was pressed.
bool interrupted();

/// Stops a run at the next iteration after Ctrl-C.
std::shared_ptr<Observer> stop_on_interrupt();

}  // namespace quadric::cli
