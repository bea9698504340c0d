#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/problem/problem.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "linalg/random_matrices.hpp"

/// What changes of units, order and coordinates do to a run, and how fast the last steps of the second-order
/// methods converge.
namespace quadric {
namespace {

/// Functions with a strict minimum that is known in closed form, and a start from which every method finds
/// it.
enum class Shape { Rosenbrock, Barrier, Exponentials, Quartics, Beale, Waves };

const std::vector<Shape> shapes = {Shape::Rosenbrock, Shape::Barrier, Shape::Exponentials,
                                   Shape::Quartics,   Shape::Beale,   Shape::Waves};

/// Shapes whose Hessian is positive definite everywhere.
bool is_convex(Shape shape) {
  return shape == Shape::Barrier || shape == Shape::Exponentials || shape == Shape::Quartics;
}

std::string name_of(Shape shape) {
  static const std::vector<std::string> names = {"Rosenbrock", "barrier", "exponentials",
                                                 "quartics",   "Beale",   "waves"};
  return names[static_cast<std::size_t>(shape)];
}

Vector start_of(Shape shape) {
  switch (shape) {
    case Shape::Rosenbrock:
      return Point{-1.2, 1.0, -1.2, 1.0};
    case Shape::Barrier:
      return Point{2.5, 0.7, 1.5};
    case Shape::Exponentials:
      return Point{1.5, -0.8, 0.6, 1.1, -0.3};
    case Shape::Quartics:
      return Point{2.0, -1.0, 0.5, 3.0};
    case Shape::Beale:
      return Point{2.0, 0.2};
    default:
      return Point{2.4, 3.7, 2.6};
  }
}

Vector minimizer_of(Shape shape) {
  switch (shape) {
    case Shape::Rosenbrock:
      return Vector::Ones(4);
    case Shape::Barrier:
      return Point{1.0, 2.0, 3.0};
    case Shape::Exponentials:
      return Point{0.0, 0.25, 0.5, 0.75, 1.0};
    case Shape::Quartics:
      return Point{1.0, 2.0, 3.0, 4.0};
    case Shape::Beale:
      return Point{3.0, 0.5};
    default:
      return Vector::Constant(3, std::acos(-1.0));
  }
}

/// c f(A x), for f of a shape.
class Moved {
 public:
  Moved(Shape shape, Matrix A, double scale = 1.0) : shape_(shape), A_(std::move(A)), scale_(scale) {}

  template <class X>
  ScalarOf<X> operator()(const X& x) const {
    using T = ScalarOf<X>;
    std::vector<T> y;
    for (Index i = 0; i < A_.rows(); ++i) {
      T sum(0.0);
      for (Index j = 0; j < A_.cols(); ++j) sum += A_(i, j) * x[j];
      y.push_back(sum);
    }
    return T(scale_ * of(y));
  }

 private:
  template <class T>
  T of(const std::vector<T>& y) const {
    using std::cos, std::exp, std::log;
    T sum(0.0);
    if (shape_ == Shape::Beale) {
      T power(1.0);
      for (const double data : {1.5, 2.25, 2.625}) {
        power *= y[1];
        const T r = data - y[0] * (1.0 - power);
        sum += r * r;
      }
      return sum;
    }
    T coupled(0.0);
    const Vector bottom = minimizer_of(shape_);
    for (std::size_t j = 0; j < y.size(); ++j) {
      const double m = bottom[static_cast<Index>(j)], w = static_cast<double>(j + 1);
      const T d = y[j] - m;
      coupled += d;
      switch (shape_) {
        case Shape::Rosenbrock:
          if (j % 2 == 0) {
            const T b = y[j + 1] - y[j] * y[j];
            sum += d * d + 100.0 * b * b;
          }
          break;
        case Shape::Barrier:
          sum += w * (y[j] - m * log(y[j]));
          break;
        case Shape::Exponentials:
          sum += w * (exp(d) - d);
          break;
        case Shape::Quartics:
          sum += 0.5 * w * d * d + d * d * d * (d / 4.0 + 0.2);
          break;
        default:
          sum += 1.5 + cos(y[j]);
      }
    }
    if (shape_ == Shape::Rosenbrock) return sum;
    return T(sum + 0.25 * coupled * coupled);
  }

  Shape shape_;
  Matrix A_;
  double scale_;
};

/// c r(A x) with r = 0 at the minimizer of the shape; those that are no sum of squares have a system of
/// equations of their own, with the same minimizer.
class MovedResiduals {
 public:
  MovedResiduals(Shape shape, Matrix A, double scale = 1.0)
      : shape_(shape), A_(std::move(A)), scale_(scale) {}

