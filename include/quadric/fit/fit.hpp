#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/fit/statistics.hpp"
#include "quadric/problem/loss.hpp"
#include "quadric/problem/parametrization.hpp"
#include "quadric/problem/pointwise.hpp"
#include "quadric/problem/problem.hpp"
#include "quadric/problem/residuals.hpp"
#include "quadric/solvers/gauss_newton.hpp"

namespace quadric {

/// What residuals compare a model with.
struct Observations {
  template <class Values>
  Observations(const Eigen::MatrixBase<Values>& observed) : values(observed) {}  // NOLINT: values are that
  Observations(Vector observed, Vector its_weights)
      : values(std::move(observed)), weights(std::move(its_weights)) {}

  Vector values;        ///< m
  Vector weights = {};  ///< m, ≥ 0: how often the square of a residual counts; empty for ones
  /// What the residuals count by instead of their squares: f = ½ Σ ρ(rᵢ²). An M-estimate (Huber 1981).
  std::optional<Loss> loss = {};
};

/// A fitted model: the run that found the parameters, and what the data say about them (Bates & Watts 1988;
/// Seber & Wild 1989). Parameters that bounds hold count as given: what is said of them is NaN, as is
/// everything that takes degrees of freedom where there are none. p is the number of the others.
///
/// With a parametrization n is the number of all parameters of the model, and everything is said of these on
/// their own scale: fixed ones count as given, tied ones have what follows to first order from the free ones
/// (the delta method), and p is the number of free ones that no bound holds. Of the run, the certificate's
/// eigenvalues, gradients and the trace are of the variables that the solver had.
///
/// Under a loss the errors are not taken to be normal, nor of one variance: only what rests on the sandwich
/// holds. Everything that s² or a normal likelihood enters is NaN.
struct Fit {
  Result result = {};  ///< the parameters are `result.x` (n)
  /// Of the parameters (n × n), to first order: s² (JᵀJ)⁻¹. Variances of parameters that the data do not
  /// determine are infinite, and their covariances NaN.
  Matrix covariance = {};
  Vector standard_error = {};  ///< of each parameter (n): the root of its variance
  /// The same from s² H⁻¹ with the exact Hessian H = JᵀJ + Σ rᵢ ∇²rᵢ, and from the sandwich
  /// H⁻¹ (m/(m−p) Σ rᵢ² ∇rᵢ∇rᵢᵀ) H⁻¹, which holds also where errors differ in size or the model is wrong
  /// (White 1981). NaN where H is not positive definite.
  Vector standard_error_hessian = {}, standard_error_sandwich = {};
  Matrix covariance_hessian = {}, covariance_sandwich = {};  ///< n × n each, of which they are the roots
  /// As `covariance`, but 0 for parameters that bounds hold, and along what the data do not determine: a
  /// quantity with gradient g has the variance gᵀCg where no undetermined combination changes it (n × n).
  Matrix determined_covariance = {};
  Identifiability identifiability = {};
  BatesWatts bates_watts = {};
  double residual_sum_of_squares = 0.0;      ///< ‖r‖², with its weights
  double residual_standard_deviation = 0.0;  ///< s = √(‖r‖² / degrees of freedom)
  Index observations = 0;                    ///< m, those of weight 0 left out
  Index degrees_of_freedom = 0;              ///< m − p, or m − rank J where that is larger
  double r_squared = 0.0;                    ///< 1 − ‖r‖² / Σ w (y − ȳ)²
  /// Akaike's and the Bayesian information criterion of normal errors of unknown variance, which counts as a
  /// parameter.
  double aic = 0.0, bic = 0.0;
  bool robust = false;                   ///< residuals count by a loss, not by their squares
  Parametrization parametrization = {};  ///< what was free, fixed and tied; of nothing where all were free

  /// ‖r‖² / degrees of freedom: about 1 where the weights are the inverse variances of the errors.
  double reduced_chi_squared() const { return residual_standard_deviation * residual_standard_deviation; }
  /// Correlations of the parameters (n × n), from the covariance; under a loss from the sandwich.
  Matrix correlation() const;
  /// Student's interval around parameter i, to first order; under a loss with the error of the sandwich.
  /// Misuse unless 0 < level < 1.
  Interval interval(Index i, double level = 0.95) const;
  /// The same to first order on the scale of a free parameter, taken back: of a log scale b exp(±t s/b). On a
  /// linear scale, and of a tied parameter, it is `interval`.
  Interval scaled_interval(Index i, double level = 0.95) const;

