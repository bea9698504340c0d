#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "quadric/curvature/analyzer.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "linalg/random_matrices.hpp"

/// Points where curvature vanishes, of functions whose third and fourth derivatives are known in closed form.
namespace quadric {
namespace {

template <class F>
void expect_minimum(const F& f, const Vector& x, Index flat) {
  const CriticalPoint point = classify(f, x);
  EXPECT_EQ(to_string(point.kind), "minimum") << point.describe();
  EXPECT_EQ(point.order, 4);
  EXPECT_EQ(point.nullity, flat);
  const Result result = minimize(f, x, Newton{});
  EXPECT_EQ(to_string(result.status), "converged") << result.summary();
  EXPECT_EQ(result.x, x);
}

/// f falls along the direction by derivatives of the order, and a run leaves the point.
template <class F>
void expect_falls(const F& f, const Vector& x, Index order) {
  const CriticalPoint point = classify(f, x);
  EXPECT_EQ(to_string(point.kind), "degenerate") << point.describe();
  EXPECT_EQ(point.order, order);
  const Objective g(f);
  bool lower = false;
  for (const double t : {1e-1, 1e-2, 1e-3, 1e-4})
    lower = lower || g.value(x + t * point.direction) < g.value(x);
  EXPECT_TRUE(lower) << point.describe();
  const Result result = minimize(f, x, Newton{});
  EXPECT_LT(result.value, g.value(x)) << result.summary();
  EXPECT_EQ(to_string(minimize(f, x, Newton{.at_saddle = AtSaddle::Stop}).status), "saddle_point");
}

template <class F>
void expect_open(const F& f, const Vector& x) {
  const CriticalPoint point = classify(f, x);
  EXPECT_EQ(to_string(point.kind), "degenerate") << point.describe();
  EXPECT_EQ(point.order, 2);
  EXPECT_EQ(to_string(minimize(f, x, Newton{}).status), "undecided_curvature");
}

TEST(HigherOrders, AQuarticIsAMinimum) {
  expect_minimum([](const auto& x) { return x[0] * x[0] * x[0] * x[0]; }, Vector::Zero(1), 1);
  expect_minimum([](const auto& x) { return 1.0 + x[0] * x[0] * x[0] * x[0]; }, Vector::Zero(1), 1);
  expect_minimum(
      [](const auto& x) {
        const auto a = x[0] - 300.0, b = x[1] - 1.0;
        return 1e-6 * a * a * a * a + b * b;
      },
      (Vector(2) << 300.0, 1.0).finished(), 1);
}

TEST(HigherOrders, QuarticsAlongSeveralDirectionsAreAMinimum) {
  expect_minimum(
      [](const auto& x) { return x[0] * x[0] * x[0] * x[0] + 1e4 * x[1] * x[1] * x[1] * x[1] + x[2] * x[2]; },
      Vector::Zero(3), 2);
  expect_minimum(
      [](const auto& x) {
        const auto a = 2.0 * x[0] + x[1], b = x[0] - 3.0 * x[1];
        return a * a * a * a + 0.1 * b * b * b * b;
      },
      Vector::Zero(2), 2);
  expect_minimum(  // Powell 1962
      [](const auto& x) {
        const auto a = x[0] + 10.0 * x[1], b = x[2] - x[3], c = x[1] - 2.0 * x[2], d = x[0] - x[3];
        return a * a + 5.0 * b * b + c * c * c * c + 10.0 * d * d * d * d;
      },
      Vector::Zero(4), 2);
}

TEST(HigherOrders, ACubicIsNoMinimum) {
  expect_falls([](const auto& x) { return x[0] * x[0] * x[0] + x[1] * x[1] + x[0] * x[0] * x[0] * x[0]; },
               Vector::Zero(2), 3);
  expect_falls([](const auto& x) { return x[0] * x[0] * x[0] + 1000.0 * x[0] * x[0] * x[0] * x[0]; },
               Vector::Zero(1), 3);
}

TEST(HigherOrders, AMonkeySaddleIsNoMinimum) {
  expect_falls(
      [](const auto& x) {
        const auto square = x[0] * x[0] + x[1] * x[1];
        return x[0] * x[0] * x[0] - 3.0 * x[0] * x[1] * x[1] + 0.1 * square * square;
      },
      Vector::Zero(2), 3);
}

TEST(HigherOrders, ANegativeQuarticIsNoMinimum) {
  expect_falls(
      [](const auto& x) {
        const auto square = x[0] * x[0];
        return -square * square + square * square * square + x[1] * x[1];
      },
      Vector::Zero(2), 4);
  expect_falls(  // positive along both axes, negative between them
      [](const auto& x) {
        const auto a = x[0] * x[0], b = x[1] * x[1];
        return a * a + b * b - 3.0 * a * b + a * a * a + b * b * b;
      },
      Vector::Zero(2), 4);
}

/// Peano's surface rises along every straight line, and falls along the parabolas between y = x² and y = 2x².
TEST(HigherOrders, PeanosSurfaceIsNoMinimum) {
  const auto peano = [](const auto& x) {
    return (x[1] - x[0] * x[0]) * (x[1] - 2.0 * x[0] * x[0]) + x[0] * x[0] * x[0] * x[0] * x[0] * x[0];
  };
  const CriticalPoint point = classify(peano, Vector::Zero(2));
  EXPECT_EQ(to_string(point.kind), "degenerate") << point.describe();
  EXPECT_EQ(point.order, 4);
  EXPECT_LT(minimize(peano, Vector::Zero(2), Newton{}).value, 0.0);
}

/// (y − x²)² is zero on a parabola: along the axis its fourth derivative is 24, which the give of y takes
/// away.
TEST(HigherOrders, AValleyStaysOpenUnlessItRises) {
  const auto valley = [](const auto& x) {
    const auto off = x[1] - x[0] * x[0];
    return off * off;
  };
  expect_open(valley, Vector::Zero(2));
  expect_minimum([&](const auto& x) { return valley(x) + x[0] * x[0] * x[0] * x[0]; }, Vector::Zero(2), 1);
}

TEST(HigherOrders, WhatVanishesToFourthOrderStaysOpen) {
  expect_open([](const auto& x) { return x[0] * x[0] * x[0] * x[0] * x[0] * x[0]; }, Vector::Zero(1));
  expect_open([](const auto& x) { return (x[0] + x[1]) * (x[0] + x[1]); }, Vector::Zero(2));
}

template <class X>
auto sum_of_quartics(const X& x) {
  auto sum = x[0] * x[0] * x[0] * x[0];
  for (Index j = 1; j < x.size(); ++j) sum += x[j] * x[j] * x[j] * x[j];
  return sum;
}

/// Powell's singular function of four variables from the k-th on.
template <class X>
auto powell(const X& x, Index k) {
  const auto a = x[k] + 10.0 * x[k + 1], b = x[k + 2] - x[k + 3], c = x[k + 1] - 2.0 * x[k + 2],
             d = x[k] - x[k + 3];
  return a * a + 5.0 * b * b + c * c * c * c + 10.0 * d * d * d * d;
}

TEST(HigherOrders, ASumOfPartsIsAMinimumWhereEachPartIs) {
  expect_minimum([](const auto& x) { return sum_of_quartics(x); }, Vector::Zero(5), 5);
  expect_minimum(
      [](const auto& x) {
        auto sum = 1e-3 * powell(x, 0);
        for (Index k = 4; k < 12; k += 4) sum += powell(x, k);
        return sum + x[12] * x[12];
      },
      Vector::Zero(13), 6);
  Vector shifted(50);
  for (Index j = 0; j < 50; ++j) shifted[j] = static_cast<double>(j + 1);
  expect_minimum(  // DQRTIC
      [](const auto& x) {
        auto sum = 0.0 * x[0];
        for (Index j = 0; j < x.size(); ++j) {
          const auto a = x[j] - static_cast<double>(j + 1);
          sum += a * a * a * a;
        }
        return sum;
      },
      shifted, 50);
}

TEST(HigherOrders, ASumOfPartsIsNoMinimumWhereOnePartIsNone) {
  expect_falls(
      [](const auto& x) {
        const auto a = x[1] * x[1], b = x[3] * x[3];
        return sum_of_quartics(x) - 3.0 * a * b + a * a * a + b * b * b;
      },
      Vector::Zero(5), 4);
  expect_falls([](const auto& x) { return sum_of_quartics(x) + x[2] * x[2] * x[2]; }, Vector::Zero(5), 3);
  expect_open(
      [](const auto& x) {
        const auto square = x[2] * x[2];
        return x[0] * x[0] * x[0] * x[0] + x[1] * x[1] + square * square * square;
      },
      Vector::Zero(3));
}

/// What couples flat directions may be seen in few of the derivatives.
TEST(HigherOrders, MoreFlatDirectionsOfOnePartThanCanBeCoveredStayOpen) {
  const auto is_open = [](const auto& f, Index n) {
    const CriticalPoint point = classify(f, Vector::Zero(n));
    EXPECT_EQ(to_string(point.kind), "degenerate") << point.describe();
    EXPECT_EQ(point.order, 2);
  };
  is_open([](const auto& x) { return sum_of_quartics(x) - 10.0 * x[0] * x[1] * x[2] * x[3]; }, 4);
  is_open([](const auto& x) { return sum_of_quartics(x) + 0.1 * x[0] * x[2] * x[4]; }, 5);
  const auto turned = [](const auto& x) {
    auto sum = 0.0 * x[0];
    for (Index j = 0; j + 1 < x.size(); ++j) {
      const auto a = x[j] - x[j + 1];
      sum += a * a * a * a;
    }
    const auto last = x[x.size() - 1];
    return sum + last * last * last * last;
  };
  is_open(turned, 5);
  // Where all that is near is singular too, some curvatures are as small as others but last no longer.
  Vector beside = Vector::Zero(5);
  beside.tail(3).setConstant(1e-10);
  EXPECT_FALSE(classify(turned, beside, 1e-6).is_minimum());
}

/// αa⁴ + βb⁴ + γa²b² is positive where γ > −2√(αβ), in whatever variables, whatever gives way to it.
TEST(HigherOrders, FormsOverTwoDirectionsAreDecidedByTheirSign) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    random::Source source(seed);
    const Matrix M = Matrix::Identity(4, 4) + 0.4 * source.matrix(4, 4);
    const double alpha = std::abs(source.spread(1.0)), beta = std::abs(source.spread(1.0));
    const double share = 3.0 * source.number();
    const double gamma = share * std::sqrt(alpha * beta);
    const auto f = [&](const auto& x) {
      const auto y = [&](Index i) {
        return M(i, 0) * x[0] + M(i, 1) * x[1] + M(i, 2) * x[2] + M(i, 3) * x[3];
      };
      const auto a = y(0) * y(0), b = y(1) * y(1), c = y(2) + 0.5 * y(0) * y(1), d = y(3) - 0.3 * a;
      return alpha * a * a + beta * b * b + gamma * a * b + c * c + 2.0 * d * d;
    };
    const CriticalPoint point = classify(f, Vector::Zero(4));
    if (share > -1.9) {
      EXPECT_TRUE(point.is_minimum()) << "seed " << seed << ": " << point.describe();
    }
    if (share < -2.0) {
      EXPECT_FALSE(point.is_minimum()) << "seed " << seed << ": " << point.describe();
    }
    if (share < -2.1) {
      EXPECT_EQ(point.order, 4) << "seed " << seed << ": " << point.describe();
    }
  }
}

