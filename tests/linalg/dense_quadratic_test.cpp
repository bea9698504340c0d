#include "linalg/dense_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

Vector eigenvalues(const Matrix& A) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(A, Eigen::EigenvaluesOnly).eigenvalues();
}

double quadratic(const Matrix& B, const Vector& g, const Vector& p) { return g.dot(p) + 0.5 * p.dot(B * p); }

/// The conditions that hold of a global minimizer in a ball and of nothing else (Moré & Sorensen 1983,
/// lemma 2.1).
void check_optimality(const Matrix& B, const Vector& g, double radius,
                      const DenseQuadratic::Minimizer& minimizer) {
  const Vector& p = minimizer.step;
  const double n = static_cast<double>(g.size());
  const double size = eigenvalues(B).cwiseAbs().maxCoeff();
  ASSERT_TRUE(p.allFinite());
  EXPECT_GE(minimizer.shift, 0.0);
  const double rounding = 16.0 * n * epsilon * (size + minimizer.shift);
  EXPECT_LE(p.norm(), radius * (1.0 + 1e-9));
  EXPECT_LE((B * p + minimizer.shift * p + g).norm(), rounding * p.norm() + 1e-9 * g.norm());
  EXPECT_GE(eigenvalues(B)[0] + minimizer.shift, -rounding);
  if (minimizer.shift > rounding) {
    EXPECT_NEAR(p.norm(), radius, 1e-9 * radius);
  }
  EXPECT_LE(quadratic(B, g, p), rounding * p.squaredNorm());
}

void check_ball(const Matrix& B, const Vector& g, double radius) {
  SCOPED_TRACE("n = " + std::to_string(g.size()) + ", radius " + std::to_string(std::log10(radius)) +
               " decades");
  DenseQuadratic solver;
  solver.reset(B, g);
  check_optimality(B, g, radius, solver.within(radius));
}

void check_radii(const Matrix& B, const Vector& g) {
  for (int decade = -8; decade <= 8; decade += 2) check_ball(B, g, std::pow(10.0, decade));
}

TEST(DenseQuadratic, MinimizesDefiniteOnesInABall) {
  random::Source source(1);
  for (Index n = 1; n <= 30; ++n) {
    const Vector values = source.vector(n).cwiseAbs().array() + 0.01;
    check_radii(source.symmetric(values), source.vector(n));
  }
}

TEST(DenseQuadratic, MinimizesIndefiniteOnesInABall) {
  random::Source source(2);
  for (Index n = 1; n <= 30; ++n) check_radii(source.symmetric(source.vector(n)), source.vector(n));
}

TEST(DenseQuadratic, MinimizesSingularOnesInABall) {
  random::Source source(3);
  for (Index n = 2; n <= 30; ++n) {
    Vector values = source.vector(n).cwiseAbs();
    values.head(n / 2).setZero();
    check_radii(source.symmetric(values), source.vector(n));
  }
  check_radii(Matrix::Zero(3, 3), Vector::Ones(3));
}

TEST(DenseQuadratic, MinimizesBadlyScaledOnesInABall) {
  random::Source source(4);
  for (Index n = 1; n <= 30; ++n) {
    Vector values(n), g(n);
    for (Index i = 0; i < n; ++i) values[i] = source.spread(8.0);
    for (Index i = 0; i < n; ++i) g[i] = source.spread(8.0);
    check_radii(source.symmetric(values), g);
  }
}

/// g is orthogonal to the lowest eigenvectors, exactly or nearly, and the rest of the step is inside.
TEST(DenseQuadratic, MinimizesInTheHardCase) {
  random::Source source(5);
  for (Index n = 2; n <= 30; ++n) {
    for (const double near : {0.0, 1e-18, 1e-14, 1e-10, 1e-6, 1e-2}) {
      SCOPED_TRACE("n = " + std::to_string(n) + ", component " + std::to_string(near));
      const Matrix Q = source.rotation(n);
      Vector values = source.vector(n).cwiseAbs();
      values[0] = -1.0;
      if (n > 3) values[1] = -1.0;
      Vector along = source.vector(n);
      along[0] = near;
      if (n > 3) along[1] = 0.0;
      const Matrix B = Q * values.asDiagonal() * Q.transpose();
      check_radii(0.5 * (B + B.transpose()), Q * along);
    }
  }
}

