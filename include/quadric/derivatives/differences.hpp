#pragma once

#include <functional>

#include "quadric/base/types.hpp"

/// Derivatives from values alone, by central differences with steps scaled to each variable (Nocedal & Wright
/// 2006, section 8.1). The functions evaluate `f` on a working copy of x; they are reentrant as far as `f`
/// is.
namespace quadric::differences {

using ScalarFunction = std::function<double(const Vector&)>;
using VectorFunction = std::function<void(const Vector&, Vector&)>;

/// Relative errors to be expected of a first derivative by central differences, of a Hessian from a gradient,
/// and of a Hessian from values.
inline constexpr double gradient_error = 4e-11;
inline constexpr double hessian_error_from_gradient = 4e-11;
inline constexpr double hessian_error_from_values = 1e-7;

/// Gradient of f: Rⁿ → R; 2n evaluations, error O(ε^(2/3)).
void gradient(const ScalarFunction& f, const Vector& x, Vector& g);

/// Jacobian (m × n) of f: Rⁿ → Rᵐ; 2n evaluations, error O(ε^(2/3)).
void jacobian(const VectorFunction& f, const Vector& x, Matrix& J);

/// Hessian from values, 1 + 2n² evaluations, error O(ε^(1/2)): symmetric by construction.
void hessian(const ScalarFunction& f, const Vector& x, Matrix& H);

/// Product H(x) v as the central difference of a gradient along v; 2 gradients.
void hessian_product(const VectorFunction& gradient, const Vector& x, const Vector& v, Vector& Hv);

}  // namespace quadric::differences
