#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/fit/fit.hpp"
#include "quadric/fit/profile.hpp"

namespace quadric {
namespace {

using std::exp;

/// A fit with what R 4.2.2 says of it: nls, confint and rms.curv of its package MASS (Venables & Ripley
/// 2002). The profile of the rate of the oxygen demand, where confint's spline is 3 % off, is from the roots
/// of the sum of squares with the amplitude eliminated. Data of Puromycin and BOD: Bates & Watts (1988), of
/// stormer: MASS.
struct Reference {
  std::string name;
  Problem problem;
  Vector y;
  Point start;
  std::vector<double> estimate, error;
  double deviation, correlation, aic, bic, parameter_effects, intrinsic;
  std::vector<Interval> profile;
};

void PrintTo(const Reference& reference, std::ostream* out) { *out << reference.name; }

template <class Model>
Problem model_problem(const Model& model, const std::vector<std::vector<double>>& rows) {
  return Problem(Residuals(pointwise(static_cast<Index>(rows.size()), [model, rows](const auto& b, Index i) {
    const std::vector<double>& row = rows[static_cast<std::size_t>(i)];
    return model(b, row) - row.back();
  })));
}

template <class Model>
Reference reference(std::string name, const Model& model, const std::vector<std::vector<double>>& rows,
                    Point start, Reference rest) {
  rest.name = std::move(name);
  rest.problem = model_problem(model, rows);
  rest.y.resize(static_cast<Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) rest.y[static_cast<Index>(i)] = rows[i].back();
  rest.start = std::move(start);
  return rest;
}

Reference blank(std::vector<double> estimate, std::vector<double> error, double deviation, double correlation,
                double aic, double bic, double parameter_effects, double intrinsic,
                std::vector<Interval> profile) {
  return {.name = {},
          .problem = Problem(Objective([](const auto& x) { return x[0]; })),
          .y = {},
          .start = Point{0.0},
          .estimate = std::move(estimate),
          .error = std::move(error),
          .deviation = deviation,
          .correlation = correlation,
          .aic = aic,
          .bic = bic,
          .parameter_effects = parameter_effects,
          .intrinsic = intrinsic,
          .profile = std::move(profile)};
}

std::vector<Reference> references() {
  const auto michaelis_menten = [](const auto& b, const auto& row) {
    return b[0] * row[0] / (b[1] + row[0]);
  };
  const std::vector<std::vector<double>> treated = {{0.02, 76},  {0.02, 47},  {0.06, 97},  {0.06, 107},
                                                    {0.11, 123}, {0.11, 139}, {0.22, 159}, {0.22, 152},
                                                    {0.56, 191}, {0.56, 201}, {1.10, 207}, {1.10, 200}};
  const std::vector<std::vector<double>> untreated = {{0.02, 67},  {0.02, 51},  {0.06, 84},  {0.06, 86},
                                                      {0.11, 98},  {0.11, 115}, {0.22, 131}, {0.22, 124},
                                                      {0.56, 144}, {0.56, 158}, {1.10, 160}};
  const auto saturation = [](const auto& b, const auto& row) { return b[0] * (1.0 - exp(-b[1] * row[0])); };
  const std::vector<std::vector<double>> demand = {{1, 8.3},  {2, 10.3}, {3, 19.0},
                                                   {4, 16.0}, {5, 15.6}, {7, 19.8}};
  const auto viscometer = [](const auto& b, const auto& row) { return b[0] * row[0] / (row[1] - b[1]); };
  const std::vector<std::vector<double>> stormer = {
      {14.7, 20, 35.6},   {27.5, 20, 54.3},   {42.0, 20, 75.6},  {75.7, 20, 121.2},  {89.7, 20, 150.8},
      {146.6, 20, 229.0}, {158.3, 20, 270.0}, {14.7, 50, 17.6},  {27.5, 50, 24.3},   {42.0, 50, 31.4},
      {75.7, 50, 47.2},   {89.7, 50, 58.3},   {146.6, 50, 85.6}, {158.3, 50, 101.1}, {161.1, 50, 92.2},
      {298.3, 50, 187.2}, {75.7, 100, 24.6},  {89.7, 100, 30.0}, {146.6, 100, 41.7}, {158.3, 100, 50.3},
      {161.1, 100, 45.1}, {298.3, 100, 89.0}, {298.3, 100, 86.5}};
  return {reference("PuromycinTreated", michaelis_menten, treated, {200.0, 0.05},
                    blank({212.683743138316, 0.064121281675}, {6.94715515980991, 0.00828094949778},
                          10.9336581913, 0.76508370178, 95.2709686489, 96.7256885983, 0.2121, 0.0920,
                          {{197.3021273779786, 229.2900639529983}, {0.0469251668351, 0.0861599523252}})),
          reference("PuromycinUntreated", michaelis_menten, untreated, {160.0, 0.05},
                    blank({160.2800462185161, 0.0477081845613}, {6.48024550732027, 0.00778187524925},
                          9.77300302863, 0.776827083885, 85.160993488, 86.3546793064, 0.2630, 0.1209,
                          {{145.6369541527026, 176.544401369334}, {0.0313745983424, 0.070061306302}})),
          reference("BiochemicalOxygenDemand", saturation, demand, {20.0, 0.5},
                    blank({19.142575285285, 0.531091376902}, {2.495917332525, 0.203082100413}, 2.54903252637,
                          -0.852801544639, 31.8230383789, 31.1983167866, 3.4992, 0.4859,
                          {{14.084544730086, 38.48251012639}, {0.131397746703, 1.80816959473}})),
          reference("Stormer", viscometer, stormer, {29.4, 2.2},
                    blank({29.40125714677, 2.21827384908}, {0.9155335637, 0.665521655123}, 6.26802712249,
                          -0.919970745684, 153.610057603, 157.016540251, 0.0948, 0.0136,
                          {{27.543989793654, 31.34835926426}, {0.777480798107, 3.54520292023}}))};
}

class Statistics : public testing::TestWithParam<Reference> {};

TEST_P(Statistics, AreThoseOfR) {
  const Reference& known = GetParam();
  const Fit fit = fit_residuals(known.problem, known.y, known.start, Solver(GaussNewton{}));
  ASSERT_TRUE(fit.result.converged()) << fit.result.summary();
  for (Index j = 0; j < 2; ++j) {
    const auto k = static_cast<std::size_t>(j);
    EXPECT_NEAR(fit.result.x[j] / known.estimate[k], 1.0, 2e-7);
    EXPECT_NEAR(fit.standard_error[j] / known.error[k], 1.0, 2e-6);
    const Profile found = profile(known.problem, fit, j);
    const double width = known.profile[k].high - known.profile[k].low;
    EXPECT_NEAR(found.interval.low, known.profile[k].low, 2e-3 * width) << found.remark;
    EXPECT_NEAR(found.interval.high, known.profile[k].high, 2e-3 * width) << found.remark;
    for (std::size_t i = 1; i < found.points.size(); ++i)
      EXPECT_LE(found.points[i - 1].tau, found.points[i].tau + 1e-9);
  }
  EXPECT_NEAR(fit.residual_standard_deviation / known.deviation, 1.0, 1e-9);
  EXPECT_NEAR(fit.correlation()(0, 1), known.correlation, 1e-6);
  EXPECT_NEAR(fit.aic, known.aic, 1e-7);
  EXPECT_NEAR(fit.bic, known.bic, 1e-7);
  EXPECT_NEAR(fit.bates_watts.parameter_effects, known.parameter_effects, 6e-5);
  EXPECT_NEAR(fit.bates_watts.intrinsic, known.intrinsic, 6e-5);
  EXPECT_TRUE(fit.identifiability.complete());
}

INSTANTIATE_TEST_SUITE_P(Published, Statistics, testing::ValuesIn(references()),
                         [](const auto& given) { return given.param.name; });

/// A straight line with the closed forms of its statistics.
TEST(StatisticsOfALine, AreTheClosedForms) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 6}, y = {2.1, 3.9, 6.2, 7.8, 10.1, 11.7};
  const auto line = [](const auto& b, double at) { return b[0] + b[1] * at; };
  const Fit found = fit(line, x, y, {0.0, 0.0});
  double mean = 3.5, sxx = 17.5, sxy = 0.0, my = 0.0;
  for (const double value : y) my += value / 6.0;
  for (std::size_t i = 0; i < 6; ++i) sxy += (x[i] - mean) * (y[i] - my);
  const double slope = sxy / sxx, offset = my - slope * mean;
  double rss = 0.0;
  for (std::size_t i = 0; i < 6; ++i) rss += std::pow(y[i] - offset - slope * x[i], 2);
  const double s = std::sqrt(rss / 4.0);
  EXPECT_NEAR(found.result.x[1], slope, 1e-12);
  EXPECT_NEAR(found.standard_error[1], s / std::sqrt(sxx), 1e-12);
  EXPECT_NEAR(found.standard_error[0], s * std::sqrt(1.0 / 6.0 + mean * mean / sxx), 1e-12);
  // The model has no curvature: the Hessian is JᵀJ and profiles are straight.
  EXPECT_NEAR(found.standard_error_hessian[1], found.standard_error[1], 1e-12);
  EXPECT_NEAR(found.bates_watts.intrinsic, 0.0, 1e-12);
  EXPECT_NEAR(found.bates_watts.parameter_effects, 0.0, 1e-12);
  const double t = 2.7764451051977987;  // Student's, 4 degrees of freedom, 95 %
  EXPECT_NEAR(found.interval(1).high, slope + t * s / std::sqrt(sxx), 1e-9);
  // White's variance of the slope, with the correction m / (m − p).
  double meat = 0.0;
  for (std::size_t i = 0; i < 6; ++i) meat += std::pow((x[i] - mean) * (y[i] - offset - slope * x[i]), 2);
  EXPECT_NEAR(found.standard_error_sandwich[1], std::sqrt(6.0 / 4.0 * meat) / sxx, 1e-12);
  const Problem problem(Residuals(pointwise(6, [x, y](const auto& b, Index i) {
    const auto k = static_cast<std::size_t>(i);
    return b[0] + b[1] * x[k] - y[k];
  })));
  for (Index j = 0; j < 2; ++j) {
    const Interval linear = found.interval(j), profiled = profile(problem, found, j).interval;
    EXPECT_NEAR(profiled.low, linear.low, 1e-6);
    EXPECT_NEAR(profiled.high, linear.high, 1e-6);
  }
}

