#pragma once

#include "quadric/engine/step_control.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Accepts by the ratio of actual to predicted change and moves the radius with it (Moré 1978; Moré &
/// Sorensen 1983).
class TrustRegionControl final : public StepControl {
 public:
  explicit TrustRegionControl(const TrustRegion& options);
  std::string_view name() const override { return "trust region"; }
  void restart(const LocalModel& model, Direction& direction, const Vector& typical) override;
  void propose(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  bool accept(const LocalModel& model, const Direction& direction, const Proposal& proposal,
              const Outcome& outcome) override;
  void retry(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  void remember(Memory& memory) override;

 private:
  TrustRegion options_;
  double radius_ = 0.0;
  double rejected_ = 0.0;  ///< length of the step that was rejected last at this model; 0: none was
  bool first_ = true;      ///< no step was accepted since the restart: the radius is a guess
};

}  // namespace quadric
