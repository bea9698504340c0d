#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <Eigen/Eigenvalues>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/checkpoint.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/problem/problem.hpp"
#include "quadric/solvers/ceres_solver.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/matrix_free_newton.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

/// Every solver within bounds: published solutions, an independent method, and the conditions of a minimum
/// within a box checked anew.
namespace quadric {
namespace {

constexpr double inf = Bounds::none;

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0];
  const auto b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

/// A problem, where to start, and what the solution is known to be.
struct Case {
  std::string name;
  Problem problem;
  Vector start;
  double value;  ///< of a minimum within the bounds
  Index held;    ///< by bounds there
};

Case make_case(std::string name, const Objective& f, const Bounds& bounds, const Point& start, double value,
               Index held) {
  return {std::move(name), Problem(f).with_bounds(bounds), start, value, held};
}

/// Hock & Schittkowski (1981), problems 1 to 5, 38, 45 and 110, at the minima that the starts lead to.
std::vector<Case> published() {
  const Objective hs38 = [](const auto& x) {
    const auto a = x[1] - x[0] * x[0], c = x[3] - x[2] * x[2];
    const auto b = 1.0 - x[0], d = 1.0 - x[2], e = x[1] - 1.0, h = x[3] - 1.0;
    return 100.0 * a * a + b * b + 90.0 * c * c + d * d + 10.1 * (e * e + h * h) + 19.8 * e * h;
  };
  const Objective hs110 = [](const auto& x) {
    using std::log, std::pow;
    using T = ScalarOf<decltype(x)>;
    T sum(0.0), product(1.0);
    for (Index i = 0; i < x.size(); ++i) {
      const T a = log(x[i] - 2.0), b = log(10.0 - x[i]);
      sum += a * a + b * b;
      product *= x[i];
    }
    return T(sum - pow(product, 0.2));
  };
  std::vector<Case> cases;
  cases.push_back(make_case("hs1", rosenbrock, Bounds({-inf, -1.5}, {inf, inf}), {-2.0, 1.0}, 0.0, 0));
  // Its other minimum, 0.0504, is on the far side of the hill.
  cases.push_back(make_case("hs2", rosenbrock, Bounds({-inf, 1.5}, {inf, inf}), {-2.0, 1.5}, 4.941229318, 1));
  cases.push_back(make_case(
      "hs3",
      [](const auto& x) {
        const auto d = x[1] - x[0];
        return x[1] + 1e-5 * d * d;
      },
      Bounds({-inf, 0.0}, {inf, inf}), {10.0, 1.0}, 0.0, 1));
  cases.push_back(make_case(
      "hs4",
      [](const auto& x) {
        const auto a = x[0] + 1.0;
        return a * a * a / 3.0 + x[1];
      },
      Bounds({1.0, 0.0}, {inf, inf}), {1.125, 0.125}, 8.0 / 3.0, 2));
  cases.push_back(make_case(
      "hs5",
      [](const auto& x) {
        using std::sin;
        const auto d = x[0] - x[1];
        return sin(x[0] + x[1]) + d * d - 1.5 * x[0] + 2.5 * x[1] + 1.0;
      },
      Bounds({-1.5, -3.0}, {4.0, 3.0}), {0.0, 0.0}, -std::sqrt(3.0) / 2.0 - std::acos(-1.0) / 3.0, 0));
  cases.push_back(
      make_case("hs38", hs38, Bounds({-10, -10, -10, -10}, {10, 10, 10, 10}), {-3, -1, -3, -1}, 0.0, 0));
  cases.push_back(make_case(
      "hs45", [](const auto& x) { return 2.0 - x[0] * x[1] * x[2] * x[3] * x[4] / 120.0; },
      Bounds({0, 0, 0, 0, 0}, {1, 2, 3, 4, 5}), {2, 2, 2, 2, 2}, 1.0, 5));
  cases.push_back(make_case("hs110", hs110,
                            Bounds(Point(Vector::Constant(10, 2.001)), Point(Vector::Constant(10, 9.999))),
                            Point(Vector::Constant(10, 9.0)), -45.77846971, 0));
  cases.push_back(make_case("fixed", rosenbrock, Bounds({-1.2, -inf}, {-1.2, inf}), {-1.2, 1.0}, 4.84, 1));
  return cases;
}

/// A solver of its own kind each: every direction, and every step control.
std::vector<Solver> solvers() {
  const Stopping patient{.max_iterations = 100000};
  return {Newton{},
          Newton{.step = LineSearch{}},
          Newton{.step = CubicRegularization{}},
          Newton{.step = StrongWolfe{}},
          MatrixFreeNewton{},
          GradientDescent{.stop = patient},
          GradientDescent{.length = DescentLength::BarzilaiBorwein},
          ConjugateGradients{},
          Lbfgs{}};
}

/// Checks the conditions of a minimum within the box anew, from a gradient and a Hessian of f at x.
void expect_minimum(const Problem& problem, const Result& result, double tolerance) {
  const Bounds& box = problem.bounds();
  ASSERT_TRUE(box.contain(result.x));
  Vector g;
  Matrix H;
  const double f = problem.objective().hessian(result.x, g, H);
  EXPECT_EQ(f, result.value);
  const double size = 1.0 + H.cwiseAbs().maxCoeff() * result.x.cwiseAbs().maxCoeff();
  std::vector<Index> free;
  for (Index i = 0; i < g.size(); ++i) {
    const bool low = result.x[i] <= box.lower()[i], high = result.x[i] >= box.upper()[i];
    if (!low && !high) {
      EXPECT_LE(std::abs(g[i]), tolerance * size) << i;
    }
    if (low && !high) {
      EXPECT_GE(g[i], -tolerance * size) << i;
    }
    if (high && !low) {
      EXPECT_LE(g[i], tolerance * size) << i;
    }
    if (!low && !high) free.push_back(i);
    const double multiplier = result.critical_point.multipliers[i];
    if (multiplier != 0.0) {
      EXPECT_EQ(multiplier, g[i]);
    }
    if (!low && !high) {
      EXPECT_EQ(multiplier, 0.0) << i;
    }
  }
  if (free.empty()) return;
  const Matrix B = H(free, free);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(B);
  EXPECT_GT(eigen.eigenvalues()[0], 0.0);
  if (result.critical_point.held + static_cast<Index>(free.size()) == g.size()) {
    EXPECT_NEAR(eigen.eigenvalues()[0], result.critical_point.lambda_min,
                1e-8 * eigen.eigenvalues().cwiseAbs().maxCoeff() + result.critical_point.error_bound);
  }
}

TEST(WithinBounds, EverySolverFindsPublishedMinima) {
  for (const Case& c : published()) {
    for (const Solver& solver : solvers()) {
      // Along its valley, descent takes tens of thousands of steps.
      if (solver.name().starts_with("gradient-descent (") && c.name == "hs1") continue;
      const Result result = solver.run(c.problem, c.start);
      EXPECT_EQ(result.status, Status::Converged) << c.name << " " << solver.name() << ": " << result.reason;
      EXPECT_NEAR(result.value, c.value, 1e-8 * std::max(1.0, std::abs(c.value)))
          << c.name << " " << solver.name();
      EXPECT_EQ(result.critical_point.held, c.held) << c.name << " " << solver.name();
      EXPECT_TRUE(result.critical_point.is_minimum()) << c.name << " " << solver.name();
      expect_minimum(c.problem, result, 1e-5);
    }
  }
}

/// ½ xᵀA x + cᵀx + ¼ Σ d xᵢ⁴ with A of any inertia.
Objective random_quartic(Index n, std::mt19937& random, double d) {
  std::normal_distribution<double> normal;
  Matrix A(n, n);
  Vector c(n);
  for (Index j = 0; j < n; ++j) {
    c[j] = normal(random);
    for (Index i = 0; i < n; ++i) A(i, j) = normal(random);
  }
  A = (A + A.transpose()).eval();
  return analytic(
      [=](const Vector& x) { return 0.5 * x.dot(A * x) + c.dot(x) + 0.25 * d * x.array().pow(4).sum(); },
      [=](const Vector& x) -> Vector { return A * x + c + d * x.array().cube().matrix(); },
      [=](const Vector& x) -> Matrix {
        Matrix H = A;
        H.diagonal().array() += 3.0 * d * x.array().square();
        return H;
      });
}

TEST(WithinBounds, WhatIsCalledAMinimumIsOne) {
  std::mt19937 random(20);
  std::uniform_real_distribution<double> uniform(-2.0, 2.0);
  int ended = 0, held = 0, runs = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const Index n = 1 + trial % 8;
    Vector lower(n), upper(n), start(n);
    for (Index i = 0; i < n; ++i) {
      const double a = uniform(random), b = uniform(random);
      lower[i] = trial % 3 == 0 && i % 3 == 1 ? -inf : std::min(a, b);
      upper[i] = trial % 3 == 0 && i % 3 == 2 ? inf : std::max(a, b);
      start[i] = uniform(random);
    }
    const Problem problem = Problem(random_quartic(n, random, trial % 3 == 0 ? 1.0 : 0.0))
                                .with_bounds(Bounds(Point(lower), Point(upper)));
    for (const Solver& solver : solvers()) {
      const Result result = solver.run(problem, start);
      ++runs;
      ASSERT_TRUE(problem.bounds().contain(result.x)) << trial << " " << solver.name();
      if (result.status != Status::Converged) {
        ADD_FAILURE() << trial << " " << solver.name() << ": " << result.summary();
        continue;
      }
      ++ended;
      held += result.critical_point.held > 0 ? 1 : 0;
      expect_minimum(problem, result, 1e-5);
    }
  }
  EXPECT_EQ(ended, runs);
  EXPECT_GT(held, runs / 2);
}

