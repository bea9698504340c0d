#pragma once

#include <functional>

#include "quadric/base/types.hpp"
#include "quadric/curvature/critical_point.hpp"

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
  std::function<bool(const Vector& x, Matrix& hessian)> hessian;
};

/// Expands f at a critical point x over the directions V (n × k) where its curvature is next to nothing
/// beside that close by, up to fourth order: φ(t) = min over w of f(x + V t + w), with w in a complement of V
/// where the Hessian is positive definite (the reduction of Lyapunov and Schmidt). The third and fourth
/// derivatives are differences of exact Hessians, k(k + 1) + 1 a length and two lengths, from shares of
/// `size` (n, the size of each variable, positive) downwards; where the two lengths disagree they count as
/// not known. Open for k > 2, where the Hessian is not definite on the complement, where Hessians can not be
/// had, where φ vanishes to fourth order, and above 64 variables.
HigherOrders look_at_higher_orders(const NearbyEvaluations& nearby, const Vector& x, double value,
                                   const Vector& gradient, const Matrix& hessian, const Vector& size);

/// Writes what was seen into the certificate of a degenerate point.
void apply(const HigherOrders& seen, CriticalPoint& point);

}  // namespace quadric
