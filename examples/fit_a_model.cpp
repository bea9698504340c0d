// Fit a decay curve to readings: estimates with their standard errors, from a start that is only roughly
// right.
#include <cmath>
#include <iostream>
#include <vector>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  // The data of NIST's problem Misra1a: monomolecular adsorption, volume against pressure (public domain).
  const std::vector<double> pressure = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                                        378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};
  const std::vector<double> volume = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                                      44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};

  const auto adsorption = [](const auto& b, double x) {
    using std::exp;
    return b[0] * (1.0 - exp(-b[1] * x));
  };

  const qd::Fit fit = qd::fit(adsorption, pressure, volume, {500.0, 1e-4});
  std::cout << fit.summary() << "\n";

  const qd::Point certified = {238.94212918, 5.5015643181e-4};  // NIST's certified answer
  const double worst = (fit.result.x.cwiseQuotient(certified.vector()).array() - 1.0).abs().maxCoeff();
  std::cout << "\nlargest relative difference from the certified parameters: " << worst << "\n";
  return fit.result.converged() && worst < 1e-9 ? 0 : 1;
}