/// The torque on a bar that is partly plastic: ½‖∇u‖² − c u on a square, |u| at most the distance to its edge
/// (Moré & Toraldo 1991, section 5).
struct Torsion {
  Index m = 0;  ///< points a side
  double load = 5.0;

  double h() const { return 1.0 / static_cast<double>(m + 1); }
  template <class X>
  ScalarOf<X> operator()(const X& u) const {
    using T = ScalarOf<X>;
    const auto at = [&](Index i, Index j) {
      return i < 0 || j < 0 || i >= m || j >= m ? T(0.0) : T(u[i * m + j]);
    };
    T sum(0.0);
    for (Index i = 0; i <= m; ++i) {
      for (Index j = 0; j <= m; ++j) {
        const T here = at(i, j), a = here - at(i - 1, j), b = here - at(i, j - 1);
        sum += 0.5 * (a * a + b * b) - load * h() * h() * here;
      }
    }
    return sum;
  }
  Vector distance() const {
    Vector d(m * m);
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < m; ++j)
        d[i * m + j] = h() * static_cast<double>(std::min(std::min(i + 1, m - i), std::min(j + 1, m - j)));
    return d;
  }
  /// By projected Gauss-Seidel with overrelaxation.
  Vector solution() const {
    const Vector d = distance();
    Vector u = Vector::Zero(m * m);
    const auto at = [&](Index i, Index j) { return i < 0 || j < 0 || i >= m || j >= m ? 0.0 : u[i * m + j]; };
    for (int sweep = 0; sweep < 2000; ++sweep) {
      for (Index i = 0; i < m; ++i) {
        for (Index j = 0; j < m; ++j) {
          const double bottom =
              0.25 * (at(i - 1, j) + at(i + 1, j) + at(i, j - 1) + at(i, j + 1) + load * h() * h());
          const Index k = i * m + j;
          u[k] = std::clamp(u[k] + 1.6 * (bottom - u[k]), -d[k], d[k]);
        }
      }
    }
    return u;
  }
};

