#include "quadric/fit/fit.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <Eigen/Cholesky>

#include "fit/bates_watts.hpp"
#include "fit/distributions.hpp"
#include "fit/free_parameters.hpp"
#include "fit/in_parameters.hpp"
#include "fit/spectrum.hpp"

namespace quadric {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
/// Relative error to expect of a Jacobian from differences.
constexpr double differences_error = 1e-8;
/// Parameters up to which all pairs of second derivatives are asked for.
constexpr Index most_bent = 50;

/// M (p × p) of the free parameters among all n; the rest is NaN.
Matrix spread(const Matrix& M, const std::vector<Index>& free, Index n) {
  Matrix all = Matrix::Constant(n, n, unknown);
  if (!free.empty()) all(free, free) = M;
  return all;
}

Vector roots_of_diagonal(const Matrix& covariance) { return covariance.diagonal().cwiseSqrt(); }

/// M (p × p) of the free parameters among all n; the rest is 0, as they are given.
Matrix spread_over_zeros(const Matrix& M, const std::vector<Index>& free, Index n) {
  Matrix all = Matrix::Zero(n, n);
  if (!free.empty()) all(free, free) = M;
  return all;
}

/// What takes the exact Hessian H = JᵀJ + Σ rᵢ ∇²rᵢ at a full rank, from the residuals that the run
/// minimized.
void add_exact_covariances(Fit& fit, const Residuals& residuals, const std::vector<Index>& free,
                           const Vector& r, const Matrix& J, const Matrix& steps) {
  const Index n = fit.result.x.size();
  Matrix S;
  residuals.weighted_hessian(fit.result.x, r, S);
  const Matrix H = J.transpose() * J + S(free, free);
  // In scaled parameters, where JᵀJ is the identity.
  const Eigen::LLT<Matrix> factor(steps.transpose() * H * steps);
  if (!H.allFinite() || factor.info() != Eigen::Success) return;
  const Matrix inverse = steps * factor.solve(steps.transpose());
  const Matrix meat = (r.asDiagonal() * J).transpose() * (r.asDiagonal() * J);
  const double small_sample =
      static_cast<double>(fit.observations) / static_cast<double>(fit.degrees_of_freedom);
  fit.covariance_sandwich = spread(small_sample * (inverse * meat * inverse), free, n);
  fit.standard_error_sandwich = roots_of_diagonal(fit.covariance_sandwich);
  if (fit.robust) return;
  fit.covariance_hessian = spread(fit.reduced_chi_squared() * inverse, free, n);
  fit.standard_error_hessian = roots_of_diagonal(fit.covariance_hessian);
}

/// What takes second derivatives. They may fail where first ones did not: then it is unknown.
void add_second_order(Fit& fit, const Residuals& residuals, const std::vector<Index>& free, const Vector& r,
                      const Matrix& J, const Matrix& steps) {
  if (J.cols() > most_bent) return;
  try {
    add_exact_covariances(fit, residuals, free, r, J, steps);
    if (!fit.robust)
      fit.bates_watts = bates_watts(residuals, fit.result.x, free, J, steps, fit.residual_standard_deviation);
  } catch (...) {  // nothing is said of what could not be evaluated
  }
}

/// Of normal errors whose variance is estimated too; a weight multiplies the precision of its error.
void add_information_criteria(Fit& fit, const Vector& weights, Index parameters) {
  const auto m = static_cast<double>(fit.observations);
  double logarithms = 0.0;
  for (const double w : weights) logarithms += w > 0.0 ? std::log(w) : 0.0;
  const double deviance =
      m * (std::log(2.0 * std::numbers::pi * fit.residual_sum_of_squares / m) + 1.0) - logarithms;
  const auto count = static_cast<double>(parameters + 1);
  fit.aic = deviance + 2.0 * count;
  fit.bic = deviance + std::log(m) * count;
}

double total_sum_of_squares(const Observations& observations) {
  const Vector& y = observations.values;
  const Vector w = observations.weights.size() > 0 ? observations.weights : Vector::Ones(y.size());
  const double mean = w.dot(y) / w.sum();
  return w.dot((y.array() - mean).square().matrix());
}

void require_weights(const Observations& observations) {
  const Vector& w = observations.weights;
  if (w.size() == 0) return;
  if (w.size() != observations.values.size()) {
    misuse("a fit of " + std::to_string(observations.values.size()) +
           " observations needs as many weights, not " + std::to_string(w.size()));
  }
  for (Index i = 0; i < w.size(); ++i) {
    if (!(w[i] >= 0.0 && std::isfinite(w[i])))
      misuse("weight " + std::to_string(i) + " of a fit must be finite and at least 0");
  }
}

Fit without_statistics(Result result, const Observations& observations) {
  const Index n = result.x.size();
  Fit fit{.result = std::move(result),
          .covariance = Matrix::Constant(n, n, unknown),
          .standard_error = Vector::Constant(n, unknown),
          .standard_error_hessian = Vector::Constant(n, unknown),
          .standard_error_sandwich = Vector::Constant(n, unknown),
          .covariance_hessian = Matrix::Constant(n, n, unknown),
          .covariance_sandwich = Matrix::Constant(n, n, unknown),
          .determined_covariance = Matrix::Constant(n, n, unknown),
          .residual_sum_of_squares = unknown,
          .residual_standard_deviation = unknown,
          .observations = observations.weights.size() > 0 ? (observations.weights.array() > 0.0).count()
                                                          : observations.values.size(),
          .r_squared = unknown,
          .aic = unknown,
          .bic = unknown,
          .robust = observations.loss.has_value()};
  fit.degrees_of_freedom = fit.observations - n;
  return fit;
}

/// The residuals whose half sum of squares a fit to these observations minimizes.
Residuals as_minimized(const Residuals& residuals, const Observations& observations) {
  return observations.loss ? robust(residuals, *observations.loss) : residuals;
}

void add_identifiability(Fit& fit, const JacobianSpectrum& spectrum, const std::vector<Index>& free) {
  fit.identifiability.condition = spectrum.condition();
  fit.identifiability.tolerance = spectrum.tolerance();
  for (const Combination& found : spectrum.undetermined()) {
    Vector weights = Vector::Zero(fit.result.x.size());
    weights(free) = found.weights;
    fit.identifiability.undetermined.push_back({.weights = weights});
  }
}

/// What holds of normal errors of one variance, to first order.
void add_sum_of_squares(Fit& fit, const Observations& observations, const JacobianSpectrum& spectrum,
                        const std::vector<Index>& free) {
  const Index n = fit.result.x.size();
  const double total = total_sum_of_squares(observations);
  if (total > 0.0) fit.r_squared = 1.0 - fit.residual_sum_of_squares / total;
  add_information_criteria(fit, observations.weights, spectrum.rank());
  if (fit.degrees_of_freedom <= 0) return;
  fit.residual_standard_deviation =
      std::sqrt(fit.residual_sum_of_squares / static_cast<double>(fit.degrees_of_freedom));
  const Matrix root = fit.residual_standard_deviation * spectrum.root();
  fit.determined_covariance = spread_over_zeros(root * root.transpose(), free, n);
  if (free.empty()) return;
  fit.covariance = fit.reduced_chi_squared() * spread(spectrum.inverse(), free, n);
  fit.standard_error = roots_of_diagonal(fit.covariance);
}

}  // namespace

