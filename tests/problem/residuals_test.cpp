#include "quadric/problem/residuals.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/problem/pointwise.hpp"

namespace quadric {
namespace {

/// (x0 x1, exp x1, x0² − x1), with derivatives by hand.
template <class X>
auto components(const X& x) {
  using std::exp;
  using T = ScalarOf<X>;
  return std::array<T, 3>{x[0] * x[1], exp(x[1]), x[0] * x[0] - x[1]};
}

Matrix jacobian_by_hand(const Vector& x) {
  Matrix J(3, 2);
  J << x[1], x[0], 0.0, std::exp(x[1]), 2.0 * x[0], -1.0;
  return J;
}

Matrix weighted_hessian_by_hand(const Vector& x, const Vector& w) {
  Matrix S(2, 2);
  S << 2.0 * w[2], w[0], w[0], w[1] * std::exp(x[1]);
  return S;
}

Vector values(const Vector& x) { return callables::to_vector(components(x)); }

const Point somewhere{0.7, -1.3};

void check(const Residuals& r, double first_error, double second_error) {
  const Vector x = somewhere;
  const Vector w = Point{1.5, -2.0, 0.25};
  const Vector v = Point{0.3, 2.0};
  const Matrix J = jacobian_by_hand(x);
  const Matrix S = weighted_hessian_by_hand(x, w);
  Vector r_of_x, r_at_once, Sv;
  Matrix J_of_x, S_of_x;
  r.value(x, r_of_x);
  ASSERT_EQ(r_of_x.size(), 3);
  EXPECT_LE((r_of_x - values(x)).norm(), 1e-15);
  r.jacobian(x, r_at_once, J_of_x);
  EXPECT_EQ(r_at_once, r_of_x);
  ASSERT_EQ(J_of_x.rows(), 3);
  ASSERT_EQ(J_of_x.cols(), 2);
  EXPECT_LE((J_of_x - J).norm(), first_error * J.norm());
  r.weighted_hessian(x, w, S_of_x);
  EXPECT_LE((S_of_x - S).norm(), second_error * S.norm());
  r.weighted_hessian_product(x, w, v, Sv);
  EXPECT_LE((Sv - S * v).norm(), 10.0 * second_error * (S * v).norm());

  const Objective f = r.objective();
  const Matrix H = J.transpose() * J + weighted_hessian_by_hand(x, r_of_x);
  const Vector g = J.transpose() * r_of_x;
  EXPECT_DOUBLE_EQ(f.value(x), 0.5 * r_of_x.squaredNorm());
  EXPECT_LE((gradient(f, x) - g).norm(), 10.0 * first_error * g.norm());
  EXPECT_LE((hessian(f, x) - H).norm(), 10.0 * second_error * H.norm());
  EXPECT_LE((hessian_product(f, x, v) - H * v).norm(), 10.0 * second_error * (H * v).norm());
  EXPECT_EQ(f.provider().describe(), r.provider().describe());
}

TEST(Residuals, OfGenericLambdasAreAutomaticWhateverTheContainer) {
  const Residuals fixed = [](const auto& x) { return components(x); };
  const Residuals listed = [](const auto& x) {
    const auto r = components(x);
    return std::vector<ScalarOf<decltype(x)>>(r.begin(), r.end());
  };
  const Residuals stacked = [](const auto& x) {
    const auto r = components(x);
    VectorOf<ScalarOf<decltype(x)>> column(3);
    for (Index i = 0; i < 3; ++i) column[i] = r[static_cast<std::size_t>(i)];
    return column;
  };
  for (const Residuals& r : {fixed, listed, stacked}) {
    EXPECT_EQ(r.provider().describe(), "automatic");
    check(r, 1e-15, 1e-15);
  }
}

TEST(Residuals, OneByOneAreAutomatic) {
  const Residuals r =
      pointwise(3, [](const auto& x, Index i) { return components(x)[static_cast<std::size_t>(i)]; });
  EXPECT_EQ(r.provider().describe(), "automatic");
  check(r, 1e-15, 1e-15);
}

TEST(Residuals, OfPlainSignaturesAreDifferenced) {
  const Residuals from_lambda = [](const Vector& x) { return values(x); };
  const Residuals from_array = [](const Vector& x) { return components(x); };
  const Residuals from_list = [](const Vector& x) -> std::vector<double> {
    const auto r = components(x);
    return {r.begin(), r.end()};
  };
  const Residuals from_pointer = &values;
  const Residuals from_function = std::function<Vector(const Vector&)>(values);
  for (const Residuals& r : {from_lambda, from_array, from_list, from_pointer, from_function}) {
    EXPECT_EQ(r.provider().describe(), "differences");
    check(r, 1e-9, 1e-5);
  }
  const Residuals on_demand = differenced([](const auto& x) { return components(x); });
  EXPECT_EQ(on_demand.provider().describe(), "differences");
  check(on_demand, 1e-9, 1e-5);
}

struct WithJacobianOnly {
  Vector value(const Vector& x) const { return values(x); }
  Matrix jacobian(const Vector& x) const { return jacobian_by_hand(x); }
};
struct WithBoth : WithJacobianOnly {
  Matrix weighted_hessian(const Vector& x, const Vector& w) const { return weighted_hessian_by_hand(x, w); }
};

TEST(Residuals, OfAClassUseWhatTheClassHas) {
  const Residuals first = WithJacobianOnly{};
  EXPECT_EQ(first.provider().describe(), "gradient analytic, Hessian differences of the Jacobian");
  check(first, 1e-15, 1e-8);
  const Residuals second = WithBoth{};
  EXPECT_EQ(second.provider().describe(), "analytic");
  check(second, 1e-15, 1e-15);
  check(analytic_residuals(values, jacobian_by_hand), 1e-15, 1e-8);
}

TEST(Residuals, OfTheWrongSizeAreMisuse) {
  EXPECT_THROW(Residuals(SuppliedResiduals{}), Misuse);
  const Residuals transposed =
      analytic_residuals(values, [](const Vector& x) -> Matrix { return jacobian_by_hand(x).transpose(); });
  EXPECT_THROW(jacobian(transposed, somewhere), Misuse);
  const Residuals narrow = SuppliedResiduals{
      .value = values,
      .jacobian = jacobian_by_hand,
      .weighted_hessian = [](const Vector&, const Vector&) -> Matrix { return Matrix::Ones(1, 1); }};
  EXPECT_THROW(hessian(narrow.objective(), somewhere), Misuse);
}

TEST(Residuals, TakeManyVariablesInBlocks) {
  for (const Index n : {1, 3, 8, 9, 20}) {
    const Residuals r = [](const auto& x) {
      VectorOf<ScalarOf<decltype(x)>> squares(x.size());
      for (Index i = 0; i < x.size(); ++i) squares[i] = x[i] * x[x.size() - 1 - i];
      return squares;
    };
    const Vector x = Vector::LinSpaced(n, -1.0, 2.0);
    Matrix J = Matrix::Zero(n, n);
    for (Index i = 0; i < n; ++i) {
      J(i, i) += x[n - 1 - i];
      J(i, n - 1 - i) += x[i];
    }
    EXPECT_LE((jacobian(r, x) - J).norm(), 1e-14) << "n = " << n;
  }
}

}  // namespace
}  // namespace quadric