TEST(WithinBounds, ContactIsFoundAsByRelaxation) {
  const Torsion torsion{.m = 16};
  const Vector d = torsion.distance(), expected = torsion.solution();
  const Index held = ((expected - d).array() == 0.0).count();
  const Problem problem = Problem(Objective(torsion)).with_bounds(Bounds(Point(-d), Point(d)));
  for (const Solver& solver : solvers()) {
    const Result result = solver.run(problem, d);
    EXPECT_EQ(result.status, Status::Converged) << solver.name() << ": " << result.reason;
    EXPECT_LE((result.x - expected).cwiseAbs().maxCoeff(), 1e-6) << solver.name();
    EXPECT_EQ(result.critical_point.held, held) << solver.name();
  }
  EXPECT_LE(minimize(problem, Point(d), Newton{}).iterations, 10);
}

TEST(WithinBounds, LeastSquaresToo) {
  const auto residuals = [](const auto& b) {
    using std::exp;
    VectorOf<ScalarOf<decltype(b)>> r(8);
    for (Index i = 0; i < 8; ++i) {
      const double t = static_cast<double>(i);
      r[i] = b[0] * exp(-b[1] * t) + b[2] - (3.0 * std::exp(-0.7 * t) - 0.2);
    }
    return r;
  };
  const Bounds positive = Bounds::at_least({0.0, 0.0, 0.0});
  const Result newton = least_squares(residuals, {1.0, 1.0, 1.0}, positive, Newton{});
  ASSERT_EQ(newton.status, Status::Converged);
  EXPECT_EQ(newton.x[2], 0.0);
  EXPECT_GT(newton.critical_point.multipliers[2], 0.0);
  for (const Solver& solver : {Solver(GaussNewton{}), Solver(GaussNewton{.step = LineSearch{}})}) {
    const Result result = least_squares(residuals, {1.0, 1.0, 1.0}, positive, solver);
    EXPECT_EQ(result.status, Status::Converged) << solver.name() << ": " << result.reason;
    EXPECT_LE((result.x - newton.x).norm(), 1e-5) << solver.name();
    EXPECT_EQ(result.critical_point.held, 1) << solver.name();
  }
  EXPECT_EQ(least_squares(residuals, {1.0, 1.0, 1.0}, positive).solver, "gauss-newton-hybrid (trust region)");
}

