#pragma once

#include <memory>
#include <optional>

#include "quadric/curvature/critical_point.hpp"
#include "quadric/engine/stopping.hpp"

#include "engine/evaluator.hpp"

namespace quadric {

class EquilibratedHessian;

/// How much the gradient would change if every variable moved by its typical size: Σₖ |Bⱼₖ| xₖ (n). Where B
/// is known through products only, its size is that of the product with the gradient; where it is not known
/// at all, that which the steps so far showed.
Vector gradient_scale(const LocalModel& model, const Vector& typical);

/// max |vⱼ| / scaleⱼ, with 0/0 = 0. Of a gradient and its scale: the relative move of x that explains the
/// gradient.
double largest_ratio(const Vector& v, const Vector& scale);

/// Whether the gradient counts as zero (see `Stopping`).
bool gradient_is_small(const Vector& gradient, const Vector& scale, const Stopping& stop);

/// False where `gradient_is_small` with the scale for these sizes of x is false, as can be told for less.
bool may_be_small(const LocalModel& model, const Vector& typical, const Stopping& stop);

/// The certificate of a point, with what a decision about it needs.
struct Certificate {
  CriticalPoint point;
  /// With the exact Hessian, or its products where that is too large; unspecified where it could not be had.
  LocalModel model;
  bool small_gradient = false;  ///< the gradient counts as zero against the exact Hessian
  /// The step to the bottom of the exact quadric (n); empty where the Hessian is not positive definite.
  std::optional<Vector> newton_step;
  /// Of a degenerate point from which higher derivatives show f to fall: to where it falls (n).
  std::optional<Vector> step_down;
  double confirmed_radius = 0.0;  ///< how far, in units of x, the curvature of a minimum was seen to last
  /// With what that is still to be seen (`confirm`); null where it was.
  std::shared_ptr<EquilibratedHessian> to_confirm = nullptr;
  /// What f would lose by that step; infinite where there is none.
  double decrement() const;
  /// The largest relative move of a variable in that step, against its typical size; infinite where there is
  /// none.
  double distance(const Vector& typical) const;
};

/// When it is seen how far the curvature of a minimum lasts.
enum class Confirmation {
  Now,
  Later,  ///< `confirm` must follow, unless `is_confirmed_by` or `carry_over` say yes
};

/// Classifies a point as if its gradient were zero, by its Hessian, which is evaluated where the model there
/// does not hold it, or by products beyond 2,000 variables where it has few zeros. A minimum is confirmed
/// over the distance that the Newton step says is left, and once more as far: where the lowest curvature does
/// not last, the point is degenerate. At a degenerate point with a small gradient the third and fourth
/// derivatives are looked at. `nearby`, a minimum confirmed before, stands for that where it was confirmed as
/// far. Where the problem has bounds, all of this is done on the face of the variables that they do not hold.
Certificate certify(Evaluator& evaluator, const LocalModel& here, const Vector& typical, const Stopping& stop,
                    const Certificate* nearby = nullptr, Confirmation confirmation = Confirmation::Now);
/// The same where nothing is known of x.
Certificate certify(Evaluator& evaluator, const Vector& x, const Vector& typical, const Stopping& stop);

/// Whether a minimum that is to be confirmed is so by another point where the exact Hessian is known, as that
/// which the last step was taken from: the way that is left is but a small share of the distance between the
/// points, and the Hessian is the same at both up to a factor of two along every direction. Then it lasts
/// over twice the way that is left.
bool is_confirmed_by(const LocalModel& other, const Certificate& certificate);
/// Counts the negative curvatures where the verdict left their number a bound, as far as they can be.
void count_signs(Certificate& certificate);
/// What was left for later.
void confirm(Evaluator& evaluator, const Vector& typical, Certificate& certificate);
/// Makes the certificate of a minimum that of the point its Newton step led to, where that is so near that
/// the Hessian stands for both: what the step left of the way to the bottom shows how little it changed.
/// False, and nothing done, where it does not, or where no confirmation was left for later.
bool carry_over(Certificate& certificate, const LocalModel& there, const Vector& typical,
                const Stopping& stop);

}  // namespace quadric
