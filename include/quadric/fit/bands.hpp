#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/fit/statistics.hpp"
#include "quadric/problem/pointwise.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// Which covariance of the parameters: s² (JᵀJ)⁻¹, s² H⁻¹ with the exact Hessian, or the sandwich.
enum class Covariance : std::uint8_t { Jacobian, Hessian, Sandwich };

struct BandOptions {
  double level = 0.95;                        ///< between 0 and 1, for each point alone
  std::optional<Covariance> covariance = {};  ///< default: the Jacobian's; under a loss the sandwich
  Vector weights = {};                        ///< k, ≥ 0: of an observation at each point; empty for ones
};

/// What may be believed of a fitted curve at k points, to first order (the delta method: Seber & Wild 1989,
/// section 5.1): f ± t √(gᵀCg), with g the gradient of the curve by the parameters, C their covariance and t
/// Student's quantile. A new observation lies as much farther off as its own error, of variance s² / weight,
/// takes it: f ± t √(gᵀCg + s²/w).
struct Bands {
  double level = 0.0;
  Covariance covariance = Covariance::Jacobian;
  Vector fitted = {};                     ///< of the curve (k)
  Vector standard_error = {};             ///< of the curve (k): infinite where the data leave it open
  std::vector<Interval> confidence = {};  ///< of the curve (k): infinite where the data leave it open
  /// Of a new observation (k). NaN under a loss, which says nothing of the distribution of errors.
  std::vector<Interval> prediction = {};
  std::string remark = {};  ///< why something is infinite or NaN, in a sentence; else empty
};

/// The bands of a curve: k values as a function of the parameters of the fit. Everything is NaN where the
/// covariance asked for is not known. Misuse for a level or weights out of their range or of another number.
/// Exceptions of the curve pass through. Takes one Jacobian of the curve.
Bands bands(const Residuals& curve, const Fit& fit, const BandOptions& options = {});

/// The bands of `model(b, x)`, as it was given to `fit`, at every x of a container.
///
///     Bands b = bands(model, std::vector{0.0, 0.5, 1.0}, found, {.level = 0.9});
template <class Model, class Xs>
requires requires(const Xs& xs) { std::size(xs); }
Bands bands(const Model& model, const Xs& xs, const Fit& fit, const BandOptions& options = {}) {
  const auto at = [model, xs](const auto& b, Index i) {
    return model(b, xs[static_cast<decltype(std::size(xs))>(i)]);
  };
  return bands(pointwise(static_cast<Index>(std::size(xs)), at), fit, options);
}

}  // namespace quadric
