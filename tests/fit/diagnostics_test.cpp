#include "quadric/fit/diagnostics.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "fit/cars.hpp"

namespace quadric {
namespace {

/// y on x by a + b x, with weights, or by another model.
template <class Model>
std::pair<Fit, Diagnostics> diagnosed(const Model& model, const Vector& x, Observations observations,
                                      const Point& start, const DiagnosticOptions& options = {}) {
  const Vector w = observations.weights.size() > 0 ? observations.weights : Vector::Ones(x.size());
  const Residuals residuals =
      pointwise(x.size(), [model, x, y = observations.values, w](const auto& b, Index i) {
        return std::sqrt(w[i]) * (model(b, x[i]) - y[i]);
      });
  Fit found = fit_residuals(residuals, observations, start, Solver(GaussNewton{}));
  Diagnostics diagnostics = diagnose(found, residuals, observations, options);
  return {std::move(found), std::move(diagnostics)};
}

const auto line = [](const auto& b, double x) { return b[0] + b[1] * x; };

void expect_test(const HypothesisTest& found, double statistic, double p_value, double relative = 1e-9) {
  EXPECT_NEAR(found.statistic, statistic, relative * std::abs(statistic)) << found.sentence;
  EXPECT_NEAR(found.p_value, p_value, relative * std::max(p_value, 1e-3)) << found.sentence;
}

// All figures are of R 4.2.2: hatvalues, rstandard and rstudent; dwtest and bptest(l, ~fitted(l)) of its
// package lmtest, sf.test(rstandard(l)) of nortest, runs.test(factor(sign(resid(l)))) of tseries. dwtest's
// exact p-value is Farebrother's, to about 1e-7.
TEST(Diagnostics, OfALineAreThoseOfR) {
  const auto [fit, found] = diagnosed(line, testing::speeds, testing::distances, {0, 0});
  EXPECT_NEAR(found.leverages[0], 0.11486131386861, 1e-12);
  EXPECT_NEAR(found.leverages[49], 0.087270072992701, 1e-12);
  EXPECT_NEAR(found.leverages.sum(), 2.0, 1e-12);
  EXPECT_NEAR(found.standardized[0], 0.26604154873367, 1e-9);
  EXPECT_NEAR(found.standardized[48], 2.9190603831255, 1e-9);
  EXPECT_NEAR(found.studentized[22], 3.0228287641209, 1e-9);
  EXPECT_NEAR(found.studentized[48], 3.1849928400754, 1e-9);
  expect_test(found.durbin_watson, 1.6762253234351, 0.19043417960399, 2e-6);
  EXPECT_NEAR(found.durbin_watson.statistic, 1.6762253234351, 1e-12);
  expect_test(found.spread, 3.2148799271747, 0.072971545054078);
  expect_test(found.normality, 0.94296919147495, 0.019762745267156);
  expect_test(found.runs, -0.81693491687514, 0.41396562236564);
  EXPECT_TRUE(found.outliers.empty());  // R's outlierTest: Bonferroni p of the largest is 0.129
  EXPECT_NE(found.normality.sentence.find("not normal"), std::string::npos);
}

TEST(Diagnostics, OfAWeightedLineAreThoseOfR) {
  const Vector weights = testing::speeds.cwiseInverse();
  const auto [fit, found] = diagnosed(line, testing::speeds, {testing::distances, weights}, {0, 0});
  EXPECT_NEAR(found.leverages[0], 0.2294781146068, 1e-12);
  EXPECT_NEAR(found.studentized[0], 0.064383727419393, 1e-9);
  EXPECT_NEAR(found.studentized[1], 1.26811457718, 1e-9);
  EXPECT_NEAR(found.fitted[0], fit.result.x[0] + 4.0 * fit.result.x[1], 1e-9);
  expect_test(found.durbin_watson, 1.7573954923109, 0.31108652609784, 2e-6);
  expect_test(found.spread, 0.76643065925781, 0.38132352642296);
  expect_test(found.normality, 0.94104611864617, 0.016945567388389);
  expect_test(found.runs, -0.59587957153112, 0.55125568127354);
}

TEST(Diagnostics, OfManyObservationsAreThoseOfR) {
  Vector x(120), y(120);
  for (Index i = 0; i < 120; ++i) {
    const double n = static_cast<double>(i + 1);
    x[i] = n;
    y[i] = 2.0 + 0.5 * n + (1.0 + 0.02 * n) * std::sin(n * n);
  }
  const auto [fit, found] = diagnosed(line, x, y, {0, 0});
  expect_test(found.durbin_watson, 1.8954976174642, 0.50226313269346);
  expect_test(found.spread, 40.236501575735, 2.2500464791337e-10);
  expect_test(found.normality, 0.9768368926068, 0.036461373282513);
  expect_test(found.runs, 0.57900021304153, 0.56258902942458);
}

// Of the tangent plane: R's lm of the residuals on the gradient of deriv3 at the estimate, without intercept.
TEST(Diagnostics, OfACurveAreThoseOfItsTangentPlaneInR) {
  const Vector conc{{0.02, 0.02, 0.06, 0.06, 0.11, 0.11, 0.22, 0.22, 0.56, 0.56, 1.10, 1.10}};
  const Vector rate{{76, 47, 97, 107, 123, 139, 159, 152, 191, 201, 207, 200}};
  const auto [fit, found] =
      diagnosed([](const auto& b, double c) { return b[0] * c / (b[1] + c); }, conc, rate, {200.0, 0.05});
  EXPECT_NEAR(found.leverages[2], 0.19305881156637, 1e-9);
  EXPECT_NEAR(found.standardized[0], 2.4866164707303, 1e-8);
  EXPECT_NEAR(found.studentized[0], 3.8184214083378, 1e-8);
  expect_test(found.durbin_watson, 1.615043876068, 0.28439357280727, 2e-6);
  expect_test(found.spread, 2.6040006452554, 0.1065943324771, 1e-8);
  expect_test(found.normality, 0.92373919937297, 0.26702300762221, 1e-8);
  expect_test(found.runs, 0.6055300708195, 0.54482685051727);
  ASSERT_EQ(found.outliers.size(), 1U);
  EXPECT_EQ(found.outliers[0].observation, 0);
  EXPECT_NEAR(found.outliers[0].p_value, 0.049197915514861, 1e-8);
  EXPECT_NE(found.outlier_sentence.find("observation 1"), std::string::npos) << found.outlier_sentence;
  EXPECT_NE(found.summary().find("Durbin–Watson"), std::string::npos);
}

TEST(Diagnostics, FindATrendInTheOrderAskedFor) {
  // A parabola fitted by a line, its points shuffled.
  Vector x(30), y(30);
  for (Index i = 0; i < 30; ++i) {
    x[i] = static_cast<double>((i * 7) % 30);
    y[i] = x[i] * x[i];
  }
  const auto [first, as_observed] = diagnosed(line, x, y, {0, 0});
  const auto [second, along_x] = diagnosed(line, x, y, {0, 0}, {.order = x});
  EXPECT_GT(as_observed.durbin_watson.statistic, along_x.durbin_watson.statistic);
  EXPECT_LT(along_x.durbin_watson.p_value, 1e-6);
  EXPECT_LT(along_x.runs.p_value, 1e-3);
  EXPECT_NE(along_x.runs.sentence.find("misses a trend"), std::string::npos) << along_x.runs.sentence;
}

TEST(Diagnostics, LeaveOutObservationsOfNoWeight) {
  Vector x = testing::speeds, y = testing::distances, w = Vector::Ones(50);
  const Index away = 10;
  w[away] = 0.0;
  std::vector<Index> kept;
  for (Index i = 0; i < 50; ++i)
    if (i != away) kept.push_back(i);
  const auto [weighted, a] = diagnosed(line, x, {y, w}, {0, 0});
  const auto [shorter, b] = diagnosed(line, Vector(x(kept)), Vector(y(kept)), {0, 0});
  EXPECT_TRUE(std::isnan(a.studentized[away]));
  EXPECT_NEAR(a.studentized[away + 1], b.studentized[away], 1e-9);
  EXPECT_NEAR(a.normality.p_value, b.normality.p_value, 1e-9);
  EXPECT_NEAR(a.durbin_watson.p_value, b.durbin_watson.p_value, 1e-9);
}

TEST(Diagnostics, SayWhyThereAreNone) {
  const auto [exact, of_two] = diagnosed(line, Vector{{0.0, 1.0}}, Vector{{1.0, 3.0}}, {0, 0});
  EXPECT_TRUE(std::isnan(of_two.normality.p_value));
  EXPECT_NE(of_two.summary().find("no degrees of freedom"), std::string::npos) << of_two.summary();
  const auto [few, of_four] =
      diagnosed(line, Vector{{0.0, 1.0, 2.0, 3.0}}, Vector{{1.0, 3.0, 4.0, 8.0}}, {0, 0});
  EXPECT_NE(of_four.normality.sentence.find("5 to 5000"), std::string::npos);
  EXPECT_TRUE(std::isfinite(of_four.durbin_watson.p_value));
}

TEST(Diagnostics, RefuseAnOrderOfAnotherSize) {
  EXPECT_THROW(diagnosed(line, testing::speeds, testing::distances, {0, 0}, {.order = Vector::Ones(3)}),
               Misuse);
}

}  // namespace
}  // namespace quadric
