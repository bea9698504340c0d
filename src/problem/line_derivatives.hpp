#pragma once

#include <functional>

#include "quadric/base/types.hpp"

namespace quadric {

/// Derivatives of c functions of one number t at t = 0, each (c), from their values alone, and what is known
/// of their errors.
struct LineDerivatives {
  Vector first, first_error;    ///< infinite where nothing could be learned
  Vector second, second_error;  ///< likewise
  Vector first_size;   ///< largest slope of a secant nearby: what "small" means for a first derivative
  Vector second_size;  ///< likewise of second differences
};

/// Writes f(t) (c); false where it can not be evaluated.
using LineFunction = std::function<bool(double t, Vector& values)>;

/// What steps to take.
struct LineSteps {
  double largest = 0.0625;           ///< spacing of the widest stencil; it reaches four times as far
  double smallest = 1e-9;            ///< spacing of the narrowest
  double rounding_of_t = 0.0;        ///< error with which x + t v is represented, in units of t
  double rounding_of_values = 0.25;  ///< least error of a value in it, in units of ε |f|
};

/// The steps that suit a variable at x, alone: from a quarter of max(|x|, 1) down to where rounding is all
/// that is left of min(|x|, 1).
LineSteps steps_at(double x);

/// Central differences of order 8 on nine points, at spacings that shrink by 16. The noise of each function
/// (rounding or worse) is measured at every spacing by differences of order 7 and 8, which a smooth function
/// does not have (Moré & Wild, SIAM J. Sci. Comput. 33 (2011) 1292, ECnoise), and of the spacings the widest
/// is believed whose derivative agrees with those of all narrower ones within their noise (Lepski's
/// principle): a function that only looks smooth between distant points is not mistaken for one that is.
LineDerivatives differentiate_line(const LineFunction& f, const LineSteps& steps);

/// The noise of c functions (c): from nine points of the line, `spacing` apart, by differences of order 4 to
/// 8. Zero where a point can not be evaluated.
Vector measure_noise(const LineFunction& f, double spacing);

}  // namespace quadric
