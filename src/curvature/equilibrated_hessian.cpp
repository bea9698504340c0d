#include "curvature/equilibrated_hessian.hpp"

#include "curvature/symmetric_hessian.hpp"
#include "linalg/lanczos.hpp"

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

}  // namespace quadric
