#include "quadric/problem/parametrization.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <Eigen/SparseCore>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/derivative_check.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/minimize.hpp"

namespace quadric {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string complaint(const std::function<void()>& act) {
  try {
    act();
  } catch (const Misuse& error) {
    return error.what();
  }
  return "";
}

/// a free, b on a log scale, c between 1 and 3, d fixed, e tied to a tie.
Parametrization everything() {
  Parametrization by({"a", "b", "c", "d", "e", "f"});
  by.fix("d", 0.5).tie("e", "f + d*b").tie("f", "sin(a)*c^2").log_scale("b").logit_scale("c", 1.0, 3.0);
  return by;
}

const auto residuals_of_six = [](const auto& x) {
  using std::exp;
  using std::sin;
  return std::array{x[0] * x[1] - x[4], exp(0.1 * x[2]) * x[5] - 1.0, sin(x[3] + x[1]) * x[4],
                    x[5] * x[5] - x[0] + x[2]};
};
/// What the above is of a, log b and logit c, written by hand.
const auto residuals_of_three = [](const auto& u) {
  using std::exp;
  using std::sin;
  const auto b = exp(u[1]);
  const auto c = 1.0 + 2.0 / (1.0 + exp(-u[2]));
  const auto f = sin(u[0]) * c * c;
  const auto e = f + 0.5 * b;
  return std::array{u[0] * b - e, exp(0.1 * c) * f - 1.0, sin(0.5 + b) * e, f * f - u[0] + c};
};
const auto sum_of = [](const auto& r) { return r[0] * r[1] + r[2] * r[2] * r[3]; };

TEST(Parametrization, MapsVariablesToParametersAndBack) {
  const Parametrization by = everything();
  const Vector theta = by.parameters(Vector(Point{0.7, std::log(2.0), 0.0}));
  const double f = std::sin(0.7) * 4.0;
  EXPECT_NEAR((theta - Vector(Point{0.7, 2.0, 2.0, 0.5, f + 1.0, f})).norm(), 0.0, 1e-14);
  EXPECT_NEAR((by.variables(theta) - Vector(Point{0.7, std::log(2.0), 0.0})).norm(), 0.0, 1e-14);
  EXPECT_THAT(by.variable_names(), ElementsAre("a", "log(b)", "logit(c)"));
  EXPECT_EQ(by.describe(),
            "b is on a log scale, c is on a logit 1:3 scale, d = 0.5 is fixed, e = f + d*b is tied, "
            "f = sin(a)*c^2 is tied");
}

TEST(Parametrization, KeepsTheDigitsOfALogitScaleNearBothEnds) {
  const Scale scale{.kind = Scale::Kind::Logit, .low = 0.0, .high = 1.0};
  EXPECT_NEAR(scale.to_parameter(-40.0) / std::exp(-40.0), 1.0, 1e-14);
  EXPECT_NEAR(scale.to_variable(scale.to_parameter(-40.0)), -40.0, 1e-12);
  EXPECT_EQ(scale.to_parameter(800.0), 1.0);
  EXPECT_EQ(scale.to_parameter(-800.0), 0.0);
}

/// All derivatives are those of the function with everything substituted by hand.
TEST(Parametrization, DifferentiatesResidualsAsIfSubstitutedByHand) {
  const Residuals by_map = parametrized(Residuals(residuals_of_six), everything());
  const Residuals by_hand(residuals_of_three);
  const Vector v = Point{0.3, -0.5, 0.8}, w = Point{0.4, -1.0, 2.0, 0.7};
  for (const Point& u : {Point{0.7, 0.2, -0.4}, Point{-1.3, -2.0, 1.5}}) {
    const Matrix J = jacobian(by_hand, u);
    EXPECT_LT((jacobian(by_map, u) - J).norm(), 1e-13 * J.norm());
    EXPECT_LT((Matrix(sparse_jacobian(by_map, u)) - J).norm(), 1e-13 * J.norm());
    Matrix S, expected;
    by_map.weighted_hessian(u, w, S);
    by_hand.weighted_hessian(u, w, expected);
    EXPECT_LT((S - expected).norm(), 1e-12 * expected.norm());
    SparseMatrix lower;
    by_map.sparse_weighted_hessian(u, w, lower);
    const Matrix sparse = SparseMatrix(lower.selfadjointView<Eigen::Lower>());
    EXPECT_LT((sparse - expected).norm(), 1e-12 * expected.norm());
    Vector Sv, second, expected_second;
    by_map.weighted_hessian_product(u, w, v, Sv);
    EXPECT_LT((Sv - expected * v).norm(), 1e-12 * expected.norm());
    by_map.second_directional(u, v, second);
    by_hand.second_directional(u, v, expected_second);
    EXPECT_LT((second - expected_second).norm(), 1e-12 * expected_second.norm());
  }
}

TEST(Parametrization, DifferentiatesAnObjectiveAsIfSubstitutedByHand) {
  const Objective by_map =
      parametrized(Objective([](const auto& x) { return sum_of(residuals_of_six(x)); }), everything());
  const Objective by_hand([](const auto& u) { return sum_of(residuals_of_three(u)); });
  const Point u{0.7, 0.2, -0.4}, v{0.3, -0.5, 0.8};
  const Matrix H = hessian(by_hand, u);
  EXPECT_NEAR(by_map.value(u), by_hand.value(u), 1e-13);
  EXPECT_LT((gradient(by_map, u) - gradient(by_hand, u)).norm(), 1e-12);
  EXPECT_LT((hessian(by_map, u) - H).norm(), 1e-12 * H.norm());
  EXPECT_LT((Matrix(sparse_hessian(by_map, u)) - H).norm(), 1e-12 * H.norm());
  EXPECT_LT((hessian_product(by_map, u, v) - H * v.vector()).norm(), 1e-12 * H.norm());
}

/// Rosenbrock's function in log y, and with a tie y = x² in one variable.
TEST(Parametrization, ServesAPlainMinimization) {
  const Objective rosenbrock([](const auto& x) {
    const auto a = 1.0 - x[0];
    const auto b = x[1] - x[0] * x[0];
    return a * a + 100.0 * b * b;
  });
  Parametrization scaled({"x", "y"}), tied({"x", "y"});
  scaled.log_scale("y");
  tied.tie("y", "x^2");
  const Result r = minimize(parametrized(rosenbrock, scaled), scaled.variables(Point{-1.2, 1.0}));
  EXPECT_TRUE(r.converged()) << r.summary();
  EXPECT_NEAR((scaled.parameters(r.x) - Vector(Point{1.0, 1.0})).norm(), 0.0, 1e-8);
  const Result s = minimize(parametrized(rosenbrock, tied), tied.variables(Point{-1.2, 0.0}));
  EXPECT_EQ(s.x.size(), 1);
  EXPECT_NEAR((tied.parameters(s.x) - Vector(Point{1.0, 1.0})).norm(), 0.0, 1e-8);
}

/// A chain of 300 variables, some fixed, tied to a neighbour or scaled, stays sparse, and is solved.
TEST(Parametrization, KeepsFewEntriesOfManyVariables) {
  constexpr Index n = 300;
  const Objective chain([](const auto& x) {
    auto sum = 0.0 * x[0];
    for (Index i = 0; i + 1 < n; ++i) {
      const auto a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
      sum += a * a + 10.0 * b * b;
    }
    return sum;
  });
  std::vector<std::string> names;
  for (Index i = 0; i < n; ++i) names.push_back(std::string("x").append(std::to_string(i)));
  Parametrization by(names);
  by.fix("x0", 1.0).fix("x150", 1.0).tie("x20", "x19^2").log_scale("x30").logit_scale("x40", 0.0, 3.0);
  const Vector u = by.variables(Vector::Constant(n, 1.2));
  ASSERT_EQ(u.size(), n - 3);
  const Objective f = parametrized(chain, by);
  const SparseMatrix H = sparse_hessian(f, u);
  EXPECT_LE(H.nonZeros(), 3 * u.size());
  Vector g;
  Matrix dense;
  f.hessian(u, g, dense);
  EXPECT_LT((Matrix(H) - dense).norm(), 1e-12 * dense.norm());
  const Result r = minimize(f, u);
  EXPECT_TRUE(r.converged()) << r.summary();
  EXPECT_LT((by.parameters(r.x) - Vector::Ones(n)).norm(), 1e-7);
}

TEST(Parametrization, TakesTheBoundsOfAProblemToItsVariables) {
  const Parametrization by = everything();
  const double inf = Bounds::none;
  const Bounds bounds = by.variable_bounds(
      Bounds({-1.0, 1.0, -inf, 0.0, -inf, -inf}, {inf, std::exp(2.0), 2.0, 1.0, inf, inf}));
  EXPECT_EQ(bounds.lower(), Vector(Point{-1.0, 0.0, -inf}));
  EXPECT_NEAR(bounds.upper()[1], 2.0, 1e-15);
  EXPECT_EQ(bounds.upper()[2], 0.0);
  const auto with = [&](Index i, double low, double high) {
    Vector l = Vector::Constant(6, -inf), h = Vector::Constant(6, inf);
    l[i] = low;
    h[i] = high;
    return complaint([&] { by.variable_bounds(Bounds(Point(l), Point(h))); });
  };
  EXPECT_THAT(with(1, 0.0, 2.0),
              AllOf(HasSubstr("'b' is on a log scale"), HasSubstr("its bound 0 is not above 0")));
  EXPECT_THAT(with(2, 0.5, 2.0), AllOf(HasSubstr("'c'"), HasSubstr("not between 1 and 3")));
  EXPECT_THAT(with(3, 1.0, 2.0), HasSubstr("'d' is fixed at 0.5, outside of its bounds"));
  EXPECT_THAT(with(4, 0.0, 2.0), HasSubstr("'e' can not be kept, as it is tied: e = f + d*b"));
}

TEST(Parametrization, NamesWhatCanNotBe) {
  const Parametrization three({"alpha", "beta", "gamma"});
  const auto says = [&](const std::function<void(Parametrization&)>& act) {
    return complaint([&] {
      Parametrization by = three;
      act(by);
    });
  };
  EXPECT_THAT(says([](auto& by) { by.fix("aplha", 1.0); }), HasSubstr("did you mean 'alpha'"));
  EXPECT_THAT(says([](auto& by) { by.fix("beta", NAN); }), HasSubstr("'beta'"));
  EXPECT_THAT(says([](auto& by) { by.fix("beta", 1.0).log_scale("beta"); }),
              HasSubstr("'beta' is fixed already"));
  EXPECT_THAT(says([](auto& by) { by.tie("beta", "2*alpha").fix("beta", 1.0); }), HasSubstr("tied already"));
  EXPECT_THAT(says([](auto& by) { by.log_scale("beta").tie("beta", "2*alpha"); }),
              HasSubstr("on a log scale"));
  EXPECT_THAT(says([](auto& by) { by.tie("beta", "2*delta"); }), HasSubstr("delta"));
  EXPECT_THAT(says([](auto& by) { by.tie("beta", "2*("); }), HasSubstr("2*("));
  EXPECT_THAT(says([](auto& by) { by.tie("beta", "beta+1"); }), HasSubstr("in a circle: beta → beta"));
  EXPECT_THAT(says([](auto& by) { by.tie("alpha", "beta").tie("beta", "gamma").tie("gamma", "alpha^2"); }),
              HasSubstr("alpha → beta → gamma → alpha"));
  EXPECT_THAT(says([](auto& by) { by.logit_scale("beta", 1.0, 1.0); }), HasSubstr("'beta'"));
  EXPECT_THAT(says([](auto& by) {
                by.log_scale("beta").variables(Point{1.0, 0.0, 1.0});
              }),
              AllOf(HasSubstr("'beta' = 0"), HasSubstr("above 0")));
  EXPECT_THAT(says([](auto& by) {
                by.fix("alpha", 1.0).fix("beta", 1.0).tie("gamma", "alpha+beta");
                parametrized(Objective([](const auto& x) { return x[0]; }), by);
              }),
              HasSubstr("none is left"));
  EXPECT_THAT(complaint([] { Parametrization({"a", "b", "a"}); }), HasSubstr("'a' is given twice"));
}

/// A tie that is refused leaves no trace.
TEST(Parametrization, IsAsBeforeAfterATieThatGoesRound) {
  Parametrization by({"a", "b"});
  by.tie("a", "2*b");
  EXPECT_THROW(by.tie("b", "a/2"), Misuse);
  EXPECT_EQ(by.parameters(Vector(Point{3.0})), Vector(Point{6.0, 3.0}));
}

TEST(Parametrization, ThatSaysNothingChangesNothing) {
  const Parametrization none, named({"x", "y"});
  EXPECT_TRUE(none.is_identity());
  EXPECT_TRUE(named.is_identity());
  const Point x{1.0, 2.0};
  EXPECT_EQ(none.parameters(x), x.vector());
  const Residuals r = parametrized(Residuals([](const auto& b) { return std::array{b[0] * b[1]}; }), named);
  EXPECT_EQ(jacobian(r, x), (Matrix(1, 2) << 2.0, 1.0).finished());
}

}  // namespace
}  // namespace quadric
