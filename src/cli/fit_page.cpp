#include "cli/fit_page.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "fit/distributions.hpp"
#include "fit/verdicts.hpp"
#include "page/page.hpp"

namespace quadric::cli {

namespace {

using page::Chart;
using page::Series;
using page::Style;

/// Places at which the curve is drawn.
constexpr Index drawn_places = 201;

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : ""; }

std::vector<std::pair<double, double>> pairs(const Vector& x, const Vector& y) {
  std::vector<std::pair<double, double>> points;
  for (Index i = 0; i < x.size(); ++i) points.emplace_back(x[i], y[i]);
  return points;
}

page::Band band_of(std::string label, const Vector& x, const std::vector<Interval>& intervals) {
  page::Band band{.label = std::move(label), .x = x, .low = Vector(x.size()), .high = Vector(x.size())};
  for (Index i = 0; i < x.size(); ++i) {
    band.low[i] = intervals[static_cast<std::size_t>(i)].low;
    band.high[i] = intervals[static_cast<std::size_t>(i)].high;
  }
  return band;
}

/// Data and curve against the one predictor.
Chart curve_chart(const FitFindings& found, const Formula& formula, const Observations& observations,
                  const std::string& predictor) {
  const Vector x = predictor_values(formula, predictor);
  const Vector places = Vector::LinSpaced(drawn_places, x.minCoeff(), x.maxCoeff());
  Matrix rows = formula.data.col(0).replicate(1, drawn_places);
  const auto row = std::find(formula.columns.begin(), formula.columns.end(), predictor);
  rows.row(row - formula.columns.begin()) = places.transpose();
  const Bands curve = bands(model_curve(formula, rows), found.fit);
  Chart chart{.title = "Data and fitted curve",
              .x_label = predictor,
              .y_label = formula.response,
              .series = {{"data", pairs(x, observations.values)},
                         {"fitted", pairs(places, curve.fitted), Style::Line}},
              .bands = {band_of("95 % of the curve", places, curve.confidence)}};
  // Weights may read other columns, whose values between the data are not known.
  if (formula.weights.empty())
    chart.bands.push_back(band_of("95 % of a new observation", places, curve.prediction));
  return chart;
}

/// Against what was fitted, where there is no one predictor.
Chart fitted_chart(const FitFindings& found, const Formula& formula, const Observations& observations) {
  const Vector& fitted = found.bands.fitted;
  const double low = fitted.minCoeff(), high = fitted.maxCoeff();
  return {.title = "Observed against fitted",
          .x_label = "fitted",
          .y_label = formula.response,
          .series = {{"data", pairs(fitted, observations.values)},
                     {"observed = fitted", {{low, low}, {high, high}}, Style::Dashed}}};
}

std::vector<Index> by_size(const Vector& values) {
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::erase_if(order, [&](Index i) { return !std::isfinite(values[i]); });
  std::stable_sort(order.begin(), order.end(), [&](Index i, Index j) { return values[i] < values[j]; });
  return order;
}

/// Standardized residuals against the quantiles that as many normal ones would have (Blom 1958).
Chart normal_chart(const Vector& standardized) {
  const std::vector<Index> order = by_size(standardized);
  const auto count = static_cast<double>(order.size());
  Series points{.label = "residuals"};
  for (std::size_t k = 0; k < order.size(); ++k)
    points.points.emplace_back(normal_quantile((static_cast<double>(k) + 0.625) / (count + 0.25)),
                               standardized[order[k]]);
  Series line{.label = "normal", .style = Style::Dashed};
  if (!points.points.empty()) {
    for (const double q : {points.points.front().first, points.points.back().first})
      line.points.emplace_back(q, q);
  }
  return {.title = "Normal quantiles",
          .x_label = "quantile",
          .y_label = "standardized residual",
          .series = {points, line}};
}

void add_residuals(page::Page& page, const FitFindings& found, const Formula& formula) {
  const Diagnostics& diagnostics = found.diagnostics;
  page.heading("Residuals");
  const auto zero = [](const Vector& x) {
    return Series{.label = "0", .points = {{x.minCoeff(), 0.0}, {x.maxCoeff(), 0.0}}, .style = Style::Dashed};
  };
  const Vector& standardized = diagnostics.standardized;
  const Vector& fitted = found.bands.fitted;
  page.chart({.title = "Residuals over fitted values",
              .x_label = "fitted",
              .y_label = "standardized residual",
              .series = {{"residuals", pairs(fitted, standardized)}, zero(fitted)}});
  const Vector order =
      found.order.empty()
          ? Vector(Vector::LinSpaced(standardized.size(), 1.0, static_cast<double>(standardized.size())))
          : predictor_values(formula, found.order);
  page.chart({.title = "Residuals in order",
              .x_label = found.order.empty() ? "observation" : found.order,
              .y_label = "standardized residual",
              .series = {{"residuals", pairs(order, standardized)}, zero(order)}});
  page.chart(normal_chart(standardized));
  page.text(diagnostics.summary());
}

/// Why a parameter has no error; empty where it has one.
std::string given(const Fit& fit, Index i) {
  if (fit.parametrization.role(i) == Parametrization::Role::Fixed) return "fixed";
  const Vector& multipliers = fit.result.critical_point.multipliers;
  return multipliers.size() > 0 && multipliers[i] != 0.0 ? "held by a bound" : "";
}

void add_parameters(page::Page& page, const FitFindings& found) {
  const Fit& fit = found.fit;
  page.heading("Parameters");
  std::vector<std::string> header = {"parameter", "estimate"};
  if (!fit.robust) header.insert(header.end(), {"standard error", "from ∇²f"});
  header.insert(header.end(), {"sandwich", "95 % from", "to"});
  if (!found.profiles.empty()) header.insert(header.end(), {"by profile from", "to"});
  std::vector<std::vector<std::string>> rows;
  for (std::size_t j = 0; j < fit.result.names.size(); ++j) {
    const auto i = static_cast<Index>(j);
    std::vector<std::string> row = {fit.result.names[j], fmt::format("{:.10g}", fit.result.x[i])};
    if (const std::string why = given(fit, i); !why.empty()) {
      row.push_back(why);
      row.resize(header.size());
      rows.push_back(std::move(row));
      continue;
    }
    if (!fit.robust) {
      row.push_back(number(fit.standard_error[i]));
      row.push_back(number(fit.standard_error_hessian[i]));
    }
    row.push_back(number(fit.standard_error_sandwich[i]));
    const Interval interval = fit.interval(i);
    row.insert(row.end(), {number(interval.low), number(interval.high)});
    if (!found.profiles.empty()) {
      const Interval& profile = found.profiles[j].interval;
      row.insert(row.end(), {number(profile.low), number(profile.high)});
    }
    rows.push_back(std::move(row));
  }
  page.table(header, rows);
  if (!fit.parametrization.is_identity())
    page.paragraph("Of these " + fit.parametrization.describe() + "; " + verdict_on_parametrization() + ".");
  const auto& undetermined = fit.identifiability.undetermined;
  if (undetermined.empty()) page.paragraph("The data determine every parameter and combination of them.");
  for (const Combination& combination : undetermined)
    page.paragraph("Not determined by the data: changing " + describe_combination(combination, fit) +
                   " leaves the fit as it is.");
  page.heading("Correlations of the parameters");
  page.correlations(fit.result.names, fit.correlation());
}

/// τ over each parameter: straight where linear intervals hold.
void add_profiles(page::Page& page, const FitFindings& found) {
  if (found.profiles.empty()) return;
  page.heading("Profiles");
  page.paragraph(
      "τ is the root of how much the sum of squares rises as a parameter leaves its estimate and the others "
      "follow, over the residual standard deviation: a straight line where linear intervals hold.");
  for (std::size_t j = 0; j < found.profiles.size(); ++j) {
    const Profile& profile = found.profiles[j];
    if (profile.points.empty()) continue;
    const double estimate = found.fit.result.x[static_cast<Index>(j)];
    const double error = found.fit.standard_error[static_cast<Index>(j)];
    Series line{.label = "profile", .style = Style::Line}, linear{.label = "linear", .style = Style::Dashed};
    bool passed = false;
    for (const ProfilePoint& point : profile.points) {
      if (!passed && point.value > estimate) line.points.emplace_back(estimate, 0.0);
      passed = passed || point.value >= estimate;
      line.points.emplace_back(point.value, point.tau);
    }
    for (const double value : {profile.points.front().value, profile.points.back().value})
      linear.points.emplace_back(value, (value - estimate) / error);
    page.chart({.title = "Profile of " + found.fit.result.names[j],
                .x_label = found.fit.result.names[j],
                .y_label = "τ",
                .series = {line, linear}});
  }
}

void add_convergence(page::Page& page, const Result& result) {
  page.heading("Convergence");
  Series value{.label = "f − f at the end", .style = Style::Line},
      gradient{.label = "‖∇f‖", .style = Style::Line};
  for (const Iteration& line : result.trace) {
    const auto at = static_cast<double>(line.iteration);
    if (line.value > result.value) value.points.emplace_back(at, line.value - result.value);
    if (line.gradient_norm > 0.0) gradient.points.emplace_back(at, line.gradient_norm);
  }
  page.chart({.title = "Over the iterations",
              .x_label = "iteration",
              .series = {value, gradient},
              .logarithmic = true});
  page.text(result.summary() + "\n" + result.explain().text());
}

}  // namespace

std::string fit_page(const FitFindings& found, const Formula& formula, const Observations& observations,
                     const std::string& source) {
  page::Page page(formula.response + " = " + formula.model + ", fitted to " + source);
  page.heading("Fit");
  const std::vector<std::string> used = predictors(formula);
  if (found.fit.result.x.allFinite() && found.bands.fitted.allFinite()) {
    page.chart(used.size() == 1 ? curve_chart(found, formula, observations, used.front())
                                : fitted_chart(found, formula, observations));
  }
  page.text(found.fit.summary() + "\n" + report_text(found));
  add_parameters(page, found);
  add_residuals(page, found, formula);
  add_profiles(page, found);
  add_convergence(page, found.fit.result);
  return page.html();
}

}  // namespace quadric::cli
