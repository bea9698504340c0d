#pragma once

#include "quadric/engine/step_control.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Regularizes the quadric by a cubic term. The lowest point of the sum is also the lowest of the quadric in
/// a ball, of the radius r at which the ball's multiplier λ(r) is σ r, and is found as such.
class CubicRegularizationControl final : public StepControl {
 public:
  explicit CubicRegularizationControl(const CubicRegularization& options);
  std::string_view name() const override { return "cubic regularization"; }
  void restart(const LocalModel& model, Direction& direction, const Vector& typical) override;
  void propose(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  bool accept(const LocalModel& model, const Direction& direction, const Proposal& proposal,
              const Outcome& outcome) override;
  void retry(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  void remember(Memory& memory) override;

 private:
  CubicRegularization options_;
  double weight_ = 0.0;  ///< σ
  double radius_ = 0.0;  ///< ‖D p‖ of the last proposal: where the search for the next begins
};

}  // namespace quadric
