#include "quadric/problem/parametrization.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/fit/bands.hpp"
#include "quadric/fit/diagnostics.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/fit/profile.hpp"

/// Fits with fixed, tied and scaled parameters against fits of formulas that are written for it by hand.
namespace quadric {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using std::exp;

/// Treated Puromycin (Bates & Watts 1988, A1.3).
const std::vector<double> concentrations = {0.02, 0.02, 0.06, 0.06, 0.11, 0.11,
                                            0.22, 0.22, 0.56, 0.56, 1.10, 1.10};
const std::vector<double> rates = {76, 47, 97, 107, 123, 139, 159, 152, 191, 201, 207, 200};

const auto hill = [](const auto& b, double conc) {
  using std::pow;
  const auto power = pow(conc + 0.0 * b[0], b[2]);
  return b[0] * power / (b[1] + power) + b[3];
};
const auto michaelis_menten = [](const auto& b, double conc) { return b[0] * conc / (b[1] + conc); };
/// The same by log b₁.
const auto of_logarithm = [](const auto& u, double conc) {
  using std::exp;
  return u[0] * conc / (exp(u[1]) + conc);
};

void expect_near(const Vector& found, const Vector& expected, double relative) {
  ASSERT_EQ(found.size(), expected.size());
  for (Index i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], relative * std::abs(expected[i])) << i;
}

void expect_near(const Interval& found, const Interval& expected, double relative) {
  EXPECT_NEAR(found.low, expected.low, relative * std::abs(expected.low));
  EXPECT_NEAR(found.high, expected.high, relative * std::abs(expected.high));
}

/// What does not depend on the parametrization.
void expect_same_fit(const Fit& found, const Fit& expected) {
  EXPECT_TRUE(found.result.converged()) << found.summary();
  EXPECT_EQ(found.degrees_of_freedom, expected.degrees_of_freedom);
  EXPECT_NEAR(found.residual_standard_deviation, expected.residual_standard_deviation,
              1e-10 * expected.residual_standard_deviation);
  EXPECT_NEAR(found.aic, expected.aic, 1e-9 * std::abs(expected.aic));
  EXPECT_NEAR(found.bic, expected.bic, 1e-9 * std::abs(expected.bic));
  EXPECT_NEAR(found.r_squared, expected.r_squared, 1e-10);
  EXPECT_NEAR(found.bates_watts.intrinsic, expected.bates_watts.intrinsic,
              1e-6 * expected.bates_watts.intrinsic);
  EXPECT_NEAR(found.identifiability.condition, expected.identifiability.condition,
              1e-6 * expected.identifiability.condition);
}

Parametrization with_names() { return Parametrization({"top", "half", "power", "base"}); }

Fit hill_fit(const Parametrization& by, const Point& start = {200.0, 0.05, 1.0, 0.0}) {
  return fit(hill, concentrations, rates, start, by);
}

TEST(FixedParameters, AreThoseOfTheReducedModel) {
  const Fit found = hill_fit(with_names().fix("power", 1.0).fix("base", 0.0));
  const Fit reduced = fit(michaelis_menten, concentrations, rates, {200.0, 0.05});
  expect_same_fit(found, reduced);
  expect_near(found.result.x, Vector(Point{reduced.result.x[0], reduced.result.x[1], 1.0, 0.0}), 1e-8);
  expect_near(found.standard_error.head(2), reduced.standard_error, 1e-7);
  expect_near(found.standard_error_hessian.head(2), reduced.standard_error_hessian, 1e-7);
  expect_near(found.standard_error_sandwich.head(2), reduced.standard_error_sandwich, 1e-7);
  EXPECT_NEAR(found.bates_watts.parameter_effects, reduced.bates_watts.parameter_effects, 1e-6);
  EXPECT_TRUE(std::isnan(found.standard_error[2]) && std::isnan(found.interval(3).low));
  EXPECT_EQ(profile(Problem(model_residuals(hill, concentrations, rates)), found, 2).remark, "it is fixed");
  EXPECT_THAT(found.summary(), AllOf(HasSubstr("fixed\n"), HasSubstr("the solver found top, half:")));
}

