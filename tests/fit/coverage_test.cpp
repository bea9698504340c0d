#include <array>
#include <cmath>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/fit/fit.hpp"
#include "quadric/fit/profile.hpp"

namespace quadric {
namespace {

/// How many of the intervals hold the true value.
struct Coverage {
  int fits = 0;
  std::array<int, 4> held = {};  ///< linear, from the Hessian, sandwich, profile

  double share(std::size_t method) const {
    return static_cast<double>(held[method]) / static_cast<double>(fits);
  }
};

const std::array<std::string, 4> methods = {"linear", "from the Hessian", "sandwich", "profile"};

/// Of b in y = x / b, the inverse of a slope that is known to some 36 %. As the slope has Student's interval,
/// that of b is its image, which profiles find and intervals about b can not.
Coverage coverage(int count) {
  constexpr Index m = 30;
  const double truth = 1.0, deviation = 35.0;
  std::mt19937_64 random(20240229);
  std::normal_distribution<double> error(0.0, deviation);
  Coverage found;
  for (int k = 0; k < count; ++k) {
    Vector y(m);
    for (Index i = 0; i < m; ++i) y[i] = static_cast<double>(i + 1) / truth + error(random);
    const Problem problem(Residuals(
        pointwise(m, [y](const auto& b, Index i) { return static_cast<double>(i + 1) / b[0] - y[i]; })));
    const Fit fit = fit_residuals(problem, y, {1.0}, Solver(GaussNewton{}));
    if (!fit.result.converged()) continue;
    ++found.fits;
    const Interval linear = fit.interval(0), profiled = profile(problem, fit, 0).interval;
    const double reach = (linear.high - fit.result.x[0]) / fit.standard_error[0];
    const double off = std::abs(truth - fit.result.x[0]);
    found.held[0] += off <= reach * fit.standard_error[0] ? 1 : 0;
    found.held[1] += off <= reach * fit.standard_error_hessian[0] ? 1 : 0;
    found.held[2] += off <= reach * fit.standard_error_sandwich[0] ? 1 : 0;
    found.held[3] += truth >= profiled.low && truth <= profiled.high ? 1 : 0;
  }
  return found;
}

TEST(Coverage, OfProfilesIsTheLevelWhereLinearIntervalsFail) {
  const Coverage found = coverage(4000);
  for (std::size_t method = 0; method < methods.size(); ++method)
    std::cout << "95 % intervals, " << methods[method] << ": hold the truth in "
              << 100.0 * found.share(method) << " %\n";
  EXPECT_GE(found.fits, 3950);
  EXPECT_LT(found.share(0), 0.93);
  EXPECT_LT(found.share(1), 0.93);
  EXPECT_LT(found.share(2), 0.93);
  EXPECT_GT(found.share(3), 0.93);
  EXPECT_LT(found.share(3), 0.97);
}

}  // namespace
}  // namespace quadric
