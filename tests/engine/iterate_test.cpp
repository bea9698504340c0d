#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/ceres_solver.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/matrix_free_newton.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

/// The one loop, through the solvers that run on it: what happens when functions misbehave, limits, and
/// units.
namespace quadric {
namespace {

using testing::HasSubstr;

std::string status(const Result& result) { return std::string(to_string(result.status)); }

std::vector<Solver> solvers(const Stopping& stop = {}) {
  return {Newton{.stop = stop},
          Newton{.step = LineSearch{}, .stop = stop},
          GradientDescent{.stop = stop},
          GradientDescent{.step = TrustRegion{}, .stop = stop},
          GradientDescent{.length = DescentLength::BarzilaiBorwein, .stop = stop},
          ConjugateGradients{.stop = stop},
          Lbfgs{.stop = stop},
          Newton{.step = StrongWolfe{}, .stop = stop},
          Newton{.step = CubicRegularization{}, .stop = stop}};
}

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0];
  const auto b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

const auto bowl = [](const auto& x) { return (x[0] - 1.0) * (x[0] - 1.0) + 2.0 * x[1] * x[1]; };

TEST(NonFinite, CostsAShorterStepNotTheRun) {
  const auto barrier = [](const auto& x) {
    using std::log;
    return x[0] - log(x[0]) + x[1] - 10.0 * log(x[1]);
  };
  const auto root = [](const auto& x) {
    using std::sqrt;
    return x[0] - 2.0 * sqrt(x[0]) + (x[1] - 3.0) * (x[1] - 3.0);
  };
  for (const Solver& solver : solvers()) {
    const Result a = minimize(barrier, {100.0, 1e-2}, solver);
    EXPECT_EQ(status(a), "converged") << a.summary();
    EXPECT_NEAR(a.x[0], 1.0, 1e-6);
    EXPECT_NEAR(a.x[1], 10.0, 1e-5);
    const Result b = minimize(root, {9.0, 0.0}, solver);
    EXPECT_EQ(status(b), "converged") << b.summary();
    EXPECT_NEAR(b.x[0], 1.0, 1e-6);
  }
}

TEST(NonFinite, AtTheStartIsAFailedEvaluation) {
  for (const Solver& solver : solvers()) {
    const Result result = minimize(
        [](const auto& x) {
          using std::log;
          return x[0] - log(x[0]);
        },
        {-1.0}, solver);
    EXPECT_EQ(status(result), "evaluation_failed");
    EXPECT_EQ(result.iterations, 0);
    EXPECT_EQ(result.x[0], -1.0);
    EXPECT_THAT(result.reason, HasSubstr("start"));
  }
}

TEST(Exceptions, AtTheStartAreAFailedEvaluation) {
  const auto f = [](const Vector&) -> double { throw std::runtime_error("the file is locked"); };
  for (const Solver& solver : solvers()) {
    const Result result = minimize(f, {1.0, 2.0}, solver);
    EXPECT_EQ(status(result), "evaluation_failed");
    EXPECT_THAT(result.reason, HasSubstr("the file is locked"));
    EXPECT_TRUE(result.x.allFinite());
  }
  const Result odd = minimize([](const Vector&) -> double { throw 1; }, {1.0}, Newton{});
  EXPECT_EQ(status(odd), "evaluation_failed");
}

TEST(Exceptions, InARunKeepTheBestFinitePoint) {
  for (const Solver& solver : solvers()) {
    int calls = 0;
    const auto f = [&calls](const auto& x) {
      if (++calls > 20) throw std::runtime_error("the licence expired");
      return rosenbrock(x);
    };
    const Result result = minimize(f, {-1.2, 1.0}, solver);
    EXPECT_EQ(status(result), "evaluation_failed") << result.summary();
    EXPECT_THAT(result.reason, HasSubstr("the licence expired"));
    EXPECT_TRUE(result.x.allFinite());
    EXPECT_LE(result.value, 24.2);
    EXPECT_EQ(result.value, rosenbrock(result.x));
  }
}

/// A search for the length may settle for a point whose value and gradient it knows, and whose Hessian fails.
TEST(NonFinite, HessiansEverywhereButAtTheStartEndTheRun) {
  const auto f = analytic([](const Vector& x) { return rosenbrock(x); },
                          [](const Vector& x) -> Vector {
                            const double b = x[1] - x[0] * x[0];
                            return Point{-2.0 * (1.0 - x[0]) - 400.0 * x[0] * b, 200.0 * b};
                          },
                          [](const Vector& x) -> Matrix {
                            if (x[0] != -1.2) return Matrix::Constant(2, 2, std::nan(""));
                            return Matrix::Identity(2, 2);
                          });
  for (const Solver& solver : solvers({.max_evaluations = 20000})) {
    const Result result = minimize(f, {-1.2, 1.0}, solver);
    EXPECT_LE(result.value, 24.2 * (1.0 + 1e-15));
    EXPECT_FALSE(result.converged());
    if (solver.name().starts_with("newton")) {
      EXPECT_EQ(status(result), "evaluation_failed") << result.summary();
      EXPECT_LE(result.counts.total(), 1000);
    }
  }
}

/// Whatever the run is at when the function breaks, the certificate with its differenced Hessian included.
TEST(Exceptions, FromAnyCallOnNeverLeaveTheRun) {
  for (const bool by_throwing : {true, false}) {
    for (int last_call = 1; last_call <= 400; ++last_call) {
      auto calls = std::make_shared<int>(0);
      const auto residuals = [calls, last_call, by_throwing](const Vector& x) -> Vector {
        if (++*calls > last_call && by_throwing) throw std::runtime_error("the licence expired");
        const double spoiled = *calls > last_call ? std::nan("") : 0.0;
        return Point{10.0 * (x[1] - x[0] * x[0]) + spoiled, 1.0 - x[0]};
      };
      const Stopping stop{.max_evaluations = 20000};
      for (const Solver& solver :
           {Solver(GaussNewton{.stop = stop}), Solver(Newton{.stop = stop}), Solver(Lbfgs{.stop = stop})}) {
        *calls = 0;
        const Result result = least_squares(residuals, {-1.2, 1.0}, solver);
        EXPECT_TRUE(result.x.allFinite());
        EXPECT_LE(result.counts.total(), 2000) << result.summary();
        if (!result.trace.empty()) {
          EXPECT_LE(result.value, 12.1);
        }
        if (*calls <= last_call) {
          EXPECT_TRUE(result.converged()) << result.summary();
        }
      }
    }
  }
}

TEST(Exceptions, InARegionOnlyAreStepsThatWereTooLong) {
  const auto f = [](const auto& x) {
    if (x[0] > 3.0) throw std::domain_error("out of the table");
    return (x[0] - 1.0) * (x[0] - 1.0) * (x[0] - 1.0) * (x[0] - 1.0) + x[0] * x[0];
  };
  for (const Solver& solver : solvers()) {
    const Result result = minimize(f, {-50.0}, solver);
    EXPECT_EQ(status(result), "converged") << result.summary();
  }
}

TEST(Limits, OnIterations) {
  for (const Index limit : {Index{0}, Index{1}, Index{3}}) {
    for (const Solver& solver : solvers({.max_iterations = limit})) {
      const Result result = minimize(rosenbrock, {-1.2, 1.0}, solver);
      EXPECT_EQ(status(result), "iteration_limit");
      EXPECT_EQ(result.iterations, limit);
      EXPECT_EQ(static_cast<Index>(result.trace.size()), limit + 1);
      EXPECT_LE(result.value, 24.2 * (1.0 + 1e-15));
      EXPECT_EQ(std::string(to_string(result.critical_point.kind)), "not_critical");
    }
  }
}

TEST(Limits, OfZeroIterationsStillCertifyTheStart) {
  const Result minimum = minimize(rosenbrock, {1.0, 1.0}, Newton{.stop = {.max_iterations = 0}});
  EXPECT_EQ(status(minimum), "converged");
  const Result saddle =
      minimize([](const auto& x) { return x[0] * x[1]; }, {0.0, 0.0}, Newton{.stop = {.max_iterations = 0}});
  EXPECT_EQ(status(saddle), "saddle_point");
  EXPECT_EQ(saddle.critical_point.index, 1);
}

TEST(Limits, OnEvaluationsAreKeptUpToOneIteration) {
  for (const Solver& solver : solvers({.max_evaluations = 20})) {
    const Result result = minimize(rosenbrock, {-1.2, 1.0}, solver);
    EXPECT_EQ(status(result), "iteration_limit");
    EXPECT_THAT(result.reason, HasSubstr("20 evaluations"));
    EXPECT_LE(result.counts.total(), 20 + 8);
  }
}

TEST(Limits, OnTime) {
  for (const Solver& solver : solvers({.max_seconds = 0.0})) {
    const Result result = minimize(rosenbrock, {-1.2, 1.0}, solver);
    EXPECT_EQ(status(result), "time_limit") << result.summary();
    EXPECT_LE(result.value, 24.2 * (1.0 + 1e-15));
  }
}

TEST(Unbounded, IsSaidOfFunctionsThatFallForever) {
  for (const Solver& solver : solvers({.lowest_value = -1e20})) {
    const Result parabola =
        minimize([](const auto& x) { return -x[0] * x[0] + x[1] * x[1]; }, {0.1, 1.0}, solver);
    EXPECT_EQ(status(parabola), "unbounded") << parabola.summary();
    const Result exponential = minimize(
        [](const auto& x) {
          using std::exp;
          return -exp(x[0]) + x[1] * x[1];
        },
        {0.0, 1.0}, solver);
    EXPECT_EQ(status(exponential), "unbounded") << exponential.summary();
    const Result line = minimize([](const auto& x) { return 3.0 * x[0]; }, {1.0}, solver);
    EXPECT_EQ(status(line), "unbounded") << line.summary();
  }
}

TEST(Saddle, IsWhereTheRunEndsIfTheUserAsked) {
  const auto well = [](const auto& x) {
    const auto a = x[0] * x[0] - 1.0;
    return a * a / 4.0 + x[1] * x[1] / 2.0;
  };
  const std::vector<Solver> stopping = {Newton{.at_saddle = AtSaddle::Stop},
                                        Newton{.step = LineSearch{}, .at_saddle = AtSaddle::Stop},
                                        GradientDescent{.at_saddle = AtSaddle::Stop}};
  for (const Solver& solver : stopping) {
    const Result at = minimize(well, {0.0, 0.0}, solver);
    EXPECT_EQ(status(at), "saddle_point") << at.summary();
    EXPECT_EQ(at.iterations, 0);
    EXPECT_EQ(at.critical_point.index, 1);
    EXPECT_NEAR(at.critical_point.lambda_min, -1.0, 1e-12);
  }
  const Result maximum = minimize([](const auto& x) { return -x[0] * x[0]; }, {0.0}, stopping.front());
  EXPECT_EQ(status(maximum), "saddle_point");
  EXPECT_THAT(maximum.reason, HasSubstr("maximum"));
}

/// Saddles follow one another down to f = 1e-312 (HIMMELBB of the CUTE collection): leaving them gains next
/// to nothing beside what f fell before.
TEST(Saddle, IsNotLeftForEverWhereThatGainsNextToNothing) {
  const auto product = [](const auto& x) {
    const auto rest = 1.0 - x[0], square = rest * rest;
    const auto root = x[0] * x[1] * rest * (1.0 - x[1] - x[0] * square * square * rest);
    return root * root;
  };
  const Result result = minimize(product, {-1.2, 1.0}, Newton{});
  EXPECT_LE(result.value, 1e-20) << result.summary();
  EXPECT_LE(result.counts.total(), 1000) << result.summary();
}

TEST(Hessian, ThatIsNotSymmetricIsReported) {
  const auto crooked = analytic([](const Vector& x) { return bowl(x); },
                                [](const Vector& x) -> Vector {
                                  return Point{2.0 * (x[0] - 1.0), 4.0 * x[1]};
                                },
                                [](const Vector&) -> Matrix {
                                  Matrix H(2, 2);
                                  H << 2.0, 0.1, -0.1, 4.0;
                                  return H;
                                });
  const Result result = minimize(crooked, {5.0, 5.0}, Newton{});
  EXPECT_THAT(result.reason, HasSubstr("not symmetric"));
  EXPECT_TRUE(result.trace.back().events.has(Event::AsymmetricHessian));
  EXPECT_NEAR(result.x[0], 1.0, 1e-6);
}

TEST(Misuse, IsAStartThatIsNone) {
  for (const Solver& solver : solvers()) {
    EXPECT_THROW(minimize(bowl, Point{}, solver), Misuse);
    EXPECT_THROW(minimize(bowl, {1.0, std::nan("")}, solver), Misuse);
    EXPECT_THROW(minimize(bowl, {1.0, std::numeric_limits<double>::infinity()}, solver), Misuse);
  }
}

TEST(Misuse, IsADerivativeOfTheWrongSize) {
  const auto value = [](const Vector& x) { return bowl(x); };
  const auto gradient = [](const Vector& x) -> Vector { return Point{2.0 * (x[0] - 1.0), 4.0 * x[1]}; };
  const auto short_gradient = [](const Vector&) -> Vector { return Vector::Ones(1); };
  const auto wide_hessian = [](const Vector&) -> Matrix { return Matrix::Identity(2, 3); };
  for (const Solver& solver : solvers()) {
    EXPECT_THROW(minimize(analytic(value, short_gradient), {5.0, 5.0}, solver), Misuse);
    EXPECT_THROW(minimize(analytic(value, gradient, wide_hessian), {5.0, 5.0}, solver), Misuse);
  }
  const auto jacobian = [](const Vector&) -> Matrix { return Matrix::Ones(3, 2); };
  EXPECT_THROW(least_squares(analytic_residuals([](const Vector& x) -> Vector { return x; }, jacobian),
                             {1.0, 2.0}, GaussNewton{}),
               Misuse);
}

TEST(Misuse, IsResidualsThatChangeInNumberOrAreNone) {
  const Residuals none([](const auto& x) { return std::vector<ScalarOf<decltype(x)>>{}; });
  EXPECT_THROW(least_squares(none, {1.0}), Misuse);
  auto calls = std::make_shared<int>(0);
  const Residuals growing([calls](const auto& x) {
    return std::vector<ScalarOf<decltype(x)>>(static_cast<std::size_t>(2 + (*calls)++), x[0] - 1.0);
  });
  EXPECT_THROW(least_squares(growing, Vector::Zero(9)), Misuse);
}

TEST(Misuse, IsASolverOptionThatMeansNothing) {
  EXPECT_THROW(Solver(Newton{.stop = {.max_iterations = -1}}), Misuse);
  EXPECT_THROW(Solver(Newton{.stop = {.gradient_tolerance = -1.0}}), Misuse);
  EXPECT_THROW(Solver(Newton{.step = TrustRegion{.initial_radius = -1.0}}), Misuse);
  EXPECT_THROW(Solver(Newton{.step = LineSearch{.sufficient_decrease = 0.7}}), Misuse);
}

TEST(StopToken, EndsARunFromWithinAnEvaluation) {
  for (Index asked_at = 1; asked_at < 12; asked_at += 5) {
    std::stop_source source;
    Index evaluations = 0;
    const auto counting = [&](const auto& x) {
      if (++evaluations == asked_at) source.request_stop();
      return rosenbrock(x);
    };
    const Result result = minimize(counting, {-1.2, 1.0}, Newton{.stop = {.token = source.get_token()}});
    EXPECT_EQ(status(result), "stopped_by_user") << result.summary();
    EXPECT_THAT(result.reason, HasSubstr("stop token"));
    EXPECT_LE(result.value, 24.2);
    EXPECT_LE(result.iterations, asked_at);
  }
}

TEST(StopToken, EndsEverySolver) {
  std::stop_source source;
  source.request_stop();
  std::vector<Solver> all = solvers({.token = source.get_token()});
  all.push_back(CeresSolver{.strategy = CeresSolver::Strategy::Lbfgs, .stop = {.token = source.get_token()}});
  for (const Solver& solver : all) {
    const Result result = minimize(rosenbrock, {-1.2, 1.0}, solver);
    EXPECT_EQ(status(result), "stopped_by_user") << result.summary();
    EXPECT_EQ(result.iterations, 0);
    EXPECT_EQ(result.x, Vector(Point{-1.2, 1.0}));
  }
}

/// s f(x / t) from t x₀, with s and t powers of ten: the same path but for rounding.
/// Terms that cancel leave f more noise than its value shows: near a minimum of 0 nearly every step changes f
/// by more than the rounding of f, up or down.
TEST(Cancellation, LeavesTheLastStepsToTheGradient) {
  const auto f = [](const auto& x) {
    using std::cosh;
    return cosh(x[0] - 1.0) + cosh(x[1] + x[0]) + cosh(2.0 * x[1] - x[2]) - 3.0;
  };
  for (const double s : {-1.7, -0.9, -0.3, 0.1, 0.4, 0.8, 1.3, 2.1}) {
    for (const Solver& solver : {Solver(Newton{}), Solver(Newton{.step = CubicRegularization{}})}) {
      const Result result = minimize(f, {1.0 + s, 2.0 * s - 1.0, -2.0 - s}, solver);
      EXPECT_EQ(status(result), "converged") << result.summary();
      EXPECT_LT(result.gradient_norm, 1e-14) << result.summary();
      EXPECT_LT(result.counts.total(), 60) << result.summary();
    }
  }
}

TEST(Units, ChangeNeitherThePathNorTheVerdict) {
  const auto scaled = [](double s, double t) {
    return [s, t](const auto& x) {
      const auto u = x[0] / t, v = x[1] / t;
      const auto a = 1.0 - u;
      const auto b = v - u * u;
      return s * (a * a + 100.0 * b * b + 1.0);
    };
  };
  const std::vector<Solver> newtons = {Newton{}, Newton{.step = LineSearch{}}};
  for (const Solver& solver : newtons) {
    const Result plain = minimize(scaled(1.0, 1.0), {-1.2, 1.0}, solver);
    ASSERT_EQ(status(plain), "converged");
    for (const double s : {1e-10, 1.0, 1e10}) {
      for (const double t : {1e-10, 1.0, 1e10}) {
        const Result result = minimize(scaled(s, t), {-1.2 * t, 1.0 * t}, solver);
        SCOPED_TRACE(result.summary());
        EXPECT_EQ(status(result), "converged");
        EXPECT_NEAR(static_cast<double>(result.iterations), static_cast<double>(plain.iterations), 1.0);
        EXPECT_NEAR(result.x[0] / t, 1.0, 1e-8);
        EXPECT_NEAR(result.x[1] / t, 1.0, 1e-8);
      }
    }
  }
}

TEST(Units, OfEachVariableDoNotMatterToTheSecondOrderSolvers) {
  const auto residuals = [](double s, double t0, double t1) {
    return [s, t0, t1](const auto& x) {
      using T = ScalarOf<decltype(x)>;
      const T u = x[0] / t0, v = x[1] / t1;
      return std::array<T, 3>{s * 10.0 * (v - u * u), s * (1.0 - u), T(s)};
    };
  };
  const std::vector<Solver> all = {GaussNewton{}, GaussNewton{.step = LineSearch{}}, Newton{},
                                   Newton{.step = LineSearch{}}};
  for (const Solver& solver : all) {
    const Result plain = least_squares(residuals(1.0, 1.0, 1.0), {-1.2, 1.0}, solver);
    ASSERT_EQ(status(plain), "converged");
    for (const double s : {1e-10, 1e10}) {
      for (const double t : {1e-10, 1e10}) {
        const Result result = least_squares(residuals(s, t, 1.0 / t), {-1.2 * t, 1.0 / t}, solver);
        SCOPED_TRACE(result.summary());
        EXPECT_EQ(status(result), "converged");
        EXPECT_NEAR(static_cast<double>(result.iterations), static_cast<double>(plain.iterations), 1.0);
        EXPECT_NEAR(result.x[0] / t, 1.0, 1e-8);
        EXPECT_NEAR(result.x[1] * t, 1.0, 1e-8);
      }
    }
  }
}

/// Rosenbrock's function in pieces that count their calls.
struct Called {
  int values = 0, gradients = 0, hessians = 0;

