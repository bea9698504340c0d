#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

/// The methods that know curvature from gradients only, against closed forms and the conditions that their
/// steps must satisfy.
namespace quadric {
namespace {

const GradientDescent raydan{.length = DescentLength::BarzilaiBorwein};
/// A search so sharp that it ends at the minimizer along the line.
const StrongWolfe exact{.sufficient_decrease = 1e-12, .curvature = 1e-9};

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0];
  const auto b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

/// (x² − 1)²/4 + y²/2: minima at (±1, 0), a saddle at the origin.
const auto double_well = [](const auto& x) {
  const auto a = x[0] * x[0] - 1.0;
  return a * a / 4.0 + x[1] * x[1] / 2.0;
};

/// ½ Σ (j + 1) yⱼ² with y a reflection of x − 1: curvatures 1 … n, in no variable's direction.
const auto ellipsoid = [](const auto& x) {
  using T = ScalarOf<decltype(x)>;
  const double n = static_cast<double>(x.size());
  T mean(0.0), sum(0.0);
  for (Index j = 0; j < x.size(); ++j) mean += (x[j] - 1.0) / n;
  for (Index j = 0; j < x.size(); ++j) {
    const T y = x[j] - 1.0 - 2.0 * mean;
    sum += 0.5 * static_cast<double>(j + 1) * y * y;
  }
  return sum;
};

/// The points of a run, the start first.
struct Path {
  std::vector<Vector> points;
  Result result;
};

template <class F>
Path path(const F& f, const Point& start, const Solver& solver) {
  Path followed;
  followed.result = minimize(
      f, start, solver, [&followed](const Iteration&, const Vector& x) { followed.points.push_back(x); });
  return followed;
}

std::string status(const Result& result) { return std::string(to_string(result.status)); }

TEST(ConjugateGradients, SolveAQuadraticInAsManyStepsAsItHasCurvatures) {
  for (const Index n : {2, 5, 9}) {
    const Vector start = Vector::LinSpaced(n, -3.0, 4.0);
    const Path cg = path(ellipsoid, start, ConjugateGradients{.step = exact});
    ASSERT_GT(static_cast<Index>(cg.points.size()), n);
    const auto norm_at = [&](Index k) {
      return gradient(ellipsoid, cg.points[static_cast<std::size_t>(k)]).norm();
    };
    EXPECT_LT(norm_at(n), 1e-7 * norm_at(0)) << n;
    EXPECT_GT(norm_at(n - 1), 1e-4 * norm_at(0)) << n;
    EXPECT_EQ(status(cg.result), "converged");
  }
}

/// With an exact search on a quadratic both are the method of conjugate gradients (Nazareth 1979).
TEST(Lbfgs, TakesTheStepsOfConjugateGradientsOnAQuadratic) {
  const Vector start = Vector::LinSpaced(6, -3.0, 4.0);
  const Path cg = path(ellipsoid, start, ConjugateGradients{.step = exact});
  for (const Index memory : {1, 3, 10}) {
    const Path lbfgs = path(ellipsoid, start, Lbfgs{.memory = memory, .step = exact});
    ASSERT_GT(lbfgs.points.size(), 6U);
    for (std::size_t k = 0; k <= 6; ++k) {
      EXPECT_LT((lbfgs.points[k] - cg.points[k]).norm(), 1e-6) << "step " << k << ", memory " << memory;
    }
  }
}

TEST(StrongWolfe, HoldsForEveryStepThatFCanMeasure) {
  const StrongWolfe step{.sufficient_decrease = 1e-3, .curvature = 0.4};
  for (const Solver& solver : {Solver(Lbfgs{.step = step}), Solver(ConjugateGradients{.step = step}),
                               Solver(Newton{.step = step}), Solver(GradientDescent{.step = step})}) {
    const Path run = path(rosenbrock, {-1.2, 1.0}, solver);
    EXPECT_NEAR(run.result.x[0], 1.0, 0.1) << run.result.summary();
    for (std::size_t k = 1; k < std::min<std::size_t>(run.points.size(), 200); ++k) {
      if (run.result.trace[k].events.has(Event::Polished)) continue;
      const Vector p = run.points[k] - run.points[k - 1];
      const double fell = rosenbrock(run.points[k]) - rosenbrock(run.points[k - 1]);
      const double slope = gradient(rosenbrock, run.points[k - 1]).dot(p);
      const double left = gradient(rosenbrock, run.points[k]).dot(p);
      const double lost = 1e-14 * rosenbrock(run.points[k - 1]);
      EXPECT_LE(fell, 0.999e-3 * slope + lost) << solver.name() << ", step " << k;
      EXPECT_LE(std::abs(left), 0.401 * std::abs(slope)) << solver.name() << ", step " << k;
    }
  }
}

TEST(StrongWolfe, TakesOneGradientATrialAndNothingElse) {
  for (const Solver& solver : {Solver(Lbfgs{}), Solver(ConjugateGradients{})}) {
    const Result result = minimize(rosenbrock, {-1.2, 1.0}, solver);
    EXPECT_EQ(status(result), "converged");
    Index trials = 1;
    for (const Iteration& line : result.trace) trials += line.iteration > 0 ? 1 + line.rejected : 0;
    EXPECT_EQ(result.counts.values, 0);
    EXPECT_EQ(result.counts.products, 0);
    EXPECT_EQ(result.counts.gradients, trials + result.counts.hessians) << result.summary();
  }
}

TEST(BarzilaiBorwein, NeverGoesAboveTheHighestOfTheLatestValues) {
  bool rose = false;
  for (const Index memory : {Index{1}, Index{4}, Index{10}}) {
    const GradientDescent solver{.length = raydan.length, .step = LineSearch{.memory = memory}};
    const Result result = minimize(rosenbrock, {-1.2, 1.0}, solver);
    EXPECT_EQ(status(result), "converged") << result.summary();
    double lowest = result.trace.front().value;
    for (std::size_t k = 1; k < result.trace.size(); ++k) {
      const double now = result.trace[k].value;
      double reference = result.trace[k - 1].value;
      for (std::size_t j = k - std::min(k, static_cast<std::size_t>(memory)); j < k; ++j) {
        reference = std::max(reference, result.trace[j].value);
      }
      EXPECT_LE(now, reference * (1.0 + 1e-15)) << "step " << k << ", memory " << memory;
      rose = rose || now > result.trace[k - 1].value;
      lowest = std::min(lowest, now);
    }
    EXPECT_LE(result.value, lowest);
  }
  EXPECT_TRUE(rose);
}

TEST(BarzilaiBorwein, CutShortItReturnsItsLowestPoint) {
  for (const Index limit : {3, 10, 20, 40}) {
    const Result result = minimize(
        rosenbrock, {-1.2, 1.0}, GradientDescent{.length = raydan.length, .stop = {.max_iterations = limit}});
    EXPECT_EQ(result.value, rosenbrock(result.x));
    for (const Iteration& line : result.trace) EXPECT_LE(result.value, line.value) << limit;
  }
}

TEST(BarzilaiBorwein, TakesItsLengthFromTheLastStep) {
  const Path run = path(rosenbrock, {-1.2, 1.0}, raydan);
  int full = 0;
  for (std::size_t k = 2; k < run.points.size(); ++k) {
    if (run.result.trace[k].trust != 1.0 || run.result.trace[k].events.has(Event::LongStep)) continue;
    const Vector g = gradient(rosenbrock, run.points[k - 1]);
    const Vector s = run.points[k - 1] - run.points[k - 2];
    const Vector y = g - gradient(rosenbrock, run.points[k - 2]);
    const Vector p = run.points[k] - run.points[k - 1];
    EXPECT_LT((p + s.squaredNorm() / s.dot(y) * g).norm(), 1e-6 * p.norm()) << "step " << k;
    ++full;
  }
  EXPECT_GT(full, 20);
}

/// f(x) = cos x bends down where cos x > 0: there the steps double.
TEST(BarzilaiBorwein, DoublesTheStepWhereFBendsDown) {
  const auto wave = [](const auto& x) {
    using std::cos;
    return 2.0 + cos(x[0]);
  };
  for (const Solver& solver : {Solver(raydan), Solver(GradientDescent{})}) {
    const Result result = minimize(wave, {0.02}, solver);
    EXPECT_EQ(status(result), "converged") << result.summary();
    int doubled = 0;
    for (std::size_t k = 2; k < result.trace.size(); ++k) {
      if (!result.trace[k].events.has(Event::LongStep) || result.trace[k].rejected > 0) continue;
      EXPECT_NEAR(result.trace[k].step_norm, 2.0 * result.trace[k - 1].step_norm, 1e-9);
      EXPECT_TRUE(result.trace[k].events.has(Event::NegativeCurvature));
      ++doubled;
    }
    EXPECT_GT(doubled, 1) << result.summary();
  }
}

/// s f(x / t) from t x₀ with powers of two, so that not even rounding differs.
TEST(FirstOrder, UnitsChangeNothing) {
  for (const Solver& solver : {Solver(Lbfgs{}), Solver(ConjugateGradients{}), Solver(raydan)}) {
    const Path plain = path(rosenbrock, {-1.2, 1.0}, solver);
    for (const double s : {0x1p-40, 0x1p30}) {
      for (const double t : {0x1p-30, 0x1p20}) {
        const auto scaled = [s, t](const auto& x) {
          const auto a = 1.0 - x[0] / t;
          const auto b = x[1] / t - (x[0] / t) * (x[0] / t);
          return s * (a * a + 100.0 * b * b);
        };
        const Path other = path(scaled, {-1.2 * t, t}, solver);
        ASSERT_EQ(status(other.result), status(plain.result));
        ASSERT_EQ(other.points.size(), plain.points.size()) << solver.name();
        for (std::size_t k = 0; k < plain.points.size(); ++k) {
          EXPECT_LE((other.points[k] / t - plain.points[k]).norm(), 1e-6) << solver.name() << ", step " << k;
        }
      }
    }
  }
}

TEST(FirstOrder, NoSaddleIsCalledAMinimum) {
  for (const Point& start : {Point{0.0, 0.0}, Point{0.0, 1.0}, Point{1e-8, 1.0}}) {
    for (const Solver& solver : {Solver(Lbfgs{}), Solver(ConjugateGradients{}), Solver(raydan)}) {
      const Result result = minimize(double_well, start, solver);
      EXPECT_EQ(status(result), "converged") << result.summary();
      EXPECT_NEAR(std::abs(result.x[0]), 1.0, 1e-7) << result.summary();
    }
    if (start[0] != 0.0) continue;
    for (const Solver& solver :
         {Solver(Lbfgs{.at_saddle = AtSaddle::Stop}), Solver(ConjugateGradients{.at_saddle = AtSaddle::Stop}),
          Solver(GradientDescent{.length = raydan.length, .at_saddle = AtSaddle::Stop})}) {
      const Result result = minimize(double_well, start, solver);
      EXPECT_EQ(status(result), "saddle_point") << result.summary();
      EXPECT_EQ(result.critical_point.index, 1);
    }
  }
}

TEST(FirstOrder, FallsForeverWhereFDoes) {
  for (const Solver& solver : {Solver(Lbfgs{}), Solver(ConjugateGradients{}), Solver(raydan)}) {
    const Result line = minimize([](const auto& x) { return 3.0 * x[0] - x[1]; }, {1.0, 0.0}, solver);
    EXPECT_EQ(status(line), "unbounded") << line.summary();
    const Result dome =
        minimize([](const auto& x) { return -x[0] * x[0] + x[1] * x[1]; }, {0.1, 1.0}, solver);
    EXPECT_EQ(status(dome), "unbounded") << dome.summary();
  }
}

TEST(FirstOrder, OptionsThatMeanNothingAreMisuse) {
  EXPECT_THROW(Solver(Lbfgs{.memory = 0}), Misuse);
  EXPECT_THROW(Solver(Lbfgs{.step = StrongWolfe{.curvature = 1.0}}), Misuse);
  EXPECT_THROW(Solver(Lbfgs{.step = StrongWolfe{.sufficient_decrease = 0.1, .curvature = 0.05}}), Misuse);
  EXPECT_THROW(Solver(GradientDescent{.step = LineSearch{.memory = 0}}), Misuse);
}

}  // namespace
}  // namespace quadric
