#pragma once

#include <vector>

#include "quadric/problem/residuals.hpp"

namespace quadric {

/// The most variables, as far as one pass finds, in which the residuals are jointly linear for any value of
/// the others: r(α, β) = r₀(α) + Φ(α) β. Told by second derivatives, ∂²rᵢ/∂βⱼ∂βₖ = 0 at several points near x
/// (n), and by values. In increasing order; none where derivatives are differences, whose errors hide it. Of
/// variables that exclude each other, as in a product, those are taken that exclude fewest.
std::vector<Index> linear_variables(const Residuals& residuals, const Vector& x);

}  // namespace quadric
