#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/fit/fit.hpp"

namespace quadric {
namespace {

using std::exp;
using std::log;

/// A fit whose data leave combinations of parameters open: the parameters of each.
struct Planted {
  std::string name;
  std::function<Residuals()> residuals;
  Index observations;
  Point start;
  std::set<std::set<Index>> combinations;
};

void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }

/// Readings with errors that no generator of random numbers is needed for.
double reading(double exact, Index i) {
  return exact + 0.01 * std::sin(12.9898 * static_cast<double>(i + 1));
}

template <class Model>
Planted planted(std::string name, const Model& model, const Vector& truth, Point start,
                std::set<std::set<Index>> combinations) {
  const Index m = 25;
  const auto residuals = [=] {
    return Residuals(pointwise(m, [=](const auto& b, Index i) {
      const double t = 0.1 + 0.2 * static_cast<double>(i);
      return model(b, t) - reading(model(truth, t), i);
    }));
  };
  return {std::move(name), residuals, m, std::move(start), std::move(combinations)};
}

std::vector<Planted> cases() {
  const auto of = [](std::vector<double> values) -> Vector { return callables::to_vector(values); };
  return {
      planted("SumOfRates", [](const auto& b, double t) { return exp(-(b[0] + b[1]) * t); }, of({0.3, 0.4}),
              {0.5, 0.5}, {{0, 1}}),
      planted("ProductOfScales", [](const auto& b, double t) { return b[0] * b[1] * exp(-b[2] * t); },
              of({2.0, 1.5, 0.6}), {1.0, 1.0, 1.0}, {{0, 1}}),
      planted("AmplitudeAgainstShift", [](const auto& b, double t) { return b[0] * exp(-b[1] * (t - b[2])); },
              of({2.0, 0.7, 0.3}), {1.0, 1.0, 0.1}, {{0, 2}}),
      planted("UnusedParameter", [](const auto& b, double t) { return b[0] + b[1] * t + 0.0 * b[2]; },
              of({1.0, 2.0, 3.0}), {0.5, 0.5, 0.5}, {{2}}),
      planted("TwoPairs", [](const auto& b, double t) { return exp(-(b[0] + b[1]) * t) + b[2] * b[3] * t; },
              of({0.3, 0.4, 1.2, 0.7}), {0.2, 0.2, 1.0, 1.0}, {{0, 1}, {2, 3}}),
      planted("RatioOfConstants", [](const auto& b, double t) { return b[0] * t / (b[1] + b[2] * t); },
              of({2.0, 0.5, 1.0}), {1.0, 1.0, 1.0}, {{0, 1, 2}}),
      planted("TwoOffsets", [](const auto& b, double t) { return b[0] + b[1] * log(t) + b[2] - b[3] * t; },
              of({1.0, 0.5, 2.0, 0.2}), {0.0, 0.0, 0.0, 0.0}, {{0, 2}}),
      planted("AllDetermined", [](const auto& b, double t) { return b[0] * exp(-b[1] * t) + b[2]; },
              of({2.0, 0.7, 0.3}), {1.0, 1.0, 0.0}, {}),
      // Two rates that are hard to tell apart, though they can be.
      planted("NearlyEqualRates",
              [](const auto& b, double t) { return b[0] * exp(-b[1] * t) + b[2] * exp(-b[3] * t); },
              of({1.0, 0.5, 1.0, 0.8}), {1.2, 0.4, 0.8, 0.9}, {}),
      // Parameters of very different sizes.
      planted("BadlyScaled",
              [](const auto& b, double t) { return 1e-9 * b[0] * exp(-1e7 * b[1] * t) + 1e3 * b[2]; },
              of({2e9, 0.7e-7, 0.3e-3}), {1e9, 1e-7, 0.0}, {}),
  };
}

class Identification : public testing::TestWithParam<Planted> {};

TEST_P(Identification, NamesExactlyWhatWasPlanted) {
  const Planted& given = GetParam();
  const Fit fit = fit_residuals(given.residuals(), Vector::LinSpaced(given.observations, 0.0, 1.0),
                                given.start, Solver(GaussNewton{}));
  std::set<std::set<Index>> found;
  for (const Combination& combination : fit.identifiability.undetermined) {
    std::set<Index> parameters;
    for (Index j = 0; j < combination.weights.size(); ++j)
      if (combination.weights[j] != 0.0) parameters.insert(j);
    found.insert(parameters);
  }
  EXPECT_EQ(found, given.combinations) << fit.summary();
  EXPECT_EQ(fit.identifiability.undetermined.size(), given.combinations.size());
  // An error is infinite where nothing is determined, and finite where something is.
  std::set<Index> open;
  for (const auto& combination : given.combinations) open.insert(combination.begin(), combination.end());
  for (Index j = 0; j < fit.standard_error.size(); ++j)
    EXPECT_EQ(std::isinf(fit.standard_error[j]), open.count(j) > 0) << j << ": " << fit.standard_error[j];
  // Along a combination the residuals stay as they are, to first order.
  Vector r;
  Matrix J;
  given.residuals().jacobian(fit.result.x, r, J);
  for (const Combination& combination : fit.identifiability.undetermined)
    EXPECT_LE((J * combination.weights).norm(), 1e-9 * J.norm() * combination.weights.norm());
}

INSTANTIATE_TEST_SUITE_P(Planted, Identification, testing::ValuesIn(cases()),
                         [](const auto& given) { return given.param.name; });

TEST(Identification, SeesThroughTheErrorsOfDifferences) {
  const auto residuals = [](const Vector& b) -> Vector {
    Vector r(20);
    for (Index i = 0; i < 20; ++i) {
      const double t = 0.2 * static_cast<double>(i);
      r[i] = std::exp(-(b[0] + b[1]) * t) - reading(std::exp(-0.7 * t), i);
    }
    return r;
  };
  const Fit fit =
      fit_residuals(Residuals(residuals), Vector::LinSpaced(20, 0.0, 1.0), {0.5, 0.1}, Solver(GaussNewton{}));
  ASSERT_EQ(fit.identifiability.undetermined.size(), 1U);
  EXPECT_NEAR(fit.identifiability.undetermined[0].weights[0], -fit.identifiability.undetermined[0].weights[1],
              1e-6);
}

}  // namespace
}  // namespace quadric
