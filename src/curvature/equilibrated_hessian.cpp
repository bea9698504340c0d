#include "curvature/equilibrated_hessian.hpp"

#include <algorithm>
#include <utility>

#include "curvature/symmetric_hessian.hpp"
#include "linalg/lanczos.hpp"

namespace quadric {

namespace {

bool have_same_places(const SparseMatrix& A, const SparseMatrix& B) {
  return A.nonZeros() == B.nonZeros() &&
         std::equal(A.outerIndexPtr(), A.outerIndexPtr() + A.cols() + 1, B.outerIndexPtr()) &&
         std::equal(A.innerIndexPtr(), A.innerIndexPtr() + A.nonZeros(), B.innerIndexPtr());
}

/// A − share B, for matrices of the same places.
linalg::Symmetric difference(const linalg::Symmetric& A, double share, const linalg::Symmetric& B) {
  if (!A.is_sparse()) return linalg::Symmetric(Matrix(A.dense() - share * B.dense()));
  SparseMatrix result = A.unscaled();
  result.coeffs() -= share * B.unscaled().coeffs();
  return linalg::Symmetric(std::move(result));
}

}  // namespace

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
  Vector step = -d_.cwiseProduct(solve(d_.cwiseProduct(gradient)));
  if (!step.allFinite()) return std::nullopt;
  return step;
}

bool EquilibratedHessian::keeps(double share, const LocalModel& there) {
  if (!factor(0.0)) return false;
  const auto inverse = [this](const Vector& v) { return solve(v); };
  const double lowest = 1.0 / linalg::lanczos(size(), inverse, 1e-2, linalg::Ends::Highest).highest.value;
  linalg::Symmetric after = symmetric_hessian(there);
  after.scale(d_);
  factored_.reset();
  cholesky_.reset(after);
  const bool kept = cholesky_.factor(-share * lowest);
  cholesky_.reset(S_);
  return kept;
}

/// Whether high − share · low is positive definite.
bool EquilibratedHessian::is_above(double share, const linalg::Symmetric& low,
                                   const linalg::Symmetric& high) {
  linalg::Symmetric gap = difference(high, share, low);
  gap.scale(d_);
  factored_.reset();
  cholesky_.reset(gap);
  const bool above = cholesky_.factor(0.0);
  cholesky_.reset(S_);
  return above;
}

bool EquilibratedHessian::resembles(const LocalModel& there) {
  const linalg::Symmetric other = symmetric_hessian(there);
  if (other.is_sparse() != H_.is_sparse()) return false;
  if (H_.is_sparse() && !have_same_places(H_.unscaled(), other.unscaled())) return false;
  return is_above(0.5, H_, other) && is_above(0.5, other, H_);
}

}  // namespace quadric
