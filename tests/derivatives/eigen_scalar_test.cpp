#include <algorithm>
#include <cmath>
#include <cstddef>

#include <Eigen/Dense>
#include <gtest/gtest.h>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/dual.hpp"
#include "quadric/derivatives/eigen_support.hpp"
#include "quadric/derivatives/second_dual.hpp"

namespace quadric {
namespace {

/// The tests run for every kind of dual number; `seeded` makes the variable number i of the value x.
template <class T>
class EigenScalar : public testing::Test {};

template <class D>
D seeded(double x, int i) {
  if constexpr (Differentiable<typename D::Scalar>) {
    return D(seeded<typename D::Scalar>(x, i));
  } else {
    return D::variable(x, i);
  }
}
template <class D>
double derivative(const D& x, std::size_t i) {
  if constexpr (Differentiable<typename D::Scalar>) {
    return derivative(x.value, i);
  } else {
    return x.gradient[i];
  }
}

template <class D>
Eigen::Matrix<D, 3, 1> variables() {
  return {seeded<D>(1.0, 0), seeded<D>(-2.0, 1), seeded<D>(0.5, 2)};
}
const Eigen::Vector3d point(1.0, -2.0, 0.5);

/// `y` has the value and, row by row, the derivatives given (those of the three variables).
template <class D>
void expect(const D& y, double value, const Eigen::Vector3d& gradient) {
  EXPECT_NEAR(value_of(y), value, 1e-14 * std::max(1.0, std::abs(value)));
  for (int i = 0; i < 3; ++i)
    EXPECT_NEAR(derivative(y, static_cast<std::size_t>(i)), gradient[i], 1e-13) << i;
}

using Scalars = testing::Types<Dual<double, 3>, SecondDual<double, 3>, Dual<Dual<double, 3>, 1>>;
TYPED_TEST_SUITE(EigenScalar, Scalars);

TYPED_TEST(EigenScalar, ProductsWithMatricesOfDoubles) {
  const auto x = variables<TypeParam>();
  const Eigen::Matrix3d A{{1, 2, 3}, {-1, 0, 4}, {2, 5, -3}};
  const Eigen::Matrix<TypeParam, 3, 1> y = A * x;
  const Eigen::Matrix<TypeParam, 1, 3> z = x.transpose() * A;
  for (int i = 0; i < 3; ++i) {
    expect(y[i], A.row(i).dot(point), A.row(i));
    expect(z[i], A.col(i).dot(point), A.col(i));
  }
  const Matrix wide = Matrix::Random(20, 3);
  const VectorOf<TypeParam> dynamic = x;
  const VectorOf<TypeParam> w = wide * dynamic;
  const Eigen::Matrix<TypeParam, Eigen::Dynamic, Eigen::Dynamic> outer =
      wide * (dynamic * dynamic.transpose());
  const Eigen::Matrix<TypeParam, Eigen::Dynamic, Eigen::Dynamic> outer_transposed =
      (dynamic * dynamic.transpose()) * wide.transpose();
  const Eigen::Matrix<TypeParam, Eigen::Dynamic, Eigen::Dynamic> lifted = wide.cast<TypeParam>() * dynamic[2];
  const VectorOf<TypeParam> by_constants = dynamic[1] * (lifted * Vector(point));
  for (int i = 0; i < 20; ++i) {
    const double dot = wide.row(i).dot(point);
    expect(by_constants[i], dot * point[1] * point[2], Eigen::Vector3d(0, dot * point[2], dot * point[1]));
    expect(w[i], wide.row(i).dot(point), wide.row(i));
    const Eigen::Vector3d slope =
        wide.row(i).transpose() * point[0] + Eigen::Vector3d(wide.row(i).dot(point), 0, 0);
    expect(outer(i, 0), wide.row(i).dot(point) * point[0], slope);
    expect(TypeParam(outer_transposed(0, i)), wide.row(i).dot(point) * point[0], slope);
  }
}

TYPED_TEST(EigenScalar, DotProductsAndNorms) {
  const auto x = variables<TypeParam>();
  const Eigen::Vector3d b(3, 1, 2);
  expect(x.dot(b), point.dot(b), b);
  expect(b.dot(x), point.dot(b), b);
  expect(x.dot(x), point.squaredNorm(), 2 * point);
  expect(x.squaredNorm(), point.squaredNorm(), 2 * point);
  expect(x.norm(), point.norm(), point.normalized());
  expect(x.stableNorm(), point.norm(), point.normalized());
  expect(x.sum(), point.sum(), Eigen::Vector3d::Ones());
  expect(x.prod(), point.prod(), point.prod() * point.cwiseInverse());
  expect(x.normalized()[0], point.normalized()[0],
         (Eigen::Vector3d::Unit(0) - point.normalized() * point.normalized()[0]) / point.norm());
  expect((x - b).squaredNorm(), (point - b).squaredNorm(), 2 * (point - b));
  expect(x.maxCoeff(), 1.0, Eigen::Vector3d::Unit(0));
  expect(x.template lpNorm<1>(), 3.5, Eigen::Vector3d(1, -1, 1));
  const TypeParam inner = 1.0 + TypeParam((x.transpose() * b).value());
  expect(inner, 1.0 + point.dot(b), b);
  EXPECT_TRUE(x.allFinite());
}

TYPED_TEST(EigenScalar, ScalarsOfBothKinds) {
  const auto x = variables<TypeParam>();
  using V = Eigen::Matrix<TypeParam, 3, 1>;
  const Eigen::Vector3d b(3, 1, 2);
  const V y = 2 * x + x * 0.5 - x / 4 + b;
  const V z = b * x[1];
  const V w = x[1] * b + 2.0 * b.cast<TypeParam>();
  for (int i = 0; i < 3; ++i) {
    expect(y[i], 2.25 * point[i] + b[i], 2.25 * Eigen::Vector3d::Unit(i));
    expect(z[i], b[i] * point[1], b[i] * Eigen::Vector3d::Unit(1));
    expect(w[i], b[i] * (point[1] + 2.0), b[i] * Eigen::Vector3d::Unit(1));
  }
}

TYPED_TEST(EigenScalar, CoefficientFunctions) {
  const auto x = variables<TypeParam>();
  const auto check = [](const auto& values, auto f, auto slope) {
    for (int i = 0; i < 3; ++i)
      expect(TypeParam(values[i]), f(point[i]), slope(point[i]) * Eigen::Vector3d::Unit(i));
  };
  const Eigen::Array<TypeParam, 3, 1> a = x.array();
  check(
      a.exp().eval(), [](double t) { return std::exp(t); }, [](double t) { return std::exp(t); });
  check(
      a.abs().eval(), [](double t) { return std::abs(t); }, [](double t) { return t < 0 ? -1.0 : 1.0; });
  check(
      x.cwiseAbs().eval(), [](double t) { return std::abs(t); }, [](double t) { return t < 0 ? -1.0 : 1.0; });
  check(
      a.abs().log().eval(), [](double t) { return std::log(std::abs(t)); }, [](double t) { return 1 / t; });
  check(
      a.abs().sqrt().eval(), [](double t) { return std::sqrt(std::abs(t)); },
      [](double t) { return (t < 0 ? -0.5 : 0.5) / std::sqrt(std::abs(t)); });
  check(
      a.sin().eval(), [](double t) { return std::sin(t); }, [](double t) { return std::cos(t); });
  check(
      a.tanh().eval(), [](double t) { return std::tanh(t); }, [](double t) { return 1 / sq(std::cosh(t)); });
  check(
      a.square().eval(), [](double t) { return t * t; }, [](double t) { return 2 * t; });
  check((a * a - 3.0 * a + 1.0).eval(), [](double t) { return t * t - 3 * t + 1; },
        [](double t) { return 2 * t - 3; });
  check(
      a.max(0.0).eval(), [](double t) { return std::max(t, 0.0); },
      [](double t) { return t > 0 ? 1.0 : 0.0; });
}

TYPED_TEST(EigenScalar, InverseDeterminantAndSolve) {
  const auto x = variables<TypeParam>();
  using M = Eigen::Matrix<TypeParam, 3, 3>;
  const Eigen::Matrix3d A{{4, 1, 0.5}, {1, 5, -1}, {0.5, -1, 6}};
  // M(x) = A + diag(x):  d det = det tr(M⁻¹ dM),  d M⁻¹ = -M⁻¹ dM M⁻¹.
  const M m = A + Eigen::Matrix<TypeParam, 3, 3>(x.asDiagonal());
  const Eigen::Matrix3d values = A + Eigen::Matrix3d(point.asDiagonal());
  const Eigen::Matrix3d inverse = values.inverse();
  expect(m.determinant(), values.determinant(), values.determinant() * inverse.diagonal());
  const M inverted = m.inverse();
  const Eigen::Vector3d b(1, 2, 3);
  const Eigen::Matrix<TypeParam, 3, 1> lifted = b.cast<TypeParam>();
  const Eigen::Matrix<TypeParam, 3, 1> by_lu = m.partialPivLu().solve(lifted), by_llt = m.llt().solve(lifted);
  for (int i = 0; i < 3; ++i) {
    expect(inverted(i, 1), inverse(i, 1), -inverse.row(i).transpose().cwiseProduct(inverse.col(1)));
    const Eigen::Vector3d slope = -inverse.row(i).transpose().cwiseProduct(inverse * b);
    expect(by_lu[i], (inverse * b)[i], slope);
    expect(by_llt[i], (inverse * b)[i], slope);
  }
}

TYPED_TEST(EigenScalar, CrossProductsAndRotations) {
  const auto x = variables<TypeParam>();
  const Eigen::Vector3d b(3, 1, 2);
  const Eigen::Matrix<TypeParam, 3, 1> cross = x.cross(b.cast<TypeParam>());
  const Eigen::Quaterniond q = Eigen::Quaterniond(0.5, -0.1, 0.7, 0.2).normalized();
  const Eigen::Matrix<TypeParam, 3, 1> rotated = q.cast<TypeParam>() * x;
  const Eigen::Matrix3d R = q.toRotationMatrix();
  for (int i = 0; i < 3; ++i) {
    expect(cross[i], point.cross(b)[i], b.cross(Eigen::Vector3d::Unit(i)));
    expect(rotated[i], (R * point)[i], R.row(i));
  }
  // The rotation of b about the third axis by the angle x₀:  its derivative is e₃ × (R b).
  const Eigen::AngleAxis<TypeParam> turn(x[0], Eigen::Matrix<TypeParam, 3, 1>::UnitZ());
  const Eigen::Matrix<TypeParam, 3, 1> turned = Eigen::Quaternion<TypeParam>(turn) * b.cast<TypeParam>();
  const Eigen::Vector3d expected = Eigen::AngleAxisd(point[0], Eigen::Vector3d::UnitZ()) * b;
  for (int i = 0; i < 3; ++i) {
    expect(turned[i], expected[i], Eigen::Vector3d::UnitZ().cross(expected)[i] * Eigen::Vector3d::Unit(0));
  }
}

TEST(EigenSecondDual, QuadraticFormHasItsMatrixAsHessian) {
  using S = SecondDual<double, 3>;
  const Eigen::Matrix3d A{{4, 1, 0.5}, {1, 5, -1}, {0.5, -1, 6}};
  const auto x = variables<S>();
  const S q = 0.5 * x.dot(A * x);
  for (int i = 0, k = 0; i < 3; ++i) {
    EXPECT_NEAR(q.gradient[static_cast<std::size_t>(i)], (A * point)[i], 1e-14);
    for (int j = 0; j <= i; ++j, ++k) EXPECT_NEAR(q.hessian[static_cast<std::size_t>(k)], A(i, j), 1e-14);
  }
}

}  // namespace
}  // namespace quadric
