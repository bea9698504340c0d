#pragma once

#include <string>
#include <string_view>

#include "quadric/base/types.hpp"

namespace quadric {

/// What the quadric looks like at a point.
enum class CriticalKind {
  Minimum,      ///< a strict local minimum: zero gradient, every curvature positive, or zero along some
                ///< directions where the fourth derivatives are (`CriticalPoint::order`)
  Maximum,      ///< zero gradient, every curvature negative
  Saddle,       ///< zero gradient, negative curvature along some directions and not along others
  Degenerate,   ///< zero gradient, no negative curvature, but zero curvature along some direction
  NotCritical,  ///< the gradient is not zero
  Undecided,    ///< the second derivatives could not be had, or their errors hide the signs
};

/// `minimum`, `maximum`, `saddle`, `degenerate`, `not_critical`, `undecided`.
std::string_view to_string(CriticalKind kind);

/// The certificate of a point: what it is, and what proves it.
struct CriticalPoint {
  CriticalKind kind = CriticalKind::Undecided;
  Index index = 0;              ///< Morse index: the number of negative curvatures
  bool index_is_bound = false;  ///< there may be more: they were not counted
  Index nullity = 0;            ///< the number of curvatures that are zero within the tolerance
  /// The order of the derivatives that decided. 2, but where curvature is zero along one or two directions:
  /// 4 of a minimum that the fourth derivatives prove; 3 or 4 of a degenerate point that they prove to be
  /// none, as f falls along `direction`.
  Index order = 2;
  double lambda_min = 0.0;   ///< smallest eigenvalue of the Hessian
  double lambda_max = 0.0;   ///< largest eigenvalue of the Hessian
  double error_bound = 0.0;  ///< bound on the error of both, absolute
  /// The signs were counted on the Hessian scaled to unit rows and columns (a congruence, which keeps them:
  /// Sylvester), where a magnitude below this counts as zero.
  double tolerance = 0.0;
  /// Bound on the probability that the verdict is wrong, over the random start of the search for extreme
  /// eigenvalues (Kuczyński & Woźniakowski 1992); 0 where factorizations or all eigenvalues prove it.
  double doubt = 0.0;
  double gradient_norm = 0.0;  ///< ‖∇f‖₂ at the point
  /// Unit vector that proves the kind: along it the curvature is the most negative (saddle, maximum), zero
  /// (degenerate, where f falls along it if `order` is not 2) or the smallest (minimum). Empty when
  /// undecided, and for a minimum with a `doubt`.
  Vector direction = {};
  /// Where the problem has bounds, ∂f/∂x of the variables that they hold, else 0 (n): positive at lower
  /// bounds and negative at upper ones, so that f rises from there into the box. Everything else is then said
  /// of f along the other variables, which `held` says the number of. Empty without bounds.
  Vector multipliers = {};
  Index held = 0;  ///< variables that bounds hold, by a multiplier that is not zero, or fix
  /// The lowest curvature is positive here, but not seen to last to the bottom of its quadric.
  bool fades = false;
  std::string reason = {};  ///< why undecided or not critical; else empty

  bool is_minimum() const noexcept { return kind == CriticalKind::Minimum; }
  /// Some curvature is provably negative, so that f falls along `direction`.
  bool has_negative_curvature() const noexcept {
    return kind == CriticalKind::Saddle || kind == CriticalKind::Maximum;
  }
  /// One line, for example "saddle of index 1, λ ∈ [-1, 1], f falls along (1, 0)".
  std::string describe() const;
};

}  // namespace quadric