  /// One paragraph and a table of the parameters for a person.
  std::string summary() const;
};

/// Statistics of a least-squares run at its point; the residuals hold the root of each weight, and no loss.
Fit fit_statistics(Result result, const Residuals& residuals, const Observations& observations);
/// The same of residuals of all parameters, of which the parametrization leaves some free.
Fit fit_statistics(Result result, const Residuals& residuals, const Observations& observations,
                   const Parametrization& by);

/// A fit of a problem's residuals to observed values, with its names and within its bounds: by least squares,
/// or by the loss of the observations, which the residuals then do not hold.
Fit fit_residuals(const Problem& problem, const Observations& observations, const Point& start,
                  const Solver& solver, const Observers& observers = {});
/// The same with some parameters fixed, tied or on another scale. Problem, start and bounds are of all
/// parameters; of the start the free ones are read. `Misuse` as for `parametrized`, and for a start outside
/// of its scale.
Fit fit_residuals(const Problem& problem, const Observations& observations, const Point& start,
                  const Parametrization& by, const Solver& solver, const Observers& observers = {});

/// Residuals `model(b, xᵢ) − yᵢ`, with b of any scalar. `Misuse` where there are not as many x as y.
template <class Model, class Xs, class Ys>
Residuals model_residuals(const Model& model, const Xs& xs, const Ys& ys) {
  const auto count = static_cast<Index>(std::size(ys));
  if (static_cast<Index>(std::size(xs)) != count) {
    misuse("a fit needs as many x as y, but there are " + std::to_string(std::size(xs)) + " x and " +
           std::to_string(count) + " y");
  }
  const Vector observed = callables::to_vector(ys);
  const auto residual = [model, xs, observed](const auto& b, Index i) {
    return model(b, xs[static_cast<decltype(std::size(xs))>(i)]) - observed[i];
  };
  return pointwise(count, residual);
}

/// Fits `model(b, x)` to readings: minimizes ½ Σ (model(b, xᵢ) − yᵢ)² over b from a start. `model` is generic
/// in the scalar of b; xs and ys are containers of the same size, whatever an x is. Sizes that differ, a
/// non-finite reading or a start that is not finite throw `Misuse`.
///
///     Fit f = fit([](const auto& b, double t) { using std::exp; return b[0] * exp(-b[1] * t); }, times,
///     readings, {1, 0.1});
template <class Model, class Xs, class Ys, class... O>
Fit fit(const Model& model, const Xs& xs, const Ys& ys, const Point& start, const Solver& solver,
        O&&... observers) {
  return fit_residuals(model_residuals(model, xs, ys), callables::to_vector(ys), start, solver,
                       {make_observer(std::forward<O>(observers))...});
}
template <class Model, class Xs, class Ys>
Fit fit(const Model& model, const Xs& xs, const Ys& ys, const Point& start) {
  return fit(model, xs, ys, start, Solver(GaussNewton{.hybrid = true}));
}

/// The same with some parameters fixed, tied or on another scale.
///
///     Fit f = fit(decay, times, readings, {1, 0.1, 0}, Parametrization({"a", "k", "c"}).fix("c", 0));
template <class Model, class Xs, class Ys, class... O>
Fit fit(const Model& model, const Xs& xs, const Ys& ys, const Point& start, const Parametrization& by,
        const Solver& solver, O&&... observers) {
  return fit_residuals(model_residuals(model, xs, ys), callables::to_vector(ys), start, by, solver,
                       {make_observer(std::forward<O>(observers))...});
}
template <class Model, class Xs, class Ys>
Fit fit(const Model& model, const Xs& xs, const Ys& ys, const Point& start, const Parametrization& by) {
  return fit(model, xs, ys, start, by, Solver(GaussNewton{.hybrid = true}));
}

}  // namespace quadric
