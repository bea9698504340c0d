// A sum of exponentials: amplitudes enter linearly, so that for any rates the best ones are known. Variable
// projection searches the rates alone, and needs no start for the amplitudes.
#include <cmath>
#include <iostream>
#include <vector>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  // Exact data, so that the answer is known: 1.5 exp(-t) + 0.8 exp(-6 t).
  std::vector<double> times, readings;
  for (int i = 0; i < 24; ++i) {
    times.push_back(0.05 * i);
    readings.push_back(1.5 * std::exp(-times.back()) + 0.8 * std::exp(-6.0 * times.back()));
  }
  const auto decays = [](const auto& b, double t) {
    using std::exp;
    return b[0] * exp(-b[1] * t) + b[2] * exp(-b[3] * t);
  };
  // The amplitudes b[0] and b[2] start anywhere.
  const qd::Point start = {1e3, 0.5, -1e3, 3.0};
  const qd::Fit projected = qd::fit(decays, times, readings, start, qd::VariableProjection{});
  const qd::Fit plain = qd::fit(decays, times, readings, start, qd::GaussNewton{});
  std::cout << "variable projection: " << to_string(projected.result.status) << " after "
            << projected.result.iterations << " iterations at " << projected.result.x.transpose() << "\n"
            << "all four at once:    " << to_string(plain.result.status) << " after "
            << plain.result.iterations << " iterations at " << plain.result.x.transpose() << "\n";
  const double error = (projected.result.x - qd::Vector{{1.5, 1.0, 0.8, 6.0}}).norm();
  return projected.result.converged() && error < 1e-6 ? 0 : 1;
}
