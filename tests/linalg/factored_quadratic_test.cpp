#include "linalg/factored_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
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
    for (const bool spares_factors : {false, true}) {
      FactoredQuadratic solver(spares_factors);
      solver.reset(form, g);
      const Quadratic::Minimizer minimizer = solver.within(radius);
      ASSERT_TRUE(minimizer.step.allFinite());
      EXPECT_LE(minimizer.step.norm(), 1.1001 * radius);
      EXPECT_LE(quadratic(B, g, minimizer.step), 0.8 * best);
    }
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

/// Where B is singular and g has no part along its null vectors, the ball does not bind, however large it is:
/// a step to its boundary would gain nothing.
TEST(FactoredQuadratic, LeavesVariablesThatTheQuadricDoesNotSeeWhereTheyAre) {
  random::Source source(7);
  for (const Index n : {2, 5, 40}) {
    Vector values = source.vector(n).cwiseAbs().array() + 0.1;
    values[n / 2] = 0.0;
    const Matrix B = values.asDiagonal();
    Vector g = source.vector(n);
    g[n / 2] = 0.0;
    Vector bottom = -g.cwiseQuotient(values);
    bottom[n / 2] = 0.0;
    for (const double radius : {1e3, 1e6}) {
      DenseQuadratic dense;
      dense.reset(B, g);
      for (const bool spares_factors : {false, true}) {
        FactoredQuadratic solver(spares_factors);
        solver.reset(Symmetric(lower_of(B)), g);
        for (const Quadratic::Minimizer& minimizer : {dense.within(radius), solver.within(radius)}) {
          EXPECT_LE((minimizer.step - bottom).norm(), 0.1 * bottom.norm())
              << n << " " << radius << " " << spares_factors;
          EXPECT_FALSE(minimizer.hard_case) << n << ' ' << radius;
        }
      }
    }
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

/// The same conditions as of the minimizer by eigenvalues, each as far as the class promises: the length is
/// that of the radius within a tenth, and what the last piece along the lowest eigenvector leaves of
/// (B + λI) p = −g is worth at most a tenth of the decrease.
TEST(FactoredQuadratic, SatisfiesTheOptimalityConditions) {
  random::Source source(6);
  int hard_cases = 0, inside = 0;
  for (int trial = 0; trial < 1000; ++trial) {
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
    for (const Symmetric& form : {Symmetric(B), Symmetric(lower_of(B))}) {
      FactoredQuadratic solver;
      solver.reset(form, g);
      const Quadratic::Minimizer minimizer = solver.within(radius);
      const Vector& p = minimizer.step;
      const double rounding = 64.0 * static_cast<double>(n) * std::numeric_limits<double>::epsilon();
      const double size = values.cwiseAbs().maxCoeff() + minimizer.shift;
      const Vector residual = B * p + minimizer.shift * p + g;
      EXPECT_GE(minimizer.shift, 0.0);
      EXPECT_GE(values.minCoeff() + minimizer.shift, -rounding * size);
      EXPECT_LE(p.norm(), 1.1001 * radius);
      if (minimizer.shift > 0.0) {
        EXPECT_GE(p.norm(), 0.8999 * radius);
      }
      if (minimizer.hard_case) {
        ++hard_cases;
        const double worth = 0.1 * (minimizer.shift * radius * radius + g.norm() * p.norm() * 2.0);
        EXPECT_LE(residual.squaredNorm(), size * worth + rounding * size * size * p.squaredNorm());
      } else {
        EXPECT_LE(residual.norm(), rounding * (size * p.norm() + g.norm()));
      }
      inside += minimizer.at_boundary ? 0 : 1;
    }
  }
  EXPECT_GE(hard_cases, 50);
  EXPECT_GE(inside, 50);
}

// A matrix and radii that have nothing to do with those before, whose shift is where the search starts: the
// minimizer is as good, and where the ball does not bind it is Newton's step to the last bit.
TEST(FactoredQuadratic, IsNotMisledByTheShiftOfAnotherMatrix) {
  random::Source source(7);
  const Index n = 12;
  FactoredQuadratic factoring(false), sparing(true);
  int unbound = 0;
  for (int trial = 0; trial < 800; ++trial) {
    FactoredQuadratic& used = trial % 2 == 0 ? factoring : sparing;
    Vector values = source.vector(n);
    if (trial % 3 != 0) values = values.cwiseAbs().array() + 1e-3;
    const Matrix B = std::abs(source.spread(3.0)) * source.symmetric(values);
    const Vector g = source.spread(3.0) * source.vector(n);
    used.reset(Symmetric(lower_of(B)), g);
    for (int again = 0; again < 2; ++again) {
      const double radius = std::abs(source.spread(4.0));
      SCOPED_TRACE("trial " + std::to_string(trial) + ", radius " + std::to_string(radius));
      FactoredQuadratic fresh;
      fresh.reset(Symmetric(lower_of(B)), g);
      DenseQuadratic exact;
      exact.reset(B, g);
      const Quadratic::Minimizer expected = fresh.within(radius), found = used.within(radius);
      EXPECT_LE(found.step.norm(), 1.1001 * radius);
      const double share = trial % 2 == 0 ? 0.8 : 0.7;  // a shift that is far off leaves more unseen
      EXPECT_LE(quadratic(B, g, found.step), share * quadratic(B, g, exact.within(radius).step));
      // A step as long as the ball is wide but for a tenth may pass for one at its boundary.
      if (expected.at_boundary || expected.step.norm() > 0.89 * radius) {
        EXPECT_TRUE(found.at_boundary || !expected.at_boundary);
        continue;
      }
      ++unbound;
      EXPECT_FALSE(found.at_boundary);
      EXPECT_EQ(found.step, expected.step);
      EXPECT_EQ(found.shift, 0.0);
    }
    EXPECT_EQ(used.positive_definite(), trial % 3 != 0);
  }
  EXPECT_GE(unbound, 100);
}

/// ∫ |∇u|² + c u² on a k × k grid, with a c that varies: indefinite where c is below about −20.
Symmetric grid_energy(int k, double c) {
  const double h = 1.0 / (k + 1);
  std::vector<Eigen::Triplet<double, int>> entries;
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < k; ++j) {
      entries.emplace_back(i * k + j, i * k + j, 4.0 + c * h * h * (1.0 + std::sin(9.0 * h * i * j)));
      if (i > 0) entries.emplace_back(i * k + j, (i - 1) * k + j, -1.0);
      if (j > 0) entries.emplace_back(i * k + j, i * k + j - 1, -1.0);
    }
  }
  SparseMatrix lower(k * k, k * k);
  lower.setFromTriplets(entries.begin(), entries.end());
  return Symmetric(lower);
}

