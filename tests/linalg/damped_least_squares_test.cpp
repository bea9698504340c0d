#include "linalg/damped_least_squares.hpp"

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
  EXPECT_NEAR(minimizer.predicted, change(J, r, p), rounding * scale);
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

}  // namespace
}  // namespace quadric::linalg
