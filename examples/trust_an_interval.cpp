// How far may an estimate be off? Linear intervals are symmetric by construction; where the model bends, a
// profile, which fits all other parameters anew, shows what the data really allow.
#include <cmath>
#include <iostream>
#include <vector>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  // Oxygen demand of a river over days (Marske 1967; Bates & Watts 1988, A1.4): six readings, two parameters.
  const std::vector<double> day = {1, 2, 3, 4, 5, 7};
  const std::vector<double> demand = {8.3, 10.3, 19.0, 16.0, 15.6, 19.8};
  const auto model = [](const auto& b, double t) {
    using std::exp;
    return b[0] * (1.0 - exp(-b[1] * t));
  };
  const qd::Fit fit = qd::fit(model, day, demand, {20.0, 0.5});
  std::cout << fit.summary() << "\n\n";

  const auto residual = [&](const auto& b, qd::Index i) {
    const auto place = static_cast<std::size_t>(i);
    return model(b, day[place]) - demand[place];
  };
  const qd::Problem problem{qd::Residuals(qd::pointwise(6, residual))};
  for (qd::Index i = 0; i < 2; ++i) {
    const qd::Interval linear = fit.interval(i);
    const qd::Profile profile = qd::profile(problem, fit, i);
    std::cout << "b" << i << ": linear [" << linear.low << ", " << linear.high << "], profile ["
              << profile.interval.low << ", " << profile.interval.high << "]"
              << (profile.remark.empty() ? "" : "; " + profile.remark) << "\n";
  }
  // Published: 19.143 and 0.5311.
  const bool right = std::abs(fit.result.x[0] - 19.143) < 1e-3 && std::abs(fit.result.x[1] - 0.5311) < 1e-4;
  return fit.result.converged() && right ? 0 : 1;
}
