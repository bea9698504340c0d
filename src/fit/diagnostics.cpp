#include "quadric/fit/diagnostics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "quadric/base/misuse.hpp"

#include "fit/distributions.hpp"
#include "fit/free_parameters.hpp"
#include "fit/residual_tests.hpp"
#include "fit/spectrum.hpp"

namespace quadric {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
/// An observation of a leverage so near 1 determines a parameter alone: its residual is rounding.
constexpr double no_freedom = 1e-10;
/// The median of the magnitude of a standard normal variable, inverse.
constexpr double normal_scale = 1.482602218505602;
/// Outliers that a sentence names.
constexpr std::size_t most_named = 5;

double median(Vector values) {
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

/// Observations of a weight above 0, in the order asked for.
std::vector<Index> ordered(const Observations& observations, const Vector& order) {
  if (order.size() > 0 && order.size() != observations.values.size()) {
    misuse("diagnostics of " + std::to_string(observations.values.size()) +
           " observations need an order for each, not " + std::to_string(order.size()));
  }
  std::vector<Index> places;
  for (Index i = 0; i < observations.values.size(); ++i)
    if (observations.weights.size() == 0 || observations.weights[i] > 0.0) places.push_back(i);
  if (order.size() > 0)
    std::ranges::stable_sort(places, [&](Index a, Index b) { return order[a] < order[b]; });
  return places;
}

class Diagnosis {
 public:
  Diagnosis(const Fit& fit, const Residuals& residuals, const Observations& observations, const Vector& order)
      : fit_(fit), used_(ordered(observations, order)) {
    const Index m = observations.values.size();
    Matrix J;
    residuals.jacobian(fit.result.x, r_, J);
    if (r_.size() != m)
      misuse("diagnostics of " + std::to_string(m) + " observations need as many residuals");
    found_.residuals = found_.fitted = Vector::Constant(m, unknown);
    found_.leverages = found_.standardized = found_.studentized = found_.residuals;
    for (const Index i : used_) {
      found_.residuals[i] = -r_[i];
      found_.fitted[i] = observations.values[i] +
                         r_[i] / (observations.weights.size() > 0 ? std::sqrt(observations.weights[i]) : 1.0);
    }
    const Matrix tangents = fit.parametrization.is_identity()
                                ? Matrix(J(used_, free_parameters(fit.result)))
                                : Matrix(J(used_, Eigen::all) * free_tangents(fit));
    if (tangents.allFinite() && used().allFinite()) Q_ = tangents * JacobianSpectrum(tangents, 0.0).root();
  }

  Diagnostics run() {
    if (Q_.rows() == 0 || fit_.degrees_of_freedom <= 0) {
      say_why_not(Q_.rows() == 0 ? "the residuals or their derivatives are not known"
                                 : "there are no degrees of freedom to estimate a variance from");
      return std::move(found_);
    }
    found_.runs = runs_test(used());
    if (fit_.robust) {
      scale_by_median();
    } else {
      scale_by_variance();
      const Vector e = used(), fitted = found_.fitted(used_);
      found_.durbin_watson = durbin_watson_test(e, Q_);
      found_.normality = shapiro_francia_test(finite(found_.standardized));
      found_.spread = spread_test(e, fitted);
    }
    find_outliers();
    return std::move(found_);
  }

 private:
  Vector used() const { return found_.residuals(used_); }

  static Vector finite(const Vector& values) {
    std::vector<double> list;
    std::ranges::copy_if(values, std::back_inserter(list), [](double value) { return std::isfinite(value); });
    return Eigen::Map<const Vector>(list.data(), static_cast<Index>(list.size()));
  }

  void say_why_not(const std::string& why) {
    for (HypothesisTest* test : {&found_.runs, &found_.durbin_watson, &found_.normality, &found_.spread})
      test->sentence = why;
    found_.outlier_sentence = why;
  }

  void scale_by_variance() {
    const double s = fit_.residual_standard_deviation;
    const auto freedom = static_cast<double>(fit_.degrees_of_freedom);
    for (std::size_t k = 0; k < used_.size(); ++k) {
      const Index i = used_[k];
      const double leverage = Q_.row(static_cast<Index>(k)).squaredNorm();
      found_.leverages[i] = std::min(leverage, 1.0);
      if (1.0 - leverage < no_freedom) continue;
      const double t = found_.residuals[i] / (s * std::sqrt(1.0 - leverage));
      found_.standardized[i] = t;
      found_.studentized[i] = t * std::sqrt((freedom - 1.0) / std::max(0.0, freedom - t * t));
    }
  }

  void scale_by_median() {
    const double scale = normal_scale * median(used().cwiseAbs());
    for (const Index i : used_) found_.standardized[i] = found_.residuals[i] / scale;
    const std::string why = "not known under a loss";
    found_.durbin_watson.sentence = found_.normality.sentence = found_.spread.sentence = why;
  }

  double p_value_of(double size) const {
    const auto m = static_cast<double>(used_.size()), freedom = static_cast<double>(fit_.degrees_of_freedom);
    const double single =
        fit_.robust ? 2.0 * normal_above(std::abs(size)) : student_beyond(size, freedom - 1.0);
    return std::min(1.0, m * single);
  }

  void find_outliers() {
    if (!fit_.robust && fit_.degrees_of_freedom < 2) {
      found_.outlier_sentence = "there are too few degrees of freedom to leave an observation out";
      return;
    }
    const Vector& sizes = fit_.robust ? found_.standardized : found_.studentized;
    for (const Index i : used_) {
      if (std::isnan(sizes[i])) continue;
      const double p = std::isinf(sizes[i]) ? 0.0 : p_value_of(sizes[i]);
      if (p < significance)
        found_.outliers.push_back({.observation = i, .studentized = sizes[i], .p_value = p});
    }
    std::ranges::stable_sort(found_.outliers, [](const Outlier& a, const Outlier& b) {
      return std::abs(a.studentized) > std::abs(b.studentized);
    });
    found_.outlier_sentence = outlier_sentence();
  }

  std::string outlier_sentence() const {
    if (found_.outliers.empty()) return "no observation lies too far off";
    std::string text =
        found_.outliers.size() == 1 ? "too far off lies observation" : "too far off lie observations";
    for (std::size_t k = 0; k < std::min(found_.outliers.size(), most_named); ++k)
      text += (k == 0 ? " " : ", ") + std::to_string(found_.outliers[k].observation + 1);
    return text + (found_.outliers.size() > most_named ? ", …" : "");
  }

  const Fit& fit_;
  std::vector<Index> used_;
  Vector r_;
  Matrix Q_;  ///< orthonormal tangents of the observations used (their number × rank); empty where unknown
  Diagnostics found_;
};

std::string line(const std::string& name, const std::string& symbol, const HypothesisTest& test) {
  if (std::isnan(test.p_value)) return fmt::format("{}: {}\n", name, test.sentence);
  return fmt::format("{}: {} ({} = {:.4g}, p = {:.2g})\n", name, test.sentence, symbol, test.statistic,
                     test.p_value);
}

}  // namespace

Diagnostics diagnose(const Fit& fit, const Residuals& residuals, const Observations& observations,
                     const DiagnosticOptions& options) {
  return Diagnosis(fit, residuals, observations, options.order).run();
}

std::string Diagnostics::summary() const {
  std::string text = line("runs of one sign", "z", runs) + line("Durbin–Watson", "d", durbin_watson) +
                     line("normality, Shapiro–Francia", "W′", normality) +
                     line("spread, Breusch–Pagan", "n R²", spread);
  text += "outliers: " + outlier_sentence;
  if (!outliers.empty()) text += fmt::format(" (p ≤ {:.2g})", outliers.back().p_value);
  return text + "\n";
}

}  // namespace quadric