/// Ceres holds no variables: it projects its steps, which may end elsewhere, and is not believed then.
TEST(WithinBounds, CeresKeepsThemToo) {
  const auto line = [](const auto& b) {
    using T = ScalarOf<decltype(b)>;
    return std::array<T, 3>{b[0] - 2.0, 3.0 * (b[1] - 1.0), b[0] * b[1] - 1.0};
  };
  for (const Bounds& bounds : {Bounds::at_most({5.0, 5.0}), Bounds::at_most({1.25, 5.0})}) {
    const Result newton = least_squares(line, {0.5, 0.5}, bounds, Newton{});
    ASSERT_EQ(newton.status, Status::Converged);
    for (const auto strategy : {CeresSolver::Strategy::LevenbergMarquardt, CeresSolver::Strategy::Dogleg}) {
      const Result result = least_squares(line, {0.5, 0.5}, bounds, CeresSolver{.strategy = strategy});
      EXPECT_TRUE(bounds.contain(result.x));
      EXPECT_EQ(result.critical_point.held, newton.critical_point.held) << result.summary();
      if (result.converged()) {
        EXPECT_LE((result.x - newton.x).norm(), 1e-6) << result.solver;
      }
    }
  }
}

/// A slope or a curvature that is infinite on a bound does not keep a variable from it.
TEST(WithinBounds, WhatIsInfiniteOnABoundHoldsThere) {
  const Bounds above = Bounds::at_least({0.0, 0.0, 0.25});
  const Objective root = [](const auto& x) {
    using std::log, std::pow, std::sqrt;
    return x[0] * x[0] - log(x[0]) + sqrt(x[1]) + x[1] + pow(x[2] - 0.25, 1.5) + x[2];
  };
  for (const Solver& solver : {Solver(Newton{}), Solver(Newton{.step = LineSearch{}}), Solver(Lbfgs{})}) {
    const Result result = minimize(root, {1.0, 1.0, 1.0}, above, solver);
    EXPECT_EQ(result.status, Status::Converged) << solver.name() << ": " << result.summary();
    EXPECT_NEAR(result.x[0], std::sqrt(0.5), 1e-9) << solver.name();
    EXPECT_EQ(result.x[1], 0.0) << solver.name();
    EXPECT_EQ(result.x[2], 0.25) << solver.name();
    EXPECT_EQ(result.critical_point.multipliers[1], inf) << solver.name();
  }
}

/// Nothing is evaluated outside, by any solver: not on trial steps, nor for the certificate.
TEST(WithinBounds, FunctionsAreNotEvaluatedOutside) {
  const Objective inside = [](const auto& x) {
    using std::log, std::pow;
    return pow(x[0] - 0.2, 1.5) + (x[1] - 4.0) * (x[1] - 4.0) * x[0] - log(x[2] - 0.2) - x[2] * x[2];
  };
  const Bounds box({0.25, 0.25, 0.25}, {3.0, 3.0, 3.0});
  int outside = 0;
  const auto watched = [&](const Vector& x) -> const Vector& {
    outside += box.contain(x) ? 0 : 1;
    return x;
  };
  const Objective f = analytic([&](const Vector& x) { return inside.value(watched(x)); },
                               [&](const Vector& x) -> Vector { return gradient(inside, watched(x)); },
                               [&](const Vector& x) -> Matrix { return hessian(inside, watched(x)); });
  for (const Solver& solver : solvers()) {
    const Result result = minimize(f, {2.0, 1.0, 1.0}, box, solver);
    EXPECT_EQ(outside, 0) << solver.name();
    EXPECT_EQ(result.x[1], 3.0) << solver.name() << ": " << result.summary();
  }
}

