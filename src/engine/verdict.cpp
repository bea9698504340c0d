#include "engine/verdict.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace quadric {

std::optional<std::pair<Status, std::string>> limit_reached(const Stopping& stop, bool asked_by_observer,
                                                            double value, Index iterations,
                                                            const Evaluator& evaluator) {
  using Limit = std::pair<Status, std::string>;
  if (asked_by_observer) return Limit{Status::StoppedByUser, "an observer asked to stop"};
  if (stop.token.stop_requested()) {
    return Limit{Status::StoppedByUser, "a stop was requested through the stop token"};
  }
  if (value < stop.lowest_value) {
    return Limit{Status::Unbounded, "f fell below " + text::number(stop.lowest_value)};
  }
  if (iterations >= stop.max_iterations) {
    return Limit{Status::IterationLimit,
                 "the limit of " + text::count(stop.max_iterations, "iteration") + " was reached"};
  }
  if (evaluator.counts().total() >= stop.max_evaluations) {
    return Limit{Status::IterationLimit,
                 "the limit of " + text::count(stop.max_evaluations, "evaluation") + " was reached"};
  }
  if (evaluator.seconds() > stop.max_seconds) {
    return Limit{Status::TimeLimit, "the limit of " + text::number(stop.max_seconds) + " s was reached"};
  }
  return std::nullopt;
}

std::string describe_progress(const std::vector<Iteration>& trace) {
  constexpr std::size_t most = 10;
  const std::size_t span = std::min(most, trace.size() - std::min<std::size_t>(trace.size(), 1));
  if (span == 0) return "";
  const Iteration &then = trace[trace.size() - 1 - span], &now = trace.back();
  return "; over the last " + text::count(static_cast<Index>(span), "iteration") + " f fell by " +
         text::number(then.value - now.value, 2) + " and the norm of the gradient went from " +
         text::number(then.gradient_norm, 2) + " to " + text::number(now.gradient_norm, 2);
}

namespace {

/// Of a point within bounds: how many variables they hold.
std::string held_by_bounds(const CriticalPoint& point) {
  if (point.held == 0) return "";
  return ", where bounds hold " + text::count(point.held, "variable");
}

}  // namespace

Verdict judge(const CriticalPoint& point, bool gradient_is_zero, AtSaddle at_saddle) {
  using Next = Verdict::Next;
  if (point.has_negative_curvature()) {
    if (at_saddle == AtSaddle::Escape || !gradient_is_zero) return {.next = Next::LeaveSaddle};
    return {.status = Status::SaddlePoint,
            .reason = "the point is a proven " + std::string(to_string(point.kind))};
  }
  if (!gradient_is_zero) {
    return {.status = Status::Stalled,
            .reason = "no step makes measurable progress, but the gradient is not zero"};
  }
  switch (point.kind) {
    case CriticalKind::Minimum:
      return {
          .status = Status::Converged,
          .reason = "the gradient is zero within the tolerance" + held_by_bounds(point) +
                    (point.order == 2 ? "" : ", and so are curvatures, but fourth derivatives are positive")};
    case CriticalKind::Degenerate:
      if (at_saddle == AtSaddle::Stop && point.order != 2) {
        return {.status = Status::SaddlePoint,
                .reason = "derivatives of order " + std::to_string(point.order) + " show that f falls"};
      }
      return {.next = Next::LeaveFlat};
    default:
      return {.status = Status::UndecidedCurvature,
              .reason = "the gradient is zero within the tolerance, but the second-order verdict is open: " +
                        point.reason};
  }
}

Verdict stay(const CriticalPoint& point, bool way_found) {
  if (point.has_negative_curvature()) {
    return {
        .status = way_found ? Status::SaddlePoint : Status::UndecidedCurvature,
        .reason = "the point is a " + std::string(to_string(point.kind)) +
                  (way_found ? ", as were too many before it" : ", but no decrease of f could be measured")};
  }
  return {
      .status = Status::UndecidedCurvature,
      .reason = "the gradient is zero within the tolerance and no curvature is negative, but one is zero" +
                (point.reason.empty() ? "" : ": " + point.reason)};
}

std::string describe_escape(const CriticalPoint& point, const Escape& escape, double gain) {
  return "at a " + point.describe() + ": escaped along it by " + text::number(escape.step.norm()) +
         ", f fell by " + text::number(gain);
}

}  // namespace quadric