/// Along the first direction, the second and the one between, with the errors of the differences as they are.
TEST(HigherOrders, ASixthOrderThatHidesAFallingQuarticIsNoMinimum) {
  for (const double steep : {1e2, 1e3, 1e4, 1e5}) {
    const CriticalPoint point = classify(
        [steep](const auto& x) {
          const auto a = x[0] * x[0], b = x[1] * x[1];
          return a * a + b * b - 3.0 * a * b + steep * a * b * (a + b);
        },
        Vector::Zero(2));
    EXPECT_FALSE(point.is_minimum()) << steep;
  }
}

/// A Hessian to which the gradient does not belong proves nothing.
TEST(HigherOrders, DerivativesThatContradictEachOtherStayOpen) {
  const auto value = [](const Vector& x) { return std::pow(x[0], 4) + x[1] * x[1]; };
  const auto gradient = [](const Vector& x) -> Vector {
    return (Vector(2) << 8.0 * std::pow(x[0], 3), 2.0 * x[1]).finished();
  };
  const auto hessian = [](const Vector& x) -> Matrix {
    return (Matrix(2, 2) << 12.0 * x[0] * x[0], 0.0, 0.0, 2.0).finished();
  };
  EXPECT_EQ(to_string(classify(analytic(value, gradient, hessian), Vector::Zero(2)).kind), "degenerate");
}

