#include "quadric/fit/bands.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "quadric/base/misuse.hpp"

#include "fit/distributions.hpp"
#include "fit/free_parameters.hpp"

namespace quadric {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
void require_options(const BandOptions& options, Index points) {
  if (!(options.level > 0.0 && options.level < 1.0)) misuse("the level of a band must lie between 0 and 1");
  const Vector& w = options.weights;
  if (w.size() == 0) return;
  if (w.size() != points) {
    misuse("bands at " + std::to_string(points) + " points need as many weights, not " +
           std::to_string(w.size()));
  }
  if (!((w.array() >= 0.0).all() && w.allFinite()))
    misuse("the weights of a band must be finite and at least 0");
}

Matrix covariance_of(const Fit& fit, Covariance which) {
  const std::vector<Index> moving = moving_parameters(fit);
  switch (which) {
    case Covariance::Hessian:
      return with_zeros_for_given(fit.covariance_hessian, moving);
    case Covariance::Sandwich:
      return with_zeros_for_given(fit.covariance_sandwich, moving);
    case Covariance::Jacobian:
      break;
  }
  return fit.determined_covariance;
}

/// Why there are no bands at all; empty where there may be.
std::string reason_for_none(const Fit& fit, Covariance which, const Matrix& C) {
  if (fit.degrees_of_freedom <= 0) return "there are no degrees of freedom to estimate a variance from";
  if (fit.robust && which != Covariance::Sandwich)
    return "under a loss, of the covariances the sandwich alone holds";
  if (C.allFinite()) return "";
  return which == Covariance::Jacobian ? "the covariance of the parameters is not known"
                                       : "the exact Hessian is not positive definite, or not known";
}

Interval around(double middle, double reach) {
  return std::isfinite(middle) ? Interval{middle - reach, middle + reach} : Interval{unknown, unknown};
}

void add(std::string& remark, const std::string& sentence) {
  remark += (remark.empty() ? "" : "; ") + sentence;
}

}  // namespace

Bands bands(const Residuals& curve, const Fit& fit, const BandOptions& options) {
  Bands found{
      .level = options.level,
      .covariance = options.covariance.value_or(fit.robust ? Covariance::Sandwich : Covariance::Jacobian)};
  Matrix G;
  curve.jacobian(fit.result.x, found.fitted, G);
  const Index k = found.fitted.size();
  require_options(options, k);
  found.standard_error = Vector::Constant(k, unknown);
  found.confidence.assign(static_cast<std::size_t>(k), {unknown, unknown});
  found.prediction = found.confidence;
  const Matrix C = covariance_of(fit, found.covariance);
  found.remark = reason_for_none(fit, found.covariance, C);
  if (!found.remark.empty()) return found;

  const double t = student_quantile(options.level, static_cast<double>(fit.degrees_of_freedom));
  const double s = fit.residual_standard_deviation;  // NaN under a loss
  Index open = 0, not_finite = 0;
  for (Index i = 0; i < k; ++i) {
    const Vector g = G.row(i);
    if (!g.allFinite() || !std::isfinite(found.fitted[i])) {
      ++not_finite;
      continue;
    }
    const bool undetermined = leave_open(fit.identifiability, g);
    open += undetermined ? 1 : 0;
    const double variance = undetermined ? infinity : std::max(0.0, g.dot(C * g));
    const double weight = options.weights.size() > 0 ? options.weights[i] : 1.0;
    const auto place = static_cast<std::size_t>(i);
    found.standard_error[i] = std::sqrt(variance);
    found.confidence[place] = around(found.fitted[i], t * found.standard_error[i]);
    found.prediction[place] = around(found.fitted[i], t * std::sqrt(variance + s * s / weight));
  }
  if (open > 0) add(found.remark, fmt::format("the data leave the curve open at {} of {} points", open, k));
  if (not_finite > 0)
    add(found.remark,
        fmt::format("the curve or its derivatives are not finite at {} of {} points", not_finite, k));
  if (fit.robust) add(found.remark, "under a loss nothing is known of the errors of new observations");
  return found;
}

}  // namespace quadric