/// A Hill curve whose base is a tenth of its top, and half of whose top is tied twice removed.
TEST(TiedParameters, AreThoseOfTheFormulaSubstitutedByHand) {
  const Fit found = hill_fit(with_names().tie("base", "top/10").fix("power", 1.0), {200.0, 0.05, 9.0, NAN});
  const auto by_hand = [](const auto& b, double conc) { return b[0] * conc / (b[1] + conc) + b[0] / 10.0; };
  const Fit expected = fit(by_hand, concentrations, rates, {200.0, 0.05});
  expect_same_fit(found, expected);
  const auto all = [](const Vector& two) { return Vector(Point{two[0], two[1], two[0] / 10.0}); };
  const std::vector<Index> shown = {0, 1, 3};
  expect_near(found.result.x(shown), all(expected.result.x), 1e-8);
  expect_near(found.standard_error(shown), all(expected.standard_error), 1e-7);
  expect_near(found.standard_error_hessian(shown), all(expected.standard_error_hessian), 1e-6);
  expect_near(found.standard_error_sandwich(shown), all(expected.standard_error_sandwich), 1e-6);
  EXPECT_NEAR(found.bates_watts.parameter_effects, expected.bates_watts.parameter_effects, 1e-6);
  EXPECT_NEAR(found.correlation()(0, 3), 1.0, 1e-12);
  EXPECT_NEAR(found.correlation()(1, 3), expected.correlation()(1, 0), 1e-8);

  const Problem problem(model_residuals(hill, concentrations, rates));
  const Problem problem_by_hand(model_residuals(by_hand, concentrations, rates));
  const Interval top = profile(problem_by_hand, expected, 0).interval;
  expect_near(profile(problem, found, 0).interval, top, 1e-6);
  expect_near(profile(problem, found, 3).interval, {top.low / 10.0, top.high / 10.0}, 1e-6);

  const std::vector<double> at = {0.01, 0.3, 2.0};
  expect_near(bands(hill, at, found).standard_error, bands(by_hand, at, expected).standard_error, 1e-7);
  const Observations observations(callables::to_vector(rates));
  expect_near(diagnose(found, *problem.residuals(), observations).leverages,
              diagnose(expected, *problem_by_hand.residuals(), observations).leverages, 1e-7);
  EXPECT_THAT(found.summary(), HasSubstr("= top/10"));
}

/// The error of a function of two parameters, and of one that falls.
TEST(TiedParameters, HaveErrorsByTheDeltaMethod) {
  const auto with_two_more = [](const auto& b, double conc) { return b[0] * conc / (b[1] + conc); };
  Parametrization by({"top", "half", "slope", "inverse"});
  by.tie("slope", "top*inverse").tie("inverse", "1/half");
  const Fit found = fit(with_two_more, concentrations, rates, {200.0, 0.05, 0.0, 0.0}, by);
  const Fit plain = fit(michaelis_menten, concentrations, rates, {200.0, 0.05});
  const double top = plain.result.x[0], half = plain.result.x[1];
  const Vector g = Point{1.0 / half, -top / (half * half)};
  EXPECT_NEAR(found.result.x[2], top / half, 1e-6 * top / half);
  EXPECT_NEAR(found.standard_error[2], std::sqrt(g.dot(plain.covariance * g)),
              1e-6 * found.standard_error[2]);
  EXPECT_NEAR(found.standard_error_sandwich[2], std::sqrt(g.dot(plain.covariance_sandwich * g)),
              1e-6 * found.standard_error_sandwich[2]);
  const Problem problem(model_residuals(with_two_more, concentrations, rates));
  const Problem of_two(model_residuals(michaelis_menten, concentrations, rates));
  EXPECT_THAT(profile(problem, found, 2).remark, HasSubstr("several parameters (top, half)"));
  const Interval interval = profile(of_two, plain, 1).interval;
  const Profile inverse = profile(problem, found, 3);
  expect_near(inverse.interval, {1.0 / interval.high, 1.0 / interval.low}, 1e-6);
  for (const ProfilePoint& point : inverse.points)
    EXPECT_EQ(point.tau < 0.0, point.value < found.result.x[3] && point.tau != 0.0);
}

