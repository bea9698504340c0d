#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/fit/bands.hpp"
#include "quadric/fit/diagnostics.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/fit/profile.hpp"

#include "fit/cars.hpp"

namespace quadric {
namespace {

const auto line = [](const auto& b, double x) { return b[0] + b[1] * x; };

Residuals cars() {
  return pointwise(
      50, [](const auto& b, Index i) { return line(b, testing::speeds[i]) - testing::distances[i]; });
}

Observations with_huber(double scale) {
  Observations observations = testing::distances;
  observations.loss = Huber{scale};
  return observations;
}

// R 4.2.2: lm.wfit on its data set cars, reweighted by min(1, 10/|r|) until nothing changes; the sandwich
// from ψ(r) = max(−10, min(10, r)) and ψ′, with the factor 50/48; qt(0.975, 48).
TEST(RobustFits, HaveTheSandwichOfTheMEstimate) {
  const Fit fit = fit_residuals(cars(), with_huber(10.0), {0.0, 0.0}, Solver(GaussNewton{}));
  ASSERT_TRUE(fit.result.converged()) << fit.result.summary();
  EXPECT_TRUE(fit.robust);
  EXPECT_NEAR(fit.result.x[0], -15.718640093787, 1e-7);
  EXPECT_NEAR(fit.result.x[1], 3.6593020110019, 1e-8);
  EXPECT_NEAR(fit.standard_error_sandwich[0], 5.6445212439699, 1e-7);
  EXPECT_NEAR(fit.standard_error_sandwich[1], 0.39235511727874, 1e-8);
  EXPECT_NEAR(fit.correlation()(0, 1), -0.94360077510534, 1e-8);
  EXPECT_NEAR(fit.interval(1).high, 3.6593020110019 + 2.0106347576242 * 0.39235511727874, 1e-7);
  const Bands curve = bands(line, std::vector{10.0, 30.0}, fit);
  EXPECT_EQ(curve.covariance, Covariance::Sandwich);
  EXPECT_NEAR(curve.standard_error[0], 2.3366293070224, 1e-7);
  EXPECT_NEAR(curve.standard_error[1], 6.7099770670951, 1e-7);
}

TEST(RobustFits, SayNothingThatRestsOnNormalErrors) {
  const Fit fit = fit_residuals(cars(), with_huber(10.0), {0.0, 0.0}, Solver(GaussNewton{}));
  for (const double left_out :
       {fit.residual_standard_deviation, fit.r_squared, fit.aic, fit.bic, fit.residual_sum_of_squares,
        fit.standard_error[0], fit.standard_error_hessian[0], fit.bates_watts.intrinsic})
    EXPECT_TRUE(std::isnan(left_out)) << left_out;
  const std::string summary = fit.summary();
  EXPECT_NE(summary.find("count by a loss"), std::string::npos) << summary;
  EXPECT_EQ(summary.find("AIC "), summary.rfind("AIC ")) << "only where it is said that there is none";
  EXPECT_EQ(summary.find("from ∇²f"), std::string::npos) << summary;
  const Profile none = profile(cars(), fit, 0);
  EXPECT_TRUE(std::isnan(none.interval.low));
  EXPECT_NE(none.remark.find("loss"), std::string::npos);
  const Bands curve = bands(line, std::vector{10.0}, fit);
  EXPECT_TRUE(std::isnan(curve.prediction[0].low));
  EXPECT_FALSE(curve.remark.empty());
  EXPECT_TRUE(std::isnan(
      bands(line, std::vector{10.0}, fit, {.covariance = Covariance::Jacobian}).standard_error[0]));
}

// The scale is R's median(abs(r))/qnorm(0.75), the p-value 50 · 2 · pnorm(−max|r|/scale).
TEST(RobustFits, FindOutliersByTheMedian) {
  const Fit fit = fit_residuals(cars(), with_huber(10.0), {0.0, 0.0}, Solver(GaussNewton{}));
  const Diagnostics found = diagnose(fit, cars(), with_huber(10.0));
  EXPECT_NEAR(found.residuals[0] / found.standardized[0], 12.114179746788, 1e-7);
  EXPECT_TRUE(std::isnan(found.leverages[0]));
  EXPECT_TRUE(std::isnan(found.normality.p_value));
  EXPECT_TRUE(std::isfinite(found.runs.p_value));
  ASSERT_FALSE(found.outliers.empty());
  EXPECT_EQ(found.outliers[0].observation, 48);
  EXPECT_NEAR(found.outliers[0].p_value, 0.0038481794341133, 1e-8);
}

TEST(RobustFits, KeepNamesAndBounds) {
  Problem problem(cars());
  problem.with_names({"offset", "slope"}).with_bounds(Bounds({-10.0, 0.0}, {0.0, 9.0}));
  const Fit fit = fit_residuals(problem, with_huber(10.0), {-5.0, 1.0}, Solver(GaussNewton{}));
  EXPECT_EQ(fit.result.names[1], "slope");
  EXPECT_EQ(fit.result.x[0], -10.0);
  EXPECT_TRUE(std::isnan(fit.standard_error_sandwich[0]));
  EXPECT_GT(fit.standard_error_sandwich[1], 0.0);
}

}  // namespace
}  // namespace quadric
