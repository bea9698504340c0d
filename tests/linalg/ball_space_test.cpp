#include "linalg/ball_space.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

double quadratic(const Matrix& B, const Vector& g, const Vector& p) { return g.dot(p) + 0.5 * p.dot(B * p); }

// However many vectors it has, the minimizer in a space is the best one there: its residual is orthogonal to
// the space. With all vectors it is the best one of all.
TEST(BallSpace, MinimizesOverItsVectors) {
  random::Source source(1);
  for (const double size : {1e-8, 1.0, 1e8}) {
    const Index n = 30;
    const Matrix B = size * source.symmetric(source.vector(n));
    const Vector g = source.vector(n);
    const Symmetric A(B);
    DenseQuadratic exact;
    exact.reset(B, g);
    for (const double radius : {1e-3, 1.0, 1e3}) {
      BallSpace space;
      space.reset(A, g);
      Matrix vectors(n, 1);
      vectors.col(0) = g.normalized();
      double before = 0.0;
      while (true) {
        const BallSpace::Minimizer found = space.within(radius);
        const double scale = size * found.step.norm() + g.norm();
        EXPECT_LE((vectors.transpose() * found.residual).norm(), 1e-9 * scale);
        EXPECT_LE((B * found.step + found.shift * found.step + g - found.residual).norm(), 1e-12 * scale);
        EXPECT_NEAR(quadratic(B, g, found.step), found.value, 1e-9 * std::abs(found.value));
        EXPECT_LE(found.step.norm(), (1.0 + 1e-9) * radius);
        EXPECT_LE(found.value, before + 1e-9 * std::abs(before));
        before = found.value;
        if (space.dimensions() == n) break;
        const Vector next = source.vector(n);
        ASSERT_TRUE(space.add(next));
        vectors.conservativeResize(Eigen::NoChange, vectors.cols() + 1);
        vectors.col(vectors.cols() - 1) = next.normalized();
      }
      const double best = quadratic(B, g, exact.within(radius).step);
      EXPECT_NEAR(before, best, 1e-8 * std::abs(best));
      EXPECT_FALSE(space.add(source.vector(n)));
    }
  }
}

TEST(BallSpace, TakesNoVectorThatItHolds) {
  random::Source source(2);
  const Matrix B = source.symmetric(source.vector(10));
  const Symmetric A(B);
  const Vector g = source.vector(10), v = source.vector(10);
  BallSpace space;
  space.reset(A, g);
  EXPECT_FALSE(space.add(Vector::Zero(10)));
  EXPECT_FALSE(space.add(Vector::Constant(10, NAN)));
  EXPECT_FALSE(space.add(-3.0 * g));
  EXPECT_TRUE(space.add(v));
  EXPECT_FALSE(space.add(1e5 * g - 1e-3 * v));
  EXPECT_EQ(space.dimensions(), 2);
  space.reset(A, Vector::Zero(10));
  EXPECT_EQ(space.dimensions(), 0);
}

TEST(BallSpace, KnowsItsLowestCurvature) {
  random::Source source(3);
  const Vector values = Vector::LinSpaced(8, -2.0, 5.0);
  const Matrix B = source.symmetric(values);
  const Symmetric A(B);
  BallSpace space;
  space.reset(A, source.vector(8));
  for (Index j = 1; j < 8; ++j) {
    const EigenPair lowest = space.lowest();
    EXPECT_NEAR(lowest.vector.norm(), 1.0, 1e-12);
    EXPECT_NEAR(lowest.vector.dot(B * lowest.vector), lowest.value, 1e-12);
    ASSERT_TRUE(space.add(source.vector(8)));
    EXPECT_LE(space.lowest().value, lowest.value + 1e-12);
  }
  EXPECT_NEAR(space.lowest().value, -2.0, 1e-12);
}

}  // namespace
}  // namespace quadric::linalg
