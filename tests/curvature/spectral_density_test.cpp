#include "quadric/curvature/spectral_density.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"

#include "linalg/random_matrices.hpp"

namespace quadric {
namespace {

double moment(const SpectralDensity& density, int power) {
  return (density.weights.array() * density.nodes.array().pow(power)).sum();
}

/// With vectors of signs every probe of a diagonal matrix gives its traces exactly, up to the degree 2k − 1.
TEST(SpectralDensity, HasTheMomentsOfADiagonalMatrix) {
  random::Source source(1);
  for (const Index n : {1, 7, 500, 3000}) {
    const Vector d = source.vector(n);
    const SpectralDensity density = spectral_density(
        n, [&](const Vector& v) -> Vector { return d.cwiseProduct(v); }, {.probes = 2, .products = 12});
    EXPECT_NEAR(density.weights.sum(), 1.0, 1e-12);
    EXPECT_GE(density.nodes[0], d.minCoeff() - 1e-12);
    EXPECT_LE(density.nodes[density.nodes.size() - 1], d.maxCoeff() + 1e-12);
    for (int power = 0; power <= 10; ++power)
      EXPECT_NEAR(moment(density, power), d.array().pow(power).sum() / static_cast<double>(n), 1e-10);
  }
}

/// Of any matrix within the statistical error: the variance of vᵀAv is at most 2‖A‖²_F (Hutchinson 1990).
TEST(SpectralDensity, HasTheMomentsOfAFullMatrixButForTheProbes) {
  random::Source source(2);
  const Index n = 200;
  const Matrix A = source.symmetric(source.vector(n));
  const SpectralDensity density =
      spectral_density(n, [&](const Vector& v) -> Vector { return A * v; }, {.probes = 40});
  Matrix power = A;
  for (const int j : {1, 2, 3, 4}) {
    const double deviation = std::sqrt(2.0 / 40.0) * power.norm() / static_cast<double>(n);
    EXPECT_NEAR(moment(density, j), power.trace() / static_cast<double>(n), 4.0 * deviation);
    power *= A;
  }
}

/// Two thirds of the eigenvalues at 1, one third at 5.
TEST(SpectralDensity, ShowsClustersAsPeaks) {
  const Index n = 300;
  const Vector d = Vector::NullaryExpr(n, [](Index i) { return i % 3 == 0 ? 5.0 : 1.0; });
  const SpectralDensity density =
      spectral_density(n, [&](const Vector& v) -> Vector { return d.cwiseProduct(v); });
  const Vector points = Vector::LinSpaced(6001, -10.0, 20.0);
  const Vector heights = density.smoothed(points, 0.2);
  EXPECT_NEAR(heights.sum() * 0.005, 1.0, 1e-9);
  EXPECT_NEAR(heights.segment(2000, 600).sum() * 0.005, 2.0 / 3.0, 1e-4);
  const double peak = 1.0 / (0.2 * std::sqrt(2.0 * std::acos(-1.0)));
  EXPECT_NEAR(density.smoothed(Vector::Constant(1, 5.0), 0.2)[0], peak / 3.0, 1e-9);
  EXPECT_NEAR(density.smoothed(Vector::Constant(1, 1.0))[0], 2.0 / 3.0 * peak * 0.2 / 0.04, 1e-9);
  EXPECT_NEAR(density.condition_number(), 5.0, 1e-12);
}

TEST(SpectralDensity, IsTheSameForTheSameSeed) {
  random::Source source(3);
  const Matrix A = source.symmetric(source.vector(50));
  const auto multiply = [&](const Vector& v) -> Vector { return A * v; };
  const SpectralDensity one = spectral_density(50, multiply, {.products = 10});
  const SpectralDensity same = spectral_density(50, multiply, {.products = 10});
  const SpectralDensity other = spectral_density(50, multiply, {.products = 10, .seed = 2});
  EXPECT_EQ(one.nodes, same.nodes);
  EXPECT_EQ(one.weights, same.weights);
  EXPECT_NE(one.nodes, other.nodes);
}

TEST(SpectralDensity, ReadsTheHessianOfAFunction) {
  // ½ Σ i xᵢ² + ¼ x₀⁴ at x₀ = 1: curvatures 1 + 3 and 2 … n.
  const auto f = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum = 0.25 * x[0] * x[0] * x[0] * x[0];
    for (Index i = 0; i < x.size(); ++i) sum += 0.5 * static_cast<double>(i + 1) * x[i] * x[i];
    return sum;
  };
  const SpectralDensity density = spectral_density(f, Vector::Ones(30));
  EXPECT_NEAR(moment(density, 1), (4.0 + 464.0) / 30.0, 1e-10);
  EXPECT_NEAR(density.condition_number(), 15.0, 1e-8);
}

TEST(SpectralDensity, KnowsNoConditionWhereCurvaturesHaveBothSigns) {
  const Vector d = Vector::LinSpaced(10, -1.0, 2.0);
  EXPECT_TRUE(std::isnan(
      spectral_density(10, [&](const Vector& v) -> Vector { return d.cwiseProduct(v); }).condition_number()));
}

TEST(SpectralDensity, RefusesWhatMakesNoSense) {
  const auto one = [](const Vector& v) { return v; };
  EXPECT_THROW(spectral_density(0, one), Misuse);
  EXPECT_THROW(spectral_density(3, one, {.probes = 0}), Misuse);
  EXPECT_THROW(spectral_density(3, one, {.products = 0}), Misuse);
  EXPECT_THROW(spectral_density(3, [](const Vector&) { return Vector(Vector::Ones(2)); }), Misuse);
  EXPECT_THROW(spectral_density(3, [](const Vector& v) -> Vector { return v / 0.0; }), Misuse);
  EXPECT_THROW(spectral_density(3, one).smoothed(Vector::Ones(1), 0.0), Misuse);
}

}  // namespace
}  // namespace quadric
