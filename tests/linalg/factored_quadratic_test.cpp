#include "linalg/factored_quadratic.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "linalg/dense_quadratic.hpp"
#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

double quadratic(const Matrix& B, const Vector& g, const Vector& p) { return g.dot(p) + 0.5 * p.dot(B * p); }

SparseMatrix lower_of(const Matrix& B) { return Matrix(B.triangularView<Eigen::Lower>()).sparseView(); }

/// Against the minimizer by eigenvalues: at least four fifths of its decrease, at most a tenth beyond the
/// radius.
void check_ball(const Matrix& B, const Vector& g, double radius) {
  SCOPED_TRACE("n = " + std::to_string(g.size()) + ", radius " + std::to_string(radius));
  DenseQuadratic exact;
  exact.reset(B, g);
  const double best = quadratic(B, g, exact.within(radius).step);
  for (const Symmetric& form : {Symmetric(B), Symmetric(lower_of(B))}) {
    FactoredQuadratic solver;
    solver.reset(form, g);
    const Quadratic::Minimizer minimizer = solver.within(radius);
    ASSERT_TRUE(minimizer.step.allFinite());
    EXPECT_LE(minimizer.step.norm(), 1.1001 * radius);
    EXPECT_LE(quadratic(B, g, minimizer.step), 0.8 * best);
  }
}

void check_radii(const Matrix& B, const Vector& g) {
  for (int decade = -6; decade <= 6; decade += 2) check_ball(B, g, std::pow(10.0, decade));
}

TEST(FactoredQuadratic, MinimizesDefiniteAndIndefiniteOnesInABall) {
  random::Source source(1);
  for (const Index n : {1, 2, 3, 7, 20, 40}) {
    check_radii(source.symmetric(source.vector(n).cwiseAbs().array() + 0.01), source.vector(n));
    check_radii(source.symmetric(source.vector(n)), source.vector(n));
    check_radii(-source.symmetric(source.vector(n).cwiseAbs()), source.vector(n));
  }
}

TEST(FactoredQuadratic, MinimizesSingularAndBadlyScaledOnesInABall) {
  random::Source source(2);
  for (const Index n : {2, 5, 20}) {
    Vector values = source.vector(n).cwiseAbs();
    values[0] = 0.0;
    check_radii(source.symmetric(values), source.vector(n));
    check_radii(source.symmetric(Vector::NullaryExpr(n, [&] { return source.spread(6.0); })),
                source.vector(n));
    check_radii(Matrix::Zero(n, n), source.vector(n));
  }
}

// g has no component along the lowest eigenvector.
TEST(FactoredQuadratic, MinimizesInTheHardCase) {
  random::Source source(3);
  for (const Index n : {2, 5, 20}) {
    Vector values = source.vector(n).cwiseAbs();
    values[0] = -1.0;
    const Matrix Q = source.rotation(n);
    const Matrix A = Q * values.asDiagonal() * Q.transpose();
    const Matrix B = 0.5 * (A + A.transpose());
    Vector coordinates = source.vector(n);
    coordinates[0] = 0.0;
    check_radii(B, Q * coordinates);
  }
}

// Rounding apart: diagonal matrices, and g a unit vector of a higher eigenvalue.
TEST(FactoredQuadratic, MinimizesInTheHardCaseWithoutRounding) {
  Matrix B = Matrix::Identity(4, 4);
  B(2, 2) = -2.0;
  check_radii(B, Vector::Unit(4, 0));
}

TEST(FactoredQuadratic, GoesAlongTheLowestEigenvectorWhereTheGradientIsZero) {
  random::Source source(4);
  Vector values = source.vector(30).cwiseAbs();
  values[7] = -0.5;
  check_ball(source.symmetric(values), Vector::Zero(30), 2.0);
}

TEST(FactoredQuadratic, DescendsWhateverTheInertia) {
  random::Source source(5);
  for (const Index n : {1, 4, 30}) {
    for (const double sign : {1.0, -1.0}) {
      const Vector g = source.vector(n);
      FactoredQuadratic solver;
      solver.reset(Symmetric(Matrix(sign * source.symmetric(source.vector(n)))), g);
      EXPECT_LT(g.dot(solver.descent()), 0.0);
    }
  }
}

}  // namespace
}  // namespace quadric::linalg
