#include "fit/in_parameters.hpp"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "fit/bates_watts.hpp"
#include "fit/distributions.hpp"
#include "fit/free_parameters.hpp"
#include "fit/spectrum.hpp"

namespace quadric {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// ∂θ/∂φ (n × p) of all free parameters φ.
Matrix tangents_of(const Parametrization& own, const Vector& free) {
  if (own.is_identity()) return Matrix::Identity(free.size(), free.size());
  Vector theta;
  Matrix A;
  own.map().jacobian(free, theta, A);
  return A;
}

bool within_scales(const Parametrization& by, const Vector& parameters) {
  for (const Index i : by.free())
    if (!by.scale(i).contains(parameters[i])) return false;
  return true;
}

/// d parameter / d variable (p).
Vector slopes(const Parametrization& by, const Vector& parameters) {
  Vector found(static_cast<Index>(by.free().size()));
  for (Index k = 0; k < found.size(); ++k) {
    const Index i = by.free()[static_cast<std::size_t>(k)];
    found[k] = by.scale(i).slope(parameters[i]);
  }
  return found;
}

/// The result of a run with its point, names and multipliers restricted to the free parameters.
Result of_free_parameters(const Result& result, const Parametrization& by) {
  Result free = result;
  free.x = result.x(by.free());
  free.names.clear();
  for (const Index i : by.free()) free.names.push_back(result.names[static_cast<std::size_t>(i)]);
  Vector& multipliers = free.critical_point.multipliers;
  if (multipliers.size() > 0) multipliers = Vector(result.critical_point.multipliers(by.free()));
  return free;
}

/// Spreads what is said of the free parameters over all that follow them by A (n × p), by the delta method.
class DeltaMethod {
 public:
  DeltaMethod(const Fit& of_free, Matrix A) : A_(std::move(A)), free_(free_parameters(of_free.result)) {
    for (Index i = 0; i < A_.rows(); ++i) {
      given_.push_back(free_.empty() || (A_.row(i)(free_).array() == 0.0).all());
      open_.push_back(leave_open(of_free.identifiability, A_.row(i).transpose()));
    }
  }

  /// NaN for what is given, infinite variances for what the data leave open.
  Matrix covariance(const Matrix& of_free) const {
    Matrix all = zeros_for_given(of_free);
    if (!all.allFinite()) return Matrix::Constant(all.rows(), all.cols(), unknown);
    for (Index i = 0; i < all.rows(); ++i) {
      for (Index j = 0; j < all.cols(); ++j) {
        if (given_[at(i)] || given_[at(j)]) all(i, j) = unknown;
        if (!given_[at(i)] && !given_[at(j)] && (open_[at(i)] || open_[at(j)]))
          all(i, j) = i == j ? infinity : unknown;
      }
    }
    return all;
  }
  Matrix zeros_for_given(const Matrix& of_free) const {
    return A_ * with_zeros_for_given(of_free, free_) * A_.transpose();
  }

 private:
  static std::size_t at(Index i) { return static_cast<std::size_t>(i); }

  Matrix A_;
  std::vector<Index> free_;  ///< of which no bound holds
  std::vector<bool> given_, open_;
};

/// Parameter effects of the free parameters as the solver saw them; NaN where they all were as they are.
double effects_on_scales(const Fit& of_free, const Residuals& residuals, const Parametrization& by,
                         const Vector& parameters) {
  if (!by.has_scales() || !std::isfinite(of_free.bates_watts.intrinsic)) return unknown;
  if (!within_scales(by, parameters)) return unknown;
  const std::vector<Index> free = free_parameters(of_free.result);
  const Residuals of_variables = parametrized(residuals, by);
  const Vector u = by.variables(parameters);
  Vector r;
  Matrix J;
  of_variables.jacobian(u, r, J);
  const Matrix free_J = J(Eigen::all, free);
  if (!free_J.allFinite()) return unknown;
  const Matrix L = JacobianSpectrum(free_J, 0.0).orthonormal_steps();
  return bates_watts(of_variables, u, free, free_J, L, of_free.residual_standard_deviation).parameter_effects;
}

}  // namespace

