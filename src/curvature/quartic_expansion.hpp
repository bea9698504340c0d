#pragma once

#include <array>

#include <Eigen/Core>

#include "quadric/base/types.hpp"

namespace quadric {

/// A symmetric form of a degree over t = (t₁, t₂): `at[j]` is its value for degree − j times the first basis
/// vector and j times the second.
template <int degree>
struct BinaryForm {
  std::array<double, degree + 1> at = {};

  /// The form of t, t, …, t.
  double along(const Eigen::Vector2d& t) const {
    double sum = 0.0, binomial = 1.0, power = 1.0;  // power = t₂ʲ; Horner's rule in t₁
    for (int j = 0; j <= degree; ++j) {
      const auto place = static_cast<std::size_t>(j);
      sum = sum * t[0] + binomial * power * at[place];
      binomial *= static_cast<double>(degree - j) / (j + 1);
      power *= t[1];
    }
    return sum;
  }
};

/// φ(t) ≈ aᵗt + ½ tᵗA t + third(t)/6 + fourth(t)/24 over one or two dimensions, and what is known of its
/// errors. Over one dimension all that has to do with t₂ is zero.
struct QuarticExpansion {
  Index dimensions = 1;
  Eigen::Vector2d first = Eigen::Vector2d::Zero();
  Eigen::Matrix2d second = Eigen::Matrix2d::Zero();
  BinaryForm<3> third = {}, third_error = {};
  BinaryForm<4> fourth = {}, fourth_error = {};
  double fourth_size = 0.0;  ///< of the terms that the fourth derivatives are differences of
  double length = 0.0;       ///< ‖t‖ up to where it holds

  enum class Shape {
    Minimum,   ///< lowest at t = 0, where fourth derivatives are positive and lower orders do not count
    Falls,     ///< lower somewhere else
    Vanishes,  ///< zero or next to zero somewhere, as sure as the derivatives are known
    Open,      ///< the errors hide what it is
  };
  struct Reading {
    Shape shape = Shape::Open;
    Index order = 4;                                   ///< of the derivatives that decide: 3 or 4
    Eigen::Vector2d lowest = Eigen::Vector2d::Zero();  ///< where it falls
  };
  Reading read() const;
};

}  // namespace quadric
