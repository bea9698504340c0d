#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/curvature/analyzer.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {
namespace {

const auto smooth = [](const auto& x) {
  using std::exp, std::sin;
  return exp(x[0]) + sin(x[0] * x[1]) + x[1] * x[1];
};

/// Errors of size 1 that follow no rule a difference could see.
double jitter(const Vector& x) { return std::sin(1e13 * (x[0] + std::sqrt(2.0) * x[1])); }

const Point somewhere{0.8, 1.3};

double true_error(const Objective& f, const Matrix& H) {
  return differences::relative_error(H, (hessian(f, somewhere) - H).cwiseAbs());
}

TEST(Differencing, MeasuresTheErrorOfTheHessian) {
  const Matrix H = hessian(smooth, somewhere);
  for (const double noise : {0.0, 1e-9, 1e-4}) {
    const Objective f = [=](const Vector& x) { return smooth(x) + noise * jitter(x); };
    const double error = f.hessian_error(somewhere);
    EXPECT_LE(true_error(f, H), error) << noise;
    EXPECT_LE(error, 1e-8 + 2e3 * std::pow(noise, 2.0 / 3.0)) << noise;
  }
  EXPECT_EQ(Objective(smooth).hessian_error(somewhere), Objective(smooth).provider().second_error);
}

TEST(Differencing, MeasuresTheErrorOfTheHessianFromGradients) {
  const Matrix H = hessian(smooth, somewhere);
  for (const double noise : {0.0, 1e-6}) {
    const Objective f = analytic(smooth, [=](const Vector& x) -> Vector {
      return gradient(smooth, x) + noise * Vector(Point{jitter(x), jitter(2.0 * x)});
    });
    const double error = f.hessian_error(somewhere);
    EXPECT_LE(true_error(f, H), error) << noise;
    EXPECT_LE(error, 1e-10 + 1e3 * std::pow(noise, 0.8)) << noise;
  }
}

TEST(Differencing, MeasuresTheErrorOfTheHessianOfResiduals) {
  const auto r = [](const auto& x) {
    using std::exp;
    return std::array{x[0] * x[1] - 1.0, exp(x[0]), x[1] * x[1] * x[0]};
  };
  const Matrix H = hessian(Residuals(r).objective(), somewhere);
  for (const double noise : {0.0, 1e-7}) {
    const Residuals noisy = [=](const Vector& x) -> Vector {
      return callables::to_vector(r(x)) + noise * jitter(x) * Vector::Ones(3);
    };
    const double error = noisy.objective().hessian_error(somewhere);
    EXPECT_LE(true_error(noisy.objective(), H), error) << noise;
    EXPECT_LE(error, 1e-8 + 2e3 * std::pow(noise, 2.0 / 3.0)) << noise;
  }
}

/// Whatever was asked before, and elsewhere.
TEST(Differencing, HasNoMemoryThatShows) {
  const auto noisy = [](const Vector& x) { return smooth(x) + 1e-6 * jitter(x); };
  const Objective used = noisy;
  const Point elsewhere{-3.0, 1e5};
  hessian(used, elsewhere);
  gradient(used, elsewhere);
  EXPECT_EQ(gradient(used, somewhere), gradient(Objective(noisy), somewhere));
  EXPECT_EQ(hessian(used, somewhere), hessian(Objective(noisy), somewhere));
  EXPECT_EQ(used.hessian_error(somewhere), Objective(noisy).hessian_error(somewhere));
  hessian(used, elsewhere);
  EXPECT_EQ(used.hessian_error(somewhere), Objective(noisy).hessian_error(somewhere));
}

/// A curvature that the noise of the function hides must not be called by its sign.
TEST(Differencing, DoesNotClassifyWhatNoiseHides) {
  for (const double curvature : {1e-3, -1e-3}) {
    const auto f = [=](const auto& x) { return 1.0 + x[0] * x[0] + curvature * x[1] * x[1]; };
    const CriticalPoint clear = classify(differenced(f), Point{0.0, 0.0}, 1e-6);
    EXPECT_EQ(clear.index, curvature > 0.0 ? 0 : 1);
    EXPECT_EQ(clear.nullity, 0);
    const auto noisy = [=](const Vector& x) { return f(x) + 1e-3 * jitter(Vector(x.array() + 0.1)); };
    const CriticalPoint blurred = classify(noisy, Point{0.0, 0.0}, 10.0);
    EXPECT_FALSE(blurred.is_minimum());
    EXPECT_FALSE(blurred.has_negative_curvature());
  }
}

TEST(Differencing, TakesOptionsAndPatterns) {
  const Index n = 50;
  int count = 0;
  const auto chain = [&count](const Vector& x) -> Vector {
    ++count;
    Vector r(x.size());
    for (Index i = 0; i < x.size(); ++i) r[i] = std::sin(x[i]) - (i > 0 ? x[i - 1] * x[i - 1] : 1.0);
    return r;
  };
  std::vector<std::pair<Index, Index>> entries;
  for (Index i = 0; i < n; ++i) {
    entries.emplace_back(i, i);
    if (i > 0) entries.emplace_back(i, i - 1);
  }
  const Pattern pattern = make_pattern(n, n, entries);
  const Vector x = Vector::LinSpaced(n, 0.5, 1.5);
  const Matrix plain = jacobian(differenced(chain), x);
  const int dense_count = std::exchange(count, 0);
  const Matrix colored = jacobian(differenced(chain, {.pattern = pattern}), x);
  EXPECT_LE((plain - colored).norm(), 1e-10);
  EXPECT_LE(count, 1 + 6 + 2 * 8);
  EXPECT_GE(dense_count, 4 * n);
  EXPECT_LE((jacobian(differenced(chain, {.options = {.extrapolate = true}}), x) - plain).norm(), 1e-10);
}

TEST(Differencing, UsesThePatternOfAHessian) {
  const Index n = 40;
  const auto f = [](const auto& x) {
    ScalarOf<decltype(x)> sum(0.0);
    for (Index i = 0; i + 1 < x.size(); ++i) sum += x[i] * x[i] * x[i + 1] * x[i + 1] + x[i] * x[i] * x[i];
    return sum;
  };
  std::vector<std::pair<Index, Index>> lower;
  for (Index i = 1; i < n; ++i) lower.emplace_back(i, i - 1);
  int count = 0;
  SuppliedObjective pieces = analytic(f, [&](const Vector& x) -> Vector {
    ++count;
    return gradient(f, x);
  });
  pieces.differencing.pattern = make_pattern(n, n, lower);
  const Vector x = Vector::LinSpaced(n, 0.5, 1.5);
  const Matrix H = hessian(f, x);
  EXPECT_LE((hessian(pieces, x) - H).norm(), 1e-10 * H.norm());
  EXPECT_LE(count, 2 + 6 + 3 * 8);
}

}  // namespace
}  // namespace quadric