Result in_parameters(Result run, const Parametrization& by, const Bounds& bounds) {
  if (by.is_identity()) return run;
  const Vector u = run.x;
  run.x = by.parameters(u);
  if (!bounds.empty()) bounds.place(run.x);
  run.names = by.names();
  run.probe.reset();  // of the variables that the solver had
  Vector& direction = run.critical_point.direction;
  if (direction.size() > 0) {
    Vector theta;
    Matrix G;
    by.map().jacobian(u, theta, G);
    direction = (G * direction).normalized();
  }
  Vector& multipliers = run.critical_point.multipliers;
  if (multipliers.size() > 0) {
    const Vector of_free = multipliers.cwiseQuotient(slopes(by, run.x));
    multipliers = Vector::Zero(by.size());
    multipliers(by.free()) = of_free;
  }
  return run;
}

Fit in_variables(const Fit& fit) {
  const Parametrization& by = fit.parametrization;
  const std::vector<Index>& free = by.free();
  const Vector inverse = slopes(by, fit.result.x).cwiseInverse();
  Fit of_variables{.result = of_free_parameters(fit.result, by),
                   .covariance = inverse.asDiagonal() * fit.covariance(free, free) * inverse.asDiagonal(),
                   .standard_error = inverse.cwiseProduct(fit.standard_error(free)),
                   .residual_sum_of_squares = fit.residual_sum_of_squares,
                   .residual_standard_deviation = fit.residual_standard_deviation,
                   .observations = fit.observations,
                   .degrees_of_freedom = fit.degrees_of_freedom};
  of_variables.result.x = by.variables(fit.result.x);
  of_variables.result.names = by.variable_names();
  return of_variables;
}

Fit fit_statistics(Result result, const Residuals& residuals, const Observations& observations,
                   const Parametrization& by) {
  if (by.is_identity()) return fit_statistics(std::move(result), residuals, observations);
  const Parametrization own = by.unscaled();
  const Fit of_free =
      fit_statistics(of_free_parameters(result, by), parametrized(residuals, own), observations);
  const Matrix A = tangents_of(own, of_free.result.x);
  const DeltaMethod delta(of_free, A);
  Fit fit = of_free;
  fit.parametrization = by;
  fit.covariance = delta.covariance(of_free.determined_covariance);
  fit.covariance_hessian = delta.covariance(of_free.covariance_hessian);
  fit.covariance_sandwich = delta.covariance(of_free.covariance_sandwich);
  fit.determined_covariance = delta.zeros_for_given(of_free.determined_covariance);
  fit.standard_error = fit.covariance.diagonal().cwiseSqrt();
  fit.standard_error_hessian = fit.covariance_hessian.diagonal().cwiseSqrt();
  fit.standard_error_sandwich = fit.covariance_sandwich.diagonal().cwiseSqrt();
  for (Combination& combination : fit.identifiability.undetermined)
    combination.weights = Vector(A * combination.weights);
  try {
    fit.bates_watts.parameter_effects_scaled = effects_on_scales(of_free, residuals, by, result.x);
  } catch (...) {  // nothing is said of second derivatives that could not be evaluated
  }
  fit.result = std::move(result);
  return fit;
}

Interval Fit::scaled_interval(Index i, double level) const {
  const Interval own = interval(i, level);
  const Scale& scale = parametrization.scale(i);
  const double estimate = result.x[i];
  if (scale.is_linear() || !scale.contains(estimate)) return own;
  const double reach = 0.5 * (own.high - own.low) / scale.slope(estimate),
               middle = scale.to_variable(estimate);
  return {scale.to_parameter(middle - reach), scale.to_parameter(middle + reach)};
}

}  // namespace quadric
