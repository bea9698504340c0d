// A run that is cut short is not lost: it leaves a checkpoint, and goes on from it along the same path, bit
// for bit.
#include <filesystem>
#include <iostream>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  const auto rosenbrock = [](const auto& x) {
    auto sum = 0.0 * x[0];
    for (qd::Index i = 0; i + 1 < x.size(); ++i) {
      const auto a = 1.0 - x[i];
      const auto b = x[i + 1] - x[i] * x[i];
      sum += a * a + 100.0 * b * b;
    }
    return sum;
  };
  const qd::Vector start = qd::Vector::Constant(50, -1.0);
  const auto file = std::filesystem::temp_directory_path() / "quadric_example_run.json";

  const qd::Result whole = qd::minimize(rosenbrock, start, qd::Lbfgs{});

  // Someone pulls the plug in iteration 30.
  const auto impatient = [](const qd::Iteration& step) { return step.iteration < 30; };
  const qd::Result cut =
      qd::minimize(rosenbrock, start, qd::Lbfgs{}, qd::WriteCheckpoint{.file = file}, impatient);
  const qd::Result resumed = qd::minimize(rosenbrock, qd::Checkpoint::read(file), qd::Lbfgs{});
  std::filesystem::remove(file);

  std::cout << "cut:     " << to_string(cut.status) << " at f = " << cut.value << "\n"
            << "resumed: " << to_string(resumed.status) << " at f = " << resumed.value << "\n"
            << "the same bits as without a break: " << std::boolalpha << (resumed.x == whole.x) << "\n";
  return resumed.converged() && resumed.x == whole.x ? 0 : 1;
}
