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
  for (Index n = 1; n <= 70; ++n) {
    const Vector values = source.vector(n);
    const Matrix A = source.symmetric(values);
    const Spectrum spectrum = symmetric_spectrum(A);
    const double rounding = 32.0 * static_cast<double>(n) * epsilon;
    EXPECT_LE((A * spectrum.vectors - spectrum.vectors * spectrum.values.asDiagonal()).norm(), rounding);
    EXPECT_LE((spectrum.vectors.transpose() * spectrum.vectors - Matrix::Identity(n, n)).norm(), rounding);
    for (Index i = 1; i < n; ++i) EXPECT_LE(spectrum.values[i - 1], spectrum.values[i]);
    EXPECT_LE((symmetric_eigenvalues(A) - spectrum.values).norm(), rounding);
    EXPECT_NEAR(spectrum.values.sum(), A.trace(), rounding);
    const LowSpectrum low = low_spectrum(A);
    EXPECT_LE((low.values - spectrum.values).norm(), rounding);
    EXPECT_LE((A * low.lowest - low.values[0] * low.lowest).norm(), rounding);
    EXPECT_NEAR(low.lowest.norm(), 1.0, rounding);
  }
}

TEST(SymmetricSpectrum, HoldsForEqualEigenvaluesAndInAnyUnit) {
  random::Source source(23);
  for (const double unit : {1e-300, 1e-160, 1.0, 1e160, 1e300}) {
    for (const Index n : {2, 3, 4, 5, 9, 20}) {
      Vector values = Vector::Ones(n);
      values.head(n / 2).setConstant(-0.5);
      for (const Matrix& A : {Matrix(unit * source.symmetric(values)), Matrix(unit * Matrix::Identity(n, n)),
                              Matrix(Matrix::Zero(n, n)), Matrix(unit * values.asDiagonal())}) {
        const double rounding = 64.0 * static_cast<double>(n) * epsilon;
        const Spectrum spectrum = symmetric_spectrum(A);
        const Matrix off =
            A / unit * spectrum.vectors - spectrum.vectors * Vector(spectrum.values / unit).asDiagonal();
        EXPECT_LE(off.norm(), rounding);
        EXPECT_LE((spectrum.vectors.transpose() * spectrum.vectors - Matrix::Identity(n, n)).norm(),
                  rounding);
        const LowSpectrum low = low_spectrum(A);
        EXPECT_LE(((low.values - spectrum.values) / unit).norm(), rounding);
        EXPECT_LE((A / unit * low.lowest - low.values[0] / unit * low.lowest).norm(), rounding);
        EXPECT_NEAR(low.lowest.norm(), 1.0, rounding);
      }
    }
  }
}

TEST(EigenvalueBound, BoundsTheSpectrumAndIsReachedWhereNoEntryIsNegative) {
  random::Source source(24);
  for (Index n = 1; n <= 30; ++n) {
    const Matrix A = source.symmetric(source.vector(n));
    const double largest = symmetric_eigenvalues(A).cwiseAbs().maxCoeff();
    EXPECT_GE(eigenvalue_bound(Symmetric(A)), (1.0 - 1e-14) * largest) << n;
    EXPECT_NEAR(eigenvalue_bound(Symmetric(Matrix::Ones(n, n))), static_cast<double>(n), 1e-12);
  }
  EXPECT_EQ(eigenvalue_bound(Symmetric(Matrix::Zero(3, 3))), 0.0);
  Matrix A = Matrix::Identity(3, 3);
  A(2, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(std::isfinite(eigenvalue_bound(Symmetric(A))));
}

/// One full row: its sum is n, but the spectrum ends at about √n.
TEST(EigenvalueBound, IsNearTheSpectrumOfAnArrow) {
  constexpr Index n = 400;
  Matrix A = Matrix::Identity(n, n);
  A.row(n - 1).setOnes();
  A.col(n - 1).setOnes();
  EXPECT_LE(eigenvalue_bound(Symmetric(A)), 1.5 * (1.0 + std::sqrt(static_cast<double>(n - 1))));
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
    const SmallestPair smallest = smallest_of_positive_definite(A, equilibrate(A));
    EXPECT_NEAR(smallest.value / (det / largest), 1.0, 1e-12) << low;
    // (A₂₂ − λ) : −A₂₁, where the eigenvalue is next to nothing beside the first row.
    const Vector expected = Vector(Eigen::Vector2d(-0.5 * low, 1.0 - smallest.value)).normalized();
    EXPECT_NEAR(std::abs(smallest.vector.dot(expected)), 1.0, 1e-12) << low;
    EXPECT_NEAR(smallest.vector[0] / smallest.vector[1] / (-0.5 * low), 1.0, 1e-3) << low;
  }
}

TEST(SmallestOfPositiveDefinite, IsZeroWhereThereIsNoFactor) {
  const Matrix A = (Matrix(2, 2) << 1.0, 2.0, 2.0, 1.0).finished();
  EXPECT_EQ(smallest_of_positive_definite(A, equilibrate(A)).value, 0.0);
  EXPECT_EQ(smallest_of_positive_definite(A, equilibrate(A)).vector.size(), 0);
}

}  // namespace
}  // namespace quadric::linalg
