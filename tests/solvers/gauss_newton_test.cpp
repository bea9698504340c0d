#include "quadric/solvers/gauss_newton.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Geometry>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "linalg/random_matrices.hpp"

namespace quadric {
namespace {

using testing::HasSubstr;

/// Brown & Dennis (1971): large residuals that bend at the minimum, f = 42911.1 there.
const auto brown_dennis = [](const auto& x) {
  using T = ScalarOf<decltype(x)>;
  std::vector<T> r;
  for (int i = 1; i <= 20; ++i) {
    const double t = 0.2 * i;
    const T a = x[0] + t * x[1] - std::exp(t), b = x[2] + std::sin(t) * x[3] - std::cos(t);
    r.push_back(a * a + b * b);
  }
  return r;
};

const auto rosenbrock = [](const auto& x) {
  using T = ScalarOf<decltype(x)>;
  return std::array<T, 2>{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]};
};

std::vector<std::string> notes_of(const Result& result, Event event) {
  std::vector<std::string> notes;
  for (const Iteration& line : result.trace)
    if (line.events.has(event)) notes.push_back(line.note);
  return notes;
}

TEST(GaussNewtonHybrid, GoesOnByTheHessianWhereResidualsAreLargeAndBend) {
  const Point start{25.0, 5.0, -5.0, -1.0};
  const Result pure = least_squares(brown_dennis, start, GaussNewton{});
  const Result hybrid = least_squares(brown_dennis, start, GaussNewton{.hybrid = true});
  ASSERT_EQ(pure.status, Status::Converged);
  ASSERT_EQ(hybrid.status, Status::Converged);
  EXPECT_NEAR(2.0 * hybrid.value, 85822.2, 0.1);
  EXPECT_LE((hybrid.x - pure.x).norm(), 1e-6 * pure.x.norm());
  EXPECT_TRUE(notes_of(pure, Event::ChangedModel).empty());
  EXPECT_LE(4 * hybrid.counts.total(), pure.counts.total());

  const auto notes = notes_of(hybrid, Event::ChangedModel);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_THAT(notes.front(), HasSubstr("the residuals' own curvature"));
  // Newton's order: each of the last steps is a small share of the one before, and that share shrinks.
  const auto& trace = hybrid.trace;
  ASSERT_GE(trace.size(), 4U);
  const auto shrinks = [&](std::size_t back) {
    const std::size_t at = trace.size() - back;
    return trace[at].gradient_norm / trace[at - 1].gradient_norm;
  };
  EXPECT_LE(shrinks(1), 1e-2);
  EXPECT_LE(shrinks(1), shrinks(2));
}

/// The Hessian that the last step was taken from confirms the minimum, and none is evaluated beyond it:
/// beside those of the start and of the steps there is that of a last step, which gains nothing any more.
TEST(LeastSquaresByNewton, NeedsNoHessianBesideThoseOfItsSteps) {
  for (const Vector& at : {Vector{{-1.2, 1.0}}, Vector{{3.0, -2.0}}}) {
    const Result result = least_squares(rosenbrock, at, Newton{});
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_TRUE(result.critical_point.is_minimum()) << result.summary();
    EXPECT_LE(result.counts.hessians, result.iterations + 2) << result.summary();
    EXPECT_NEAR(result.x[0], 1.0, 1e-12);
  }
}

TEST(GaussNewtonHybrid, AsksForNoSecondDerivativeWhereResidualsVanish) {
  const Result pure = least_squares(rosenbrock, {-1.2, 1.0}, GaussNewton{});
  const Result hybrid = least_squares(rosenbrock, {-1.2, 1.0}, GaussNewton{.hybrid = true});
  ASSERT_EQ(hybrid.status, Status::Converged);
  EXPECT_EQ(hybrid.counts.hessians, pure.counts.hessians);  // of the certificate
  EXPECT_EQ(hybrid.counts.products, 0);
  EXPECT_EQ(hybrid.x, pure.x);
  EXPECT_TRUE(notes_of(hybrid, Event::ChangedModel).empty());
}

TEST(GaussNewtonHybrid, KeepsWithinBounds) {
  const Bounds bounds = Bounds::at_least({0.0, 0.0, 0.0, 0.3});
  const Point start{25.0, 5.0, 5.0, 1.0};
  const Result newton = least_squares(brown_dennis, start, bounds, Newton{});
  ASSERT_EQ(newton.status, Status::Converged);
  for (const StepRule& rule : {StepRule(TrustRegion{}), StepRule(LineSearch{}), StepRule(Damping{})}) {
    const Result hybrid =
        least_squares(brown_dennis, start, bounds, GaussNewton{.step = rule, .hybrid = true});
    EXPECT_EQ(hybrid.status, Status::Converged) << hybrid.summary();
    EXPECT_EQ(hybrid.critical_point.held, newton.critical_point.held) << hybrid.solver;
    EXPECT_LE((hybrid.x - newton.x).norm(), 1e-6 * newton.x.norm()) << hybrid.solver;
  }
}

TEST(GaussNewtonHybrid, IsTheDefaultOfLeastSquares) {
  const Result result = least_squares(brown_dennis, {25.0, 5.0, -5.0, -1.0});
  EXPECT_THAT(result.solver, HasSubstr("gauss-newton-hybrid"));
  EXPECT_THAT(result.choice, HasSubstr("sum of squares"));
  EXPECT_LE(result.counts.total(), 120);
}

TEST(Automatic, RunsWhatIsChosenForTheProblemAndSaysSo) {
  const Solver automatic = solver_named("auto");
  EXPECT_EQ(automatic.name(), "auto");
  EXPECT_FALSE(automatic.needs_residuals());
  const Point start{25.0, 5.0, -5.0, -1.0};
  const Result fit = least_squares(brown_dennis, start, automatic);
  const Result hybrid = least_squares(brown_dennis, start, GaussNewton{.hybrid = true});
  EXPECT_EQ(fit.solver, hybrid.solver);
  EXPECT_EQ(fit.x, hybrid.x);
  EXPECT_EQ(fit.counts.total(), hybrid.counts.total());
  EXPECT_THAT(fit.summary(), HasSubstr("chosen because the problem is a sum of squares"));
  const auto bowl = [](const auto& x) { return x[0] * x[0] + 3.0 * x[1] * x[1]; };
  const Result general = minimize(bowl, {1.0, 2.0}, automatic);
  EXPECT_THAT(general.solver, HasSubstr("newton (trust region)"));
  EXPECT_THAT(general.summary(), HasSubstr("chosen because the problem is a general objective"));
  EXPECT_EQ(least_squares(brown_dennis, start, solver_named("auto", {.max_iterations = 2})).iterations, 2);
}

TEST(Automatic, HoldsNoLargeMatrixWithoutNeed) {
  const auto broyden_tridiagonal = [](const auto& x) {
    std::vector<ScalarOf<decltype(x)>> r;
    for (Index i = 0, n = x.size(); i < n; ++i) {
      r.push_back((3.0 - 2.0 * x[i]) * x[i] + 1.0);
      if (i > 0) r.back() -= x[i - 1];
      if (i + 1 < n) r.back() -= 2.0 * x[i + 1];
    }
    return r;
  };
  const Result fit = least_squares(broyden_tridiagonal, Vector::Constant(600, -1.0), solver_named("auto"));
  EXPECT_TRUE(fit.converged()) << fit.summary();
  EXPECT_THAT(fit.solver, HasSubstr("newton (trust region)"));
  EXPECT_THAT(fit.choice, HasSubstr("so many variables"));
  const auto sum_and_squares = [](const auto& x) {
    ScalarOf<decltype(x)> sum = 0.0, squares = 0.0;
    for (Index i = 0; i < x.size(); ++i) {
      sum += x[i];
      squares += (1.0 + static_cast<double>(i % 3)) * x[i] * x[i];
    }
    return sum * sum + squares;
  };
  const Result full = minimize(sum_and_squares, Vector::Ones(2500), solver_named("auto"));
  EXPECT_TRUE(full.converged()) << full.summary();
  EXPECT_THAT(full.solver, HasSubstr("newton-matrix-free"));
  EXPECT_THAT(full.choice, HasSubstr("products with vectors"));
}

/// A Hessian by differences takes two gradients a variable, unless its pattern is known.
TEST(Automatic, LearnsCurvatureThatWouldHaveToBeDifferenced) {
  constexpr Index n = 40;
  Index calls = 0;
  const auto value = [&calls](const Vector& x) {
    ++calls;
    double sum = 0.0;
    for (Index i = 0; i + 1 < n; ++i)
      sum += 10.0 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1.0 - x[i], 2);
    return sum;
  };
  const auto gradient = [&calls](const Vector& x) -> Vector {
    ++calls;
    Vector g = Vector::Zero(n);
    for (Index i = 0; i + 1 < n; ++i) {
      const double bent = 20.0 * (x[i + 1] - x[i] * x[i]);
      g[i] += -2.0 * bent * x[i] - 2.0 * (1.0 - x[i]);
      g[i + 1] += bent;
    }
    return g;
  };
  const Point start = Vector::Constant(n, 0.5);
  const auto run = [&](SuppliedObjective pieces, const Solver& solver) {
    calls = 0;
    const Result result = minimize(pieces, start, solver);
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_NEAR(result.x[n - 1], 1.0, 1e-6);
    return std::pair(result, calls);
  };
  const auto [chosen, by_choice] = run(analytic(value, gradient), solver_named("auto"));
  EXPECT_THAT(chosen.solver, HasSubstr("lbfgs"));
  EXPECT_THAT(chosen.choice, HasSubstr("without second derivatives"));
  EXPECT_LT(2 * by_choice, run(analytic(value, gradient), Newton{}).second);
  EXPECT_THAT(run({.value = value}, solver_named("auto")).first.solver, HasSubstr("lbfgs"));
  SuppliedObjective banded = analytic(value, gradient);
  std::vector<std::pair<Index, Index>> lower;
  for (Index i = 1; i < n; ++i) lower.emplace_back(i, i - 1);
  banded.differencing.pattern = make_pattern(n, n, lower);
  const Result by_pattern = run(banded, solver_named("auto")).first;
  EXPECT_THAT(by_pattern.solver, HasSubstr("newton"));
  EXPECT_THAT(by_pattern.provider.describe(), HasSubstr("colored differences"));
}

