#pragma once

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/problem/pointwise.hpp"
#include "quadric/problem/problem.hpp"
#include "quadric/problem/residuals.hpp"
#include "quadric/solvers/gauss_newton.hpp"

namespace quadric {

/// A fitted model: the run that found the parameters, and what the data say about them to first order (Bates
/// & Watts 1988, section 2.2). Errors are NaN where there are no degrees of freedom or J is rank deficient;
/// and of parameters that bounds hold, which count as given.
struct Fit {
  Result result = {};                        ///< the parameters are `result.x`
  Vector standard_error = {};                ///< of each parameter (n), from s² (JᵀJ)⁻¹
  double residual_sum_of_squares = 0.0;      ///< ‖r‖²
  double residual_standard_deviation = 0.0;  ///< s = √(‖r‖² / degrees of freedom)
  Index observations = 0;                    ///< m
  Index degrees_of_freedom = 0;              ///< m − n, without parameters that bounds hold
  double r_squared = 0.0;                    ///< 1 − ‖r‖² / Σ(y − ȳ)²

  /// One paragraph and a table of the parameters for a person.
  std::string summary() const;
};

/// Statistics of a least-squares run at its point; `observed` are the m values that the residuals compare
/// with.
Fit fit_statistics(Result result, const Residuals& residuals, const Vector& observed);

/// A least-squares fit of a problem's residuals to `observed` values, with its names and within its bounds.
Fit fit_residuals(const Problem& problem, const Vector& observed, const Point& start, const Solver& solver,
                  const Observers& observers = {});

/// Fits `model(b, x)` to readings: minimizes ½ Σ (model(b, xᵢ) − yᵢ)² over b from a start. `model` is generic
/// in the scalar of b; xs and ys are containers of the same size, whatever an x is. Sizes that differ, a
/// non-finite reading or a start that is not finite throw `Misuse`.
///
///     Fit f = fit([](const auto& b, double t) { using std::exp; return b[0] * exp(-b[1] * t); }, times,
///     readings, {1, 0.1});
template <class Model, class Xs, class Ys, class... O>
Fit fit(const Model& model, const Xs& xs, const Ys& ys, const Point& start, const Solver& solver,
        O&&... observers) {
  const auto count = static_cast<Index>(std::size(ys));
  if (static_cast<Index>(std::size(xs)) != count) {
    misuse("a fit needs as many x as y, but there are " + std::to_string(std::size(xs)) + " x and " +
           std::to_string(count) + " y");
  }
  const Vector observed = callables::to_vector(ys);
  const auto residual = [model, xs, observed](const auto& b, Index i) {
    return model(b, xs[static_cast<decltype(std::size(xs))>(i)]) - observed[i];
  };
  return fit_residuals(pointwise(count, residual), observed, start, solver,
                       {make_observer(std::forward<O>(observers))...});
}
template <class Model, class Xs, class Ys>
Fit fit(const Model& model, const Xs& xs, const Ys& ys, const Point& start) {
  return fit(model, xs, ys, start, Solver(GaussNewton{}));
}

}  // namespace quadric
