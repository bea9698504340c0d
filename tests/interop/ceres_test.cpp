#include "quadric/interop/ceres.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/problem/loss.hpp"
#include "quadric/problem/pointwise.hpp"
#include "quadric/solvers/ceres_solver.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// r = (x₁ − x₀², x₀ x₂ + sin x₁), blocks (x₀, x₁) and (x₂).
struct TwoBlocks {
  template <class T>
  bool operator()(const T* a, const T* b, T* r) const {
    using std::sin;
    r[0] = a[1] - a[0] * a[0];
    r[1] = a[0] * b[0] + sin(a[1]);
    return true;
  }
};

Vector two_blocks(const Vector& x) {
  return Point{x[1] - x[0] * x[0], x[0] * x[2] + std::sin(x[1])}.vector();
}
Matrix two_blocks_jacobian(const Vector& x) {
  return Matrix{{-2.0 * x[0], 1.0, 0.0}, {x[2], std::cos(x[1]), x[0]}};
}
/// Σ wᵢ ∇²rᵢ
Matrix two_blocks_second(const Vector& x, const Vector& w) {
  return Matrix{{-2.0 * w[0], 0.0, w[1]}, {0.0, -w[1] * std::sin(x[1]), 0.0}, {w[1], 0.0, 0.0}};
}

struct Rosenbrock {
  template <class T>
  bool operator()(const T* x, T* r) const {
    r[0] = 10.0 * (x[1] - x[0] * x[0]);
    r[1] = 1.0 - x[0];
    return true;
  }
};

struct RosenbrockCost {
  template <class T>
  bool operator()(const T* x, T* f) const {
    const T a = 1.0 - x[0], b = x[1] - x[0] * x[0];
    f[0] = a * a + 100.0 * b * b;
    return true;
  }
};

/// log x − 1, refused where x ≤ 0.
struct OnlyPositive {
  template <class T>
  bool operator()(const T* x, T* r) const {
    using std::log;
    if (!(x[0] > 0.0)) return false;
    r[0] = log(x[0]) - 1.0;
    return true;
  }
};

template <class Functor, int M, int... N>
ceres::CostFunction* autodiff(Functor functor = {}) {
  return new ceres::AutoDiffCostFunction<Functor, M, N...>(new Functor(functor));
}

void expect_two_blocks(const Residuals& r, double second_tolerance) {
  const Vector x = Point{0.7, -0.3, 1.9}, w = Point{0.6, -1.4};
  Vector values;
  Matrix J, S;
  r.jacobian(x, values, J);
  EXPECT_TRUE(values.isApprox(two_blocks(x), 1e-15)) << values.transpose();
  EXPECT_TRUE(J.isApprox(two_blocks_jacobian(x), 1e-15)) << J;
  r.value(x, values);
  EXPECT_TRUE(values.isApprox(two_blocks(x), 1e-15));
  r.weighted_hessian(x, w, S);
  EXPECT_LE((S - two_blocks_second(x, w)).cwiseAbs().maxCoeff(), second_tolerance) << S;
  Vector Sv;
  const Vector v = Point{1.0, -2.0, 0.5};
  r.weighted_hessian_product(x, w, v, Sv);
  EXPECT_LE((Sv - two_blocks_second(x, w) * v).cwiseAbs().maxCoeff(), 10.0 * second_tolerance);
}

TEST(CeresFunctor, HasExactDerivatives) {
  const Residuals r = ceres_functor<2, 2, 1>(TwoBlocks{});
  expect_two_blocks(r, 1e-15);
  EXPECT_EQ(r.provider().describe(), "automatic");
}

TEST(CeresFunctor, TakesTheNumberOfResidualsAtRunTime) {
  expect_two_blocks(ceres_functor<ceres::DYNAMIC, 2, 1>(TwoBlocks{}, 2), 1e-15);
  const auto none = [] { ceres_functor<ceres::DYNAMIC, 2, 1>(TwoBlocks{}, 0); };
  EXPECT_THAT(none, ThrowsMessage<Misuse>(HasSubstr("at least one residual")));
}

TEST(CeresFunctor, RefusesAPointOfAnotherSize) {
  const auto use = [] { jacobian(ceres_functor<2, 2, 1>(TwoBlocks{}), {1.0, 2.0}); };
  EXPECT_THAT(use, ThrowsMessage<Misuse>(HasSubstr("takes 3 variables, but the point has 2")));
}

TEST(CeresFunctor, GivesAnObjective) {
  const Objective f = ceres_objective<2>(RosenbrockCost{});
  const Matrix H = hessian(f, {-1.2, 1.0});
  EXPECT_TRUE(H.isApprox(Matrix{{1330.0, 480.0}, {480.0, 200.0}}, 1e-14)) << H;
}

