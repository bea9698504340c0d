#pragma once

#include <optional>

#include "quadric/engine/direction.hpp"
#include "quadric/engine/memory.hpp"

namespace quadric {

/// The latest steps to the bottom of a quadric. Where they shrink at a constant rate along one line, the way
/// that is left is a geometric series, and its sum is known: towards a point where the Hessian is singular
/// Newton's steps shrink so (by 2/3 for x⁴; Decker, Keller & Kelley 1983), and those of a quadric that misses
/// curvature do (Aitken's extrapolation).
class StepSeries {
 public:
  void restart();
  /// The multiple m of the `next` step that it and all steps after it add up to; below 1 where steps
  /// alternate in sign. Empty where the steps do not shrink at a constant rate.
  std::optional<double> sum(const Vector& next, const Direction& direction) const;
  /// A step to the bottom of its quadric was taken as it was.
  void taken(const Vector& step);
  /// The sum was tried as a step.
  void tried(bool successful);
  void remember(Memory& memory);

 private:
  Vector last_, before_;  ///< n each; empty: none
  Index steps_ = 0;       ///< taken in a row
  Index wanted_ = 2;      ///< before a sum is tried; more after each that failed
};

}  // namespace quadric
