#include "cli/fit_output.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/json_output.hpp"
#include "engine/run_json.hpp"

namespace quadric::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Observations up to which the bands at each are written.
constexpr std::size_t most_bands = 10000;

std::string interval_text(const Interval& interval) {
  return fmt::format("{:>14.7g}  {:>14.7g}", interval.low, interval.high);
}

/// The intervals that are linear on the scale of a parameter, a line each.
std::string scaled_lines(const Fit& fit) {
  std::string text;
  for (Index j = 0; j < fit.parametrization.size(); ++j) {
    const Scale& scale = fit.parametrization.scale(j);
    if (scale.is_linear()) continue;
    const Interval interval = fit.scaled_interval(j);
    text += fmt::format("  {}: linear on its {} scale between {:.7g} and {:.7g}\n",
                        fit.result.names[static_cast<std::size_t>(j)], scale.describe(), interval.low,
                        interval.high);
  }
  return text;
}

/// A table of the intervals at 95 %.
std::string interval_table(const Fit& fit, const std::vector<Profile>& profiles) {
  if (fit.degrees_of_freedom <= 0) return "";
  const std::vector<std::string>& names = fit.result.names;
  std::size_t width = 12;
  for (const auto& name : names) width = std::max(width, name.size());
  std::string text = fmt::format("\n  {:<{}}  {:>14}  {:>14}", "95 % between", width,
                                 fit.robust ? "sandwich" : "linear", "");
  text += profiles.empty() ? "\n" : fmt::format("  {:>14}\n", "profile");
  std::string remarks;
  for (std::size_t j = 0; j < names.size(); ++j) {
    if (fit.parametrization.role(static_cast<Index>(j)) == Parametrization::Role::Fixed) {
      text += fmt::format("  {:<{}}  {:>14}\n", names[j], width, "fixed");
      continue;
    }
    text += fmt::format("  {:<{}}  {}", names[j], width, interval_text(fit.interval(static_cast<Index>(j))));
    if (!profiles.empty()) {
      text += "  " + interval_text(profiles[j].interval);
      if (!profiles[j].remark.empty()) remarks += "  " + names[j] + ": " + profiles[j].remark + "\n";
    }
    text += "\n";
  }
  return text + scaled_lines(fit) + remarks;
}

/// "0.1 to 0.3" of the half widths of finite intervals; empty where there are none.
std::string reach_text(const std::vector<Interval>& band) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const Interval& interval : band) {
    const double reach = 0.5 * (interval.high - interval.low);
    if (!std::isfinite(reach)) continue;
    least = std::min(least, reach);
    most = std::max(most, reach);
  }
  if (!(most >= least)) return "";
  return fmt::format("± {:.4g} to ± {:.4g}", least, most);
}

std::string band_lines(const Bands& bands) {
  const std::string confidence = reach_text(bands.confidence), prediction = reach_text(bands.prediction);
  std::string text;
  if (!confidence.empty()) text += "\n  95 % bands at the observations: the curve " + confidence;
  if (!confidence.empty() && !prediction.empty()) text += ", a new observation " + prediction;
  if (!bands.remark.empty())
    text += (text.empty() ? "\n  no 95 % bands: " : "\n  of the bands: ") + bands.remark;
  return text.empty() ? "" : text + "\n";
}

std::string diagnostic_lines(const FitFindings& found) {
  std::string text = "\n  residuals, in the order " +
                     (found.order.empty() ? "of the observations" : "of " + found.order) + ":\n";
  std::istringstream lines(found.diagnostics.summary());
  for (std::string line; std::getline(lines, line);) text += "    " + line + "\n";
  return text;
}

Json interval_json(const Interval& interval) {
  return {finite_or_null(interval.low), finite_or_null(interval.high)};
}

Json intervals_json(const Fit& fit, const std::vector<Profile>& profiles) {
  auto first_order = Json::object(), profile = Json::object();
  for (std::size_t j = 0; j < fit.result.names.size(); ++j) {
    const std::string& name = fit.result.names[j];
    first_order[name] = interval_json(fit.interval(static_cast<Index>(j)));
    if (!profiles.empty()) profile[name] = interval_json(profiles[j].interval);
  }
  Json all =
      fit.robust ? Json{{"sandwich", first_order}} : Json{{"linear", first_order}, {"profile", profile}};
  auto scaled = Json::object();
  for (Index j = 0; j < fit.parametrization.size(); ++j) {
    if (!fit.parametrization.scale(j).is_linear())
      scaled[fit.result.names[static_cast<std::size_t>(j)]] = interval_json(fit.scaled_interval(j));
  }
  if (!scaled.empty()) all["scaled"] = std::move(scaled);
  return all;
}

Json undetermined_json(const Fit& fit) {
  auto list = Json::array();
  for (const Combination& combination : fit.identifiability.undetermined) {
    auto weights = Json::object(), follow = Json::object();
    for (std::size_t j = 0; j < fit.result.names.size(); ++j) {
      const auto i = static_cast<Index>(j);
      const bool tied = fit.parametrization.role(i) == Parametrization::Role::Tied;
      if (combination.weights[i] != 0.0)
        (tied ? follow : weights)[fit.result.names[j]] = combination.weights[i];
    }
    Json found = {{"combination", std::move(weights)}};
    if (!follow.empty()) found["tied"] = std::move(follow);
    list.push_back(std::move(found));
  }
  return list;
}