TEST(CeresFunctor, ThrowsWhereItReturnsFalse) {
  const auto use = [] { jacobian(ceres_functor<1, 1>(OnlyPositive{}), {-1.0}); };
  EXPECT_THAT(use, ThrowsMessage<std::runtime_error>(HasSubstr("returned false")));
}

TEST(CeresCostFunction, KeepsItsJacobian) {
  const Residuals r = from_ceres(autodiff<TwoBlocks, 2, 2, 1>());
  expect_two_blocks(r, 1e-9);
  EXPECT_EQ(r.provider().first, "ceres");
  EXPECT_EQ(r.provider().second, "differences of the Jacobian");
}

TEST(CeresCostFunction, ComesUnderEveryOwnership) {
  expect_two_blocks(from_ceres(std::shared_ptr<const ceres::CostFunction>(autodiff<TwoBlocks, 2, 2, 1>())),
                    1e-9);
  expect_two_blocks(from_ceres(std::unique_ptr<ceres::CostFunction>(autodiff<TwoBlocks, 2, 2, 1>())), 1e-9);
  const ceres::AutoDiffCostFunction<TwoBlocks, 2, 2, 1> mine(new TwoBlocks);
  expect_two_blocks(from_ceres(&mine, ceres::DO_NOT_TAKE_OWNERSHIP), 1e-9);
}

TEST(CeresCostFunction, IsMisusedByNullAndByOtherSizes) {
  const auto null = [] { from_ceres(std::shared_ptr<const ceres::CostFunction>()); };
  EXPECT_THAT(null, ThrowsMessage<Misuse>(HasSubstr("null cost function")));
  const auto size = [] { jacobian(from_ceres(autodiff<TwoBlocks, 2, 2, 1>()), {1.0}); };
  EXPECT_THAT(size, ThrowsMessage<Misuse>(HasSubstr("takes 3 variables, but the point has 1")));
}

TEST(CeresCostFunction, WhatItLeavesUnsetIsNoNumber) {
  class Forgetful : public ceres::SizedCostFunction<2, 1> {
    bool Evaluate(const double* const*, double* r, double** J) const override {
      r[0] = 1.0;
      if (J) J[0][0] = 1.0;
      return true;
    }
  };
  Vector r;
  Matrix J;
  from_ceres(new Forgetful).jacobian(Point{0.0}, r, J);
  EXPECT_TRUE(std::isnan(r[1]) && std::isnan(J(1, 0)));
}

TEST(CeresCostFunction, ShortensTheStepWhereItReturnsFalse) {
  // Gauss-Newton's first step from 20 leads to 20 (1 − (log 20 − 1)) < 0.
  const Result result = least_squares(from_ceres(autodiff<OnlyPositive, 1, 1>()), {20.0},
                                      GaussNewton{.step = TrustRegion{.initial_radius = 100.0}});
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_NEAR(result.x[0], std::exp(1.0), 1e-9);
  bool met = false;
  for (const Iteration& line : result.trace) met = met || line.events.has(Event::NonFinite);
  EXPECT_TRUE(met);
}

TEST(CeresFirstOrderFunction, BecomesAnObjective) {
  const Objective f =
      from_ceres(new ceres::AutoDiffFirstOrderFunction<RosenbrockCost, 2>(new RosenbrockCost));
  const Point x{-1.2, 1.0};
  EXPECT_DOUBLE_EQ(f.value(x), 24.2);
  EXPECT_TRUE(gradient(f, x).isApprox(Point{-215.6, -88.0}.vector(), 1e-14));
  const Matrix H{{1330.0, 480.0}, {480.0, 200.0}};
  EXPECT_TRUE(hessian(f, x).isApprox(H, 1e-9));
  EXPECT_TRUE(hessian_product(f, x, {1.0, 2.0}).isApprox(H * Point{1.0, 2.0}.vector(), 1e-8));
  EXPECT_EQ(f.provider().first, "ceres");
  const Result result = minimize(f, x, Newton{});
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_NEAR((result.x - Vector::Ones(2)).norm(), 0.0, 1e-9);
}

/// The curve y = exp(m t + c) through points on it, as in Ceres' tutorial, with m and c as two blocks.
struct Reading {
  double t, y;
  template <class T>
  bool operator()(const T* m, const T* c, T* r) const {
    using std::exp;
    r[0] = y - exp(m[0] * t + c[0]);
    return true;
  }
};

struct Curve {
  double m = 0.0, c = 0.0;
  ceres::Problem problem;

