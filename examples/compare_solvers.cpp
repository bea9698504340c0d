// One problem, every solver, the same counts: which one should I use? The log of one of them tells why.
#include <array>
#include <iostream>
#include <memory>

#include <quadric/quadric.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace qd = quadric;

int main() {
  // Powell's singular function: four residuals, whose Jacobian loses rank at the minimum.
  const auto powell = [](const auto& x) {
    const auto b = x[1] - 2.0 * x[2];
    const auto c = x[0] - x[3];
    return std::array{x[0] + 10.0 * x[1], std::sqrt(5.0) * (x[2] - x[3]), b * b, std::sqrt(10.0) * c * c};
  };
  const auto rosenbrock = [](const auto& x) { return std::array{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]}; };

  const std::vector<qd::Solver> solvers = {
      qd::Newton{}, qd::Newton{.step = qd::LineSearch{}}, qd::GaussNewton{},
      qd::GradientDescent{.stop = {.max_iterations = 200}}, qd::CeresSolver{}};
  std::cout << qd::compare(qd::Residuals(rosenbrock), {-1.2, 1.0}, solvers) << "\n";
  std::cout << qd::compare(qd::Residuals(powell), {3.0, -1.0, 0.0, 1.0}, solvers) << "\n";

  const auto logger =
      std::make_shared<spdlog::logger>("quadric", std::make_shared<spdlog::sinks::stdout_sink_mt>());
  logger->set_pattern("%v");
  const qd::Result result =
      qd::least_squares(rosenbrock, {-1.2, 1.0}, qd::GaussNewton{}, qd::LogIterations{logger});
  return result.converged() ? 0 : 1;
}
