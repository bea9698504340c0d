// One reading in five is wrong. Squares follow the outliers; Huber's loss counts them less, and its errors
// are those of the sandwich, which holds without normal errors.
#include <iostream>
#include <vector>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  // y = 2 + 0.5 t, read to two digits, but for three readings.
  std::vector<double> t, y;
  for (int i = 0; i < 15; ++i) {
    t.push_back(i);
    y.push_back(2.0 + 0.5 * i + (i % 2 == 0 ? 0.02 : -0.02) + (i % 5 == 3 ? 6.0 : 0.0));
  }
  const auto line = [&](const auto& b, qd::Index i) {
    const auto place = static_cast<std::size_t>(i);
    return b[0] + b[1] * t[place] - y[place];
  };
  const qd::Residuals residuals(qd::pointwise(15, line));
  const qd::Vector observed = Eigen::Map<const qd::Vector>(y.data(), 15);

  qd::Observations readings(observed);
  const qd::Fit squares = qd::fit_residuals(residuals, readings, {0.0, 0.0}, qd::GaussNewton{});
  readings.loss = qd::Huber{0.1};
  const qd::Fit robust = qd::fit_residuals(residuals, readings, {0.0, 0.0}, qd::GaussNewton{});

  std::cout << "the truth          2 + 0.5 t\n"
            << "by least squares   " << squares.result.x[0] << " + " << squares.result.x[1] << " t\n"
            << "by Huber's loss    " << robust.result.x[0] << " + " << robust.result.x[1] << " t\n\n"
            << robust.summary() << "\n";
  const double error = (robust.result.x - qd::Vector{{2.0, 0.5}}).norm();
  return robust.result.converged() && error < 0.1 ? 0 : 1;
}