/// On the face x₂ = 0, f is a double well, whose saddle is at the origin.
const auto well_on_a_face = [](const auto& x) {
  const auto a = x[0] * x[0] - 1.0;
  return a * a / 4.0 + x[1] * x[1] / 2.0 + x[2] + x[0] * x[0] * x[2];
};

TEST(WithinBounds, SaddlesOfAFaceAreNamedAndLeft) {
  const Bounds above = Bounds::at_least({-inf, -inf, 0.0});
  for (const Solver& solver : solvers()) {
    const Result result = minimize(well_on_a_face, {0.0, 0.0, 0.0}, above, solver);
    EXPECT_EQ(result.status, Status::Converged) << solver.name() << ": " << result.reason;
    EXPECT_NEAR(result.value, 0.0, 1e-10) << solver.name();
    EXPECT_EQ(result.critical_point.held, 1) << solver.name();
    EXPECT_TRUE(std::any_of(result.trace.begin(), result.trace.end(), [](const Iteration& line) {
      return line.events.has(Event::Escaped);
    })) << solver.name();
  }
  const Result stopped =
      minimize(well_on_a_face, {0.0, 0.0, 0.0}, above, Newton{.at_saddle = AtSaddle::Stop});
  EXPECT_EQ(stopped.status, Status::SaddlePoint);
  EXPECT_EQ(stopped.critical_point.index, 1);
  EXPECT_NEAR(std::abs(stopped.critical_point.direction[0]), 1.0, 1e-12);
  EXPECT_NEAR(stopped.critical_point.multipliers[2], 1.0, 1e-12);
}

/// Where multipliers vanish, curvature decides, along the ways into the box only.
TEST(WithinBounds, AMultiplierOfZeroHoldsNothing) {
  const Bounds above = Bounds::at_least({0.0, 0.0});
  // x² + y² at its minimum, which is a corner.
  const Result bowl =
      minimize([](const auto& x) { return x[0] * x[0] + x[1] * x[1]; }, {0.0, 0.0}, above, Newton{});
  EXPECT_EQ(bowl.status, Status::Converged);
  EXPECT_EQ(bowl.critical_point.held, 0);
  // x⁴ − x² falls into the box from its bound.
  const Result fall = minimize([](const auto& x) { return x[0] * x[0] * (x[0] * x[0] - 1.0) + x[1] * x[1]; },
                               {0.0, 0.0}, above);
  EXPECT_EQ(fall.status, Status::Converged);
  EXPECT_NEAR(fall.x[0], std::sqrt(0.5), 1e-9);
  // x y rises between two directions of negative curvature that both leave the box.
  const Result product = minimize([](const auto& x) { return x[0] * x[1]; }, {0.0, 0.0}, above);
  EXPECT_EQ(product.status, Status::UndecidedCurvature);
  EXPECT_NE(product.reason.find("bounds block"), std::string::npos) << product.reason;
}

TEST(WithinBounds, AFallToInfinityIsNotHeld) {
  const Result result =
      minimize([](const auto& x) { return x[1] * x[1] - x[0]; }, {1.0, 1.0}, Bounds::at_least({0.0, 2.0}));
  EXPECT_EQ(result.status, Status::Unbounded) << result.reason;
}