  template <class X>
  std::vector<ScalarOf<X>> operator()(const X& x) const {
    using std::exp, std::log, std::sin;
    using T = ScalarOf<X>;
    std::vector<T> y, r;
    for (Index i = 0; i < A_.rows(); ++i) {
      T sum(0.0);
      for (Index j = 0; j < A_.cols(); ++j) sum += A_(i, j) * x[j];
      y.push_back(sum);
    }
    if (shape_ == Shape::Beale) {
      T power(1.0);
      for (const double data : {1.5, 2.25, 2.625}) {
        power *= y[1];
        r.push_back(T(scale_ * (data - y[0] * (1.0 - power))));
      }
      return r;
    }
    T coupled(0.0);
    const Vector bottom = minimizer_of(shape_);
    for (std::size_t j = 0; j < y.size(); ++j) {
      const T d = y[j] - bottom[static_cast<Index>(j)];
      coupled += d;
      switch (shape_) {
        case Shape::Rosenbrock:
          r.push_back(T(scale_ * d));
          if (j % 2 == 0) r.push_back(T(10.0 * scale_ * (y[j + 1] - y[j] * y[j])));
          break;
        case Shape::Barrier:
          r.push_back(T(scale_ * log(y[j] / bottom[static_cast<Index>(j)])));
          break;
        case Shape::Exponentials:
          r.push_back(T(scale_ * (exp(d) - 1.0)));
          break;
        case Shape::Quartics:
          r.push_back(T(scale_ * (d + 0.2 * d * d)));
          break;
        default:
          r.push_back(T(scale_ * (sin(d) + 0.3 * d * d)));
      }
    }
    if (shape_ != Shape::Rosenbrock) r.push_back(T(0.5 * scale_ * coupled));
    return r;
  }

 private:
  Shape shape_;
  Matrix A_;
  double scale_;
};

struct Tested {
  Solver solver;
  bool second_order;