TEST(ScaledParameters, ChangeNeitherEstimatesNorErrorsNorProfiles) {
  const Fit plain = fit(michaelis_menten, concentrations, rates, {200.0, 0.05});
  const Problem problem(model_residuals(michaelis_menten, concentrations, rates));
  Parametrization logs({"top", "half"}), logit({"top", "half"});
  logs.log_scale("top").log_scale("half");
  logit.logit_scale("half", 0.0, 1.0);
  for (const Parametrization& by : {logs, logit}) {
    SCOPED_TRACE(by.describe());
    const Fit found = fit(michaelis_menten, concentrations, rates, {200.0, 0.05}, by);
    expect_same_fit(found, plain);
    expect_near(found.result.x, plain.result.x, 1e-8);
    expect_near(found.standard_error, plain.standard_error, 1e-7);
    expect_near(found.standard_error_hessian, plain.standard_error_hessian, 1e-6);
    expect_near(found.standard_error_sandwich, plain.standard_error_sandwich, 1e-6);
    EXPECT_NEAR(found.bates_watts.parameter_effects, plain.bates_watts.parameter_effects, 1e-6);
    for (Index i = 0; i < 2; ++i) {
      expect_near(found.interval(i), plain.interval(i), 1e-7);
      expect_near(profile(problem, found, i).interval, profile(problem, plain, i).interval, 1e-6);
    }
  }
}

/// On its scale a parameter has the curvature and the linear interval of the model written in its logarithm.
TEST(ScaledParameters, HaveTheIntervalsOfTheModelInTheirLogarithm) {
  Parametrization by({"top", "half"});
  by.log_scale("half");
  const Fit found = fit(michaelis_menten, concentrations, rates, {200.0, 0.05}, by);
  const Fit of_log = fit(of_logarithm, concentrations, rates, {200.0, std::log(0.05)});
  EXPECT_NEAR(found.bates_watts.parameter_effects_scaled, of_log.bates_watts.parameter_effects, 1e-6);
  EXPECT_GT(std::abs(found.bates_watts.parameter_effects - of_log.bates_watts.parameter_effects), 1e-3);
  const Interval log_half = of_log.interval(1, 0.9);
  expect_near(found.scaled_interval(1, 0.9), {std::exp(log_half.low), std::exp(log_half.high)}, 1e-6);
  expect_near(found.scaled_interval(0), found.interval(0), 1e-15);
  EXPECT_THAT(found.summary(), AllOf(HasSubstr("on a log scale"), HasSubstr("on their scales")));
}

/// Where the data do not set an upper end, neither scale finds one; below, 0 is the end of a log scale.
TEST(ScaledParameters, HaveOpenEndsWhereThePlainOnesHave) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 7}, y = {8.3, 10.3, 19.0, 16.0, 15.6, 19.8};
  const auto model = [](const auto& b, double t) {
    using std::exp;
    return b[0] * (1.0 - exp(-b[1] * t));
  };
  const Problem problem(model_residuals(model, x, y));
  Parametrization by({"a", "k"});
  by.log_scale("k");
  const Fit plain = fit(model, x, y, {20.0, 0.5}), found = fit(model, x, y, {20.0, 0.5}, by);
  const Interval expected = profile(problem, plain, 1, 0.99).interval;
  const Interval interval = profile(problem, found, 1, 0.99).interval;
  EXPECT_EQ(expected.high, std::numeric_limits<double>::infinity());
  EXPECT_EQ(interval.high, std::numeric_limits<double>::infinity());
  EXPECT_GE(interval.low, 0.0);
}

TEST(ScaledParameters, HaveTheSandwichUnderALoss) {
  const Residuals residuals = model_residuals(michaelis_menten, concentrations, rates);
  Observations observations(callables::to_vector(rates));
  observations.loss = Loss(Huber{8.0});
  Parametrization by({"top", "half"});
  by.log_scale("half");
  const Fit found = fit_residuals(residuals, observations, {200.0, 0.05}, by, GaussNewton{.hybrid = true});
  const Fit plain = fit_residuals(residuals, observations, {200.0, 0.05}, GaussNewton{.hybrid = true});
  expect_near(found.result.x, plain.result.x, 1e-7);
  expect_near(found.standard_error_sandwich, plain.standard_error_sandwich, 1e-5);
  EXPECT_TRUE(std::isnan(found.standard_error[0]));
  EXPECT_THAT(profile(residuals, found, 0).remark, HasSubstr("by a loss"));
}