TEST(StatisticsOfWeightedFits, CountAWeightAsRepetition) {
  const Vector y{{1.0, 2.5, 2.0, 4.5}};
  const std::vector<double> weight = {1, 2, 1, 3};
  const auto weighted = [&](const auto& b, Index i) {
    return std::sqrt(weight[static_cast<std::size_t>(i)]) * (b[0] + b[1] * static_cast<double>(i) - y[i]);
  };
  const std::vector<Index> repeated = {0, 1, 1, 2, 3, 3, 3};
  const auto repeating = [&](const auto& b, Index i) {
    const Index k = repeated[static_cast<std::size_t>(i)];
    return b[0] + b[1] * static_cast<double>(k) - y[k];
  };
  Vector long_y(7);
  for (Index i = 0; i < 7; ++i) long_y[i] = y[repeated[static_cast<std::size_t>(i)]];
  const Fit a = fit_residuals(Residuals(pointwise(4, weighted)), {y, Vector{{1.0, 2.0, 1.0, 3.0}}}, {0, 0},
                              Solver(GaussNewton{}));
  const Fit b = fit_residuals(Residuals(pointwise(7, repeating)), long_y, {0, 0}, Solver(GaussNewton{}));
  EXPECT_NEAR(a.r_squared, b.r_squared, 1e-12);
  EXPECT_NEAR(a.residual_sum_of_squares, b.residual_sum_of_squares, 1e-12);
  EXPECT_EQ(a.observations, 4);
  EXPECT_EQ(a.degrees_of_freedom, 2);
}