/// v is the step of Gauss-Newton, a = −r″v²/r′ the response to how r bends along it: p = v + ½a.
TEST(GaussNewtonGeodesic, BendsItsStepByTheSecondDerivativeAlongIt) {
  const auto r = [](const auto& x) {
    using std::exp;
    using T = ScalarOf<decltype(x)>;
    return std::array<T, 1>{exp(0.5 * x[0]) - 1.25};
  };
  // v = 0.25 / 0.5 = 0.5, r″v² = 0.25 · 0.25 and a = −0.0625 / 0.5 = −0.125.
  Vector first;
  const Result result =
      least_squares(r, {0.0}, GaussNewton{.geodesic = true}, [&](const Iteration& line, const Vector& x) {
        if (line.iteration == 1) first = x;
      });
  ASSERT_EQ(first.size(), 1);
  EXPECT_NEAR(first[0], 0.5 - 0.0625, 1e-12);
  EXPECT_NEAR(result.x[0], 2.0 * std::log(1.25), 1e-9);
  EXPECT_GT(result.counts.products, 0);
}

/// A long curved valley: two residuals of which one is 1e4 times as steep.
TEST(GaussNewtonGeodesic, FollowsACurvedValleyInFewerIterations) {
  const auto valley = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    return std::array<T, 2>{1e4 * (x[1] - x[0] * x[0]), x[0] - 3.0};
  };
  const Result plain = least_squares(valley, {-3.0, 9.0}, GaussNewton{});
  const Result bent = least_squares(valley, {-3.0, 9.0}, GaussNewton{.geodesic = true});
  ASSERT_EQ(plain.status, Status::Converged);
  ASSERT_EQ(bent.status, Status::Converged);
  EXPECT_NEAR(bent.x[0], 3.0, 1e-8);
  EXPECT_LE(2 * bent.iterations, plain.iterations);
}

