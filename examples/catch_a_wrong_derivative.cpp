// A sign flipped in one entry of a hand-written gradient. A solver would crawl and stall; the check names the
// entry and the mistake, and an audit finds it while solving.
#include <iostream>

#include <quadric/quadric.hpp>

namespace qd = quadric;

struct Rosenbrock {
  double value(const qd::Vector& x) const {
    const double a = 1.0 - x[0], b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  }
  qd::Vector gradient(const qd::Vector& x) const {
    const double b = x[1] - x[0] * x[0];
    return qd::Vector{{-2.0 * (1.0 - x[0]) - 400.0 * b * x[0], -200.0 * b}};  // the last sign is wrong
  }
};

int main() {
  const qd::DerivativeCheck check = qd::check_derivatives(qd::Objective(Rosenbrock{}), {-1.2, 1.0});
  std::cout << check << "\n\n";

  const qd::Result result = qd::minimize(Rosenbrock{}, {-1.2, 1.0}, qd::Newton{}, qd::AuditDerivatives{});
  std::cout << result.summary() << "\n";
  return !result.converged() && result.trace.back().events.has(qd::Event::WrongDerivative) ? 0 : 1;
}
