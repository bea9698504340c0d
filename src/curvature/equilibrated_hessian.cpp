#include "curvature/equilibrated_hessian.hpp"

#include <algorithm>
#include <utility>

#include "curvature/symmetric_hessian.hpp"
#include "linalg/lanczos.hpp"
#include "linalg/sums.hpp"

namespace quadric {

EquilibratedHessian::EquilibratedHessian(const LocalModel& model)
    : H_(symmetric_hessian(model)), S_(H_), d_(linalg::equilibrate(H_)) {
  S_.scale(d_);
  cholesky_.reset(S_);
}

bool EquilibratedHessian::factor(double shift) {
  if (factored_ == shift) return true;
  factored_.reset();
  if (cholesky_.factor(shift)) factored_ = shift;
  return factored_.has_value();
}

std::optional<Vector> EquilibratedHessian::newton_step(const Vector& gradient) {
  if (!factor(0.0)) return std::nullopt;
  Vector step = -d_.cwiseProduct(gradient);
  solve_in_place(step);
  step.array() *= d_.array();
  if (!linalg::all_finite(step)) return std::nullopt;
  return step;
}

bool EquilibratedHessian::keeps(double share, const LocalModel& there) {
  linalg::Symmetric after = symmetric_hessian(there);
  after.scale(d_);
  if (keeps_everywhere(share, after)) return true;
  if (!factor(0.0)) return false;
  const auto inverse = [this](const Vector& v, Vector& product) {
    product = v;
    solve_in_place(product);
  };
  const double lowest = 1.0 / linalg::lanczos(size(), inverse, 1e-2, linalg::Ends::Highest).highest.value;
  factored_.reset();
  cholesky_.reset(after);
  const bool kept = cholesky_.factor(-share * lowest);
  cholesky_.reset(S_);
  return kept;
}

/// Whether a sparse S' is known to be above share S in all directions, which one factorization may show.
bool EquilibratedHessian::keeps_everywhere(double share, const linalg::Symmetric& after) {
  if (!S_.is_sparse() || !after.is_sparse()) return false;
  const SparseMatrix &here = S_.unscaled(), &there = after.unscaled();
  const Index entries = here.nonZeros();
  if (there.nonZeros() != entries ||
      !std::equal(here.outerIndexPtr(), here.outerIndexPtr() + here.cols() + 1, there.outerIndexPtr()) ||
      !std::equal(here.innerIndexPtr(), here.innerIndexPtr() + entries, there.innerIndexPtr()))
    return false;
  SparseMatrix difference = there;
  difference.coeffs() -= share * here.coeffs();
  linalg::Symmetric left(std::move(difference));
  left.scale(d_);
  factored_.reset();
  cholesky_.reset(left);
  const bool kept = cholesky_.factor(0.0);
  cholesky_.reset(S_);
  return kept;
}

}  // namespace quadric
