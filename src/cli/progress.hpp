#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "quadric/engine/observer.hpp"

namespace quadric::cli {

/// One line that says how far a run is, `columns` wide at most:
///
///     [########............] iteration 120  f 1.2345e-03  ‖g‖ 2.1e-04  12 s
///
/// `share` is what the bar shows, from 0 to 1.
std::string progress_line(const Iteration& iteration, double share, int columns);

/// The share of a run that is done: of the limits that were asked for the one that is nearer; without limits
/// how far ‖∇f‖ fell towards 1e-10 of what it was at the start, in decades.
double progress_share(const Iteration& iteration, double first_gradient_norm,
                      std::optional<Index> max_iterations, std::optional<double> max_seconds);

/// Keeps such a line on stderr while a run lasts, ten times a second at most, and wipes it out when the run
/// ends. Null where stderr is no terminal.
std::shared_ptr<Observer> show_progress(std::optional<Index> max_iterations,
                                        std::optional<double> max_seconds);

/// The same of many runs, with what they took so far:
///
///     [########............] 225 of 563 runs  12 s
std::string runs_line(std::size_t done, std::size_t all, double seconds, int columns);

/// Keeps such a line on stderr, to be told how many runs are done of all; it is wiped out when all are. Empty
/// where stderr is no terminal.
std::function<void(std::size_t done, std::size_t all)> show_runs_done();

}  // namespace quadric::cli
