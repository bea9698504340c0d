#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric::suites {

/// A problem with what the literature or a closed form says of it.
struct TestProblem {
  std::string name;
  Problem problem;
  std::vector<Vector> starts;  ///< the published one first
  std::vector<double> minima;  ///< of f, least squares as ½‖r‖²: the global minimum first, then local ones
  std::optional<Vector> minimizer = {};  ///< of the first minimum, where it is unique
  bool singular_too = false;             ///< besides strict minima there are singular ones of the same value
  bool singular = false;  ///< the Hessian at the first minimum is singular: no strict minimum to certify
  std::string note = {};
};

/// All problems, each compiled once: those of Moré, Garbow & Hillstrom (the suite `mgh`), objectives that are
/// no sum of squares, and saddles.
std::vector<TestProblem> test_problems();

std::vector<TestProblem> mgh_problems();
std::vector<TestProblem> general_objectives();
std::vector<TestProblem> saddles();

}  // namespace quadric::suites