TEST(WithinBounds, AStartOutsideIsMovedInside) {
  const Result result = minimize(rosenbrock, {7.0, -9.0}, Bounds({-2.0, -1.0}, {0.5, 3.0}), Newton{});
  EXPECT_EQ(result.status, Status::Converged);
  EXPECT_EQ(result.x[0], 0.5);
  EXPECT_NEAR(result.x[1], 0.25, 1e-12);
  EXPECT_NE(result.trace.front().note.find("outside the bounds"), std::string::npos);
  EXPECT_EQ(result.trace.front().value, rosenbrock(Vector(Point{0.5, -1.0})));
  EXPECT_TRUE(std::any_of(result.trace.begin(), result.trace.end(),
                          [](const Iteration& line) { return line.events.has(Event::ReachedBound); }) ||
              result.trace.front().value > result.value);
  EXPECT_THAT(result.summary(), testing::HasSubstr("1 variable held by bounds"));
  EXPECT_THAT(result.reason, testing::HasSubstr("bounds hold 1 variable"));
}

TEST(WithinBounds, ACornerIsAMinimumByItsMultipliers) {
  const Result result =
      minimize([](const auto& x) { return x[0] - x[1]; }, {0.5, 0.5}, Bounds({0.0, 0.0}, {1.0, 1.0}));
  EXPECT_EQ(result.status, Status::Converged);
  EXPECT_EQ(result.x, Vector(Point{0.0, 1.0}));
  EXPECT_EQ(result.critical_point.multipliers, Vector(Point{1.0, -1.0}));
  EXPECT_THAT(result.critical_point.describe(), testing::HasSubstr("at a corner"));
}

/// A gradient of the wrong sign holds x on a bound from which f falls.
TEST(WithinBounds, AWrongGradientMakesNoMinimum) {
  const Objective f = analytic([](const Vector& x) { return 2.0 - x[0] + x[1] * x[1]; },
                               [](const Vector& x) -> Vector {
                                 return Point{1.0, 2.0 * x[1]};
                               },
                               [](const Vector&) -> Matrix { return Matrix::Identity(2, 2) * 2.0; });
  for (const Solver& solver : {Solver(Newton{}), Solver(Lbfgs{})}) {
    const Result result = minimize(f, {0.0, 1.0}, Bounds({0.0, -1.0}, {1.0, 1.0}), solver);
    EXPECT_EQ(result.status, Status::UndecidedCurvature) << result.summary();
    EXPECT_THAT(result.reason, testing::HasSubstr("falls from the bounds into the box"));
  }
}

TEST(WithinBounds, MisuseIsNamed) {
  const auto complaint = [](const auto& run) -> std::string {
    try {
      run();
    } catch (const Misuse& misuse) {
      return misuse.what();
    }
    return "";
  };
  EXPECT_THAT(complaint([] {
                minimize(rosenbrock, {0.0, 0.0}, Bounds::at_least({0.0}));
              }),
              testing::HasSubstr("bounds for 1 variable, but the point has 2 coordinates"));
  EXPECT_THAT(complaint([] {
                minimize(rosenbrock, {0.0, 0.0}, Bounds::at_least({0.0, 0.0}),
                         CeresSolver{.strategy = CeresSolver::Strategy::Lbfgs});
              }),
              testing::HasSubstr("takes no bounds"));
}

/// Keeps the first states of a run.
class FirstStates final : public CheckpointKeeper {
 public:
  explicit FirstStates(std::vector<Checkpoint>& states) : states_(states) {}
  bool iterated(const Iteration& /*line*/, const Vector& /*x*/) override { return true; }
  bool due(const Iteration& /*latest*/) override { return states_.size() < 8; }
  void keep(const Checkpoint& state) override { states_.push_back(state); }

 private:
  std::vector<Checkpoint>& states_;
};

/// A resumed run within bounds follows the same path, bit for bit.
TEST(WithinBounds, RunsCanBeResumed) {
  const Problem problem = Problem(Objective(rosenbrock)).with_bounds(Bounds({-2.0, -inf}, {0.7, 0.4}));
  for (const Solver& solver : solvers()) {
    std::vector<Checkpoint> states;
    const Result whole = minimize(problem, {-1.2, 1.0}, solver, std::make_shared<FirstStates>(states));
    ASSERT_FALSE(states.empty());
    for (const Checkpoint& state : states) {
      const Result resumed = minimize(problem, state, solver);
      EXPECT_EQ(resumed.x, whole.x) << solver.name();
      EXPECT_EQ(resumed.trace.size(), whole.trace.size()) << solver.name();
      EXPECT_EQ(resumed.counts.total(), whole.counts.total()) << solver.name();
      EXPECT_EQ(resumed.reason, whole.reason) << solver.name();
    }
  }
}

}  // namespace
}  // namespace quadric
