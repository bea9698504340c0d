#include "fit/free_parameters.hpp"

#include <algorithm>
#include <cmath>

namespace quadric {

namespace {

/// A combination of parameters changes a quantity if it does so by more than this share of what its terms
/// would alone: more than the rounding of combinations and gradients.
constexpr double rounding_share = 1e-6;

}  // namespace

std::vector<Index> free_parameters(const Result& result) {
  const Vector& multipliers = result.critical_point.multipliers;
  std::vector<Index> free;
  for (Index i = 0; i < result.x.size(); ++i)
    if (multipliers.size() == 0 || multipliers[i] == 0.0) free.push_back(i);
  return free;
}

Matrix free_tangents(const Fit& fit) {
  const Parametrization own = fit.parametrization.unscaled();
  const std::vector<Index> not_held = free_parameters(fit.result);
  const Index n = fit.result.x.size();
  if (own.is_identity()) return Matrix::Identity(n, n)(Eigen::all, not_held);
  Vector theta;
  Matrix all;
  own.map().jacobian(fit.result.x(own.free()), theta, all);
  std::vector<Index> columns;
  for (std::size_t k = 0; k < own.free().size(); ++k) {
    if (std::ranges::find(not_held, own.free()[k]) != not_held.end())
      columns.push_back(static_cast<Index>(k));
  }
  return all(Eigen::all, columns);
}

std::vector<Index> moving_parameters(const Fit& fit) {
  if (fit.parametrization.unscaled().is_identity()) return free_parameters(fit.result);
  const Matrix tangents = free_tangents(fit);
  std::vector<Index> moving;
  for (Index i = 0; i < tangents.rows(); ++i)
    if ((tangents.row(i).array() != 0.0).any()) moving.push_back(i);
  return moving;
}

bool leave_open(const Identifiability& identifiability, const Vector& g) {
  return std::ranges::any_of(identifiability.undetermined, [&](const Combination& combination) {
    const Vector terms = g.cwiseProduct(combination.weights);
    return std::abs(terms.sum()) >
           std::max(rounding_share, identifiability.tolerance) * terms.cwiseAbs().sum();
  });
}

Matrix with_zeros_for_given(const Matrix& C, const std::vector<Index>& moving) {
  Matrix all = Matrix::Zero(C.rows(), C.cols());
  if (!moving.empty()) all(moving, moving) = C(moving, moving);
  return all;
}

}  // namespace quadric
