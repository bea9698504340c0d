#include "linalg/damped_least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <Eigen/LU>
#include <gtest/gtest.h>

#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
using LongVector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

double change(const Matrix& J, const Vector& r, const Vector& p) {
  const Vector Jp = J * p;
  return r.dot(Jp) + 0.5 * Jp.squaredNorm();
}

/// (JᵀJ + λI) p = −Jᵀr, λ ≥ 0, ‖p‖ ≤ 1.1 Δ; within 0.1 Δ of it at the boundary, λ = 0 elsewhere.
void check_optimality(const Matrix& J, const Vector& r, double radius,
                      const DampedLeastSquares::Minimizer& minimizer) {
  const Vector& p = minimizer.step;
  ASSERT_TRUE(p.allFinite());
  EXPECT_GE(minimizer.damping, 0.0);
  EXPECT_LE(p.norm(), 1.1 * radius * (1.0 + 1e-12));
  if (minimizer.at_boundary) {
    EXPECT_NEAR(p.norm(), radius, 0.1 * radius * (1.0 + 1e-12));
  } else {
    EXPECT_EQ(minimizer.damping, 0.0);
  }
  const double n = static_cast<double>(J.cols());
  const double rounding = 64.0 * n * epsilon;
  const Vector residual = J.transpose() * (J * p + r) + minimizer.damping * p;
  EXPECT_LE(residual.norm(),
            rounding * J.norm() * (J.norm() * p.norm() + r.norm()) + rounding * minimizer.damping * p.norm());
  const double scale = r.norm() * (J * p).norm() + (J * p).squaredNorm();
  // Where the factor comes from JᵀJ it is right to digits enough, not to the last.
  const double changed = change(J, r, p);
  EXPECT_NEAR(minimizer.predicted, changed, rounding * scale + 1e-10 * std::abs(changed));
  EXPECT_LE(minimizer.predicted, 0.0);
}

void check_radii(const Matrix& J, const Vector& r) {
  DampedLeastSquares solver;
  solver.reset(J, r);
  for (int decade = -8; decade <= 8; decade += 2) {
    SCOPED_TRACE(std::to_string(J.rows()) + " x " + std::to_string(J.cols()) + ", radius 1e" +
                 std::to_string(decade));
    const double radius = std::pow(10.0, decade);
    check_optimality(J, r, radius, solver.within(radius));
  }
}

TEST(DampedLeastSquares, SolvesTallProblems) {
  random::Source source(11);
  for (Index n = 1; n <= 20; ++n) check_radii(source.matrix(2 * n + 3, n), source.vector(2 * n + 3));
}

TEST(DampedLeastSquares, SolvesSquareAndWideProblems) {
  random::Source source(12);
  for (Index n = 1; n <= 20; ++n) {
    for (const Index m : {n, n / 2 + 1, Index{1}}) check_radii(source.matrix(m, n), source.vector(m));
  }
}

TEST(DampedLeastSquares, SolvesRankDeficientProblems) {
  random::Source source(13);
  for (Index n = 2; n <= 20; ++n) {
    const Index rank = n / 2;
    const Matrix J = source.matrix(n + 5, rank) * source.matrix(rank, n);
    check_radii(J, source.vector(n + 5));
    DampedLeastSquares solver;
    solver.reset(J, source.vector(n + 5));
    EXPECT_EQ(solver.rank(), rank);
  }
}

TEST(DampedLeastSquares, SolvesProblemsWithZeroColumnsAndEqualColumns) {
  random::Source source(14);
  for (Index n = 2; n <= 10; ++n) {
    Matrix J = source.matrix(n + 2, n);
    J.col(n / 2).setZero();
    check_radii(J, source.vector(n + 2));
    J.col(n / 2) = J.col(0);
    check_radii(J, source.vector(n + 2));
  }
}

TEST(DampedLeastSquares, SolvesBadlyScaledProblems) {
  random::Source source(15);
  for (Index n = 1; n <= 20; ++n) {
    Vector columns(n);
    for (Index j = 0; j < n; ++j) columns[j] = source.spread(6.0);
    check_radii(source.matrix(n + 4, n) * columns.asDiagonal(), source.vector(n + 4));
  }
}

