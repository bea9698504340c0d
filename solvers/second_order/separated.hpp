#pragma once

#include <memory>
#include <vector>

#include "quadric/problem/residuals.hpp"

namespace quadric {

/// Residuals r(α, β) = r₀(α) + Φ(α) β that are linear in some of the n variables, β, as a function of the
/// others alone, with β where ‖r‖ is least (Golub & Pereyra 1973): ρ(α) = r(α, β(α)). The Jacobian is
/// Kaufman's (1975), which leaves out what is orthogonal to ρ: the gradient of ½‖ρ‖² is exact, and so is its
/// Hessian, the Schur complement of that of ½‖r‖². Thread safe where the residuals are.
class Separated {
 public:
  /// At x (n) with the linear variables in increasing order, not all of them.
  Separated(Residuals residuals, std::vector<Index> linear, const Vector& x);
  ~Separated();

  const std::vector<Index>& nonlinear() const;
  /// ρ and its derivatives. Weighted Hessians are those for the weights ρ, whatever is asked for.
  Residuals residuals() const;
  /// (α, β(α)) (n); not finite where r is not.
  Vector lift(const Vector& alpha) const;

 private:
  class Source;
  std::shared_ptr<const Source> source_;
};

}  // namespace quadric
