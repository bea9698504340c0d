#pragma once

#include <functional>

#include "quadric/base/types.hpp"
#include "quadric/curvature/critical_point.hpp"
#include "quadric/problem/local_model.hpp"

namespace quadric {

/// What the third and fourth derivatives say along directions where the curvature vanishes.
struct HigherOrders {
  enum class Verdict {
    Minimum,  ///< the fourth derivatives are positive along all of them, and lower orders do not count
    Falls,    ///< f was measured to fall by `step`
    Open,     ///< neither is shown
  };
  Verdict verdict = Verdict::Open;
  Index order = 4;    ///< of the derivatives that decide: 3 or 4
  Index nullity = 0;  ///< how many directions are flat
  Vector step = {};   ///< where f falls: to the lowest point of the expansion (n), relative to x
};

/// Evaluations at a point; false where they fail.
struct NearbyEvaluations {
  std::function<bool(const Vector& x, double& value)> value;
  std::function<bool(const Vector& x, Vector& gradient)> gradient;
  std::function<bool(const Vector& x, Vector& gradient, Matrix& hessian)> hessian;
};

/// Expands f at a critical point `here` over the directions V where its curvature is next to nothing beside
/// that close by, up to fourth order: φ(t) = min over w of f(x + V t + w), with w in a complement of V where
/// the Hessian is positive definite (the reduction of Lyapunov and Schmidt).
///
/// The derivatives of order 3 and 4 are differences of exact Hessians, at a length that is a share of `size`
/// (n, the size of each variable, positive); the gradients at the same points give them too, and as far as
/// the two differ they count as not known: then a tenth of that length is tried. Variables that no Hessian
/// couples make f a sum of parts, which are looked at together, by the same evaluations. A length takes two
/// Hessians aside of x, two for each flat direction of the part with most of them (none for the first one
/// where f has one part and all of it is flat), and two gradients between where a part has two.
///
/// Open where a part has more than two flat directions, where the Hessian is not definite on a complement,
/// where derivatives can not be had, where φ vanishes to fourth order, and above 64 variables.
HigherOrders look_at_higher_orders(const NearbyEvaluations& nearby, const LocalModel& here,
                                   const Vector& size);

/// Writes what was seen into the certificate of a degenerate point.
void apply(const HigherOrders& seen, CriticalPoint& point);

}  // namespace quadric