TEST(DampedLeastSquares, StaysWhereTheResidualIsZero) {
  random::Source source(16);
  DampedLeastSquares solver;
  solver.reset(source.matrix(6, 3), Vector::Zero(6));
  EXPECT_EQ(solver.within(1.0).step.norm(), 0.0);
  EXPECT_EQ(solver.unrestricted().step.norm(), 0.0);
  EXPECT_EQ(solver.within(1.0).predicted, 0.0);
}

TEST(DampedLeastSquares, StaysWhereTheJacobianIsZero) {
  DampedLeastSquares solver;
  solver.reset(Matrix::Zero(4, 3), Vector::Ones(4));
  EXPECT_EQ(solver.rank(), 0);
  EXPECT_EQ(solver.within(1.0).step.norm(), 0.0);
}

TEST(DampedLeastSquares, AgreesWithTheNormalEquationsInLongDouble) {
  random::Source source(17);
  for (Index n = 1; n <= 15; ++n) {
    const Matrix J = source.matrix(n + 6, n);
    const Vector r = source.vector(n + 6);
    DampedLeastSquares solver;
    solver.reset(J, r);
    for (const double radius : {1e-3, 0.1, 1e6}) {
      const auto minimizer = solver.within(radius);
      LongMatrix normal = J.cast<long double>().transpose() * J.cast<long double>();
      normal.diagonal().array() += static_cast<long double>(minimizer.damping);
      const LongVector g = J.cast<long double>().transpose() * r.cast<long double>();
      const Vector exact = LongVector(-normal.partialPivLu().solve(g)).cast<double>();
      EXPECT_LE((minimizer.step - exact).norm(), 1e-11 * exact.norm())
          << "n = " << n << ", radius " << radius;
    }
  }
}

TEST(DampedLeastSquares, UnrestrictedStepSolvesLeastSquares) {
  random::Source source(18);
  for (Index n = 1; n <= 20; ++n) {
    for (const Index m : {2 * n, n, n / 2 + 1}) {
      const Matrix J = source.matrix(m, n);
      const Vector r = source.vector(m);
      DampedLeastSquares solver;
      solver.reset(J, r);
      const auto minimizer = solver.unrestricted();
      EXPECT_LE((J.transpose() * (J * minimizer.step + r)).norm(), 1e-11 * J.norm() * r.norm());
      EXPECT_NEAR(minimizer.predicted, change(J, r, minimizer.step), 1e-12 * r.squaredNorm());
    }
  }
}

/// The gain is below the rounding of ½‖r‖², and yet known to full precision.
TEST(DampedLeastSquares, PredictsWithoutCancellation) {
  const Matrix J = (Matrix(2, 1) << 1.0, 0.0).finished();
  DampedLeastSquares solver;
  solver.reset(J, (Vector(2) << 1e-9, 1e9).finished());
  EXPECT_NEAR(solver.unrestricted().predicted, -0.5e-18, 1e-30);
}

/// −(JᵀJ + λI)⁻¹ Jᵀs in long double.
Vector damped_response(const Matrix& J, const Vector& s, double damping) {
  LongMatrix normal = J.cast<long double>().transpose() * J.cast<long double>();
  normal.diagonal().array() += static_cast<long double>(damping);
  const LongVector g = J.cast<long double>().transpose() * s.cast<long double>();
  return LongVector(-normal.partialPivLu().solve(g)).cast<double>();
}

TEST(DampedLeastSquares, DampsByAGivenAmount) {
  random::Source source(19);
  for (Index n = 1; n <= 15; ++n) {
    for (const Index m : {n + 6, n / 2 + 1}) {
      const Matrix J = source.matrix(m, n);
      const Vector r = source.vector(m), s = source.vector(m);
      DampedLeastSquares solver;
      solver.reset(J, r);
      for (const double damping : {1e-2, 1.0, 1e4}) {
        const auto minimizer = solver.damped(damping);
        const Vector exact = damped_response(J, r, damping);
        EXPECT_LE((minimizer.step - exact).norm(), 1e-11 * exact.norm()) << m << " x " << n;
        EXPECT_NEAR(minimizer.predicted, change(J, r, exact), 1e-11 * r.squaredNorm());
        EXPECT_EQ(minimizer.damping, damping);
        const Vector response = damped_response(J, s, damping);
        EXPECT_LE((solver.respond(s) - response).norm(), 1e-11 * response.norm()) << m << " x " << n;
      }
    }
  }
}

