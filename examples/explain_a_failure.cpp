// The sum of |residuals| has kinks where residuals vanish, and no quadric fits a kink: Newton's method stops
// there and can not say that the point is a minimum. `explain` says why a run stopped, what held it back and
// what to try; here that a loss makes a smooth problem of it.
#include <cmath>
#include <iostream>
#include <vector>

#include <quadric/quadric.hpp>

namespace qd = quadric;

const std::vector<double> times = {0, 1, 2, 3, 4, 5};
const std::vector<double> readings = {1.0, 3.1, 4.9, 30.0, 9.2, 10.8};  // one of them is far off

int main() {
  const auto line = [](const auto& b, double t) { return b[0] + b[1] * t; };
  const auto sum_of_distances = [&](const auto& b) {
    using std::abs;
    auto sum = abs(line(b, times[0]) - readings[0]);
    for (std::size_t i = 1; i < times.size(); ++i) sum += abs(line(b, times[i]) - readings[i]);
    return sum;
  };
  const qd::Objective f(sum_of_distances);
  const qd::Result stopped = qd::minimize(f, {0.0, 0.0});
  const qd::Explanation why = qd::explain(stopped, f);
  std::cout << why << "\n\n";

  // What it advises: squares near zero, distances further out.
  const qd::Residuals residuals = qd::model_residuals(line, times, readings);
  const qd::Result smooth = qd::least_squares(qd::robust(residuals, qd::SoftL1{0.1}), {0.0, 0.0});
  std::cout << smooth.summary() << "\n" << smooth.explain() << "\n";
  const bool told = !why.causes.empty() && why.causes.front().kind == qd::CauseKind::NonSmooth;
  return told && smooth.converged() ? 0 : 1;
}
