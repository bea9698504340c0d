#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quadric/base/status.hpp"
#include "quadric/curvature/critical_point.hpp"
#include "quadric/engine/solver.hpp"

#include "engine/escape.hpp"
#include "engine/evaluator.hpp"

namespace quadric {

/// How the run ends and why, where a limit is reached after so many iterations with value f, or an observer
/// or the stop token asked to stop.
std::optional<std::pair<Status, std::string>> limit_reached(const Stopping& stop, bool asked_by_observer,
                                                            double value, Index iterations,
                                                            const Evaluator& evaluator);

/// What the last iterations of a run gained, for the reason of one that a limit has ended; empty where there
/// are none.
std::string describe_progress(const std::vector<Iteration>& trace);

/// What follows where a method has no further step: the end, or a way on from a point that is no strict
/// minimum.
struct Verdict {
  enum class Next { End, LeaveSaddle, LeaveFlat };
  Next next = Next::End;
  Status status = Status::UndecidedCurvature;  ///< of the end; where there is a way on, if it leads nowhere
  std::string reason = {};
};

/// Reads a certificate. `gradient_is_zero` is the method's own first-order test: without it a point of
/// positive curvature is a stall, while negative curvature is a way on in any case.
Verdict judge(const CriticalPoint& point, bool gradient_is_zero, AtSaddle at_saddle);

/// The end at a point that `judge` would have left: because no step away was found, or because too many led
/// to such points again.
Verdict stay(const CriticalPoint& point, bool way_found);

/// What the trace says of an escape that lowered f by `gain`.
std::string describe_escape(const CriticalPoint& point, const Escape& escape, double gain);

}  // namespace quadric
