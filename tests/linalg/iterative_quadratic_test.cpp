#include "linalg/iterative_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "linalg/dense_quadratic.hpp"
#include "linalg/random_matrices.hpp"
#include "linalg/shifted_cholesky.hpp"

namespace quadric::linalg {
namespace {

SparseMatrix lower_of(const Matrix& B) { return Matrix(B.triangularView<Eigen::Lower>()).sparseView(); }

double quadratic(const Matrix& B, const Vector& g, const Vector& p) { return g.dot(p) + 0.5 * p.dot(B * p); }

// Against the minimizer by eigenvalues.
TEST(IterativeQuadratic, MinimizesInABall) {
  random::Source source(11);
  for (const Index n : {3, 20, 40}) {
    for (const bool definite : {true, false}) {
      Vector values = source.vector(n);
      if (definite) values = values.cwiseAbs().array() + 0.1;
      const Matrix B = source.symmetric(values);
      const Vector g = source.vector(n);
      IterativeQuadratic solver;
      solver.reset(Symmetric(lower_of(B)), g);
      DenseQuadratic exact;
      exact.reset(B, g);
      for (const double radius : {1e-2, 1.0, 1e2}) {
        SCOPED_TRACE("n = " + std::to_string(n) + ", radius " + std::to_string(radius));
        const Quadratic::Minimizer minimizer = solver.within(radius);
        EXPECT_LE(minimizer.step.norm(), 1.1001 * radius);
        EXPECT_LE(quadratic(B, g, minimizer.step), 0.8 * quadratic(B, g, exact.within(radius).step));
      }
      EXPECT_EQ(solver.positive_definite(), definite);
      EXPECT_LT(g.dot(solver.descent()), 0.0);
    }
  }
}

TEST(IterativeQuadratic, DampsAsFactorsDo) {
  random::Source source(13);
  for (const Index n : {3, 20, 40}) {
    const Vector values = source.vector(n);
    const Matrix B = source.symmetric(values);
    const Vector g = source.vector(n);
    IterativeQuadratic solver;
    solver.reset(Symmetric(lower_of(B)), g);
    const double enough = 0.1 + std::abs(values.minCoeff());
    for (const double damping : {enough, 10.0 * enough, 0.01 * std::abs(values.minCoeff())}) {
      SCOPED_TRACE("n = " + std::to_string(n) + ", damping " + std::to_string(damping));
      const Vector step = solver.damped(damping);
      EXPECT_LT(g.dot(step), 0.0);
      if (damping < enough) continue;
      EXPECT_LE((B * step + damping * step + g).norm(), 2e-4 * g.norm());
    }
  }
}

TEST(IterativeQuadratic, StaysWhereTheGradientIsZero) {
  IterativeQuadratic solver;
  solver.reset(Symmetric(SparseMatrix(3, 3)), Vector::Zero(3));
  EXPECT_TRUE(solver.within(1.0).step.isZero(0.0));
}

/// Each of n variables with some far ones, whose elimination leaves a full matrix of a third of them or so.
SparseMatrix expander(Index n) {
  SparseMatrix lower(n, n);
  std::vector<Eigen::Triplet<double, int>> entries;
  for (Index i = 0; i < n; ++i) {
    entries.emplace_back(i, i, 10.0);
    for (const Index factor : {2, 3, 5, 7, 11}) {
      const Index j = (factor * (i + 1) - 1) % n;
      if (i != j) entries.emplace_back(std::max(i, j), std::min(i, j), 1.0);
    }
  }
  lower.setFromTriplets(entries.begin(), entries.end());
  return lower;
}

TEST(MakeQuadratic, IteratesWhereFactorsWouldFillUp) {
  SparseMatrix diagonal(10000, 10000);
  diagonal.setIdentity();
  EXPECT_FALSE(fills_up(diagonal));
  EXPECT_FALSE(fills_up(expander(500)));
  const SparseMatrix full = expander(10000);
  ASSERT_TRUE(fills_up(full));
  EXPECT_NE(dynamic_cast<IterativeQuadratic*>(make_quadratic(Symmetric(full)).get()), nullptr);
  EXPECT_EQ(dynamic_cast<IterativeQuadratic*>(make_quadratic(Symmetric(diagonal)).get()), nullptr);
}

}  // namespace
}  // namespace quadric::linalg