TEST(BoundsOfAParametrization, AreThoseOfTheParameters) {
  const Problem problem = Problem(model_residuals(michaelis_menten, concentrations, rates))
                              .with_bounds(Bounds({0.0, 0.07}, {1000.0, 10.0}))
                              .with_names({"top", "half"});
  const Observations observations(callables::to_vector(rates));
  Parametrization by({"top", "half"});
  by.log_scale("half");
  const Fit found = fit_residuals(problem, observations, {200.0, 0.1}, by, GaussNewton{.hybrid = true});
  const Fit plain = fit_residuals(problem, observations, {200.0, 0.1}, GaussNewton{.hybrid = true});
  EXPECT_EQ(found.result.x[1], 0.07);
  EXPECT_NEAR(found.result.x[0], plain.result.x[0], 1e-7 * plain.result.x[0]);
  EXPECT_NEAR(found.standard_error[0], plain.standard_error[0], 1e-7 * plain.standard_error[0]);
  EXPECT_TRUE(std::isnan(found.standard_error[1]));
  EXPECT_EQ(found.degrees_of_freedom, 11);
  EXPECT_NEAR(found.result.critical_point.multipliers[1], plain.result.critical_point.multipliers[1],
              1e-5 * std::abs(plain.result.critical_point.multipliers[1]));
  expect_near(profile(problem, found, 0).interval, profile(problem, plain, 0).interval, 1e-6);
  EXPECT_EQ(profile(problem, found, 1).remark, "a bound holds the parameter");
  const std::vector<double> at = {0.01, 0.3};
  expect_near(bands(michaelis_menten, at, found).standard_error,
              bands(michaelis_menten, at, plain).standard_error, 1e-7);
}

/// exp(−(a+b)t) leaves a − b open, and with it what is tied to a alone, but not what is tied to a + b.
TEST(UndeterminedCombinations, AreNamedInFreeParametersWithWhatFollows) {
  const std::vector<double> t = {0, 1, 2, 3, 4, 5}, y = {1.02, 0.49, 0.26, 0.12, 0.07, 0.03};
  const auto decay = [](const auto& b, double time) { return exp(-(b[0] + b[1]) * time); };
  Parametrization by({"a", "b", "sum", "triple", "c"});
  by.tie("sum", "a+b").tie("triple", "3*a").fix("c", 1.0);
  const Fit found = fit(decay, t, y, {0.3, 0.2, 0.0, 0.0, 0.0}, by);
  ASSERT_EQ(found.identifiability.undetermined.size(), 1U);
  const Vector& weights = found.identifiability.undetermined.front().weights;
  EXPECT_NEAR(std::abs(weights[0]), 1.0, 1e-6);
  expect_near(weights / weights[0], Vector(Point{1.0, -1.0, 0.0, 3.0, 0.0}) + Vector::Unit(5, 2) * weights[2],
              1e-5);
  EXPECT_NEAR(weights[2], 0.0, 1e-6);
  const auto rate = [](const auto& b, double time) { return exp(-b[0] * time); };
  const Fit single = fit(rate, t, y, {0.5});
  EXPECT_NEAR(found.standard_error[2], single.standard_error[0], 1e-7 * single.standard_error[0]);
  EXPECT_EQ(found.degrees_of_freedom, 5);
  for (const Index open : {0, 1, 3}) EXPECT_TRUE(std::isinf(found.standard_error[open])) << open;
  EXPECT_THAT(found.summary(), AllOf(HasSubstr("triple = 3*a by"), Not(HasSubstr("sum = a+b by"))));
  const std::vector<double> at = {1.5};
  EXPECT_NEAR(bands(decay, at, found).standard_error[0], bands(rate, at, single).standard_error[0], 1e-9);
}

TEST(Parametrizations, ThatCanNotBeFittedAreRefusedByName) {
  const auto refused = [](const Parametrization& by, const Point& start) -> std::string {
    try {
      hill_fit(by, start);
    } catch (const Misuse& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refused(with_names().log_scale("half"), {200.0, 0.0, 1.0, 0.0}), HasSubstr("'half' = 0"));
  EXPECT_THAT(refused(Parametrization({"one", "two"}).fix("one", 1.0), {200.0, 0.1, 1.0, 0.0}),
              HasSubstr("2 parameters, but the point has 4"));
  Parametrization all = with_names();
  for (const std::string& name : all.names()) all.fix(name, 1.0);
  EXPECT_THAT(refused(all, {200.0, 0.1, 1.0, 0.0}), HasSubstr("none is left"));
}

}  // namespace
}  // namespace quadric
