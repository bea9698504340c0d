#include <array>
#include <cmath>
#include <string>

#include "suites/problems.hpp"

/// Functions with saddles, started on or beside them; every one is bounded below.
namespace quadric::suites {

namespace {

double real(Index i) { return static_cast<double>(i); }

Objective double_well() {
  return [](const auto& x) {
    const auto a = x[0] * x[0] - 1.0;
    return a * a / 4.0 + x[1] * x[1] / 2.0;
  };
}

Residuals double_well_residuals() {
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    return std::array<T, 2>{(x[0] * x[0] - 1.0) / std::sqrt(2.0), T(x[1])};
  };
}

/// Re (x + iy)³ + ¼ (x² + y²)²: in polar coordinates r³ cos 3φ + ¼ r⁴, whose minima −27/4 are at r = 3, cos
/// 3φ = −1.
Objective monkey_saddle() {
  return [](const auto& x) {
    const auto square = x[0] * x[0] + x[1] * x[1];
    return x[0] * x[0] * x[0] - 3.0 * x[0] * x[1] * x[1] + 0.25 * square * square;
  };
}

/// Σ over the first k of sᵢ (yᵢ² − 1)² / 4 and over the others of ½ sᵢ yᵢ², in coordinates y reflected from
/// x: x = 0 is critical of index k, and the 2ᵏ minima are 0.
Objective morse(Index index) {
  return [index](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    T along(0.0);
    double norm = 0.0;
    for (Index j = 0; j < n; ++j) {
      along += real(j + 1) * x[j];
      norm += real(j + 1) * real(j + 1);
    }
    T sum(0.0);
    for (Index i = 0; i < n; ++i) {
      const T y = x[i] - 2.0 / norm * real(i + 1) * along;
      const T well = y * y - 1.0;
      sum += (1.0 + real(i)) * (i < index ? 0.25 * well * well : 0.5 * y * y);
    }
    return sum;
  };
}

/// ¾ x⁴ + (y − ½ x²)²: a strict minimum at the origin where the curvature along x is zero.
Objective flat_valley() {
  return [](const auto& x) {
    const auto square = x[0] * x[0];
    const auto bend = x[1] - 0.5 * square;
    return 0.75 * square * square + bend * bend;
  };
}

Vector point(std::initializer_list<double> x) { return Point(x); }

TestProblem morse_problem(Index index) {
  return {.name = "Morse index " + std::to_string(index),
          .problem = morse(index),
          .starts = {Vector::Zero(6), Vector::Constant(6, 1e-9), Vector::Constant(6, 0.5)},
          .minima = {0.0}};
}

}  // namespace

std::vector<TestProblem> saddles() {
  const std::vector<Vector> beside_the_ridge = {point({0.0, 0.0}), point({0.0, 1.0}), point({1e-8, 1.0})};
  return {
      {.name = "double well", .problem = double_well(), .starts = beside_the_ridge, .minima = {0.0}},
      {.name = "double well, residuals",
       .problem = double_well_residuals(),
       .starts = beside_the_ridge,
       .minima = {0.0}},
      {.name = "monkey saddle",
       .problem = monkey_saddle(),
       .starts = {point({0.0, 0.0}), point({1e-3, 0.0}), point({1.0, 1.0})},
       .minima = {-6.75},
       .note = "at the origin the Hessian is zero"},
      morse_problem(1),
      morse_problem(3),
      morse_problem(6),
      {.name = "flat valley",
       .problem = flat_valley(),
       .starts = {point({1.0, 1.0}), point({0.0, 0.0})},
       .minima = {0.0},
       .minimizer = point({0.0, 0.0}),
       .singular = true,
       .note = "a minimum of fourth order along x"},
  };
}

}  // namespace quadric::suites