/// The lowest eigenvalue is 0 up to rounding of either sign.
TEST(DenseQuadratic, DoesNotTakeRoundingForNegativeCurvature) {
  random::Source source(8);
  for (Index n = 2; n <= 30; ++n) {
    const Matrix Q = source.rotation(n);
    Vector values = source.vector(n).cwiseAbs().array() + 0.1;
    values[0] = 0.0;
    Vector along = source.vector(n);
    along[0] = 0.0;
    const Matrix B = Q * values.asDiagonal() * Q.transpose();
    DenseQuadratic solver;
    solver.reset(0.5 * (B + B.transpose()), Q * along);
    const Quadratic::Minimizer minimizer = solver.within(1e8);
    values[0] = 1.0;
    EXPECT_LE(minimizer.step.norm(), 1e4 * along.cwiseQuotient(values).norm()) << n;
    EXPECT_FALSE(minimizer.hard_case) << n;
  }
}

TEST(DenseQuadratic, MinimizesInTheHardCaseWithoutRounding) {
  const Vector values = (Vector(3) << -2.0, 1.0, 3.0).finished();
  DenseQuadratic solver;
  solver.reset(values.asDiagonal(), (Vector(3) << 0.0, 3.0, 5.0).finished());
  const auto minimizer = solver.within(10.0);
  EXPECT_TRUE(minimizer.hard_case);
  EXPECT_DOUBLE_EQ(minimizer.shift, 2.0);
  EXPECT_NEAR(minimizer.step.norm(), 10.0, 1e-12);
  EXPECT_DOUBLE_EQ(minimizer.step[1], -1.0);
  EXPECT_DOUBLE_EQ(minimizer.step[2], -1.0);
}

TEST(DenseQuadratic, GoesAlongTheLowestEigenvectorWhereTheGradientIsZero) {
  random::Source source(6);
  const Matrix B = source.symmetric((Vector(4) << -3.0, 1.0, 2.0, 4.0).finished());
  DenseQuadratic solver;
  solver.reset(B, Vector::Zero(4));
  const auto minimizer = solver.within(2.0);
  EXPECT_NEAR(minimizer.step.norm(), 2.0, 1e-12);
  EXPECT_NEAR(minimizer.step.dot(B * minimizer.step), -12.0, 1e-12);
}

/// What is left of a condition beside the rounding of its own terms: (B + λI) p = −g, ‖p‖ = Δ where λ > 0,
/// and B + λI without a negative eigenvalue.
void check_to_rounding(const Matrix& B, const Vector& g, double radius) {
  DenseQuadratic solver;
  solver.reset(B, g);
  const auto minimizer = solver.within(radius);
  const Vector& p = minimizer.step;
  const double rounding = 8.0 * static_cast<double>(g.size()) * epsilon;
  const double size = eigenvalues(B).cwiseAbs().maxCoeff() + minimizer.shift;
  EXPECT_LE((B * p + minimizer.shift * p + g).norm(), rounding * (size * p.norm() + g.norm()));
  EXPECT_GE(eigenvalues(B)[0] + minimizer.shift, -rounding * size);
  EXPECT_LE(p.norm(), radius * (1.0 + 2e-10));
  if (minimizer.shift > rounding * size) {
    EXPECT_GE(p.norm(), radius * (1.0 - 2e-10));
    EXPECT_TRUE(minimizer.at_boundary);
  }
}

