#pragma once

#include <string_view>

namespace quadric {

/// How a run ended; one meaning a value.
enum class Status {
  Converged,           ///< a minimum to first and second order: small gradient, certified positive curvature
  SaddlePoint,         ///< small gradient at a proven saddle or maximum, where the user asked to stop
  UndecidedCurvature,  ///< small gradient, but the second-order verdict could not be reached
  Stalled,             ///< no step makes progress although the gradient is not small
  Unbounded,           ///< the value falls without limit
  IterationLimit,      ///< the limit on iterations or evaluations was reached
  TimeLimit,           ///< the limit on time was reached
  EvaluationFailed,    ///< the function could not be evaluated (non-finite, or threw) and no shorter step
                       ///< helped
  StoppedByUser,       ///< an observer or a stop token asked to stop
};

/// The status in the words used by logs, JSON and docs: `converged`, `saddle_point`, ...
std::string_view to_string(Status status);

}  // namespace quadric
