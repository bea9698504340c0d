#pragma once

#include <utility>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/differences.hpp"

namespace quadric::differences {

/// A move of x: (variable, length) pairs.
using Move = std::vector<std::pair<Index, double>>;

/// The values of a function around x, how far its variables may be moved, and how noisy it is.
class Sampler {
 public:
  /// Evaluates F(x). A noise or scale in the options that is negative, not finite or of another size throws
  /// `Misuse`.
  Sampler(const VectorFunction& f, const Vector& x, const Options& options);

  const Vector& center() const { return center_; }
  /// Typical magnitudes of the variables, all above 0.
  const Vector& lengths() const { return lengths_; }
  /// the longest move of a variable in search of a sign that it matters.
  double reach(Index j) const;
  Index evaluations() const { return evaluations_; }

  /// F(x + k · move); false when a component is not finite.
  bool at(const Move& move, double k, Vector& values);

  /// Noise per component, given the largest magnitudes and the fourth differences of some values nearby.
  /// Where the latter are well above rounding, one more set of evaluations finds out, once, whether that is
  /// noise or shape.
  Vector noise(const Vector& largest, const Vector& fourth);
  /// Takes note that component i is at least as noisy as that.
  void learn_noise(Index i, double noise);
  /// Measures the noise of all components.
  Vector measured_noise();
  /// Noise over magnitude in the median component as far as known, for the first guess of a step.
  double relative_noise() const;

 private:
  bool sample_closely(double spacing, std::vector<Vector>& values);
  void measure(const std::vector<bool>& suspect);

  const VectorFunction& f_;
  const Vector& x_;
  Vector moved_;
  Vector center_;
  Vector lengths_;
  double largest_ = 0.0;  ///< magnitude of a variable
  double given_noise_;
  bool measured_ = false;
  Vector measured_noise_;  // 0 where nothing was found
  Index evaluations_ = 0;
};

}  // namespace quadric::differences
