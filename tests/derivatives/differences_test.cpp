#include "quadric/derivatives/differences.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/derivatives/automatic.hpp"

namespace quadric {
namespace {

/// Zero mean, variance 1, uniform, and another one for each point: errors as a simulation makes them.
double noise_at(const Vector& x) {
  std::uint64_t h = 0x9e3779b97f4a7c15;
  for (const double v : x) {
    h = (h ^ std::bit_cast<std::uint64_t>(v)) * 0xbf58476d1ce4e5b9;
    h ^= h >> 31;
    h *= 0x94d049bb133111eb;
    h ^= h >> 29;
  }
  return (static_cast<double>(h >> 11) * 0x1p-53 - 0.5) * std::sqrt(12.0);
}

/// A function of two variables with curvature in both and between them.
const auto smooth = [](const auto& x) {
  using std::exp, std::sin;
  return exp(x[0]) + sin(x[0] * x[1]) + x[1] * x[1];
};

/// Relative errors of each entry of the gradient, the worst of them, against dual numbers.
template <class F>
double gradient_error(const F& exact, const differences::ScalarFunction& f, const Vector& x,
                      const differences::Options& options = {}) {
  Vector g;
  automatic::gradient(exact, x, g);
  const Vector error = differences::gradient(f, x, options).derivative - g;
  return error.cwiseQuotient(g).cwiseAbs().maxCoeff();
}

/// The worst error of an entry of the Hessian over the size that the diagonal gives it.
template <class F>
double hessian_error(const F& exact, const differences::ScalarFunction& f, const Vector& x,
                     const differences::Options& options = {}) {
  Vector g;
  Matrix H;
  automatic::hessian(exact, x, g, H);
  const Vector d = H.diagonal().cwiseAbs().cwiseSqrt().cwiseInverse();
  const Matrix error = differences::hessian(f, x, options).derivative - H;
  return Matrix(d.asDiagonal() * error * d.asDiagonal()).cwiseAbs().maxCoeff();
}

TEST(Differences, AreAccurateWhateverTheScale) {
  for (const double a : {1e-8, 1.0, 1e8}) {
    for (const double b : {1e-8, 1.0, 1e8}) {
      for (const double size : {1e-10, 1.0, 1e10}) {
        const auto f = [=](const auto& x) {
          return size * smooth(VectorOf<ScalarOf<decltype(x)>>{{x[0] / a, x[1] / b}});
        };
        const Vector x = Point{0.8 * a, 1.3 * b};
        EXPECT_LE(gradient_error(f, f, x), 1e-11) << a << " " << b << " " << size;
        EXPECT_LE(gradient_error(f, f, x, {.extrapolate = true}), 2e-13) << a << " " << b << " " << size;
        EXPECT_LE(hessian_error(f, f, x), 3e-9) << a << " " << b << " " << size;
        EXPECT_LE(hessian_error(f, f, x, {.extrapolate = true}), 1e-10) << a << " " << b << " " << size;
      }
    }
  }
}

TEST(Differences, DependOnScalesOfPowersOfTwoBitByBit) {
  const Vector x = Point{0.8, 1.3};
  for (const bool extrapolate : {false, true}) {
    const auto here = differences::gradient(smooth, x, {.extrapolate = extrapolate});
    const Matrix H = differences::hessian(smooth, x, {.extrapolate = extrapolate}).derivative;
    for (const double s : {0x1p-60, 0x1p40}) {
      const auto f = [=](const Vector& y) {
        return s * smooth(Vector(Point{y[0] * 0x1p20, y[1] * 0x1p-30}));
      };
      const Vector y = Point{x[0] * 0x1p-20, x[1] * 0x1p30};
      const auto there = differences::gradient(f, y, {.extrapolate = extrapolate});
      EXPECT_EQ(there.derivative,
                Vector(Point{s * 0x1p20 * here.derivative[0], s * 0x1p-30 * here.derivative[1]}));
      EXPECT_EQ(there.evaluations, here.evaluations);
      const Matrix scaled = differences::hessian(f, y, {.extrapolate = extrapolate}).derivative;
      EXPECT_EQ(scaled(0, 1), s * 0x1p-10 * H(0, 1));
      EXPECT_EQ(scaled(1, 1), s * 0x1p-60 * H(1, 1));
    }
  }
}

TEST(Differences, LookThroughNoise) {
  const Vector x = Point{0.8, 1.3};
  for (const double noise : {1e-12, 1e-9, 1e-6, 1e-3}) {
    const auto noisy = [=](const Vector& y) { return smooth(y) + noise * noise_at(y); };
    // Steps of the best order: noise^(4/5) for the gradient, noise^(2/3) for the Hessian.
    EXPECT_LE(gradient_error(smooth, noisy, x), 30.0 * std::pow(noise, 0.8)) << noise;
    EXPECT_LE(hessian_error(smooth, noisy, x), 100.0 * std::pow(noise, 2.0 / 3.0)) << noise;
    EXPECT_LE(gradient_error(smooth, noisy, x, {.noise = noise}), 30.0 * std::pow(noise, 0.8)) << noise;
  }
}

TEST(Differences, LookThroughRoundingAtALargeOffset) {
  const auto f = [](const auto& x) { return 1e10 + smooth(x); };
  EXPECT_LE(gradient_error(f, f, Point{0.8, 1.3}), 2e-4);
  EXPECT_LE(hessian_error(f, f, Point{0.8, 1.3}), 1e-2);
}

TEST(Differences, LookThroughSinglePrecision) {
  const auto single = [](const Vector& x) {
    return static_cast<double>(smooth(Eigen::VectorXf(x.cast<float>())));
  };
  EXPECT_LE(gradient_error(smooth, single, Point{0.8, 1.3}), 2e-4);
}

TEST(Differences, LookThroughCancellationThatPlateausHide) {
  const auto f = [](const auto& x) {
    using std::exp;
    return (1e8 + exp(x[0]) + 0.1 * x[0] * x[1]) - 1e8 + x[1] * x[1];
  };
  EXPECT_LE(gradient_error(f, f, Point{0.5, 2.0}), 1e-5);
}

TEST(Differences, ResolveOscillations) {
  for (const double frequency : {1e2, 1e4, 1e6}) {
    const auto f = [=](const auto& x) {
      using std::sin;
      return sin(frequency * x[0]) + x[1] * x[1] + 0.01 * x[0] * x[1];
    };
    // x itself is rounded to ε, which is frequency · ε in the argument.
    EXPECT_LE(gradient_error(f, f, Point{1.0, 2.0}), 1e-13 * frequency) << frequency;
  }
}

TEST(Differences, FindAScaleAtZero) {
  const auto f = [](const auto& x) {
    using std::exp;
    return exp(x[0]) + x[0] * x[1] + exp(2.0 * x[1]);
  };
  EXPECT_LE(gradient_error(f, f, Point{0.0, 0.0}), 1e-11);
  EXPECT_LE(gradient_error(f, f, Point{0.0, 0.3}), 1e-11);
  EXPECT_LE(gradient_error(f, f, Point{1e-12, 1.0}), 1e-10);
  EXPECT_LE(hessian_error(f, f, Point{0.0, 0.0}), 1e-9);
  const auto steep = [](const auto& x) {
    using std::exp;
    return exp(1e8 * x[0]) + x[0];
  };
  EXPECT_LE(gradient_error(steep, steep, Point{0.0}), 1e-9);
  EXPECT_LE(gradient_error(steep, steep, Point{0.0}, {.scale = Point{1e-8}}), 1e-11);
}

/// The factor by which the true error of each entry exceeds the estimate, over random cubics times waves.
TEST(Differences, KnowTheirError) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  int entries = 0, exceeded = 0;
  double largest = 0.0;
  for (int trial = 0; trial < 300; ++trial) {
    const std::array<double, 4> c{uniform(random), uniform(random), uniform(random), uniform(random)};
    const double noise = trial % 3 == 0 ? std::pow(10.0, 6.0 * uniform(random) - 8.0) : 0.0;
    const auto f = [=](const auto& x) {
      using std::exp, std::sin;
      return c[0] * exp(3.0 * c[1] * x[0]) * sin(5.0 * x[1] + c[2]) + c[3] * x[0] * x[0] * x[1] + c[2] * x[1];
    };
    const auto noisy = [=](const Vector& y) { return f(y) + noise * noise_at(y); };
    const Vector x = Point{uniform(random), uniform(random)};
    Vector g;
    Matrix H;
    automatic::hessian(f, x, g, H);
    for (const bool extrapolate : {false, true}) {
      const auto first = differences::gradient(noisy, x, {.extrapolate = extrapolate});
      const auto second = differences::hessian(noisy, x, {.extrapolate = extrapolate});
      const auto count = [&](double error, double estimate) {
        ++entries;
        exceeded += error > 2.0 * estimate ? 1 : 0;
        largest = std::max(largest, error / estimate);
      };
      for (Index i = 0; i < 2; ++i) {
        count(std::abs(first.derivative[i] - g[i]), first.error[i]);
        for (Index j = 0; j <= i; ++j) count(std::abs(second.derivative(i, j) - H(i, j)), second.error(i, j));
      }
    }
  }
  EXPECT_LE(exceeded, entries / 50) << "of " << entries;
  EXPECT_LE(largest, 100.0);
}

TEST(Differences, AreAffordable) {
  for (const Index n : {1, 2, 5, 20}) {
    int count = 0;
    const auto f = [&](const Vector& x) {
      ++count;
      return (x.array() * x.array().exp()).sum();
    };
    const Vector x = Vector::LinSpaced(n, 0.5, 2.0);
    const auto first = differences::gradient(f, x);
    EXPECT_EQ(first.evaluations, count);
    EXPECT_LE(count, 7 + 4 * n);  // once 6 for the noise, where it is looked into
    count = 0;
    const auto accurate = differences::gradient(f, x, {.extrapolate = true});
    EXPECT_EQ(accurate.evaluations, count);
    EXPECT_LE(count, 7 + 18 * n);
    count = 0;
    const auto second = differences::hessian(f, x);
    EXPECT_EQ(second.evaluations, count);
    EXPECT_LE(count, 7 + 4 * n + 2 * n * (n + 1));
  }
}

TEST(Differences, StayOnTheSideWhereTheFunctionIsFinite) {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  const auto exact = [](const auto& x) {
    using std::exp;
    return exp(x[0]) * (1.0 + x[1] * x[1]);
  };
  const auto below = [=](const Vector& x) { return x[0] > 1.0 ? nothing : exact(x); };
  const auto above = [=](const Vector& x) { return x[0] < 1.0 ? nothing : exact(x); };
  const auto corner = [=](const Vector& x) { return x[0] > 1.0 || x[1] < 2.0 ? nothing : exact(x); };
  for (const differences::ScalarFunction& f :
       {differences::ScalarFunction(below), differences::ScalarFunction(above),
        differences::ScalarFunction(corner)}) {
    EXPECT_LE(gradient_error(exact, f, Point{1.0, 2.0}), 1e-10);
    EXPECT_LE(gradient_error(exact, f, Point{1.0, 2.0}, {.extrapolate = true}), 1e-10);
    EXPECT_LE(hessian_error(exact, f, Point{1.0, 2.0}), 1e-6);
  }
}

TEST(Differences, ComeCloserWhereBothSidesAreNotFinite) {
  const auto exact = [](const auto& x) {
    using std::sqrt;
    return sqrt(1e-10 - (x[0] - 1.0) * (x[0] - 1.0));
  };
  EXPECT_LE(gradient_error(exact, exact, Point{1.0 + 3e-6}), 1e-8);
}

TEST(Differences, GiveNaNWhereNothingIsFinite) {
  const auto lonely = [](const Vector& x) { return x[0] == 1.0 ? 1.0 : std::nan(""); };
  const auto estimate = differences::gradient(lonely, Point{1.0});
  EXPECT_TRUE(std::isnan(estimate.derivative[0]));
  EXPECT_FALSE(std::isfinite(estimate.error[0]));
  EXPECT_LE(estimate.evaluations, 100);
  EXPECT_TRUE(std::isnan(differences::hessian(lonely, Point{1.0}).derivative(0, 0)));
  const auto nowhere = [](const Vector&) { return std::nan(""); };
  EXPECT_EQ(differences::gradient(nowhere, Point{1.0, 2.0}).evaluations, 1);
}

TEST(Differences, PassExceptionsThrough) {
  const auto f = [](const Vector& x) -> double { return x[0] > 1.0 ? throw std::domain_error("no") : x[0]; };
  EXPECT_THROW(differences::gradient(f, Point{1.0}), std::domain_error);
}

TEST(Differences, OfFunctionsWithoutShapeAreExact) {
  const auto constant = [](const Vector&) { return 3.0; };
  EXPECT_EQ(differences::gradient(constant, Point{1.0, 0.0, 1e5}).derivative, Vector::Zero(3));
  EXPECT_LE(differences::gradient(constant, Point{1.0, 0.0, 1e5}).evaluations, 100);
  const auto zero = [](const Vector&) { return 0.0; };
  EXPECT_EQ(differences::hessian(zero, Point{1.0, 0.0}).derivative, Matrix::Zero(2, 2));
  const auto linear = [](const Vector& x) { return 3.0 * x[0] - 2.0 * x[1]; };
  EXPECT_LE((differences::gradient(linear, Point{0.7, 100.0}).derivative - Vector(Point{3.0, -2.0})).norm(),
            1e-11);
}

TEST(Differences, RefuseOptionsThatMeanNothing) {
  EXPECT_THROW(differences::gradient(smooth, Point{1.0, 2.0}, {.noise = -1.0}), Misuse);
  EXPECT_THROW(differences::gradient(smooth, Point{1.0, 2.0}, {.scale = Point{1.0}}), Misuse);
  int calls = 0;
  const auto growing = [&](const Vector&, Vector& r) { r = Vector::Zero(++calls); };
  EXPECT_THROW(differences::jacobian(growing, Point{1.0}), Misuse);
}

TEST(Noise, IsFound) {
  const Vector x = Point{0.8, 1.3};
  for (const double noise : {1e-13, 1e-9, 1e-6, 1e-3}) {
    const auto noisy = [=](const Vector& y) { return smooth(y) + noise * noise_at(y); };
    const double found = differences::noise(differences::ScalarFunction(noisy), x);
    EXPECT_GE(found, noise / 4.0);
    EXPECT_LE(found, noise * 4.0);
  }
  const double rounding = differences::noise(differences::ScalarFunction(smooth), x);
  EXPECT_GE(rounding, 1e-17);
  EXPECT_LE(rounding, 1e-14);
}

/// r: R⁶ → R⁶, tridiagonal, its rows of very different size.
const auto banded = [](const auto& x) {
  using std::exp, std::sin;
  VectorOf<ScalarOf<decltype(x)>> r(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double size = std::pow(10.0, static_cast<double>(i % 5) * 4.0 - 8.0);
    auto sum = exp(0.1 * x[i]) * x[i];
    if (i > 0) sum += sin(x[i - 1]) * x[i];
    if (i + 1 < x.size()) sum += x[i + 1] * x[i + 1];
    r[i] = size * sum;
  }
  return r;
};

Pattern tridiagonal(Index n) {
  std::vector<std::pair<Index, Index>> entries;
  for (Index j = 0; j < n; ++j) {
    for (Index i = std::max<Index>(0, j - 1); i <= std::min(n - 1, j + 1); ++i) entries.emplace_back(i, j);
  }
  return make_pattern(n, n, entries);
}

double worst_entry(const Matrix& found, const Matrix& exact) {
  const Vector rows = exact.cwiseAbs().rowwise().maxCoeff().cwiseInverse();
  return Matrix(rows.asDiagonal() * (found - exact)).cwiseAbs().maxCoeff();
}

TEST(JacobianDifferences, ServeRowsOfAllSizes) {
  const Vector x = Vector::LinSpaced(12, -1.7, 2.0);
  const auto f = [](const Vector& y, Vector& r) { r = banded(y); };
  Vector r;
  Matrix J;
  automatic::jacobian(banded, x, r, J);
  const auto estimate = differences::jacobian(f, x);
  EXPECT_EQ(estimate.value, r);
  EXPECT_LE(worst_entry(estimate.derivative, J), 3e-11);
  EXPECT_LE(worst_entry(differences::jacobian(f, x, {.extrapolate = true}).derivative, J), 1e-12);
}

TEST(SparseJacobian, AgreesWithTheDenseOneAtTheCostOfItsColors) {
  const Index n = 200;
  Vector x = Vector::LinSpaced(n, 0.3, 2.0);
  const auto f = [](const Vector& y, Vector& r) { r = banded(y); };
  Vector r;
  Matrix J;
  automatic::jacobian(banded, x, r, J);
  const auto estimate = differences::sparse_jacobian(f, x, tridiagonal(n));
  EXPECT_LE(worst_entry(Matrix(estimate.derivative), J), 3e-11);
  EXPECT_LE(estimate.evaluations, 1 + 6 + 3 * 8);
  EXPECT_EQ(estimate.derivative.nonZeros(), 3 * n - 2);
  EXPECT_THROW(differences::sparse_jacobian(f, x, tridiagonal(n - 1)), Misuse);
}

TEST(SparseJacobian, GivesEachVariableItsOwnStep) {
  const Index n = 12;
  Vector scale(n);
  for (Index j = 0; j < n; ++j) scale[j] = std::pow(10.0, static_cast<double>(j % 4) * 5.0 - 8.0);
  const auto scaled = [=](const auto& y) {
    auto x = y;
    for (Index j = 0; j < n; ++j) x[j] = y[j] / scale[j];
    return banded(x);
  };
  const Vector y = scale.cwiseProduct(Vector::LinSpaced(n, 0.3, 2.0));
  Vector r;
  Matrix J;
  automatic::jacobian(scaled, y, r, J);
  const auto estimate =
      differences::sparse_jacobian([&](const Vector& at, Vector& v) { v = scaled(at); }, y, tridiagonal(n));
  EXPECT_LE(worst_entry(Matrix(estimate.derivative) * scale.asDiagonal(), J * scale.asDiagonal()), 3e-11);
}

TEST(SparseHessian, AgreesWithTheExactOneAtTheCostOfItsColors) {
  const Index n = 60;
  // An arrow on a band: every variable meets the first one and its neighbors.
  const auto f = [](const auto& x) {
    using std::exp, std::sin;
    auto sum = exp(x[0]);
    for (Index i = 1; i < x.size(); ++i) sum += sin(x[0] * x[i]) + x[i] * x[i] * x[i] + x[i] * exp(x[i - 1]);
    return sum;
  };
  std::vector<std::pair<Index, Index>> lower;
  for (Index i = 1; i < n; ++i) lower.insert(lower.end(), {{i, 0}, {i, i - 1}});
  const Pattern pattern = make_pattern(n, n, lower);
  const Vector x = Vector::LinSpaced(n, 0.2, 1.4);
  Vector g;
  Matrix H;
  automatic::hessian(f, x, g, H);
  const auto gradient = [&](const Vector& at, Vector& at_g) { automatic::gradient(f, at, at_g); };
  const auto estimate = differences::sparse_hessian(gradient, x, pattern);
  EXPECT_LE((Matrix(estimate.derivative) - H).norm(), 1e-10 * H.norm());
  EXPECT_EQ(Matrix(estimate.derivative), Matrix(estimate.derivative).transpose());
  EXPECT_LE(estimate.evaluations, 1 + 6 + 8 * star_coloring(pattern).colors);
  EXPECT_LE(star_coloring(pattern).colors, 5);
}

TEST(HessianDifferences, OfAGradientAndAProductAgreeWithDualNumbers) {
  const Vector x = Point{0.8, -1.3};
  const Vector v = Point{1e-3, 2.0};
  Vector g, Hv;
  Matrix H;
  automatic::hessian(smooth, x, g, H);
  automatic::hessian_product(smooth, x, v, Hv);
  const auto gradient = [](const Vector& at, Vector& at_g) { automatic::gradient(smooth, at, at_g); };
  const auto whole = differences::hessian_from_gradient(gradient, x);
  EXPECT_EQ(whole.value, g);
  EXPECT_LE((whole.derivative - H).norm(), 1e-11 * H.norm());
  EXPECT_LE((whole.derivative - H).norm(), 2.0 * whole.error.norm());
  EXPECT_EQ(whole.derivative, whole.derivative.transpose());
  const auto product = differences::hessian_product(gradient, x, v);
  EXPECT_LE((product.derivative - Hv).norm(), 1e-11 * Hv.norm());
  EXPECT_LE(product.evaluations, 11);
  EXPECT_LE((differences::hessian_product(gradient, x, v, {.extrapolate = true}).derivative - Hv).norm(),
            1e-13 * Hv.norm());
  EXPECT_EQ(differences::hessian_product(gradient, x, Vector::Zero(2)).derivative, Vector::Zero(2));
}

TEST(RelativeError, DoesNotDependOnUnits) {
  Matrix H(2, 2), E(2, 2);
  H << 4.0, 1.0, 1.0, 2.0;
  E << 1e-6, 1e-7, 1e-7, 2e-6;
  const double here = differences::relative_error(H, E);
  EXPECT_GT(here, 1e-7);
  EXPECT_LT(here, 1e-5);
  const Matrix D = Vector(Point{1e6, 1e-5}).asDiagonal();
  EXPECT_NEAR(differences::relative_error(D * H * D, D * E * D), here, 0.05 * here);
  EXPECT_EQ(differences::relative_error(H, Matrix::Constant(2, 2, std::nan(""))),
            std::numeric_limits<double>::infinity());
}

TEST(ComplexStep, IsExactToRounding) {
  const auto f = [](const auto& x) {
    using std::exp, std::log, std::pow, std::sin, std::sqrt;
    return exp(x[0]) * sin(x[1] * x[2]) / sqrt(x[2]) + log(x[0] + x[1]) * pow(x[2], 2.5);
  };
  for (const double s : {1e-8, 1.0, 1e2}) {
    const Vector x = Point{0.8 * s, 1.3, 0.7};
    Vector g;
    automatic::gradient(f, x, g);
    const Vector found = differences::complex_step_gradient(f, x);
    EXPECT_LE((found - g).cwiseQuotient(g).cwiseAbs().maxCoeff(), 1e-14);
  }
}

TEST(ComplexStep, GivesJacobians) {
  const auto r = [](const auto& x) {
    using std::exp;
    return std::array{x[0] * x[1], exp(x[1]), x[0] * x[0] - x[1]};
  };
  Matrix J(3, 2);
  J << -1.3, 0.7, 0.0, std::exp(-1.3), 1.4, -1.0;
  EXPECT_LE((differences::complex_step_jacobian(r, Point{0.7, -1.3}) - J).norm(), 1e-15);
}

}  // namespace
}  // namespace quadric
