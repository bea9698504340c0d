#include "compare/saddles.hpp"

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "suites/problems.hpp"

/// Some of the suite `saddles`, a double well of residuals and a minimum of fourth order.
namespace quadric::suites {

namespace {

Objective function_named(const std::string& name) {
  for (const quadric::saddles::KnownFunction& function : quadric::saddles::known_functions()) {
    if (function.name == name) return function.f;
  }
  throw std::out_of_range(name);
}

Residuals double_well_residuals() {
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    return std::array<T, 2>{(x[0] * x[0] - 1.0) / std::sqrt(2.0), T(x[1])};
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
  const std::string name = "Morse index " + std::to_string(index);
  return {.name = name,
          .problem = function_named(name),
          .starts = {Vector::Zero(6), Vector::Constant(6, 1e-9), Vector::Constant(6, 0.5)},
          .minima = {0.0}};
}

}  // namespace

std::vector<TestProblem> saddles() {
  const std::vector<Vector> beside_the_ridge = {point({0.0, 0.0}), point({0.0, 1.0}), point({1e-8, 1.0})};
  return {
      {.name = "double well",
       .problem = function_named("double well"),
       .starts = beside_the_ridge,
       .minima = {0.0}},
      {.name = "double well, residuals",
       .problem = double_well_residuals(),
       .starts = beside_the_ridge,
       .minima = {0.0}},
      {.name = "monkey saddle",
       .problem = function_named("monkey saddle"),
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