TEST(GaussNewtonDogleg, SolvesWhatTheExactStepSolves) {
  for (const auto within : {GaussNewtonStep::Dogleg, GaussNewtonStep::DoubleDogleg}) {
    for (const bool geodesic : {false, true}) {
      const Result result =
          least_squares(rosenbrock, {-1.2, 1.0}, GaussNewton{.within = within, .geodesic = geodesic});
      EXPECT_EQ(result.status, Status::Converged) << result.summary();
      EXPECT_LE((result.x - Vector::Ones(2)).norm(), 1e-8);
    }
  }
}

/// A hundred points, mirrored at both planes x = 0 and y = 0, against the same turned by 180° about z. At the
/// identity Jᵀr = 0: a turn to the left is as good as one to the right.
struct Alignment {
  std::vector<Eigen::Vector3d> from, to;

  Alignment() {
    random::Source source(31);
    for (int corner = 0; corner < 25; ++corner) {
      const double x = 1.5 + 0.5 * source.number(), y = 1.0 + 0.5 * source.number(), z = source.number();
      for (const double mirror_x : {-1.0, 1.0}) {
        for (const double mirror_y : {-1.0, 1.0}) {
          from.emplace_back(mirror_x * x, mirror_y * y, z);
          to.emplace_back(-mirror_x * x, -mirror_y * y, z);
        }
      }
    }
  }