Json correlation_json(const Fit& fit) {
  const Matrix correlation = fit.correlation();
  auto rows = Json::object();
  for (std::size_t j = 0; j < fit.result.names.size(); ++j)
    rows[fit.result.names[j]] = by_name(fit.result.names, correlation.col(static_cast<Index>(j)));
  return rows;
}

Json numbers_json(const Vector& values) {
  auto list = Json::array();
  for (const double value : values) list.push_back(finite_or_null(value));
  return list;
}

Json band_json(const std::vector<Interval>& band) {
  auto list = Json::array();
  for (const Interval& interval : band) list.push_back(interval_json(interval));
  return list;
}

Json bands_json(const Bands& bands) {
  Json json = Json::object();
  if (bands.confidence.size() <= most_bands) {
    json["fitted"] = numbers_json(bands.fitted);
    json["standard_error"] = numbers_json(bands.standard_error);
    json["confidence"] = band_json(bands.confidence);
    json["prediction"] = band_json(bands.prediction);
  }
  if (!bands.remark.empty()) json["remark"] = bands.remark;
  return json;
}

Json test_json(const HypothesisTest& test) {
  return {{"statistic", finite_or_null(test.statistic)},
          {"p_value", finite_or_null(test.p_value)},
          {"sentence", test.sentence}};
}

Json diagnostics_json(const FitFindings& found) {
  const Diagnostics& diagnostics = found.diagnostics;
  auto outliers = Json::array();
  for (const Outlier& outlier : diagnostics.outliers) {
    outliers.push_back({{"observation", outlier.observation + 1},
                        {"studentized", finite_or_null(outlier.studentized)},
                        {"p_value", outlier.p_value}});
  }
  Json json = {{"order", found.order.empty() ? "observation" : found.order},
               {"runs", test_json(diagnostics.runs)}};
  if (!found.fit.robust) {
    json["durbin_watson"] = test_json(diagnostics.durbin_watson);
    json["normality"] = test_json(diagnostics.normality);
    json["spread"] = test_json(diagnostics.spread);
  }
  json["outliers"] = std::move(outliers);
  return json;
}

/// What was fixed, at which value, tied by which formula, and on which scale.
void add_parametrization(const Parametrization& by, Json& members) {
  auto fixed = Json::object(), tied = Json::object(), scale = Json::object();
  for (Index j = 0; j < by.size(); ++j) {
    const std::string& name = by.names()[static_cast<std::size_t>(j)];
    if (by.role(j) == Parametrization::Role::Fixed) fixed[name] = by.fixed_value(j);
    if (by.role(j) == Parametrization::Role::Tied) tied[name] = by.formula(j);
    if (!by.scale(j).is_linear()) scale[name] = by.scale(j).describe();
  }
  members["fixed"] = std::move(fixed);
  members["tied"] = std::move(tied);
  members["scale"] = std::move(scale);
}

Json bates_watts_json(const Fit& fit) {
  Json json = {{"intrinsic", finite_or_null(fit.bates_watts.intrinsic)},
               {"parameter_effects", finite_or_null(fit.bates_watts.parameter_effects)}};
  if (fit.parametrization.has_scales())
    json["parameter_effects_scaled"] = finite_or_null(fit.bates_watts.parameter_effects_scaled);
  return json;
}

/// What a loss leaves without a meaning.
Json sum_of_squares_json(const Fit& fit) {
  const std::vector<std::string>& names = fit.result.names;
  return {{"standard_error", by_name(names, fit.standard_error)},
          {"standard_error_hessian", by_name(names, fit.standard_error_hessian)},
          {"residual_standard_deviation", finite_or_null(fit.residual_standard_deviation)},
          {"residual_sum_of_squares", finite_or_null(fit.residual_sum_of_squares)},
          {"r_squared", finite_or_null(fit.r_squared)},
          {"aic", finite_or_null(fit.aic)},
          {"bic", finite_or_null(fit.bic)},
          {"bates_watts", bates_watts_json(fit)}};
}

}  // namespace

std::string report_text(const FitFindings& found) {
  return interval_table(found.fit, found.profiles) + band_lines(found.bands) + diagnostic_lines(found);
}

Json fit_json(const FitFindings& found) {
  const Fit& fit = found.fit;
  Json json = run_json(fit.result);
  Json members = fit.robust ? Json::object() : sum_of_squares_json(fit);
  members["standard_error_sandwich"] = by_name(fit.result.names, fit.standard_error_sandwich);
  members["interval_95"] = intervals_json(fit, found.profiles);
  members["correlation"] = correlation_json(fit);
  members["degrees_of_freedom"] = fit.degrees_of_freedom;
  members["observations"] = fit.observations;
  add_parametrization(fit.parametrization, members);
  members["undetermined"] = undetermined_json(fit);
  members["condition"] = finite_or_null(fit.identifiability.condition);
  members["bands_95"] = bands_json(found.bands);
  members["diagnostics"] = diagnostics_json(found);
  if (!found.loss.empty()) members["loss"] = found.loss;
  json["fit"] = std::move(members);
  return json;
}

}  // namespace quadric::cli