  explicit Curve(bool robust = false, double outlier = 0.0) {
    for (int i = 0; i < 12; ++i) {
      const double t = 0.4 * i;
      const double y = std::exp(0.3 * t + 0.1) + (i == 7 ? outlier : 0.0);
      problem.AddResidualBlock(autodiff<Reading, 1, 1, 1>(Reading{t, y}),
                               robust ? new ceres::CauchyLoss(0.5) : nullptr, &m, &c);
    }
  }
};

TEST(CeresProblem, IsSolvedAndWrittenBack) {
  Curve curve;
  const Vector start = ceres_point(curve.problem);
  EXPECT_EQ(start, Vector::Zero(2));
  const Residuals r = from_ceres(curve.problem);
  const Result result = least_squares(r, start, GaussNewton{});
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_NEAR(result.x[0], 0.3, 1e-12);
  EXPECT_NEAR(result.x[1], 0.1, 1e-12);
  EXPECT_EQ(curve.m, 0.0) << "an evaluation left its point in the user's parameters";
  write_back(curve.problem, result.x);
  EXPECT_NEAR(curve.m, 0.3, 1e-12);
  EXPECT_NEAR(curve.c, 0.1, 1e-12);
}

TEST(CeresProblem, GivesTheJacobianOfItsBlocks) {
  Curve curve;
  const Matrix J = jacobian(from_ceres(curve.problem), {0.2, -0.1});
  ASSERT_EQ(J.rows(), 12);
  ASSERT_EQ(J.cols(), 2);
  for (Index i = 0; i < 12; ++i) {
    const double t = 0.4 * static_cast<double>(i), y = std::exp(0.2 * t - 0.1);
    EXPECT_NEAR(J(i, 0), -t * y, 1e-14);
    EXPECT_NEAR(J(i, 1), -y, 1e-14);
  }
}

TEST(CeresProblem, LeavesConstantBlocksOut) {
  Curve curve;
  curve.c = 0.1;
  curve.problem.SetParameterBlockConstant(&curve.c);
  const Vector start = ceres_point(curve.problem);
  ASSERT_EQ(start.size(), 1);
  const Result result = least_squares(from_ceres(curve.problem), start, GaussNewton{});
  EXPECT_NEAR(result.x[0], 0.3, 1e-12);
  curve.problem.SetParameterBlockConstant(&curve.m);
  EXPECT_THROW(from_ceres(curve.problem), Misuse);
}

TEST(CeresProblem, AppliesLossFunctionsSoThatCostsCompare) {
  Curve curve(true, 5.0);
  const Residuals r = from_ceres(curve.problem);
  for (const Point& at : {Point{0.2, -0.1}, Point{0.3, 0.1}}) {
    write_back(curve.problem, at);
    double cost = 0.0;
    std::vector<double> g;
    ASSERT_TRUE(curve.problem.Evaluate({}, &cost, nullptr, &g, nullptr));
    EXPECT_NEAR(r.objective().value(at), cost, 1e-14 * cost);
    const Vector ours = gradient(r.objective(), at);
    EXPECT_NEAR(ours[0], g[0], 1e-12 * std::abs(g[0]) + 1e-13);
    EXPECT_NEAR(ours[1], g[1], 1e-12 * std::abs(g[1]) + 1e-13);
  }
  const Result result = least_squares(r, {0.0, 0.0}, GaussNewton{});
  curve.m = curve.c = 0.0;
  ceres::Solver::Options options;
  options.logging_type = ceres::SILENT;
  options.function_tolerance = 1e-16;
  ceres::Solver::Summary summary;
  ceres::Solve(options, &curve.problem, &summary);
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_NEAR(result.value, summary.final_cost, 1e-12 * summary.final_cost);
  EXPECT_NEAR(result.x[0], curve.m, 1e-6);
}

TEST(CeresLoss, IsTheLossOfTheSameName) {
  const double a = 0.8;
  const std::vector<std::pair<std::shared_ptr<ceres::LossFunction>, Loss>> pairs = {
      {std::make_shared<ceres::HuberLoss>(a), Huber{a}},
      {std::make_shared<ceres::SoftLOneLoss>(a), SoftL1{a}},
      {std::make_shared<ceres::CauchyLoss>(a), Cauchy{a}},
      {std::make_shared<ceres::ArctanLoss>(a * a), Arctan{a}},
      {std::make_shared<ceres::TukeyLoss>(a), Tukey{a}}};
  for (const auto& [theirs, ours] : pairs) {
    for (const double s : {0.0, 1e-9, 0.1, 0.63, 0.65, 4.0, 1e6}) {
      double rho[3];
      theirs->Evaluate(s, rho);
      const Rho found = ours(s);
      EXPECT_NEAR(found.value, rho[0], 1e-13 * (rho[0] + 1e-3)) << s;
      EXPECT_NEAR(found.first, rho[1], 1e-13) << s;
      EXPECT_NEAR(found.second, rho[2], 1e-13) << s;
    }
  }
}