  Problem problem() {
    return Objective(analytic(
        [this](const Vector& x) {
          ++values;
          return rosenbrock(x);
        },
        [this](const Vector& x) -> Vector {
          ++gradients;
          return derivatives(x).gradient;
        },
        [this](const Vector& x) -> SparseMatrix {
          ++hessians;
          return derivatives(x).hessian.sparseView();
        }));
  }

 private:
  static LocalModel derivatives(const Vector& x) {
    LocalModel at;
    Objective(rosenbrock).hessian(x, at.gradient, at.hessian);
    return at;
  }
};

TEST(Pieces, AreCalledOnceAtAPoint) {
  for (const Solver& solver : solvers()) {
    Called called;
    const Result result = solver.run(called.problem(), Vector{{-1.2, 1.0}});
    // A gradient comes with its value: together they are counted as one evaluation.
    EXPECT_LE(called.values, result.counts.values + result.counts.gradients) << result.solver;
    EXPECT_LE(called.gradients, result.counts.gradients) << result.solver;
    EXPECT_LE(called.hessians, result.counts.hessians + result.counts.products) << result.solver;
  }
  Called called;
  const Result result = Solver(Newton{}).run(called.problem(), Vector{{-1.2, 1.0}});
  EXPECT_LE(called.values, result.counts.values + 3)
      << "one for each trial, the start's and those of the last two steps, which come with the gradient";
  EXPECT_GT(called.values, 10);
}

// The last step is so short that its Hessian stands for both ends, and the step before showed how long that
// lasts.
TEST(Pieces, NeedNoHessianForTheLastStepAndTheCertificate) {
  Called called;
  const Result result = Solver(Newton{}).run(called.problem(), Vector{{-1.2, 1.0}});
  EXPECT_EQ(status(result), "converged");
  EXPECT_TRUE(result.critical_point.is_minimum());
  EXPECT_NEAR(result.critical_point.lambda_min, 0.39936, 1e-5);
  EXPECT_LE(called.hessians, result.iterations);
  EXPECT_LE(called.gradients, result.iterations + 1);
}

// All of cos(x₀² − x₁ / 2) = −1 is a curve of minima. Newton's method converges to a point of it as to any
// other, but on the way the lowest curvature fades.
TEST(Certificates, AreNotCarriedOverWhereTheCurvatureFades) {
  const auto valley = [](const auto& x) {
    using std::cos;
    return cos(x[0] * x[0] - 0.5 * x[1]);
  };
  const Result result = minimize(valley, {1.0, 1.0}, Newton{});
  EXPECT_NEAR(result.value, -1.0, 1e-12);
  EXPECT_NE(status(result), "converged");
}

TEST(Pieces, GiveTheHessianOfAllProductsAtAPointAtOnce) {
  Called called;
  const Result result = Solver(MatrixFreeNewton{}).run(called.problem(), Vector{{-1.2, 1.0}});
  EXPECT_GT(result.counts.products, result.counts.gradients);
  EXPECT_LE(called.hessians, result.counts.gradients + result.counts.hessians);
}

TEST(Pieces, MayChangeBetweenRuns) {
  double target = 1.0;
  const Problem problem =
      Objective(analytic([&](const Vector& x) { return (x[0] - target) * (x[0] - target); },
                         [&](const Vector& x) -> Vector { return 2.0 * (x.array() - target); },
                         [](const Vector&) -> Matrix { return Matrix::Constant(1, 1, 2.0); }));
  const Result first = Solver(Newton{}).run(problem, Vector{{0.0}});
  EXPECT_NEAR(first.x[0], 1.0, 1e-12);
  target = 3.0;
  EXPECT_DOUBLE_EQ(problem.objective().value(first.x), 4.0);
  target = 2.0;
  Vector g;
  EXPECT_NEAR(problem.objective().gradient(first.x, g), 1.0, 1e-12);
  const Result second = Solver(Newton{}).run(problem, first.x);
  EXPECT_NEAR(second.trace.front().value, 1.0, 1e-12);
  EXPECT_NEAR(second.x[0], 2.0, 1e-12);
}

TEST(Runs, RepeatToTheBit) {
  for (const Solver& solver : solvers({.max_iterations = 200})) {
    const Result one = minimize(rosenbrock, {-1.2, 1.0}, solver);
    const Result two = minimize(rosenbrock, {-1.2, 1.0}, solver);
    EXPECT_EQ(one.value, two.value);
    EXPECT_EQ(one.x, two.x);
    EXPECT_EQ(one.counts.total(), two.counts.total());
  }
}

}  // namespace
}  // namespace quadric