  /// x = (σ, t): modified Rodrigues parameters of the rotation, and a shift.
  template <class X>
  auto operator()(const X& x) const {
    using T = ScalarOf<X>;
    using Vector3 = Eigen::Matrix<T, 3, 1>;
    const Vector3 turn(x[0], x[1], x[2]), shift(x[3], x[4], x[5]);
    const T square = turn.squaredNorm();
    const T denominator = (1.0 + square) * (1.0 + square);
    std::vector<T> r;
    for (std::size_t i = 0; i < from.size(); ++i) {
      const Vector3 p = from[i].template cast<T>();
      const Vector3 once = turn.cross(p), twice = turn.cross(once);
      const Vector3 miss =
          p + (8.0 * twice + 4.0 * (1.0 - square) * once) / denominator + shift - to[i].template cast<T>();
      for (Index k = 0; k < 3; ++k) r.push_back(miss[k]);
    }
    return r;
  }
};

TEST(GaussNewton, LeavesTheSaddleOfAHalfTurn) {
  const Alignment alignment;
  for (const Solver& solver :
       {Solver(GaussNewton{}), Solver(GaussNewton{.hybrid = true}), Solver(GaussNewton{.step = LineSearch{}}),
        Solver(GaussNewton{.step = Damping{}}), Solver(GaussNewton{.within = GaussNewtonStep::Dogleg}),
        Solver(GaussNewton{.geodesic = true}), Solver(Newton{})}) {
    const Result result = least_squares(alignment, Vector::Zero(6), solver);
    EXPECT_GT(result.trace.front().value, 400.0);
    EXPECT_FALSE(notes_of(result, Event::Saddle).empty()) << solver.name();
    EXPECT_FALSE(notes_of(result, Event::Escaped).empty()) << solver.name();
    EXPECT_EQ(result.status, Status::Converged) << result.summary();
    EXPECT_LE(result.value, 1e-20) << result.summary();
    EXPECT_EQ(result.critical_point.kind, CriticalKind::Minimum) << solver.name();
  }
}

TEST(GaussNewton, NamesTheSaddleWhereItIsToldToStay) {
  const Result result = least_squares(Alignment(), Vector::Zero(6), GaussNewton{.at_saddle = AtSaddle::Stop});
  EXPECT_EQ(result.status, Status::SaddlePoint) << result.summary();
  EXPECT_THAT(result.summary(), HasSubstr("saddle"));
}

/// (JᵀJ + λD²) p = −Jᵀr with λ as given, D the norms of the columns.
TEST(Damping, TakesTheStepOfItsFirstDamping) {
  Vector first;
  const auto r = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    return std::array<T, 2>{3.0 * x[0] - 1.0, 0.5 * x[1] + 2.0};
  };
  least_squares(r, {0.0, 0.0}, GaussNewton{.step = Damping{.initial = 0.25}},
                [&](const Iteration& line, const Vector& x) {
                  if (line.iteration == 1) first = x;
                });
  ASSERT_EQ(first.size(), 2);
  EXPECT_NEAR(first[0], 3.0 / (9.0 * 1.25), 1e-14);
  EXPECT_NEAR(first[1], -1.0 / (0.25 * 1.25), 1e-13);
}

TEST(Damping, ServesGaussNewtonAndNewton) {
  const Result gauss_newton = least_squares(rosenbrock, {-1.2, 1.0}, GaussNewton{.step = Damping{}});
  EXPECT_EQ(gauss_newton.status, Status::Converged) << gauss_newton.summary();
  EXPECT_LE((gauss_newton.x - Vector::Ones(2)).norm(), 1e-8);
  const Result newton = least_squares(rosenbrock, {-1.2, 1.0}, Newton{.step = Damping{}});
  EXPECT_EQ(newton.status, Status::Converged) << newton.summary();
  EXPECT_LE((newton.x - Vector::Ones(2)).norm(), 1e-8);
}

TEST(Damping, IsRefusedWhereItCannotBe) {
  const auto message_of = [](const auto& options) -> std::string {
    try {
      least_squares(rosenbrock, {-1.2, 1.0}, Solver(options));
    } catch (const Misuse& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message_of(Lbfgs{.step = Damping{}}), HasSubstr("no damped steps"));
  EXPECT_THAT(message_of(GaussNewton{.step = Damping{.initial = 0.0}}), HasSubstr("initial damping"));
}

}  // namespace
}  // namespace quadric