/// Curvatures and a gradient in their coordinates: of any inertia, with curvatures that are zero or equal,
/// and with no or next to no component of the gradient along the lowest ones.
TEST(DenseQuadratic, SatisfiesTheOptimalityConditionsToRounding) {
  random::Source source(10);
  int hard_cases = 0, inside = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    const Index n = source.integer(1, 20);
    Vector values = source.vector(n), along = source.vector(n);
    const Index kind = source.integer(0, 4);
    if (kind == 1) values.head(source.integer(1, n)).setZero();
    if (kind == 2) values = values.cwiseAbs();
    const Index lowest = std::min<Index>(n, source.integer(1, 3));
    if (kind >= 3) {
      values.head(lowest).setConstant(-1.5);
      along.head(lowest) *= kind == 3 ? 0.0 : std::pow(10.0, -9.0 + 9.0 * source.number());
    }
    const Matrix Q = source.integer(0, 1) == 0 ? Matrix(Matrix::Identity(n, n)) : source.rotation(n);
    const Matrix A = Q * values.asDiagonal() * Q.transpose();
    const Matrix B = 0.5 * (A + A.transpose());
    const Vector g = Q * along;
    const double radius = std::abs(source.spread(4.0));
    SCOPED_TRACE("trial " + std::to_string(trial) + ", n = " + std::to_string(n) + ", kind " +
                 std::to_string(kind) + ", radius " + std::to_string(radius));
    check_to_rounding(B, g, radius);
    DenseQuadratic solver;
    solver.reset(B, g);
    const auto minimizer = solver.within(radius);
    hard_cases += minimizer.hard_case ? 1 : 0;
    inside += minimizer.at_boundary ? 0 : 1;
  }
  EXPECT_GE(hard_cases, 50);
  EXPECT_GE(inside, 50);
}

/// No point of the ball is lower: an independent look, by sampling.
TEST(DenseQuadratic, IsNotBeatenByAnySample) {
  random::Source source(7);
  for (int trial = 0; trial < 50; ++trial) {
    const Index n = source.integer(1, 4);
    const Matrix B = source.symmetric(source.vector(n));
    const Vector g = 0.1 * source.vector(n);
    DenseQuadratic solver;
    solver.reset(B, g);
    const double best = quadratic(B, g, solver.within(1.0).step);
    for (int sample = 0; sample < 500; ++sample) {
      Vector p = source.vector(n);
      if (sample % 2 == 0 || p.norm() > 1.0) p.normalize();
      EXPECT_GE(quadratic(B, g, p), best - 1e-12);
    }
  }
}

TEST(DenseQuadratic, DescendsByTheAbsoluteEigenvalues) {
  random::Source source(8);
  for (Index n = 1; n <= 30; ++n) {
    const Matrix Q = source.rotation(n);
    const Vector values = source.vector(n);
    const Matrix B = Q * values.asDiagonal() * Q.transpose();
    const Vector g = source.vector(n);
    DenseQuadratic solver;
    solver.reset(0.5 * (B + B.transpose()), g);
    const Vector p = solver.descent();
    EXPECT_LT(p.dot(g), 0.0);
    const Vector magnitudes = values.cwiseAbs();
    const Vector residual = Q * magnitudes.asDiagonal() * Q.transpose() * p + g;
    EXPECT_LE(residual.norm(), 1e-10 * g.norm()) << "n = " << n;
  }
}

TEST(DenseQuadratic, KnowsTheLowestEigenvalueOnlyWhereItWasNeeded) {
  random::Source source(9);
  const Matrix B = source.symmetric((Vector(3) << 1.0, 2.0, 4.0).finished());
  DenseQuadratic solver;
  solver.reset(B, Vector::Ones(3));
  EXPECT_TRUE(solver.positive_definite());
  static_cast<void>(solver.within(1e3));
  EXPECT_FALSE(solver.known_lambda_min().has_value());
  static_cast<void>(solver.within(1e-3));
  ASSERT_TRUE(solver.known_lambda_min().has_value());
  EXPECT_NEAR(*solver.known_lambda_min(), 1.0, 1e-14);
  solver.reset(-B, Vector::Ones(3));
  EXPECT_FALSE(solver.positive_definite());
  EXPECT_FALSE(solver.known_lambda_min().has_value());
}

}  // namespace
}  // namespace quadric::linalg
