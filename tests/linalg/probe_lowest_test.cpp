#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "linalg/lanczos.hpp"
#include "linalg/random_matrices.hpp"
#include "linalg/symmetric_spectrum.hpp"
#include "linalg/tridiagonal.hpp"

namespace quadric::linalg {
namespace {

LowestProbe probe(const Vector& d, const ProbeOptions& options = {.zero = 1e-12}) {
  return probe_lowest(
      d.size(), [&](const Vector& v) -> Vector { return d.cwiseProduct(v); }, options);
}

TEST(Tridiagonal, KnowsItsEndsAndSolves) {
  random::Source source(1);
  for (const Index k : {1, 2, 9, 60}) {
    Tridiagonal T;
    for (Index i = 0; i < k; ++i) T.append(3.0 * source.number(), source.number());
    const Vector eigenvalues = symmetric_eigenvalues(T.dense());
    const auto ends = T.ends();
    EXPECT_NEAR(ends.first, eigenvalues[0], 1e-13);
    EXPECT_NEAR(ends.second, eigenvalues[k - 1], 1e-13);
    EXPECT_FALSE(T.factor(-eigenvalues[0] - 1e-6));
    ASSERT_TRUE(T.factor(1.0 - eigenvalues[0]));
    const Vector b = source.vector(k), x = T.solve(b);
    EXPECT_LE((T.dense() * x + (1.0 - eigenvalues[0]) * x - b).norm(), 1e-12 * b.norm());
    EXPECT_LE((T.multiply(b) - T.dense() * b).norm(), 1e-13);
  }
}

TEST(ProbeLowest, BoundsTheSpectrumOfDefiniteMatrices) {
  for (const double lowest : {1e-2, 1e-1, 1.0}) {
    const LowestProbe found = probe(Vector::LinSpaced(3000, lowest, 2.0));
    EXPECT_LE(found.doubt, 1e-10);
    EXPECT_GE(found.lowest, lowest - 1e-12);
    EXPECT_LE(found.lowest - found.error, lowest);
    EXPECT_GE(found.highest + found.error, 2.0);
    EXPECT_EQ(found.vector.size(), 0);
  }
}

TEST(ProbeLowest, FindsOneNegativeEigenvalueAmongThousands) {
  Vector d = Vector::LinSpaced(3000, 0.5, 2.0);
  d[1234] = -0.01;
  const LowestProbe found = probe(d);
  EXPECT_EQ(found.doubt, 1.0);
  ASSERT_EQ(found.vector.size(), 3000);
  EXPECT_NEAR(found.vector.norm(), 1.0, 1e-12);
  EXPECT_LT(found.vector.dot(d.cwiseProduct(found.vector)), -0.009);
}

/// A matrix is never said to be above a floor that it is below.
TEST(ProbeLowest, IsNotSureOfWhatIsNotSo) {
  random::Source source(2);
  for (int matrix = 0; matrix < 20; ++matrix) {
    Vector d = source.vector(2000).cwiseAbs().array() + 0.1;
    d[source.integer(0, 1999)] = std::pow(10.0, -1.0 - 0.3 * matrix);
    const double floor = 2.0 * d.minCoeff();
    EXPECT_GT(probe(d, {.zero = 1e-12, .floor = floor}).doubt, 1e-10) << "matrix " << matrix;
    const Vector below = d.array() - floor;
    EXPECT_GT(probe(below).doubt, 1e-10) << "matrix " << matrix;
  }
}

TEST(ProbeLowest, StaysUnsureNextToZero) {
  Vector d = Vector::LinSpaced(3000, 1.0, 2.0);
  d[7] = 1e-8;
  const LowestProbe found = probe(d, {.zero = 1e-12, .most_products = 300});
  EXPECT_GT(found.doubt, 1e-10);
  EXPECT_EQ(found.vector.size(), 0);
}

TEST(ProbeLowest, IsSureOfMatricesWithFewEigenvalues) {
  EXPECT_LE(probe(Vector::Constant(5000, 3.0)).doubt, 1e-10);
  EXPECT_EQ(probe(Vector::Constant(5000, -3.0)).doubt, 1.0);
  EXPECT_EQ(probe(Vector::Zero(50)).doubt, 1.0);
  EXPECT_TRUE(probe(Vector::Constant(50, std::numeric_limits<double>::quiet_NaN())).failed);
}

TEST(RandomDirection, IsOfUnitLengthAndInNoSpecialDirection) {
  const Index n = 10000;
  Vector sum = Vector::Zero(n);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Vector v = random_direction(n, seed);
    EXPECT_NEAR(v.norm(), 1.0, 1e-12);
    // Of a normal distribution with standard deviation 1/√n and its largest of 10,000 below 6.
    EXPECT_LT(v.cwiseAbs().maxCoeff(), 6.0 / std::sqrt(static_cast<double>(n)));
    EXPECT_LT(std::abs(v.sum()), 5.0);
    sum += v;
  }
  // 50 independent ones add up to a length of √50.
  EXPECT_NEAR(sum.norm(), std::sqrt(50.0), 0.5);
}

}  // namespace
}  // namespace quadric::linalg
