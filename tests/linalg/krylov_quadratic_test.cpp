#include "linalg/krylov_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "linalg/dense_quadratic.hpp"
#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

using Options = KrylovQuadratic::Options;

double quadratic(const Matrix& B, const Vector& g, const Vector& p) { return g.dot(p) + 0.5 * p.dot(B * p); }

KrylovQuadratic over(const Matrix& B, const Vector& g, const Options& options = {.tolerance = 1e-13}) {
  KrylovQuadratic solver;
  solver.reset([B](const Vector& v) -> Vector { return B * v; }, g, options);
  return solver;
}

/// Against the global minimizer by eigenvalues. `gap` is the share of its decrease that may be missing.
void check_ball(KrylovQuadratic& solver, const Matrix& B, const Vector& g, double radius, double gap = 1e-7) {
  SCOPED_TRACE("n = " + std::to_string(g.size()) + ", radius " + std::to_string(radius));
  DenseQuadratic exact;
  exact.reset(B, g);
  const Quadratic::Minimizer best = exact.within(radius);
  const KrylovQuadratic::Minimizer found = solver.within(radius);
  ASSERT_TRUE(found.step.allFinite());
  const double lowest = quadratic(B, g, best.step), reached = quadratic(B, g, found.step);
  EXPECT_LE(found.step.norm(), (1.0 + 1e-5) * radius);
  EXPECT_LE(reached, (1.0 - gap) * lowest);
  EXPECT_NEAR(found.change, reached, 1e-7 * std::abs(reached));
  EXPECT_EQ(found.at_boundary, best.at_boundary);
  EXPECT_LE((B * found.step + found.shift * found.step + g).norm(),
            1e-6 * (g.norm() + found.shift * radius + B.norm() * found.step.norm()));
}

/// One space serves all radii, from whichever it was made for first.
void check_radii(const Matrix& B, const Vector& g) {
  KrylovQuadratic growing = over(B, g), shrinking = over(B, g);
  for (int decade = -4; decade <= 4; ++decade) check_ball(growing, B, g, std::pow(10.0, decade));
  for (int decade = 4; decade >= -4; --decade) check_ball(shrinking, B, g, std::pow(10.0, decade));
}

TEST(KrylovQuadratic, MinimizesDefiniteAndIndefiniteOnesInABall) {
  random::Source source(1);
  for (const Index n : {1, 2, 3, 7, 20, 30}) {
    check_radii(source.symmetric(source.vector(n).cwiseAbs().array() + 0.01), source.vector(n));
    check_radii(source.symmetric(source.vector(n)), source.vector(n));
    check_radii(-source.symmetric(source.vector(n).cwiseAbs()), source.vector(n));
  }
}

TEST(KrylovQuadratic, MinimizesSingularOnesInABall) {
  random::Source source(2);
  for (const Index n : {2, 5, 20}) {
    Vector values = source.vector(n).cwiseAbs();
    values[0] = 0.0;
    const Matrix B = source.symmetric(values);
    const Vector g = source.vector(n);
    for (const double radius : {1e-3, 1.0, 1e3}) {
      KrylovQuadratic solver = over(B, g);
      check_ball(solver, B, g, radius);
    }
    KrylovQuadratic plane = over(Matrix::Zero(n, n), g);
    check_ball(plane, Matrix::Zero(n, n), g, 2.0);
  }
}

/// Where g has no part along the lowest eigenvectors, the space of g knows nothing of them: what is found is
/// the minimizer over all other directions.
TEST(KrylovQuadratic, MinimizesOverWhatTheGradientReachesInTheHardCase) {
  for (const Index n : {3, 8, 25}) {
    const Matrix B = Vector::LinSpaced(n, -1.0, static_cast<double>(n)).asDiagonal();
    Vector g = Vector::Ones(n);
    g[0] = 0.0;
    for (const double radius : {0.1, 10.0, 1e3}) {
      KrylovQuadratic solver = over(B, g), without = over(B.bottomRightCorner(n - 1, n - 1), g.tail(n - 1));
      const KrylovQuadratic::Minimizer found = solver.within(radius);
      EXPECT_EQ(found.step[0], 0.0);
      check_ball(without, B.bottomRightCorner(n - 1, n - 1), g.tail(n - 1), radius);
      EXPECT_NEAR(found.change, without.within(radius).change, 1e-12 * std::abs(found.change));
    }
  }
}

TEST(KrylovQuadratic, FindsTheBoundaryWhereTheHardCaseIsMissedByLittle) {
  for (const double little : {1e-3, 1e-6, 1e-9}) {
    const Matrix B = Vector::LinSpaced(12, -1.0, 12.0).asDiagonal();
    Vector g = Vector::Ones(12);
    g[0] = little;
    for (const double radius : {0.1, 10.0, 1e3}) {
      KrylovQuadratic solver = over(B, g);
      check_ball(solver, B, g, radius, 1e-5);
    }
  }
}

