#pragma once

#include <limits>
#include <stop_token>

#include "quadric/base/types.hpp"

namespace quadric {

/// When a run ends. The first-order test is relative: scaling x or f by a constant changes nothing.
struct Stopping {
  /// Most iterations (accepted steps); 0 evaluates the start and certifies it.
  Index max_iterations = 10000;
  /// Most evaluations of any kind: values, gradients, Hessians and products together.
  Index max_evaluations = std::numeric_limits<Index>::max();
  /// Most seconds of wall time, checked between evaluations.
  double max_seconds = std::numeric_limits<double>::infinity();
  /// The gradient counts as zero when every |gⱼ| is at most this times Σₖ |Bⱼₖ| xₖ, with xₖ the largest
  /// magnitude that the k-th variable had lately: a relative change of x this small explains the gradient
  /// that is left.
  double gradient_tolerance = 1e-11;
  /// The gradient also counts as zero when ‖g‖∞ is at most this, in units of f per x; 0 switches it off.
  double gradient_norm = 0.0;
  /// The run ends as `unbounded` once f falls below this, in units of f.
  double lowest_value = -1e100;
  /// Ends the run as `stopped_by_user` once a stop was requested, from any thread; looked at between
  /// evaluations.
  std::stop_token token = {};
};

}  // namespace quadric