Fit fit_statistics(Result result, const Residuals& plain, const Observations& observations) {
  require_weights(observations);
  const Residuals residuals = as_minimized(plain, observations);
  Fit fit = without_statistics(std::move(result), observations);
  const std::vector<Index> free = free_parameters(fit.result);
  Vector r;
  Matrix J;
  residuals.jacobian(fit.result.x, r, J);
  const Matrix free_J = J(Eigen::all, free);
  if (!fit.robust) fit.residual_sum_of_squares = r.squaredNorm();
  if (!free_J.allFinite()) return fit;
  const double error = residuals.provider().first == "differences" ? differences_error : 0.0;
  const JacobianSpectrum spectrum(free_J, error);
  fit.degrees_of_freedom = fit.observations - spectrum.rank();
  add_identifiability(fit, spectrum, free);
  if (!fit.robust) add_sum_of_squares(fit, observations, spectrum, free);
  if (free.empty() || fit.degrees_of_freedom <= 0) return fit;
  if (fit.identifiability.complete())
    add_second_order(fit, residuals, free, r, free_J, spectrum.orthonormal_steps());
  return fit;
}

Fit fit_residuals(const Problem& problem, const Observations& observations, const Point& start,
                  const Solver& solver, const Observers& observers) {
  return fit_residuals(problem, observations, start, Parametrization(), solver, observers);
}

Fit fit_residuals(const Problem& problem, const Observations& observations, const Point& start,
                  const Parametrization& by, const Solver& solver, const Observers& observers) {
  if (!problem.residuals()) misuse("a fit needs a problem with residuals");
  if (observations.values.size() == 0) misuse("a fit needs at least one observation");
  require_point(observations.values, "the vector of observations");
  require_weights(observations);
  const Residuals& residuals = *problem.residuals();
  Problem minimized = problem;
  if (observations.loss) {
    minimized = Problem(as_minimized(residuals, observations)).with_bounds(problem.bounds());
    minimized.with_names(problem.names(start.size()));
  }
  Result run = solver.run(parametrized(minimized, by), by.variables(start), observers);
  Result result = in_parameters(std::move(run), by, problem.bounds());
  if (!result.trace.empty()) return fit_statistics(std::move(result), residuals, observations, by);
  Fit fit = without_statistics(std::move(result), observations);
  fit.parametrization = by;
  return fit;
}

Matrix Fit::correlation() const {
  const Vector inverse = (robust ? standard_error_sandwich : standard_error).cwiseInverse();
  return inverse.asDiagonal() * (robust ? covariance_sandwich : covariance) * inverse.asDiagonal();
}

Interval Fit::interval(Index i, double level) const {
  if (!(level > 0.0 && level < 1.0)) misuse("the level of an interval must lie between 0 and 1");
  if (degrees_of_freedom <= 0) return {unknown, unknown};
  const double error = robust ? standard_error_sandwich[i] : standard_error[i];
  const double reach = student_quantile(level, static_cast<double>(degrees_of_freedom)) * error;
  return {result.x[i] - reach, result.x[i] + reach};
}

}  // namespace quadric
