#pragma once

#include <memory>

#include "quadric/base/types.hpp"
#include "quadric/problem/bounds.hpp"
#include "quadric/problem/objective.hpp"

namespace quadric {

class Residuals;

/// What the quadric of a `LocalModel` is built from: what a direction needs of the provider.
enum class Curvature {
  Hessian,      ///< B = ∇²f(x), dense or sparse
  GaussNewton,  ///< B = JᵀJ, held as the residuals r and their Jacobian J
  Product,      ///< B = ∇²f(x), known through products B v only
  Gradient,     ///< B = 0: a plane; what curvature there is, the direction knows from earlier gradients
};

/// The quadric at one point: f + gᵀp + ½ pᵀB p. Filled by the engine; a plain record that owns its storage,
/// so that rebuilding it at the next point allocates nothing.
class LocalModel {
 public:
  Curvature form = Curvature::Hessian;
  double value = 0.0;  ///< f(x)
  Vector x;            ///< the point (n)
  /// g (n). Where a bound holds its variable, the entry is 0, as the variable can not follow it: it is in
  /// `multipliers`.
  Vector gradient;
  Vector multipliers;              ///< the entries of ∇f that bounds hold, else 0 (n); empty without bounds
  const Bounds* bounds = nullptr;  ///< that x is to stay within; null: none
  Matrix hessian;                  ///< n × n, symmetric; only where form is Hessian and not sparse
  /// The lower triangle of B in compressed form, diagonal included; null where B is not sparse.
  std::shared_ptr<SparseMatrix> sparse_hessian;
  Vector residuals;  ///< m; only where form is GaussNewton
  Matrix jacobian;   ///< m × n; only where form is GaussNewton
  /// r, for its second derivatives along a direction; null where form is another or the quadric is not at x.
  const Residuals* residual_function = nullptr;
  const Objective* objective = nullptr;  ///< what the model is of; gives the products where form is Product
  Vector gradient_product;               ///< B g (n); only where form is Product
  /// ‖∇²f‖ as far as the steps so far showed it, ‖Δg‖ / ‖p‖; 0: not yet. Only where form is Gradient, set by
  /// the loop.
  double stretch = 0.0;

  Index size() const noexcept { return x.size(); }
  /// Evaluates `objective` at x: value, gradient and B, in compressed form from 65 variables on unless it has
  /// few zeros (or `is_filled` says that it has). Returns whether it has few.
  bool fill_hessian(bool is_filled = false);
  /// Whether B is held in compressed form.
  bool is_sparse() const noexcept { return form == Curvature::Hessian && sparse_hessian != nullptr; }
  /// Takes the bounds that x is within, and moves the entries of the gradient that they hold. There a slope
  /// may be infinite, and what is not finite of B in the rows of such variables, which no step needs, becomes
  /// 0.
  void keep_within(const Bounds& box);
  /// ∇f(x), with the entries that bounds hold (n).
  Vector full_gradient() const { return bounds ? Vector(gradient + multipliers) : gradient; }
  /// B as a full matrix (n × n), where it is a Hessian.
  Matrix full_hessian() const;
  /// B v (n).
  Vector multiply(const Vector& v) const;
  /// |B| v (n), with the magnitudes of B's entries; where form is Gauss-Newton a bound, |J|ᵀ|J| v. Misuse
  /// where the model holds neither.
  Vector multiply_magnitudes(const Vector& v) const;
  /// gᵀv, the slope of f along v.
  double slope(const Vector& v) const { return gradient.dot(v); }
  /// vᵀB v, the curvature of the quadric along v (not normalized).
  double curvature(const Vector& v) const;
  /// gᵀp + ½ pᵀB p, the change that the quadric predicts.
  double predicted_change(const Vector& p) const { return slope(p) + 0.5 * curvature(p); }
};

}  // namespace quadric
