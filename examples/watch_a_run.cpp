// An observer of your own: it is told of every iteration, keeps what it wants, and may end the run. Here it
// draws how f falls and stops once six digits are gained.
#include <cmath>
#include <iostream>
#include <string>

#include <quadric/quadric.hpp>

namespace qd = quadric;

class Sketch : public qd::Observer {
 public:
  void started(const qd::RunInfo& run) override { std::cout << run.solver << "\n"; }
  bool iterated(const qd::Iteration& step, const qd::Vector& x) override {
    if (step.iteration == 0) first_ = step.value;
    const double digits = std::log10(first_ / step.value);
    if (step.iteration % 4 == 0)
      std::cout << std::string(static_cast<std::size_t>(4.0 * digits) + 1, '*') << " x0 = " << x[0] << "\n";
    return digits < 6.0;
  }
  void finished(const qd::Result& result) override { std::cout << to_string(result.status) << "\n"; }

 private:
  double first_ = 0.0;
};

int main() {
  const auto rosenbrock = [](const auto& x) {
    const auto a = 1.0 - x[0];
    const auto b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  };
  const qd::Result result = qd::minimize(rosenbrock, {-1.2, 1.0}, qd::Newton{}, Sketch{});
  return result.status == qd::Status::StoppedByUser && result.value < 1e-4 ? 0 : 1;
}
