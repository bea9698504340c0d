#include "quadric/base/status.hpp"

namespace quadric {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::Converged:
      return "converged";
    case Status::SaddlePoint:
      return "saddle_point";
    case Status::UndecidedCurvature:
      return "undecided_curvature";
    case Status::Stalled:
      return "stalled";
    case Status::Unbounded:
      return "unbounded";
    case Status::IterationLimit:
      return "iteration_limit";
    case Status::TimeLimit:
      return "time_limit";
    case Status::EvaluationFailed:
      return "evaluation_failed";
    case Status::StoppedByUser:
      return "stopped_by_user";
  }
  return "unknown";
}

}  // namespace quadric
