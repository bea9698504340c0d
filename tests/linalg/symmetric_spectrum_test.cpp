#include "linalg/symmetric_spectrum.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

TEST(SymmetricSpectrum, DecomposesTheMatrix) {
  random::Source source(21);
  for (Index n = 1; n <= 30; ++n) {
    const Vector values = source.vector(n);
    const Matrix A = source.symmetric(values);
    const Spectrum spectrum = symmetric_spectrum(A);
    const double rounding = 32.0 * static_cast<double>(n) * epsilon;
    EXPECT_LE((A * spectrum.vectors - spectrum.vectors * spectrum.values.asDiagonal()).norm(), rounding);
    EXPECT_LE((spectrum.vectors.transpose() * spectrum.vectors - Matrix::Identity(n, n)).norm(), rounding);
    for (Index i = 1; i < n; ++i) EXPECT_LE(spectrum.values[i - 1], spectrum.values[i]);
    EXPECT_LE((symmetric_eigenvalues(A) - spectrum.values).norm(), rounding);
    EXPECT_NEAR(spectrum.values.sum(), A.trace(), rounding);
  }
}

TEST(SymmetricSpectrum, ReadsTheLowerTriangle) {
  Matrix A = (Matrix(2, 2) << 2.0, 100.0, 1.0, 2.0).finished();
  const Vector values = symmetric_eigenvalues(A);
  EXPECT_NEAR(values[0], 1.0, 1e-15);
  EXPECT_NEAR(values[1], 3.0, 1e-15);
}

TEST(Equilibrate, GivesRowsOfLargestMagnitudeOne) {
  random::Source source(22);
  for (Index n = 1; n <= 30; ++n) {
    Vector scale(n);
    for (Index i = 0; i < n; ++i) scale[i] = std::abs(source.spread(9.0));
    const Matrix A = scale.asDiagonal() * source.symmetric(source.vector(n)) * scale.asDiagonal();
    const Vector d = equilibrate(A);
    EXPECT_GT(d.minCoeff(), 0.0);
    const Matrix scaled = d.asDiagonal() * A * d.asDiagonal();
    for (Index i = 0; i < n; ++i) EXPECT_NEAR(scaled.row(i).cwiseAbs().maxCoeff(), 1.0, 0.1) << "n = " << n;
  }
}

TEST(Equilibrate, LeavesRowsOfZerosAlone) {
  Matrix A = Matrix::Zero(3, 3);
  A(1, 1) = -1e-12;
  const Vector d = equilibrate(A);
  EXPECT_EQ(d[0], 1.0);
  EXPECT_EQ(d[2], 1.0);
  EXPECT_NEAR(d[1] * d[1] * 1e-12, 1.0, 0.1);
}

/// D A D with D of many decades: the smallest eigenvalue is far below the rounding of the largest one.
TEST(SmallestOfPositiveDefinite, IsRelativelyAccurate) {
  for (const double low : {1e-4, 1e-8, 1e-12}) {
    const Matrix A = (Matrix(2, 2) << 1.0, 0.5 * low, 0.5 * low, low * low).finished();
    // λmin = det / λmax, without cancellation.
    const double det = 0.75 * low * low;
    const double trace = 1.0 + low * low;
    const double largest = 0.5 * (trace + std::sqrt(trace * trace - 4.0 * det));
    EXPECT_NEAR(smallest_of_positive_definite(A, equilibrate(A)) / (det / largest), 1.0, 1e-12) << low;
  }
}

TEST(SmallestOfPositiveDefinite, IsZeroWhereThereIsNoFactor) {
  const Matrix A = (Matrix(2, 2) << 1.0, 2.0, 2.0, 1.0).finished();
  EXPECT_EQ(smallest_of_positive_definite(A, equilibrate(A)), 0.0);
}

}  // namespace
}  // namespace quadric::linalg