// The matrices change from indefinite to definite ones, the radii by any factor and back, as they do on the
// way to a minimum: steps are as good as those by many factors, and next to one factor a matrix is enough.
TEST(FactoredQuadratic, NeedsNextToOneFactorAMatrixWhereTheyAreDear) {
  random::Source source(8);
  const int k = 60, matrices = 24;
  FactoredQuadratic solver(true);
  const Vector g = source.vector(k * k);
  int balls = 0;
  for (int trial = 0; trial < matrices; ++trial) {
    const Symmetric B = grid_energy(k, 40.0 * (trial - 14));
    solver.reset(B, g * std::pow(0.7, trial));
    FactoredQuadratic by_factors(false);
    by_factors.reset(B, g * std::pow(0.7, trial));
    const auto change = [&](const Vector& p) {
      return std::pow(0.7, trial) * g.dot(p) + 0.5 * p.dot(B.multiply(p));
    };
    double radius = std::pow(10.0, 1.0 + source.number());
    for (int again = 0; again < 3; ++again, radius *= source.integer(0, 1) == 0 ? 0.3 : 2.0) {
      SCOPED_TRACE("trial " + std::to_string(trial) + ", radius " + std::to_string(radius));
      const Quadratic::Minimizer found = solver.within(radius), expected = by_factors.within(radius);
      EXPECT_LE(found.step.norm(), (1.0 + 1e-6) * radius);
      // Those by factors may be longer by a tenth.
      EXPECT_LE(change(found.step), 0.75 * change(expected.step));
      balls += found.at_boundary ? 1 : 0;
    }
  }
  EXPECT_GE(balls, matrices);
  EXPECT_LE(solver.factorizations(), matrices + matrices / 2);
}

// The product of the ends of the bracket, of the shift that makes B definite, is no number.
TEST(FactoredQuadratic, MinimizesWhereSquaresUnderflow) {
  for (const double size : {1e-200, 1e-300, 1e-320}) {
    Matrix B(2, 2);
    B << 0.0, size, size, 0.0;
    const Vector g{{size, 0.0}};
    FactoredQuadratic solver;
    solver.reset(Symmetric(B), g);
    const Vector p = solver.within(1.0).step;
    ASSERT_EQ(p.size(), 2) << size;
    EXPECT_LE(p.norm(), 1.1001) << size;
    EXPECT_LE(g.dot(p), 0.0) << size;
  }
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
