#include "quadric/fit/fit.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <Eigen/QR>
#include <fmt/format.h>

namespace quadric {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// √ of the diagonal of (JᵀJ)⁻¹ (n), from a QR factorization of J with its columns scaled to unit length.
Vector unit_standard_errors(const Matrix& J) {
  const Index n = J.cols();
  const Vector lengths = J.colwise().norm().transpose();
  if (J.rows() < n || !(lengths.array() > 0.0).all()) return Vector::Constant(n, unknown);
  const Eigen::ColPivHouseholderQR<Matrix> qr(J * lengths.cwiseInverse().asDiagonal());
  if (qr.rank() < n) return Vector::Constant(n, unknown);
  const Matrix inverse =
      qr.matrixR().topRows(n).template triangularView<Eigen::Upper>().solve(Matrix::Identity(n, n));
  const Vector pivoted = inverse.rowwise().norm();
  return (qr.colsPermutation() * pivoted).cwiseQuotient(lengths);
}

/// Those that no bound holds.
std::vector<Index> free_parameters(const Result& result) {
  const Vector& multipliers = result.critical_point.multipliers;
  std::vector<Index> free;
  for (Index i = 0; i < result.x.size(); ++i)
    if (multipliers.size() == 0 || multipliers[i] == 0.0) free.push_back(i);
  return free;
}

}  // namespace

Fit fit_statistics(Result result, const Residuals& residuals, const Vector& observed) {
  const std::vector<Index> free = free_parameters(result);
  const auto count = static_cast<Index>(free.size());
  Fit fit{.observations = observed.size(), .degrees_of_freedom = observed.size() - count};
  Vector r;
  Matrix J;
  residuals.jacobian(result.x, r, J);
  fit.residual_sum_of_squares = r.squaredNorm();
  const auto freedom = static_cast<double>(fit.degrees_of_freedom);
  fit.residual_standard_deviation =
      freedom > 0.0 ? std::sqrt(fit.residual_sum_of_squares / freedom) : unknown;
  fit.standard_error = Vector::Constant(result.x.size(), unknown);
  if (count > 0)
    fit.standard_error(free) = fit.residual_standard_deviation * unit_standard_errors(J(Eigen::all, free));
  const double total = (observed.array() - observed.mean()).matrix().squaredNorm();
  fit.r_squared = total > 0.0 ? 1.0 - fit.residual_sum_of_squares / total : unknown;
  fit.result = std::move(result);
  return fit;
}

Fit fit_residuals(const Problem& problem, const Vector& observed, const Point& start, const Solver& solver,
                  const Observers& observers) {
  if (!problem.residuals()) misuse("a fit needs a problem with residuals");
  if (observed.size() == 0) misuse("a fit needs at least one observation");
  require_point(observed, "the vector of observations");
  Result result = solver.run(problem, start, observers);
  if (result.trace.empty()) {
    Fit failed{.observations = observed.size(), .degrees_of_freedom = observed.size() - start.size()};
    failed.standard_error = Vector::Constant(start.size(), unknown);
    failed.residual_sum_of_squares = failed.residual_standard_deviation = failed.r_squared = unknown;
    failed.result = std::move(result);
    return failed;
  }
  return fit_statistics(std::move(result), *problem.residuals(), observed);
}

std::string Fit::summary() const {
  std::string text = result.summary() + "\n\n";
  std::size_t width = 9;
  for (const auto& name : result.names) width = std::max(width, name.size());
  text += fmt::format("  {:<{}}  {:>18}  {:>14}\n", "parameter", width, "estimate", "standard error");
  for (std::size_t i = 0; i < result.names.size(); ++i) {
    const auto j = static_cast<Index>(i);
    text += fmt::format("  {:<{}}  {:>18.10g}  {:>14.5g}\n", result.names[i], width, result.x[j],
                        standard_error[j]);
  }
  text += fmt::format(
      "\n  {} observations, {} degrees of freedom, residual standard deviation {:.10g}, R² {:.8g}",
      observations, degrees_of_freedom, residual_standard_deviation, r_squared);
  return text;
}

}  // namespace quadric