/// How many Hessians a verdict takes, that of the point itself included.
TEST(HigherOrders, TakesNoMoreHessiansThanTheProofNeeds) {
  const auto count = [](const Objective& f, Index n) {
    int hessians = 0;
    const auto gradient_of = [&f](const Vector& x) -> Vector {
      Vector g;
      f.gradient(x, g);
      return g;
    };
    const auto hessian_of = [&f, &hessians](const Vector& x) -> Matrix {
      Vector g;
      Matrix H;
      f.hessian(x, g, H);
      ++hessians;
      return H;
    };
    classify(analytic([&f](const Vector& x) { return f.value(x); }, gradient_of, hessian_of),
             Vector::Zero(n));
    return hessians;
  };
  EXPECT_EQ(count([](const auto& x) { return sum_of_quartics(x); }, 1), 3);
  EXPECT_EQ(count([](const auto& x) { return sum_of_quartics(x); }, 40), 5);
  EXPECT_EQ(count([](const auto& x) { return powell(x, 0); }, 4), 7);
  EXPECT_EQ(count([](const auto& x) { return (x[0] + x[1]) * (x[0] + x[1]); }, 2), 3);
  const auto kink = [](const Vector& x) { return std::abs(x[0]); };
  const auto side = [](const Vector& x) -> Vector {
    return Vector::Constant(1, x[0] > 0.0 ? 1.0 : x[0] < 0.0 ? -1.0 : 0.0);
  };
  const auto flat = [](const Vector&) -> Matrix { return Matrix::Zero(1, 1); };
  EXPECT_EQ(count(analytic(kink, side, flat), 1), 5);
}

}  // namespace
}  // namespace quadric
