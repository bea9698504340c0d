#pragma once

#include <string_view>

#include "quadric/engine/direction.hpp"

namespace quadric {

/// What became of a proposal.
struct Outcome {
  double actual = 0.0;  ///< change of f; NaN where the trial point could not be evaluated
  double slope = 0.0;   ///< gᵀp
  bool finite = true;
};

/// Decides how far to go: turns predicted against actual change into acceptance and the next radius or
/// length.
class StepControl {
 public:
  virtual ~StepControl() = default;
  virtual std::string_view name() const = 0;
  /// Forgets radius or length; called at the start and after an escape. `typical` is the size of x so far,
  /// |xⱼ| (n).
  virtual void restart(const LocalModel& model, Direction& direction, const Vector& typical) = 0;
  /// The first proposal at a new model.
  virtual void propose(const LocalModel& model, Direction& direction, Proposal& proposal) = 0;
  /// Reads an outcome; true accepts the step.
  virtual bool accept(const LocalModel& model, const Direction& direction, const Proposal& proposal,
                      const Outcome& outcome) = 0;
  /// A shorter proposal at the same model, after a rejection.
  virtual void retry(const LocalModel& model, Direction& direction, Proposal& proposal) = 0;
};

}  // namespace quadric
