#include "compare/saddles.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "quadric/compare/comparison.hpp"
#include "quadric/curvature/analyzer.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/newton.hpp"

/// The suite `saddles`: whether the saddles are what is said of them, and that no run takes one for a
/// minimum. Curvatures are checked here by differences of values, apart from everything that the library
/// computes.
namespace quadric {
namespace {

using saddles::KnownFunction;

const std::vector<KnownFunction>& functions() {
  static const std::vector<KnownFunction> list = saddles::known_functions();
  return list;
}

const KnownFunction& function_named(const std::string& name) {
  for (const KnownFunction& function : functions()) {
    if (function.name == name) return function;
  }
  throw std::out_of_range(name);
}

/// Sizes of the variables of a function (n).
Vector scale_of(const KnownFunction& function) {
  return function.scale.size() > 0 ? function.scale : Vector(Vector::Ones(function.saddle.size()));
}

/// The Hessian of f(scale ∘ u) at x by second differences of values, step h in units of the scale.
Matrix differenced_hessian(const Objective& f, const Vector& x, const Vector& scale, double h) {
  const Index n = x.size();
  Matrix H(n, n);
  const auto at = [&](Index i, double s, Index j, double t) {
    Vector y = x;
    y[i] += s * h * scale[i];
    y[j] += t * h * scale[j];
    return f.value(y);
  };
  const double here = f.value(x);
  for (Index i = 0; i < n; ++i) {
    H(i, i) = (at(i, 1.0, i, 0.0) - 2.0 * here + at(i, -1.0, i, 0.0)) / (h * h);
    for (Index j = 0; j < i; ++j) {
      H(i, j) = H(j, i) =
          (at(i, 1.0, j, 1.0) - at(i, 1.0, j, -1.0) - at(i, -1.0, j, 1.0) + at(i, -1.0, j, -1.0)) /
          (4.0 * h * h);
    }
  }
  return H;
}

Vector eigenvalues(const Matrix& H) { return Eigen::SelfAdjointEigenSolver<Matrix>(H).eigenvalues(); }

/// How far f falls below its value at x within a distance of `radius`, in units of the scale, along random
/// directions and along the lowest eigenvector of the differenced Hessian; 0 where it does not.
double fall_nearby(const KnownFunction& function, const Vector& x, double radius) {
  const Vector scale = scale_of(function);
  const Matrix H = differenced_hessian(function.f, x, scale, 1e-4);
  std::vector<Vector> directions;
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(H);
  for (Index k = 0; k < x.size(); ++k) directions.push_back(eigen.eigenvectors().col(k));
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  for (int k = 0; k < 30; ++k) {
    Vector d(x.size());
    for (double& c : d) c = normal(random);
    directions.push_back(d.normalized());
  }
  const double here = function.f.value(x);
  double lowest = here;
  for (const Vector& d : directions) {
    for (const double t : {radius, -radius, 0.1 * radius, -0.1 * radius}) {
      lowest = std::min(lowest, function.f.value(x + t * scale.cwiseProduct(d)));
    }
  }
  return here - lowest;
}

/// What is to be held against a point that was called a minimum; empty where nothing is.
std::string objection(const KnownFunction& function, const Vector& x) {
  const double value = std::abs(function.f.value(x));
  const Vector lambda = eigenvalues(differenced_hessian(function.f, x, scale_of(function), 1e-4));
  const double rounding = 1e-7 * value + 1e-7 * lambda.cwiseAbs().maxCoeff();
  if (lambda[0] < -rounding) return "a curvature is " + std::to_string(lambda[0]);
  const double fall = fall_nearby(function, x, 1e-2);
  if (fall > 1e-13 * value) return "f falls nearby by " + std::to_string(fall);
  return {};
}

TEST(Saddles, AreManyAndNamedOnce) {
  std::set<std::string> names;
  for (const KnownFunction& function : functions()) names.insert(function.name);
  EXPECT_EQ(names.size(), functions().size());
  EXPECT_GE(functions().size(), 60U);
  EXPECT_EQ(suite("saddles").size(), saddle_suite().size());
}

TEST(Saddles, HaveTheCurvaturesThatAreSaidOfThem) {
  for (const KnownFunction& function : functions()) {
    SCOPED_TRACE(function.name);
    const Vector scale = scale_of(function);
    const Matrix H = differenced_hessian(function.f, function.saddle, scale, 1e-4);
    const Vector lambda = eigenvalues(H), g = scale.cwiseProduct(gradient(function.f, function.saddle));
    const double size = std::max(lambda.cwiseAbs().maxCoeff(), 1e-30);
    EXPECT_LE(g.norm(), 1e-12 * size);
    const double zero = function.nullity > 0 ? 3e-3 : 1e-9 * size;
    EXPECT_EQ((lambda.array() < -zero).count(), function.index) << lambda.transpose();
    EXPECT_EQ((lambda.array().abs() <= zero).count(), function.nullity) << lambda.transpose();
  }
}

TEST(Saddles, AreClassifiedWithTheirIndex) {
  for (const KnownFunction& function : functions()) {
    SCOPED_TRACE(function.name);
    const CriticalPoint point = classify(function.f, function.saddle);
    EXPECT_EQ(point.index, function.index) << point.describe();
    EXPECT_EQ(point.nullity, function.nullity) << point.describe();
    const bool maximum = function.index == function.saddle.size();
    EXPECT_EQ(to_string(point.kind), function.index == 0 ? "degenerate" : maximum ? "maximum" : "saddle");
  }
}

/// The check on runs below must be able to fail.
TEST(Saddles, WouldBeObjectedToAsMinima) {
  for (const KnownFunction& function : functions()) {
    EXPECT_FALSE(objection(function, function.saddle).empty()) << function.name;
  }
}

/// Steepest descent in short steps from the ridge ends at the saddle, as long as rounding has no time to
/// grow.
TEST(Saddles, HaveRidgesThatLeadToThem) {
  for (const KnownFunction& function : functions()) {
    if (function.ridge.size() == 0 || function.scale.size() > 0) continue;
    SCOPED_TRACE(function.name);
    Vector x = function.ridge, g;
    const double before = (x - function.saddle).norm();
    double closest = before;
    double step = 0.0;
    for (int k = 0; k < 4000; ++k) {
      if (k % 20 == 0) step = 0.3 / std::max(hessian(function.f, x).norm(), 1e-12);
      function.f.gradient(x, g);
      x -= step * g;
      closest = std::min(closest, (x - function.saddle).norm());
    }
    EXPECT_LE(closest, 0.2 * before);
  }
}

struct Expected {
  Solver solver;
  int solved;  ///< a few fewer than measured: the last bits decide some
};

TEST(Saddles, AreNeverTakenForMinima) {
  const std::vector<Case> cases = saddle_suite();
  const std::vector<Expected> table = {
      {Newton{}, 373},
      {Newton{.step = LineSearch{}}, 380},
      {GradientDescent{.stop = {.max_iterations = 1000}}, 310},
  };
  for (const Expected& expected : table) {
    const Comparison comparison = compare(cases, {expected.solver});
    std::cout << comparison << "\n";
    int solved = 0, false_successes = 0;
    for (const ComparedRun& run : comparison.runs) {
      solved += is_solved(run) ? 1 : 0;
      if (!run.result.converged()) continue;
      const KnownFunction& function = function_named(run.problem);
      const std::string why_not = objection(function, run.result.x);
      if (why_not.empty()) continue;
      ++false_successes;
      ADD_FAILURE() << run.problem << " from " << run.start << ": " << why_not << "\n"
                    << run.result.summary();
    }
    std::cout << expected.solver.name() << ": " << solved << " of " << cases.size() << " solved, "
              << false_successes << " false successes\n\n";
    EXPECT_EQ(false_successes, 0) << expected.solver.name();
    EXPECT_GE(solved, expected.solved) << expected.solver.name();
  }
}

TEST(Saddles, AreLeftOutByGaussNewton) {
  EXPECT_TRUE(compare({saddle_suite().front()}, {GaussNewton{}}).runs.empty());
}

}  // namespace
}  // namespace quadric