  /// Steepest descent by the exact curvature along the gradient, which the valley holds back.
  bool is_too_slow_for(Shape shape) const {
    return shape == Shape::Rosenbrock && solver.name() == "gradient-descent (line search)";
  }
};

std::vector<Tested> tested() {
  return {{Newton{}, true},
          {Newton{.step = LineSearch{}}, true},
          {Newton{.step = StrongWolfe{}}, true},
          {GaussNewton{}, true},
          {GaussNewton{.step = LineSearch{}}, true},
          {Lbfgs{}, false},
          {ConjugateGradients{}, false},
          {GradientDescent{}, false},
          {GradientDescent{.length = DescentLength::BarzilaiBorwein}, false}};
}

struct Path {
  std::vector<Vector> points;
  Result result;
};

/// The run on c f(A x) from A⁻¹ x₀: its points in the coordinates of f.
Path path(const Solver& solver, Shape shape, const Matrix& A, double scale, const Vector& start) {
  Path followed;
  const auto observer =
      make_observer([&](const Iteration&, const Vector& x) { followed.points.push_back(A * x); });
  const Problem problem = solver.needs_residuals()
                              ? Problem(Residuals(MovedResiduals(shape, A, std::sqrt(scale))))
                              : Problem(Objective(Moved(shape, A, scale)));
  followed.result = solver.run(problem, start, {observer});
  return followed;
}

Path plain_path(const Solver& solver, Shape shape) {
  const Vector start = start_of(shape);
  return path(solver, shape, Matrix::Identity(start.size(), start.size()), 1.0, start);
}

/// Steps in which a difference of rounding has not yet grown: first-order methods amplify it at every step.
constexpr std::size_t compared_steps = 8;
constexpr double same = 1e-6;

void expect_same_path(const Path& one, const Path& other) {
  ASSERT_GT(one.points.size(), 3U);
  const std::size_t steps = std::min({one.points.size(), other.points.size(), compared_steps});
  ASSERT_GE(steps, std::min(one.points.size() - 1, compared_steps));
  for (std::size_t k = 0; k < steps; ++k) {
    EXPECT_LE((one.points[k] - other.points[k]).norm(), same * one.points[k].norm()) << "step " << k;
  }
}

/// Both end in the minimum that is known.
void expect_same_end(const Tested& method, Shape shape, const Path& one, const Path& other) {
  if (method.is_too_slow_for(shape)) return;
  const Vector bottom = minimizer_of(shape);
  for (const Path* run : {&one, &other}) {
    EXPECT_EQ(to_string(run->result.status), "converged") << run->result.summary();
    EXPECT_LE((run->points.back() - bottom).norm(), 1e-6 * bottom.norm()) << run->result.summary();
  }
  if (!method.second_order) return;
  EXPECT_NEAR(static_cast<double>(one.result.iterations), static_cast<double>(other.result.iterations), 1.0);
}

Matrix permutation(Index n, random::Source& source) {
  std::vector<Index> order;
  for (Index j = 0; j < n; ++j) order.insert(order.begin() + source.integer(0, j), j);
  Matrix P = Matrix::Zero(n, n);
  for (Index j = 0; j < n; ++j) P(j, order[static_cast<std::size_t>(j)]) = 1.0;
  return P;
}

TEST(Invariance, UnderPermutationOfTheVariables) {
  random::Source source(1);
  for (const Shape shape : shapes) {
    for (const Tested& method : tested()) {
      SCOPED_TRACE(name_of(shape) + " by " + method.solver.name());
      const Path plain = plain_path(method.solver, shape);
      const Vector start = start_of(shape);
      Matrix P = permutation(start.size(), source);
      if (P.isIdentity()) P = P.colwise().reverse().eval();
      const Path permuted = path(method.solver, shape, P, 1.0, P.transpose() * start);
      expect_same_path(plain, permuted);
      expect_same_end(method, shape, plain, permuted);
    }
  }
}

TEST(Invariance, UnderScalingOfF) {
  for (const Shape shape : shapes) {
    for (const Tested& method : tested()) {
      const Path plain = plain_path(method.solver, shape);
      const Vector start = start_of(shape);
      for (const double scale : {1e-6, 1e6}) {
        SCOPED_TRACE(name_of(shape) + " by " + method.solver.name() + ", scaled by " + std::to_string(scale));
        const Path scaled =
            path(method.solver, shape, Matrix::Identity(start.size(), start.size()), scale, start);
        expect_same_path(plain, scaled);
        expect_same_end(method, shape, plain, scaled);
      }
    }
  }
}

/// One unit for all variables: every method.
TEST(Invariance, UnderScalingOfAllVariablesAlike) {
  for (const Shape shape : shapes) {
    for (const Tested& method : tested()) {
      const Path plain = plain_path(method.solver, shape);
      const Vector start = start_of(shape);
      for (const double unit : {1e-6, 1e6}) {
        SCOPED_TRACE(name_of(shape) + " by " + method.solver.name() + ", unit " + std::to_string(unit));
        const Matrix A = unit * Matrix::Identity(start.size(), start.size());
        const Path scaled = path(method.solver, shape, A, 1.0, start / unit);
        expect_same_path(plain, scaled);
        expect_same_end(method, shape, plain, scaled);
      }
    }
  }
}

/// A unit for each variable: the methods with second derivatives scale their variables by them. With units
/// that are powers of two not even rounding differs.
TEST(Invariance, UnderScalingOfEachVariableOfTheSecondOrderMethods) {
  random::Source source(2);
  for (const Shape shape : shapes) {
    for (const Tested& method : tested()) {
      if (!method.second_order) continue;
      SCOPED_TRACE(name_of(shape) + " by " + method.solver.name());
      const Path plain = plain_path(method.solver, shape);
      const Vector start = start_of(shape);
      const Vector units = Vector::NullaryExpr(
          start.size(), [&](Index) { return std::ldexp(1.0, static_cast<int>(source.integer(-20, 20))); });
      const Path scaled = path(method.solver, shape, units.asDiagonal(), 1.0, start.cwiseQuotient(units));
      // The last step may be one of the certificate's, which scales by roots that are rounded.
      const std::size_t common = std::min(plain.points.size(), scaled.points.size());
      ASSERT_GE(common + 1, std::max(plain.points.size(), scaled.points.size()));
      ASSERT_GE(common, 5U);
      for (std::size_t k = 0; k < common; ++k) {
        EXPECT_LE((plain.points[k] - scaled.points[k]).norm(), 1e-9 * plain.points[k].norm()) << "step " << k;
      }
      expect_same_end(method, shape, plain, scaled);
    }
  }
}

/// Rotated: methods that know no variables but only vectors take the same steps. Methods that scale the
/// variables take other ones, but reach the same minimum in a similar number of them.
TEST(Invariance, UnderRotation) {
  random::Source source(3);
  for (const Shape shape : shapes) {
    for (const Tested& method : tested()) {
      SCOPED_TRACE(name_of(shape) + " by " + method.solver.name());
      const Path plain = plain_path(method.solver, shape);
      const Vector start = start_of(shape);
      const Matrix Q = source.rotation(start.size());
      const Path rotated = path(method.solver, shape, Q, 1.0, Q.transpose() * start);
      const bool full_newton = method.solver.name() == "newton (line search)" && is_convex(shape);
      if (!method.second_order || full_newton) expect_same_path(plain, rotated);
      if (method.is_too_slow_for(shape)) continue;
      const Vector bottom = minimizer_of(shape);
      EXPECT_EQ(to_string(rotated.result.status), "converged") << rotated.result.summary();
      EXPECT_LE((rotated.points.back() - bottom).norm(), 1e-6 * bottom.norm()) << rotated.result.summary();
      if (!method.second_order) continue;
      EXPECT_LE(rotated.result.iterations, 2 * plain.result.iterations + 3);
      EXPECT_LE(plain.result.iterations, 2 * rotated.result.iterations + 3);
    }
  }
}

/// Of pairs of numbers: how steeply the second rises with the first, by least squares.
double steepness(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  double mean_x = 0.0, mean_y = 0.0, xx = 0.0, xy = 0.0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    mean_x += x[k] / n;
    mean_y += y[k] / n;
  }
  for (std::size_t k = 0; k < x.size(); ++k) {
    xx += (x[k] - mean_x) * (x[k] - mean_x);
    xy += (x[k] - mean_x) * (y[k] - mean_y);
  }
  return xy / xx;
}

/// The order p of e₁ = c e₀ᵖ, from first steps at several distances e₀ along one direction: the constant c is
/// then the same, which it is not over the steps of one run. The distances are near enough for p to show, and
/// far enough for e₁ to be no rounding.
TEST(Order, OfTheSecondOrderMethodsIsQuadraticNearAMinimum) {
  random::Source source(4);
  for (const Shape shape : shapes) {
    for (const Tested& method : tested()) {
      if (!method.second_order) continue;
      const Vector bottom = minimizer_of(shape);
      for (int trial = 0; trial < 10; ++trial) {
        const Vector direction = source.vector(bottom.size()).normalized();
        std::vector<double> before, after;
        std::string errors;
        SCOPED_TRACE(name_of(shape) + " by " + method.solver.name() + ", trial " + std::to_string(trial));
        for (const double decade : {-3.5, -4.0, -4.5}) {
          const Vector start = bottom + std::pow(10.0, decade) * bottom.norm() * direction;
          const Path run =
              path(method.solver, shape, Matrix::Identity(start.size(), start.size()), 1.0, start);
          EXPECT_EQ(to_string(run.result.status), "converged") << run.result.summary();
          EXPECT_LE(run.result.iterations, 8);
          ASSERT_GE(run.points.size(), 2U);
          before.push_back(decade);
          after.push_back(std::log10(std::max((run.points[1] - bottom).norm() / bottom.norm(), 1e-16)));
          errors += std::to_string(after.back()) + " ";
        }
        EXPECT_GE(steepness(before, after), 1.9) << "log10 of the errors after a step: " << errors;
      }
    }
  }
}

/// ∂²f/∂x² is (1 − y)² and the like: next to 0 beside y = 1, where it says nothing of how far x may go.
TEST(Newton, StaysAtEaseWhereADiagonalEntryVanishes) {
  const auto beale = [](const auto& x) {
    const auto a = 1.5 - x[0] * (1.0 - x[1]);
    const auto b = 2.25 - x[0] * (1.0 - x[1] * x[1]);
    const auto c = 2.625 - x[0] * (1.0 - x[1] * x[1] * x[1]);
    return a * a + b * b + c * c;
  };
  const Result plain = minimize(beale, {1.0, 1.0}, Newton{});
  EXPECT_TRUE(plain.converged()) << plain.summary();
  for (const double off : {4e-15, -4e-15, 1e-12, 1e-9}) {
    const Result result = minimize(beale, {1.0, 1.0 + off}, Newton{});
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_NEAR(result.x[0], 3.0, 1e-9);
    EXPECT_NEAR(result.x[1], 0.5, 1e-9);
    EXPECT_NEAR(static_cast<double>(result.iterations), static_cast<double>(plain.iterations), 1.0);
  }
}

}  // namespace
}  // namespace quadric
