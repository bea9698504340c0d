#pragma once

#include <deque>

#include "quadric/engine/step_control.hpp"
#include "quadric/solvers/step_controls.hpp"

namespace quadric {

/// Backtracks along one direction, by the minimizer of the parabola through what is known, until Armijo's
/// condition holds (Dennis & Schnabel 1983, algorithm A6.3.1), from the highest of the latest values (Grippo,
/// Lampariello & Lucidi 1986).
class LineSearchControl final : public StepControl {
 public:
  explicit LineSearchControl(const LineSearch& options);
  std::string_view name() const override {
    return options_.memory > 1 ? "non-monotone line search" : "line search";
  }
  void restart(const LocalModel& model, Direction& direction, const Vector& typical) override;
  void propose(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  bool accept(const LocalModel& model, const Direction& direction, const Proposal& proposal,
              const Outcome& outcome) override;
  void retry(const LocalModel& model, Direction& direction, Proposal& proposal) override;
  void remember(Memory& memory) override;

 private:
  LineSearch options_;
  std::deque<double> latest_;  ///< values of f at the latest points, at most `options_.memory`
  double length_ = 1.0;        ///< of the proposal, in units of the direction's own step
  double slope_ = 0.0;         ///< along the full step
  double predicted_ = 0.0;     ///< change of f at the full step
  double shrink_ = 0.5;        ///< factor for the next retry
};

}  // namespace quadric
