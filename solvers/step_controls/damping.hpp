#pragma once

#include "quadric/engine/step_control.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Nielsen's update of the damping of a quadric.
class DampingControl final : public StepControl {
 public:
  explicit DampingControl(const Damping& options);
  std::string_view name() const override { return "damping"; }
  void restart(const LocalModel& model, Direction& direction, const Vector& typical) override;
  void propose(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  bool accept(const LocalModel& model, const Direction& direction, const Proposal& proposal,
              const Outcome& outcome) override;
  void retry(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  void remember(Memory& memory) override;

 private:
  Damping options_;
  double damping_ = 0.0;  ///< λ
  double growth_ = 0.0;   ///< of λ after the next rejection
};

}  // namespace quadric