/// The same steps whatever part of the space is kept; the second pass costs what it says.
TEST(KrylovQuadratic, RecoversStepsFromFewVectors) {
  const Index n = 3000;
  random::Source source(3);
  const Vector diagonal = 3.0 * source.vector(n), g = source.vector(n);
  Index products = 0;
  const auto multiply = [&](const Vector& v) -> Vector {
    ++products;
    return diagonal.cwiseProduct(v);
  };
  KrylovQuadratic all, few, one;
  all.reset(multiply, g, {.tolerance = 1e-4, .most_vectors = 500});
  few.reset(multiply, g, {.tolerance = 1e-4, .most_vectors = 5});
  one.reset(multiply, g, {.tolerance = 1e-4, .most_vectors = 1}, multiply(g));
  for (const double radius : {0.1, 10.0, 1.0}) {
    const KrylovQuadratic::Minimizer expected = all.within(radius);
    EXPECT_LE((diagonal.cwiseProduct(expected.step) + expected.shift * expected.step + g).norm(),
              2e-4 * g.norm());
    EXPECT_NEAR(expected.step.norm(), radius, 1e-6 * radius);
    const Index k = few.size();
    products = 0;
    const KrylovQuadratic::Minimizer again = few.within(radius);
    EXPECT_EQ(products, (few.size() - k) + std::max<Index>(0, few.size() - 5));
    EXPECT_LE((again.step - expected.step).norm(), 1e-9 * radius);
    EXPECT_LE((one.within(radius).step - expected.step).norm(), 1e-9 * radius);
  }
}

TEST(KrylovQuadratic, GivesIteratesOfConjugateGradients) {
  // Hestenes & Stiefel's own recurrences.
  random::Source source(4);
  const Index n = 30;
  const Matrix B = source.symmetric(source.vector(n).cwiseAbs().array() + 0.1);
  const Vector g = source.vector(n);
  Vector x = Vector::Zero(n), r = -g, d = r;
  for (Index k = 1; k <= 10; ++k) {
    const Vector Bd = B * d;
    const double before = r.squaredNorm(), t = before / d.dot(Bd);
    x += t * d;
    r -= t * Bd;
    d = r + r.squaredNorm() / before * d;
    KrylovQuadratic solver = over(B, g, {.tolerance = 0.0, .most_products = k});
    const KrylovQuadratic::Minimizer step = solver.descent();
    EXPECT_LE((step.step - x).norm(), 1e-10 * x.norm());
    EXPECT_NEAR(step.change, quadratic(B, g, x), 1e-10 * std::abs(step.change));
    EXPECT_EQ(solver.size(), k);
  }
}

/// Steihaug's step: on the path of conjugate gradients, no worse than Cauchy's and no better than the best;
/// where nothing bends down at least half of the best (Yuan 2000).
TEST(KrylovQuadratic, StopsAtTheBoundaryWhereAsked) {
  random::Source source(5);
  for (const bool definite : {true, false}) {
    const Index n = 20;
    const Vector values = source.vector(n);
    const Matrix B = source.symmetric(definite ? Vector(values.cwiseAbs().array() + 0.05) : values);
    const Vector g = source.vector(n);
    KrylovQuadratic best = over(B, g);
    KrylovQuadratic truncated = over(B, g, {.tolerance = 1e-12, .stop_at_boundary = true});
    for (const double radius : {1e-2, 1.0, 3.0, 1e4}) {
      const KrylovQuadratic::Minimizer step = truncated.within(radius);
      const double slope = g.norm(), bend = g.dot(B * g) / g.squaredNorm();
      const double cauchy = bend > 0.0 ? std::min(radius, slope / bend) : radius;
      EXPECT_LE(step.change, (-cauchy * slope + 0.5 * cauchy * cauchy * bend) * (1.0 - 1e-12));
      EXPECT_GE(step.change, best.within(radius).change * (1.0 + 1e-9));
      EXPECT_NEAR(step.change, quadratic(B, g, step.step), 1e-9 * std::abs(step.change));
      EXPECT_LE(step.step.norm(), (1.0 + 1e-9) * radius);
      const double share = definite ? 0.5 : 0.0;
      EXPECT_LE(step.change, share * best.within(radius).change);
    }
  }
}

TEST(KrylovQuadratic, DescendsWhateverTheCurvature) {
  random::Source source(6);
  for (const Index n : {1, 4, 20}) {
    Vector values = source.vector(n);
    values[0] = -1.0;
    const Matrix B = source.symmetric(values);
    const Vector g = source.vector(n);
    KrylovQuadratic solver = over(B, g);
    const KrylovQuadratic::Minimizer step = solver.descent();
    EXPECT_TRUE(solver.bends_down());
    EXPECT_LT(g.dot(step.step), 0.0);
    EXPECT_NEAR(step.change, quadratic(B, g, step.step), 1e-10 * std::abs(step.change));
  }
}

TEST(KrylovQuadratic, MakesDoWithTheProductsThatCanBeHad) {
  random::Source source(7);
  const Index n = 3000;
  const Vector diagonal = source.vector(n), g = source.vector(n);
  for (const Index good : {0, 1, 4, 7}) {
    Index products = 0;
    KrylovQuadratic solver;
    solver.reset(
        [&](const Vector& v) -> Vector {
          if (++products > good) return Vector::Constant(n, std::numeric_limits<double>::quiet_NaN());
          return diagonal.cwiseProduct(v);
        },
        g, {.tolerance = 1e-12, .most_products = 6, .most_vectors = 3});
    const KrylovQuadratic::Minimizer step = solver.within(2.0);
    EXPECT_TRUE(solver.failed());
    ASSERT_TRUE(step.step.allFinite());
    EXPECT_LE(step.step.norm(), 2.0 * (1.0 + 1e-6));
    EXPECT_LT(step.change, 0.0);
    EXPECT_LT(g.dot(step.step), 0.0);
    if (good == 0) continue;
    EXPECT_NEAR(step.change, g.dot(step.step) + 0.5 * step.step.dot(diagonal.cwiseProduct(step.step)),
                1e-9 * std::abs(step.change));
  }
}

}  // namespace
}  // namespace quadric::linalg