struct ReadingResidual {
  double x, y;
  template <class T>
  bool operator()(const T* m, const T* c, T* r) const {
    using std::exp;
    r[0] = exp(m[0] * T(x) + c[0]) - T(y);
    return true;
  }
};

// A curve through points of which every fifth is far off, by the loss of each library on the same residuals.
TEST(CeresLoss, LeadsToTheSameRobustFit) {
  const auto reading = [](Index i) {
    const double x = 0.1 * static_cast<double>(i), outlier = i % 5 == 0 ? 4.0 : 0.0;
    return std::exp(0.3 * x + 0.1) + 0.05 * std::sin(7.0 * static_cast<double>(i)) + outlier;
  };
  const Residuals residuals(pointwise(50, [reading](const auto& b, Index i) {
    using std::exp;
    return exp(b[0] * (0.1 * static_cast<double>(i)) + b[1]) - reading(i);
  }));
  const std::vector<std::pair<ceres::LossFunction*, Loss>> pairs = {
      {new ceres::HuberLoss(0.2), Huber{0.2}},
      {new ceres::SoftLOneLoss(0.2), SoftL1{0.2}},
      {new ceres::CauchyLoss(0.2), Cauchy{0.2}},
      {new ceres::TukeyLoss(1.0), Tukey{1.0}}};
  for (const auto& pair : pairs) {
    double m = 0.25, c = 0.2;
    ceres::Problem problem;
    for (Index i = 0; i < 50; ++i) {
      const double x = 0.1 * static_cast<double>(i);
      auto* cost =
          new ceres::AutoDiffCostFunction<ReadingResidual, 1, 1, 1>(new ReadingResidual{x, reading(i)});
      problem.AddResidualBlock(cost, pair.first, &m, &c);  // the problem frees a shared loss once
    }
    ceres::Solver::Options options;
    options.logging_type = ceres::SILENT;
    options.function_tolerance = 1e-16;
    options.gradient_tolerance = 1e-13;
    options.max_num_iterations = 500;
    ceres::Solver::Summary summary;
    ceres::Solve(options, &problem, &summary);
    for (const Solver& solver : {Solver(GaussNewton{}), Solver(Newton{})}) {
      const Result found = least_squares(robust(residuals, pair.second), {0.25, 0.2}, solver);
      EXPECT_TRUE(found.converged()) << found.summary();
      EXPECT_NEAR(found.value, summary.final_cost, 1e-10 * summary.final_cost);
      EXPECT_NEAR(found.x[0], m, 1e-5);
      EXPECT_NEAR(found.x[1], c, 1e-5);
    }
  }
}

TEST(CeresProblem, RefusesWhatItWouldIgnore) {
  Curve bounded;
  bounded.problem.SetParameterLowerBound(&bounded.m, 0, 0.0);
  EXPECT_THAT([&] { from_ceres(bounded.problem); }, ThrowsMessage<Misuse>(HasSubstr("has bounds")));

  double q[2] = {1.0, 0.0};
  ceres::Problem curved;
  curved.AddResidualBlock(autodiff<Rosenbrock, 2, 2>(), nullptr, q);
  curved.SetManifold(q, new ceres::SubsetManifold(2, {1}));
  EXPECT_THAT([&] { from_ceres(curved); }, ThrowsMessage<Misuse>(HasSubstr("manifold")));

  EXPECT_THAT([] { from_ceres(std::make_shared<ceres::Problem>()); },
              ThrowsMessage<Misuse>(HasSubstr("to vary")));
  EXPECT_THAT([] { write_back(Curve().problem, Vector::Zero(3)); },
              ThrowsMessage<Misuse>(HasSubstr("takes 2")));
}

struct SquareRoot {
  template <class T>
  bool operator()(const T* x, T* r) const {
    using std::sqrt;
    r[0] = sqrt(x[0]);
    return true;
  }
};

TEST(CeresProblem, IsSilentAndRestoresTheUsersValuesWhereItCanNotBeEvaluated) {
  double x = 1.0;
  ceres::Problem problem;
  problem.AddResidualBlock(autodiff<SquareRoot, 1, 1>(), nullptr, &x);
  const Residuals r = from_ceres(problem);
  testing::internal::CaptureStderr();
  EXPECT_THROW(jacobian(r, {-1.0}), std::runtime_error);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(x, 1.0);
}

}  // namespace
}  // namespace quadric