TEST(DampedLeastSquares, RespondsUndampedWhereTheStepIs) {
  random::Source source(20);
  for (Index n = 1; n <= 12; ++n) {
    const Matrix J = source.matrix(n + 3, n);
    const Vector s = source.vector(n + 3);
    DampedLeastSquares solver;
    solver.reset(J, source.vector(n + 3));
    EXPECT_FALSE(solver.within(1e6).at_boundary);
    const Vector exact = damped_response(J, s, 0.0);
    EXPECT_LE((solver.respond(s) - exact).norm(), 1e-10 * exact.norm());
  }
  DampedLeastSquares wide;
  wide.reset(source.matrix(2, 3), source.vector(2));
  wide.unrestricted();
  EXPECT_EQ(wide.respond(source.vector(2)).size(), 0);
}

/// The path is at its end the solution of least squares, at its beginning the gradient's; in between its
/// point is as long as the radius, no higher than where the gradient leads, and not below the minimizer in
/// the ball.
TEST(DampedLeastSquares, DoglegLiesBetweenTheCauchyPointAndTheMinimizer) {
  random::Source source(21);
  for (Index n = 2; n <= 12; ++n) {
    Vector columns(n);
    for (Index j = 0; j < n; ++j) columns[j] = source.spread(1.0);
    const Matrix J = source.matrix(n + 4, n) * columns.asDiagonal();
    const Vector r = source.vector(n + 4), g = J.transpose() * r;
    DampedLeastSquares solver;
    solver.reset(J, r);
    const Vector full = solver.unrestricted().step;
    const double to_cauchy = g.squaredNorm() * g.norm() / (J * g).squaredNorm();
    for (const bool doubly : {false, true}) {
      for (const double radius : {0.3 * to_cauchy, 0.5 * (to_cauchy + full.norm()), 0.95 * full.norm()}) {
        SCOPED_TRACE(std::to_string(n) + (doubly ? ", doubly" : ", singly"));
        const auto minimizer = solver.dogleg(radius, doubly);
        EXPECT_TRUE(minimizer.at_boundary);
        EXPECT_NEAR(minimizer.step.norm(), radius, 1e-10 * radius);
        EXPECT_NEAR(minimizer.predicted, change(J, r, minimizer.step), 1e-11 * r.squaredNorm());
        const Vector cauchy = -std::min(radius, to_cauchy) / g.norm() * g;
        EXPECT_LE(minimizer.predicted, change(J, r, cauchy) + 1e-10 * r.squaredNorm());
        EXPECT_GE(minimizer.predicted, solver.within(1.2 * radius).predicted);
      }
      const Vector along_gradient = -0.3 * to_cauchy / g.norm() * g;
      EXPECT_LE((solver.dogleg(0.3 * to_cauchy, doubly).step - along_gradient).norm(), 1e-10 * to_cauchy);
      const auto whole = solver.dogleg(1.001 * full.norm(), doubly);
      EXPECT_FALSE(whole.at_boundary);
      EXPECT_LE((whole.step - full).norm(), 1e-12 * full.norm());
    }
  }
}

TEST(DampedLeastSquares, DoglegTakesTheMinimizerWhereTheJacobianIsRankDeficient) {
  random::Source source(22);
  const Matrix J = source.matrix(7, 2) * source.matrix(2, 4);
  DampedLeastSquares solver;
  solver.reset(J, source.vector(7));
  EXPECT_EQ(solver.dogleg(0.01, false).step, solver.within(0.01).step);
}

}  // namespace
}  // namespace quadric::linalg
