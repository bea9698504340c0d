#include "linalg/tridiagonal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// The values in ascending order, each with the magnitude of the last entry of its vector.
std::vector<std::pair<double, double>> sorted(const Vector& values, const Vector& last) {
  std::vector<std::pair<double, double>> pairs;
  for (Index i = 0; i < values.size(); ++i) pairs.emplace_back(values[i], std::abs(last[i]));
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// Eigen's test of convergence wants entries of size 1.
void expect_eigens(const Tridiagonal& T, double unit) {
  const Index k = T.size();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigens(Matrix(T.dense() / unit));
  const RitzValues ritz = ritz_values(T);
  ASSERT_EQ(ritz.values.size(), k);
  ASSERT_EQ(ritz.last.size(), k);
  const auto expected = sorted(eigens.eigenvalues(), eigens.eigenvectors().row(k - 1).transpose()),
             found = sorted(ritz.values / unit, ritz.last);
  const double size = eigens.eigenvalues().cwiseAbs().maxCoeff(),
               rounding = 16.0 * static_cast<double>(k) * epsilon;
  EXPECT_NEAR(ritz.last.norm(), 1.0, rounding);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(found[i].first, expected[i].first, rounding * size) << "value " << i;
    // A vector is as sharp as its value is apart from the others.
    double gap = std::numeric_limits<double>::infinity();
    if (i > 0) gap = std::min(gap, expected[i].first - expected[i - 1].first);
    if (i + 1 < expected.size()) gap = std::min(gap, expected[i + 1].first - expected[i].first);
    if (gap > 1e-6 * size) {
      EXPECT_NEAR(found[i].second, expected[i].second, rounding * std::max(1.0, size / gap))
          << "vector " << i;
    }
  }
}

TEST(RitzValues, AreEigensOfRandomMatricesInAnyUnit) {
  random::Source source(1);
  for (const double unit : {1e-300, 1e-160, 1e-20, 1.0, 1e20, 1e160, 1e300}) {
    for (int trial = 0; trial < 100; ++trial) {
      const Index k = source.integer(1, 60);
      Tridiagonal T;
      for (Index i = 0; i < k; ++i) {
        const bool is_split = source.number() > 0.8;
        T.append(unit * source.number(), is_split ? 0.0 : unit * source.number());
      }
      SCOPED_TRACE("unit " + std::to_string(std::log10(unit)) + ", trial " + std::to_string(trial));
      expect_eigens(T, unit);
    }
  }
}

TEST(RitzValues, AreEigensOfGradedMatricesAndOfEqualBlocks) {
  random::Source source(2);
  for (int trial = 0; trial < 100; ++trial) {
    const Index k = source.integer(2, 30);
    Tridiagonal graded, blocks;
    for (Index i = 0; i < k; ++i) {
      graded.append(source.spread(8.0), source.spread(8.0));
      blocks.append(i % 2 == 0 ? 1.0 : -1.0, i % 2 == 0 ? 1e-17 : 0.5);
    }
    SCOPED_TRACE("trial " + std::to_string(trial));
    expect_eigens(graded, graded.largest());
    expect_eigens(blocks, 1.0);
  }
}

TEST(RitzValues, OfDiagonalAndVanishingMatricesAreTheirEntries) {
  Tridiagonal diagonal, zero, swap;
  for (const double entry : {3.0, -1.0, 2.0}) diagonal.append(entry, 0.0);
  for (int i = 0; i < 3; ++i) zero.append(0.0, 0.0);
  for (int i = 0; i < 2; ++i) swap.append(0.0, 1e-200);
  EXPECT_EQ(ritz_values(diagonal).values, (Vector{{3.0, -1.0, 2.0}}));
  EXPECT_EQ(ritz_values(diagonal).last, (Vector{{0.0, 0.0, 1.0}}));
  EXPECT_EQ(ritz_values(zero).values, Vector::Zero(3));
  const auto pairs = sorted(ritz_values(swap).values, ritz_values(swap).last);
  EXPECT_NEAR(pairs[0].first, -1e-200, 1e-214);
  EXPECT_NEAR(pairs[1].first, 1e-200, 1e-214);
  EXPECT_NEAR(pairs[0].second, std::sqrt(0.5), 4.0 * epsilon);
}

TEST(RitzValues, EndWhereAnEntryIsNoNumber) {
  Tridiagonal T;
  T.append(1.0, 0.0);
  T.append(std::numeric_limits<double>::quiet_NaN(), 1.0);
  T.append(2.0, std::numeric_limits<double>::infinity());
  EXPECT_EQ(ritz_values(T).values.size(), 3);
}

}  // namespace
}  // namespace quadric::linalg
