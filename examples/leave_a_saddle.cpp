// Gradient zero is not enough. At the saddle of a double well the run moves on along negative curvature; told
// to stop there, it says what it found.
#include <iostream>

#include <quadric/quadric.hpp>

namespace qd = quadric;

int main() {
  const auto double_well = [](const auto& x) {
    const auto a = x[0] * x[0] - 1.0;
    return 0.25 * a * a + 0.5 * x[1] * x[1];
  };

  // The certificate of a point: kind, index, eigenvalues, and the direction that proves it.
  const qd::CriticalPoint origin = qd::classify(double_well, {0.0, 0.0});
  std::cout << "the origin: " << origin.describe() << "\n\n";

  // From the saddle itself, and from the ridge that leads to it.
  bool all_minima = true;
  for (const qd::Point& start : {qd::Point{0.0, 0.0}, qd::Point{0.0, 1.0}}) {
    const auto tell = [](const qd::Iteration& step) {
      if (!step.note.empty()) std::cout << "  iteration " << step.iteration << " " << step.note << "\n";
    };
    const qd::Result result = qd::minimize(double_well, start, qd::GradientDescent{}, tell);
    std::cout << result.summary() << "\n\n";
    all_minima = all_minima && result.converged();
  }

  const qd::Result stopped =
      qd::minimize(double_well, {0.0, 1.0}, qd::GradientDescent{.at_saddle = qd::AtSaddle::Stop});
  std::cout << "told to stop at saddles: " << to_string(stopped.status) << "\n";
  return all_minima && stopped.status == qd::Status::SaddlePoint ? 0 : 1;
}