TEST(StatisticsOfWeightedFits, RefuseWeightsThatAreNone) {
  const Residuals residuals(
      pointwise(2, [](const auto& b, Index i) { return b[0] - static_cast<double>(i); }));
  const Vector y = Vector::LinSpaced(2, 0.0, 1.0);
  EXPECT_THROW(fit_residuals(residuals, {y, Vector::Ones(3)}, {0.0}, Solver(GaussNewton{})), Misuse);
  EXPECT_THROW(fit_residuals(residuals, {y, Vector{{1.0, -1.0}}}, {0.0}, Solver(GaussNewton{})), Misuse);
}

TEST(Profiles, EndAtBoundsAndAtInfinity) {
  // y falls to a level that the data do not tell from that of a rate without limit.
  const std::vector<double> t = {0, 1, 2, 3, 4}, y = {10.0, 0.1, -0.1, 0.05, -0.02};
  const Residuals residuals(pointwise(5, [t, y](const auto& b, Index i) {
    const auto k = static_cast<std::size_t>(i);
    return b[0] * exp(-b[1] * t[k]) - y[k];
  }));
  const Problem problem(residuals);
  const Fit free = fit_residuals(problem, callables::to_vector(y), {8.0, 2.0}, Solver(GaussNewton{}));
  const Profile open = profile(problem, free, 1);
  EXPECT_TRUE(std::isinf(open.interval.high)) << open.interval.high << open.remark;
  EXPECT_GT(open.interval.low, 2.0);
  const Problem bounded = Problem(residuals).with_bounds(Bounds({0.0, 0.0}, {100.0, 7.0}));
  EXPECT_EQ(profile(bounded, free, 1).interval.high, 7.0);
}

TEST(Profiles, SayThatABetterFitWasFound) {
  const Problem problem(Residuals(pointwise(8, [](const auto& b, Index i) {
    using std::sin;
    const double at = 0.7 * static_cast<double>(i);
    return sin(b[0] * at) - std::sin(2.0 * at) - (i % 2 == 0 ? 0.05 : -0.05);
  })));
  const Vector y = Vector::LinSpaced(8, 0.0, 1.0);
  const Fit local = fit_residuals(problem, y, {3.4}, Solver(GaussNewton{}));
  ASSERT_GT(local.residual_sum_of_squares, 0.1);
  const Profile found = profile(problem, local, 0);
  EXPECT_NE(found.remark.find("better fit"), std::string::npos) << found.interval.low;
}

TEST(Profiles, RefuseWhatIsNone) {
  const Problem problem(
      Residuals(pointwise(3, [](const auto& b, Index i) { return b[0] - static_cast<double>(i); })));
  const Fit found = fit_residuals(problem, Vector::LinSpaced(3, 0.0, 2.0), {0.0}, Solver(GaussNewton{}));
  EXPECT_THROW(profile(problem, found, 1), Misuse);
  EXPECT_THROW(profile(problem, found, 0, 1.0), Misuse);
  EXPECT_THROW((void)found.interval(0, 0.0), Misuse);
}

}  // namespace
}  // namespace quadric
