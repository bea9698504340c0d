#pragma once

#include "quadric/engine/step_control.hpp"
#include "quadric/solvers/step_controls.hpp"

#include "solvers/step_controls/more_thuente.hpp"

namespace quadric {

/// Searches along one direction for a step that satisfies the strong Wolfe conditions.
class StrongWolfeControl final : public StepControl {
 public:
  explicit StrongWolfeControl(const StrongWolfe& options);
  std::string_view name() const override { return "strong Wolfe search"; }
  bool judges_slopes() const override { return true; }
  void restart(const LocalModel& model, Direction& direction, const Vector& typical) override;
  void propose(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  bool accept(const LocalModel& model, const Direction& direction, const Proposal& proposal,
              const Outcome& outcome) override;
  void retry(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  void remember(Memory& memory) override;

 private:
  bool approximately(const LocalModel& model, const Outcome& outcome) const;

  StrongWolfe options_;
  MoreThuente search_;
  Vector full_;             ///< the direction's own step (n)
  bool failed_ = false;     ///< the search found nothing
  double length_ = 1.0;     ///< of the proposal, in units of it
  double slope_ = 0.0;      ///< along the full step
  double curvature_ = 0.0;  ///< along the full step: of the quadric, then as the last trial showed it
};

}  // namespace quadric
