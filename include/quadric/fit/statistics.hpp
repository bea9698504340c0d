#pragma once

#include <limits>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric {

/// What may be believed of a number; an end is infinite where the data set none, and NaN where it was not
/// found.
struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// A direction in which the parameters can be changed without changing the fit, to first order.
struct Combination {
  /// Of each parameter (n), the largest of magnitude 1; most are 0. Those of tied parameters say what follows
  /// from the others, and may be larger.
  Vector weights;

  /// For example "k1 by 1 with k2 by -1".
  std::string describe(const std::vector<std::string>& names) const;
};

/// What the data determine, from the singular values of J with its columns scaled to unit length. A
/// combination is undetermined where its singular value is less than `tolerance` times the largest.
struct Identifiability {
  std::vector<Combination> undetermined = {};
  double condition = std::numeric_limits<double>::quiet_NaN();  ///< largest over smallest singular value
  double tolerance = 0.0;

  bool complete() const noexcept { return undetermined.empty(); }
};

/// Root-mean-square relative curvatures of the model at the estimate, times √F at 95 % (Bates & Watts 1980):
/// where `intrinsic` is small against 1 the model is nearly flat over the confidence region, and where
/// `parameter_effects` is small too, intervals from J alone can be believed. NaN where they were not
/// computed. The intrinsic one is the same however the model is parametrized; the other is of the free
/// parameters as they are, to which linear intervals belong.
struct BatesWatts {
  double intrinsic = std::numeric_limits<double>::quiet_NaN();
  double parameter_effects = std::numeric_limits<double>::quiet_NaN();
  /// Of the free parameters on their scales, to which `Fit::scaled_interval` belongs; NaN where none has one.
  double parameter_effects_scaled = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace quadric
