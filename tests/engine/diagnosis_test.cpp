#include <bit>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

/// What a run that stalls says of why.
namespace quadric {
namespace {

using testing::HasSubstr;
using testing::Not;

/// In [−1, 1], another one for every x.
double noise_of(const Vector& x, std::uint64_t seed) {
  std::uint64_t h = seed;
  for (const double xj : x) {
    h ^= std::bit_cast<std::uint64_t>(xj);
    h *= 0x9e3779b97f4a7c15U;
    h ^= h >> 29U;
  }
  return std::ldexp(static_cast<double>(h >> 11U), -52) - 1.0;
}

double value(const Vector& x) { return (x - Vector::Ones(2)).squaredNorm() + std::pow(x[0] - 1.0, 4); }
Vector slope(const Vector& x) {
  Vector g = 2.0 * (x - Vector::Ones(2));
  g[0] += 4.0 * std::pow(x[0] - 1.0, 3);
  return g;
}
Matrix bend(const Vector& x) {
  Matrix H = 2.0 * Matrix::Identity(2, 2);
  H(0, 0) += 12.0 * std::pow(x[0] - 1.0, 2);
  return H;
}

TEST(Diagnosis, NamesAGradientThatContradictsTheValues) {
  const auto turned = [](const Vector& x) -> Vector { return -slope(x); };
  const Result result = minimize(analytic(value, turned, bend), {3.0, -2.0}, Newton{});
  EXPECT_EQ(to_string(result.status), "stalled") << result.summary();
  EXPECT_THAT(result.reason, HasSubstr("the gradient contradicts the values of f"));
  EXPECT_TRUE(result.trace.back().events.has(Event::Contradicted));
  EXPECT_FALSE(result.trace.back().events.has(Event::Noisy));
  EXPECT_THAT(result.reason, Not(HasSubstr("noise")));
}

TEST(Diagnosis, NamesNoise) {
  const auto noisy_value = [](const Vector& x) { return value(x) + 1e-6 * noise_of(x, 1); };
  const auto noisy_slope = [](const Vector& x) -> Vector {
    return slope(x) + 1e-3 * Vector::Constant(2, noise_of(x, 2));
  };
  const Result result = minimize(analytic(noisy_value, noisy_slope, bend), {3.0, -2.0}, Newton{});
  EXPECT_EQ(to_string(result.status), "stalled") << result.summary();
  EXPECT_THAT(result.reason, HasSubstr("the gradient is within its noise"));
  EXPECT_THAT(result.reason, HasSubstr("f carries noise of"));
  EXPECT_TRUE(result.trace.back().events.has(Event::Noisy));
  EXPECT_THAT(result.reason, Not(HasSubstr("contradicts")));
}

/// Values that can be had once only: what stalls is not diagnosed, and nothing breaks.
TEST(Diagnosis, SaysNothingOfAFunctionThatFailsAfterwards) {
  const Vector start = Vector::Constant(2, 3.0);
  bool was_left = false;
  const auto once = [&](const Vector& x) {
    if (was_left && x == start) throw std::runtime_error("spent");
    was_left = was_left || x != start;
    return value(x);
  };
  const auto turned = [](const Vector& x) -> Vector { return -slope(x); };
  const Result result = minimize(analytic(once, turned, bend), start, Newton{});
  EXPECT_EQ(to_string(result.status), "stalled") << result.summary();
  EXPECT_THAT(result.reason, Not(HasSubstr("contradicts")));
}

TEST(Diagnosis, SaysNothingOfARunThatConverges) {
  const Result result = minimize(analytic(value, slope, bend), {3.0, -2.0}, Newton{});
  EXPECT_EQ(to_string(result.status), "converged") << result.summary();
  EXPECT_THAT(result.reason, Not(HasSubstr("noise")));
}

}  // namespace
}  // namespace quadric
