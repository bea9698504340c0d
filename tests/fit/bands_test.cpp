#include "quadric/fit/bands.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace quadric {
namespace {

using std::exp;

constexpr double infinity = std::numeric_limits<double>::infinity();

const auto michaelis_menten = [](const auto& b, double conc) { return b[0] * conc / (b[1] + conc); };
const std::vector<double> concentrations = {0.02, 0.02, 0.06, 0.06, 0.11, 0.11,
                                            0.22, 0.22, 0.56, 0.56, 1.10, 1.10};
const std::vector<double> rates = {76, 47, 97, 107, 123, 139, 159, 152, 191, 201, 207, 200};
const std::vector<double> at = {0.02, 0.2, 1.5};

Fit puromycin() { return fit(michaelis_menten, concentrations, rates, {200.0, 0.05}); }

void expect_near(const Vector& found, const std::vector<double>& known, double relative) {
  ASSERT_EQ(found.size(), static_cast<Index>(known.size()));
  for (Index i = 0; i < found.size(); ++i) {
    const double value = known[static_cast<std::size_t>(i)];
    EXPECT_NEAR(found[i], value, relative * std::abs(value)) << i;
  }
}

Vector ends(const std::vector<Interval>& intervals, double Interval::*end) {
  Vector values(static_cast<Index>(intervals.size()));
  for (Index i = 0; i < values.size(); ++i) values[i] = intervals[static_cast<std::size_t>(i)].*end;
  return values;
}

// Figures of R 4.2.2: the least-squares estimate of its data set Puromycin (treated) by Newton's method on
// deriv3(~ a*conc/(b+conc)), its gradient g at x, √(gᵀCg) with each covariance C, and qt().
TEST(Bands, AreThoseOfTheDeltaMethodInR) {
  const Fit found = puromycin();
  const Bands linear = bands(michaelis_menten, at, found);
  EXPECT_EQ(linear.covariance, Covariance::Jacobian);
  EXPECT_EQ(linear.remark, "");
  expect_near(linear.fitted, {50.565977809903, 161.05006138729, 203.96475545095}, 1e-9);
  expect_near(linear.standard_error, {3.8633431213767, 3.5390113545825, 5.8774554429668}, 1e-9);
  expect_near(ends(linear.confidence, &Interval::high), {59.174042717196, 168.93547008406, 217.06054227424},
              1e-9);
  expect_near(ends(linear.prediction, &Interval::low), {24.728183247214, 135.4439582724, 176.30625804171},
              1e-9);
  const Bands exact = bands(michaelis_menten, at, found, {.covariance = Covariance::Hessian});
  expect_near(exact.standard_error, {4.0492227639455, 3.554790173148, 6.0220706633394}, 1e-8);
  const Bands sandwich = bands(michaelis_menten, at, found, {.covariance = Covariance::Sandwich});
  expect_near(sandwich.standard_error, {4.566539056059, 3.1769121547942, 4.5456138779285}, 1e-8);
}

TEST(Bands, TakeALevelAndTheWeightsOfNewObservations) {
  const Bands found =
      bands(michaelis_menten, at, puromycin(), {.level = 0.9, .weights = Vector::Constant(3, 4.0)});
  EXPECT_EQ(found.level, 0.9);
  expect_near(ends(found.prediction, &Interval::high), {62.698863922363, 172.85345916867, 218.51315213354},
              1e-9);
}

/// Only the sum of two rates is determined, and with it the curve.
TEST(Bands, AreFiniteWhereTheDataDetermineTheCurveThoughNotItsParameters) {
  const std::vector<double> t = {0.0, 0.5, 1.0, 1.5, 2.0}, y = {1.02, 0.70, 0.51, 0.33, 0.26};
  const auto sum = [](const auto& b, double time) { return exp(-(b[0] + b[1]) * time); };
  const auto one = [](const auto& b, double time) { return exp(-b[0] * time); };
  const Fit of_sum = fit(sum, t, y, {0.3, 0.3}), of_one = fit(one, t, y, {0.6});
  ASSERT_TRUE(std::isinf(of_sum.standard_error[0]));
  const Bands a = bands(sum, t, of_sum), b = bands(one, t, of_one);
  EXPECT_EQ(a.remark, "");
  for (Index i = 0; i < 5; ++i) {
    const auto k = static_cast<std::size_t>(i);
    EXPECT_NEAR(a.standard_error[i], b.standard_error[i], 1e-8);
    EXPECT_NEAR(a.prediction[k].high, b.prediction[k].high, 1e-8);
  }
}

TEST(Bands, AreInfiniteWhereTheDataLeaveTheCurveOpen) {
  // b₂ acts where there are no data.
  const auto step = [](const auto& b, double x) { return b[0] + (x > 3.0 ? b[1] : 0.0 * b[1]); };
  const std::vector<double> x = {0, 1, 2, 3}, y = {1.0, 1.2, 0.9, 1.1};
  const Fit found = fit(step, x, y, {0.5, 0.5});
  const Bands curve = bands(step, std::vector{1.0, 4.0}, found);
  EXPECT_NEAR(curve.standard_error[0], found.residual_standard_deviation / 2.0, 1e-12);
  EXPECT_EQ(curve.standard_error[1], infinity);
  EXPECT_EQ(curve.confidence[1].low, -infinity);
  EXPECT_EQ(curve.prediction[1].high, infinity);
  EXPECT_NE(curve.remark.find("open at 1 of 2 points"), std::string::npos) << curve.remark;
}

TEST(Bands, AreNoneWithoutDegreesOfFreedom) {
  const auto line = [](const auto& b, double x) { return b[0] + b[1] * x; };
  const std::vector<double> two = {0.0, 1.0};
  const Bands curve = bands(line, two, fit(line, two, two, {0.5, 0.5}));
  EXPECT_TRUE(std::isnan(curve.confidence[0].low));
  EXPECT_NE(curve.remark.find("degrees of freedom"), std::string::npos) << curve.remark;
  EXPECT_NEAR(curve.fitted[1], 1.0, 1e-12);
}

TEST(Bands, CountParametersOnBoundsAsGiven) {
  const auto line = [](const auto& b, double x) { return b[0] + b[1] * x; };
  const std::vector<double> x = {0, 1, 2, 3}, y = {0.1, 1.2, 1.9, 3.1};
  const auto residual = [line, x, y](const auto& b, Index i) {
    const auto k = static_cast<std::size_t>(i);
    return line(b, x[k]) - y[k];
  };
  const Problem problem =
      Problem(Residuals(pointwise(4, residual))).with_bounds(Bounds({0.5, -9.0}, {1.0, 9.0}));
  const Fit found = fit_residuals(problem, callables::to_vector(y), {0.7, 0.7}, Solver(GaussNewton{}));
  ASSERT_EQ(found.result.x[0], 0.5);
  const Bands curve = bands(line, x, found);
  EXPECT_EQ(curve.standard_error[0], 0.0);  // at x = 0 the curve is the bound
  EXPECT_NEAR(curve.standard_error[3], 3.0 * found.standard_error[1], 1e-12);
}

TEST(Bands, LeaveOutPointsWhereTheCurveIsNotFinite) {
  const Bands curve =
      bands([](const auto& b, double conc) { return b[0] * conc / (b[1] + conc) / (conc > 0.0 ? 1.0 : 0.0); },
            std::vector{0.2, 0.0}, puromycin());
  EXPECT_TRUE(std::isfinite(curve.confidence[0].low));
  EXPECT_TRUE(std::isnan(curve.confidence[1].low));
  EXPECT_NE(curve.remark.find("not finite at 1 of 2"), std::string::npos) << curve.remark;
}

TEST(Bands, RefuseWhatIsNone) {
  const Fit found = puromycin();
  EXPECT_THROW(bands(michaelis_menten, at, found, {.level = 1.0}), Misuse);
  EXPECT_THROW(bands(michaelis_menten, at, found, {.weights = Vector::Ones(2)}), Misuse);
  EXPECT_THROW(bands(michaelis_menten, at, found, {.weights = Vector::Constant(3, -1.0)}), Misuse);
}

}  // namespace
}  // namespace quadric
