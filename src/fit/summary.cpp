#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "quadric/fit/fit.hpp"

#include "fit/verdicts.hpp"

namespace quadric {

namespace {

/// What stands behind the numbers of a parameter.
std::string note_on(const Parametrization& by, Index i) {
  if (by.role(i) == Parametrization::Role::Tied) return "  = " + by.formula(i);
  return by.scale(i).is_linear() ? "" : "  on a " + by.scale(i).describe() + " scale";
}

std::string table_of_estimates(const Fit& fit) {
  const Result& result = fit.result;
  std::size_t width = 9;
  for (const auto& name : result.names) width = std::max(width, name.size());
  std::string text = fmt::format("  {:<{}}  {:>18}", "parameter", width, "estimate");
  text += fit.robust ? fmt::format("  {:>14}\n", "standard error")
                     : fmt::format("  {:>14}  {:>14}  {:>14}\n", "standard error", "from ∇²f", "sandwich");
  for (std::size_t i = 0; i < result.names.size(); ++i) {
    const auto j = static_cast<Index>(i);
    text += fmt::format("  {:<{}}  {:>18.10g}", result.names[i], width, result.x[j]);
    if (fit.parametrization.role(j) == Parametrization::Role::Fixed) {
      text += fmt::format("  {:>14}\n", "fixed");
      continue;
    }
    if (!fit.robust)
      text += fmt::format("  {:>14.5g}  {:>14.5g}", fit.standard_error[j], fit.standard_error_hessian[j]);
    text += fmt::format("  {:>14.5g}{}\n", fit.standard_error_sandwich[j], note_on(fit.parametrization, j));
  }
  return text;
}

std::string lines_of_parametrization(const Fit& fit) {
  const Parametrization& by = fit.parametrization;
  if (by.is_identity()) return "";
  std::string variables;
  for (const std::string& name : by.variable_names()) variables += (variables.empty() ? "" : ", ") + name;
  return "\n  the solver found " + variables + ": " + by.describe() + "\n  " + verdict_on_parametrization();
}

std::string line_of_sizes(const Fit& fit) {
  std::string text =
      fmt::format("\n  {} observations, {} degrees of freedom", fit.observations, fit.degrees_of_freedom);
  if (fit.robust) return text;
  return text + fmt::format(", residual standard deviation {:.10g}, R² {:.8g}, AIC {:.6g}, BIC {:.6g}",
                            fit.residual_standard_deviation, fit.r_squared, fit.aic, fit.bic);
}

}  // namespace

std::string verdict_on_loss() {
  return "residuals count by a loss, not by their squares: their errors are not taken to be normal, nor of "
         "one "
         "variance, so the standard errors are the sandwich's, and there is no residual standard deviation, "
         "R², "
         "AIC or BIC";
}

std::string verdict_on_curvature(const BatesWatts& found) {
  /// Curvatures beyond which linear intervals need not be near exact ones; along single parameters they may
  /// be.
  constexpr double noticeable = 0.3;
  if (!std::isfinite(found.intrinsic)) return "";
  const bool flat = found.intrinsic <= noticeable, straight = found.parameter_effects <= noticeable;
  const std::string scaled = std::isfinite(found.parameter_effects_scaled)
                                 ? fmt::format(" ({:.3g} on their scales)", found.parameter_effects_scaled)
                                 : "";
  return fmt::format("curvature over the 95 % region: intrinsic {:.3g}, of the parameters {:.3g}{}: {}",
                     found.intrinsic, found.parameter_effects, scaled,
                     flat && straight ? "linear intervals can be believed"
                     : flat           ? "linear intervals may be off, profiles hold"
                                      : "linear intervals may be far off, and profiles hold less well");
}

std::string describe_combination(const Combination& combination, const Fit& fit) {
  const Parametrization& by = fit.parametrization;
  Combination free = combination;
  std::string follows;
  for (Index i = 0; i < by.size(); ++i) {
    if (by.role(i) != Parametrization::Role::Tied) continue;
    free.weights[i] = 0.0;
    if (combination.weights[i] != 0.0)
      follows += fmt::format("{}{} = {} by {:.4g}", follows.empty() ? "" : " and ",
                             by.names()[static_cast<std::size_t>(i)], by.formula(i), combination.weights[i]);
  }
  return free.describe(fit.result.names) + (follows.empty() ? "" : ", and so " + follows + ",");
}

std::string verdict_on(const Combination& combination, const Fit& fit) {
  return fmt::format(
      "not determined by the data: changing {} leaves the fit as it is (singular value below {:.1e})",
      describe_combination(combination, fit), fit.identifiability.tolerance);
}

std::string verdict_on_parametrization() {
  return "errors, linear intervals and curvature are of the parameters as they are (the delta method); "
         "‖gradient‖ and λ of what the solver found";
}

std::string Fit::summary() const {
  std::string text = result.summary() + "\n\n" + table_of_estimates(*this) + line_of_sizes(*this);
  text += lines_of_parametrization(*this);
  if (robust) text += "\n  " + verdict_on_loss();
  const std::string curvature = verdict_on_curvature(bates_watts);
  if (!curvature.empty()) text += "\n  " + curvature;
  for (const Combination& combination : identifiability.undetermined)
    text += "\n  " + verdict_on(combination, *this);
  return text;
}

}  // namespace quadric
