#pragma once

#include "quadric/engine/direction.hpp"

namespace quadric {

/// A direction that knows curvature from the gradients at two points in a row only: from the last step s and
/// the change y of the gradient over it, with y ≈ ∇²f s. What a step is made of is left to `choose`; how it
/// is shortened is the same for all.
class SecantDirection : public Direction {
 public:
  Curvature needs() const override { return Curvature::Gradient; }
  void restart() override;
  void prepare(const LocalModel& model) override;
  void unrestricted(const LocalModel& model, Proposal& proposal) override;
  void within(const LocalModel& model, double radius, Proposal& proposal) override;
  double first_radius(const LocalModel& model) const override;
  void remember(Memory& memory) override;

 protected:
  /// Sets the step to the bottom of the method's quadric, by `set_step` or `steepest`.
  virtual void choose(const LocalModel& model) = 0;

  /// The bottom of the quadric whose B has the curvature −gᵀp along p, as where B p = −g.
  void set_step(const LocalModel& model, Vector step);
  /// Along −g by the length of Barzilai & Borwein (1988), sᵀs / sᵀy: the curvature is that along the last
  /// step. Where that is zero or negative nothing speaks for a bottom, and the step doubles the last one; the
  /// first step of a run goes to the bottom of the parabola that has the lowest value zero (Fletcher 1987,
  /// section 2.6), but no further than x is from the origin.
  void steepest(const LocalModel& model);

  /// There is a last step, and f bent up along it.
  bool bends_up() const noexcept { return bends_up_; }
  const Vector& last_step() const noexcept { return s_; }
  const Vector& gradient_change() const noexcept { return y_; }

 private:
  Vector x_, g_;  ///< the point before, while it is one; else empty
  Vector s_, y_;  ///< empty where there is no last step
  bool bends_up_ = false;
  Vector step_;             ///< of the quadric's own length (n)
  double slope_ = 0.0;      ///< gᵀp of it
  double curvature_ = 0.0;  ///< pᵀB p of it
  bool free_ = false;       ///< no curvature holds the step
};

}  // namespace quadric
