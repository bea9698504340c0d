#include <cmath>
#include <string>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>
#include <quadric/quadric.hpp>

#include "linalg/random_matrices.hpp"

namespace quadric {
namespace {

/// Any symmetric matrix whose diagonal is 1 or -1, so that Newton's scaling of the variables is none.
Matrix plain_scaled(Index n, random::Source& any) {
  Matrix B = any.symmetric(any.vector(n));
  for (Index i = 0; i < n; ++i) B(i, i) = i % 2 == 0 ? 1.0 : -1.0;
  return B;
}

/// The lowest value of gᵀp + ½ pᵀB p + (σ/3)‖p‖³, by eigenvalues and bisection of λ = σ‖p(λ)‖.
double lowest(const Matrix& B, const Vector& g, double weight) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(B);
  const Vector d = eigen.eigenvalues(), h = eigen.eigenvectors().transpose() * g;
  const auto step = [&](double lambda) -> Vector { return -h.cwiseQuotient((d.array() + lambda).matrix()); };
  double low = std::max(0.0, -d[0]), high = low + 1.0;
  while (step(high).norm() * weight > high) high *= 2.0;
  for (int halving = 0; halving < 200; ++halving) {
    const double middle = 0.5 * (low + high);
    (step(middle).norm() * weight > middle ? low : high) = middle;
  }
  const Vector p = step(high);
  return h.dot(p) + 0.5 * p.dot(d.cwiseProduct(p)) + weight / 3.0 * std::pow(p.norm(), 3);
}

/// The first step that a solver proposes from 0.
Vector first_step(const Matrix& B, const Vector& g, double weight) {
  const Objective f = analytic([&](const Vector& x) { return g.dot(x) + 0.5 * x.dot(B * x); },
                               [&](const Vector& x) -> Vector { return g + B * x; },
                               [&](const Vector&) -> Matrix { return B; });
  const Newton solver{.step = CubicRegularization{.initial_weight = weight}, .stop = {.max_iterations = 1}};
  return Solver(solver).run(f, Vector::Zero(g.size())).x;
}

TEST(CubicRegularization, StepsToTheLowestPointOfTheSum) {
  int indefinite = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    random::Source any(seed);
    const Index n = any.integer(2, 10);
    const Matrix B = plain_scaled(n, any);
    indefinite += Eigen::SelfAdjointEigenSolver<Matrix>(B).eigenvalues()[0] < 0.0;
    const Vector g = any.vector(n);
    for (const double weight : {1e-3, 1.0, 1e3}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", weight " + std::to_string(weight));
      const Vector p = first_step(B, g, weight);
      const double reached = g.dot(p) + 0.5 * p.dot(B * p) + weight / 3.0 * std::pow(p.norm(), 3);
      const double best = lowest(B, g, weight);
      EXPECT_GE(reached, best * (1.0 + 1e-9));
      EXPECT_LE(reached, 0.95 * best);
    }
  }
  EXPECT_EQ(indefinite, 40);
}

TEST(CubicRegularization, EndsLikeNewtonWithItsOrder) {
  const auto rosenbrock = [](const auto& x) {
    return 100.0 * (x[1] - x[0] * x[0]) * (x[1] - x[0] * x[0]) + (1.0 - x[0]) * (1.0 - x[0]);
  };
  const Result result = minimize(rosenbrock, {-1.2, 1.0}, Newton{.step = CubicRegularization{}});
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_EQ(result.solver, "newton (cubic regularization)");
  EXPECT_NEAR((result.x - Vector::Ones(2)).norm(), 0.0, 1e-12);
  EXPECT_LT(result.iterations, 40);
}

TEST(CubicRegularization, TakesEveryDirection) {
  const auto residuals = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    return VectorOf<T>{{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]}};
  };
  const auto bowl = [](const auto& x) { return x[0] * x[0] + 3.0 * x[1] * x[1] + x[0] * x[1]; };
  EXPECT_TRUE(least_squares(residuals, {-1.2, 1.0}, GaussNewton{.step = CubicRegularization{}}).converged());
  EXPECT_TRUE(minimize(bowl, {3.0, 1.0}, GradientDescent{.step = CubicRegularization{}}).converged());
  EXPECT_TRUE(minimize(bowl, {3.0, 1.0}, Lbfgs{.step = CubicRegularization{}}).converged());
}

TEST(CubicRegularization, LeavesSaddles) {
  const auto double_well = [](const auto& x) {
    const auto t = x[0] * x[0] - 1.0;
    return 0.25 * t * t + 0.5 * x[1] * x[1];
  };
  for (const Point& start : {Point{0.0, 0.0}, Point{0.0, 1.0}, Point{1e-8, 1.0}}) {
    const Result result = minimize(double_well, start, Newton{.step = CubicRegularization{}});
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_NEAR(std::abs(result.x[0]), 1.0, 1e-12);
  }
}

TEST(CubicRegularization, RefusesOptionsWithoutMeaning) {
  EXPECT_THROW(Solver(Newton{.step = CubicRegularization{.initial_weight = -1.0}}), Misuse);
  EXPECT_THROW(Solver(Newton{.step = CubicRegularization{.acceptance = 0.3}}), Misuse);
}

}  // namespace
}  // namespace quadric
