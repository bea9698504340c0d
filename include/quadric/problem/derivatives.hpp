#pragma once

#include "quadric/base/types.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// ∇f(x) (n). A non-finite or empty x throws `Misuse`.
Vector gradient(const Objective& f, const Point& x);

/// ∇²f(x) (n × n), the Jacobian of the gradient: symmetric where second derivatives are continuous.
Matrix hessian(const Objective& f, const Point& x);

/// ∇²f(x) (n × n, both triangles) in compressed form: exactly the entries that can be other than zero, where
/// the provider knows them, and the diagonal.
SparseMatrix sparse_hessian(const Objective& f, const Point& x);

/// J(x) (m × n), J(i,j) = ∂rᵢ/∂xⱼ.
Matrix jacobian(const Residuals& r, const Point& x);

/// J(x) (m × n) in compressed form: exactly the entries that can be other than zero, where the provider knows
/// them.
SparseMatrix sparse_jacobian(const Residuals& r, const Point& x);

/// ∇²f(x) v (n), without forming the Hessian where the provider can.
Vector hessian_product(const Objective& f, const Point& x, const Point& v);

}  // namespace quadric
