#pragma once

#include <string_view>

#include "quadric/engine/direction.hpp"

namespace quadric {

/// What became of a proposal.
struct Outcome {
  double actual = 0.0;  ///< change of f; NaN where the trial point could not be evaluated
  double slope = 0.0;   ///< gᵀp
  /// ∇f(x + p)ᵀp, the slope left at the trial point; NaN unless the control `judges_slopes`.
  double end_slope = Iteration::unknown;
  bool finite = true;
};

/// Decides how far to go: turns predicted against actual change into acceptance and the next radius or
/// length.
/// It may accept a step that f rises along: the loop keeps the best point.
class StepControl {
 public:
  virtual ~StepControl() = default;
  virtual std::string_view name() const = 0;
  /// Whether `accept` reads the slope at the trial point, so that the gradient is evaluated at each of them.
  virtual bool judges_slopes() const { return false; }
  /// Forgets radius or length; called at the start and after an escape. `typical` is the size of x so far,
  /// |xⱼ| (n).
  virtual void restart(const LocalModel& model, Direction& direction, const Vector& typical) = 0;
  /// The first proposal at a new model.
  virtual void propose(const LocalModel& model, Direction& direction, Proposal& proposal) = 0;
  /// Reads an outcome; true accepts the step.
  virtual bool accept(const LocalModel& model, const Direction& direction, const Proposal& proposal,
                      const Outcome& outcome) = 0;
  /// Another proposal at the same model, after a rejection: a shorter one, unless slopes speak for a longer.
  virtual void retry(const LocalModel& model, Direction& direction, Proposal& proposal) = 0;
  /// All that it learned before the next `propose`, and the options that rule it.
  virtual void remember(Memory& /*memory*/) {}
};

}  // namespace quadric
