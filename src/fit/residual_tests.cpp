#include "fit/residual_tests.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <Eigen/Eigenvalues>

#include "fit/distributions.hpp"

namespace quadric {

namespace {

/// Observations from which on the p-value of Durbin & Watson's d is from its mean and variance.
constexpr Index large_sample = 100;
/// Sizes that Royston's approximation is made for.
constexpr Index fewest_normal = 5, most_normal = 5000;

HypothesisTest not_tested(std::string why) { return {.sentence = std::move(why)}; }

HypothesisTest tested(double statistic, double p_value, const std::string& if_small,
                      const std::string& otherwise) {
  return {
      .statistic = statistic, .p_value = p_value, .sentence = p_value < significance ? if_small : otherwise};
}

/// A e of Durbin & Watson's A, the matrix of the quadratic form Σ (eᵢ − eᵢ₋₁)², for each column.
Matrix second_differences(const Matrix& e) {
  const Index m = e.rows();
  const Matrix steps = e.bottomRows(m - 1) - e.topRows(m - 1);
  Matrix result = Matrix::Zero(m, e.cols());
  result.topRows(m - 1) -= steps;
  result.bottomRows(m - 1) += steps;
  return result;
}

/// P(Σ cⱼ zⱼ² < 0) of independent standard normal z (Imhof 1961, equation 3.2).
double below_zero(const Vector& coefficients) {
  const Vector c = coefficients / coefficients.cwiseAbs().maxCoeff();
  const auto integrand = [&](double u) {
    double angle = 0.0, logarithm = 0.0;
    for (const double value : c) {
      angle += 0.5 * std::atan(value * u);
      logarithm += 0.25 * std::log1p(value * u * value * u);
    }
    return u > 0.0 ? std::sin(angle) / (u * std::exp(logarithm)) : 0.5 * c.sum();
  };
  using Rule = boost::math::quadrature::gauss_kronrod<double, 61>;
  const double integral = Rule::integrate(integrand, 0.0, std::numeric_limits<double>::infinity(), 15, 1e-11);
  return std::clamp(0.5 - integral / std::numbers::pi, 0.0, 1.0);
}

/// P(d < this), exact for normal errors: d is a ratio of quadratic forms.
double durbin_watson_below(double d, const Matrix& Q) {
  const Index m = Q.rows();
  const Matrix M = Matrix::Identity(m, m) - Q * Q.transpose();
  const Matrix form = M * second_differences(M);
  const Eigen::SelfAdjointEigenSolver<Matrix> spectrum(form, Eigen::EigenvaluesOnly);
  return below_zero(spectrum.eigenvalues().tail(m - Q.cols()).array() - d);  // the others belong to Q
}

/// The same of a normal distribution with d's mean and variance (Durbin & Watson 1950, equations 2.9).
double durbin_watson_below_in_large_samples(double d, const Matrix& Q) {
  const auto m = static_cast<double>(Q.rows()), k = static_cast<double>(Q.cols());
  const Matrix AQ = second_differences(Q), QAQ = Q.transpose() * AQ;
  const double trace = 2.0 * (m - 1.0) - QAQ.trace();
  const double of_square =
      2.0 * (3.0 * m - 4.0) - 2.0 * AQ.squaredNorm() + QAQ.cwiseProduct(QAQ.transpose()).sum();
  const double mean = trace / (m - k);
  const double variance = 2.0 * (of_square - trace * mean) / ((m - k) * (m - k + 2.0));
  return normal_above((mean - d) / std::sqrt(variance));
}

double correlation(const Vector& a, const Vector& b) {
  const Vector x = a.array() - a.mean(), y = b.array() - b.mean();
  return x.dot(y) / (x.norm() * y.norm());
}

}  // namespace

HypothesisTest runs_test(const Vector& e) {
  double above = 0.0, below = 0.0, runs = 0.0, last = 0.0;
  for (const double value : e) {
    if (value == 0.0) continue;
    (value > 0.0 ? above : below) += 1.0;
    if (last * value <= 0.0) runs += 1.0;
    last = value > 0.0 ? 1.0 : -1.0;
  }
  if (above == 0.0 || below == 0.0) return not_tested("the residuals are not of two signs");
  const double m = above + below, pairs = 2.0 * above * below;
  const double variance = pairs * (pairs - m) / (m * m * (m - 1.0));
  if (!(variance > 0.0)) return not_tested("there are too few residuals to count runs of one sign");
  const double z = (runs - (1.0 + pairs / m)) / std::sqrt(variance);
  return tested(z, 2.0 * normal_above(std::abs(z)),
                z < 0.0 ? "residuals of one sign stand together more than by chance: the model misses a trend"
                        : "residuals change their sign more often than by chance",
                "the signs of successive residuals change as by chance");
}

HypothesisTest durbin_watson_test(const Vector& e, const Matrix& Q) {
  const Index m = e.size();
  if (m - Q.cols() < 2 || m < 3) return not_tested("there are too few residuals to compare successive ones");
  if (!(e.squaredNorm() > 0.0)) return not_tested("the residuals are zero");
  const double d = (e.tail(m - 1) - e.head(m - 1)).squaredNorm() / e.squaredNorm();
  const double below =
      m < large_sample ? durbin_watson_below(d, Q) : durbin_watson_below_in_large_samples(d, Q);
  return tested(d, 2.0 * std::min(below, 1.0 - below),
                below < 0.5 ? "successive residuals are alike: the model misses a trend, or errors last, and "
                              "standard errors are too small"
                            : "successive residuals differ in sign more than by chance",
                "successive residuals are not correlated as far as can be told");
}

HypothesisTest shapiro_francia_test(Vector values) {
  const Index m = values.size();
  if (m < fewest_normal || m > most_normal)
    return not_tested("this test of normality is known for 5 to 5000 observations");
  std::sort(values.begin(), values.end());
  if (!(values[m - 1] > values[0])) return not_tested("the residuals are all the same");
  Vector scores(m);
  for (Index i = 0; i < m; ++i)
    scores[i] = normal_quantile((static_cast<double>(i) + 0.625) / (static_cast<double>(m) + 0.25));
  const double r = correlation(values, scores), W = r * r;
  const double u = std::log(static_cast<double>(m)), v = std::log(u);
  const double mean = -1.2725 + 1.0521 * (v - u), deviation = 1.0308 - 0.26758 * (v + 2.0 / u);
  return tested(W, normal_above((std::log(1.0 - W) - mean) / deviation),
                "residuals are not normal: intervals at high levels may be off",
                "nothing speaks against normal errors");
}

HypothesisTest spread_test(const Vector& e, const Vector& fitted) {
  const Index m = e.size();
  if (m < 3) return not_tested("there are too few residuals to compare their spread");
  const Vector squares = e.cwiseAbs2();
  const double r = correlation(squares, fitted);
  if (!std::isfinite(r)) return not_tested("the fitted values are all the same, or the residuals are");
  const double statistic = static_cast<double>(m) * r * r;
  return tested(statistic, chi_squared_above(statistic, 1.0),
                std::string("residuals spread ") + (r > 0.0 ? "more" : "less") +
                    " where fitted values are larger: weigh the observations, or rely on the sandwich",
                "residuals spread alike over the fitted values as far as can be told");
}

}  // namespace quadric
