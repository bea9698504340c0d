#include "quadric/problem/objective.hpp"

#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/minimize.hpp"

namespace quadric {
namespace {

/// exp(x0 x1) + x0² sin x1, with derivatives by hand.
const auto generic = [](const auto& x) {
  using std::exp, std::sin;
  return exp(x[0] * x[1]) + x[0] * x[0] * sin(x[1]);
};

double plain(const Vector& x) { return generic(x); }

Vector gradient_by_hand(const Vector& x) {
  const double e = std::exp(x[0] * x[1]);
  return Point{x[1] * e + 2.0 * x[0] * std::sin(x[1]), x[0] * e + x[0] * x[0] * std::cos(x[1])};
}

Matrix hessian_by_hand(const Vector& x) {
  const double e = std::exp(x[0] * x[1]);
  const double mixed = (1.0 + x[0] * x[1]) * e + 2.0 * x[0] * std::cos(x[1]);
  Matrix H(2, 2);
  H << x[1] * x[1] * e + 2.0 * std::sin(x[1]), mixed, mixed, x[0] * x[0] * e - x[0] * x[0] * std::sin(x[1]);
  return H;
}

struct WithGradientOnly {
  double value(const Vector& x) const { return generic(x); }
  Vector gradient(const Vector& x) const { return gradient_by_hand(x); }
};
struct WithHessianToo : WithGradientOnly {
  Matrix hessian(const Vector& x) const { return hessian_by_hand(x); }
};
struct WithProductToo : WithGradientOnly {
  Vector hessian_product(const Vector& x, const Vector& v) const { return hessian_by_hand(x) * v; }
};

const Point somewhere{0.7, -1.3};

/// Value, gradient, Hessian and product against those by hand, to relative errors.
void check(const Objective& f, double gradient_error, double hessian_error) {
  const Vector g = gradient_by_hand(somewhere);
  const Matrix H = hessian_by_hand(somewhere);
  const Vector v = Point{0.3, 2.0};
  EXPECT_DOUBLE_EQ(f.value(somewhere), generic(somewhere.vector()));
  EXPECT_LE((gradient(f, somewhere) - g).norm(), gradient_error * g.norm());
  EXPECT_LE((hessian(f, somewhere) - H).norm(), hessian_error * H.norm());
  EXPECT_LE((hessian_product(f, somewhere, v) - H * v).norm(), 10.0 * hessian_error * (H * v).norm());
  Vector at_once;
  Matrix H_at_once;
  EXPECT_DOUBLE_EQ(f.hessian(somewhere, at_once, H_at_once), f.value(somewhere));
  EXPECT_EQ(at_once, gradient(f, somewhere));
}

TEST(Objective, OfAGenericLambdaIsAutomatic) {
  const Objective f = generic;
  EXPECT_EQ(f.provider().describe(), "automatic");
  check(f, 1e-14, 1e-14);
}

TEST(Objective, OfALambdaOnVectorsIsDifferenced) {
  const Objective f = [](const Vector& x) { return generic(x); };
  EXPECT_EQ(f.provider().describe(), "differences");
  EXPECT_GT(f.provider().second_error, 1e-9);
  check(f, 1e-9, 1e-5);
}

TEST(Objective, OfAFunctionOrAStdFunctionIsDifferenced) {
  for (const Objective& f :
       {Objective(plain), Objective(&plain), Objective(std::function<double(const Vector&)>(plain))}) {
    EXPECT_EQ(f.provider().describe(), "differences");
    check(f, 1e-9, 1e-5);
  }
}

TEST(Objective, OfAGenericLambdaIsDifferencedOnDemand) {
  const Objective f = differenced(generic);
  EXPECT_EQ(f.provider().describe(), "differences");
  check(f, 1e-9, 1e-5);
}

TEST(Objective, OfAClassUsesWhatTheClassHas) {
  const Objective first = WithGradientOnly{};
  EXPECT_EQ(first.provider().describe(), "gradient analytic, Hessian differences of the gradient");
  check(first, 1e-15, 1e-8);
  const Objective second = WithHessianToo{};
  EXPECT_EQ(second.provider().describe(), "analytic");
  check(second, 1e-15, 1e-15);
  const Objective product = WithProductToo{};
  EXPECT_EQ(product.provider().describe(), "analytic");
  check(product, 1e-15, 1e-15);
}

TEST(Objective, OfAnalyticPiecesUsesThem) {
  check(analytic(plain, gradient_by_hand, hessian_by_hand), 1e-15, 1e-15);
  check(analytic(plain, gradient_by_hand), 1e-15, 1e-8);
  EXPECT_THROW(Objective(SuppliedObjective{}), Misuse);
}

TEST(Objective, IsReportedInTheResult) {
  EXPECT_EQ(minimize([](const auto& x) { return x[0] * x[0]; }, {3.0}).provider.describe(), "automatic");
  EXPECT_EQ(minimize([](const Vector& x) { return x[0] * x[0]; }, {3.0}).provider.describe(), "differences");
}

TEST(Objective, TakesManyVariablesInBlocks) {
  for (const Index n : {1, 2, 3, 4, 5, 8, 9, 17, 30}) {
    const Objective f = [](const auto& x) {
      ScalarOf<decltype(x)> product(1.0);
      for (Index j = 0; j < x.size(); ++j) product *= 1.0 + x[j] / static_cast<double>(j + 1);
      return product;
    };
    const Vector x = Vector::LinSpaced(n, 0.1, 0.9);
    Vector factor(n);
    for (Index j = 0; j < n; ++j) factor[j] = 1.0 / (static_cast<double>(j + 1) + x[j]);
    Matrix H = f.value(x) * factor * factor.transpose();
    const Vector g = f.value(x) * factor;
    H.diagonal().setZero();
    EXPECT_LE((gradient(f, x) - g).norm(), 1e-13 * g.norm()) << "n = " << n;
    EXPECT_LE((hessian(f, x) - H).norm(), 1e-13 * (1.0 + H.norm())) << "n = " << n;
    EXPECT_LE((hessian_product(f, x, x) - H * x).norm(), 1e-13 * (1.0 + (H * x).norm())) << "n = " << n;
  }
}

TEST(Objective, PassesExceptionsThrough) {
  const Objective f = [](const Vector&) -> double { throw std::domain_error("no"); };
  EXPECT_THROW(static_cast<void>(f.value(somewhere)), std::domain_error);
  EXPECT_THROW(gradient(f, somewhere), std::domain_error);
}

TEST(Derivatives, RefusePointsThatAreNone) {
  EXPECT_THROW(gradient(generic, Point{}), Misuse);
  EXPECT_THROW(hessian(generic, {1.0, std::nan("")}), Misuse);
  EXPECT_THROW(hessian_product(generic, {1.0, 2.0}, {1.0}), Misuse);
}

/// A product of a function that has values only takes no more of them than its whole Hessian would.
TEST(HessianProduct, OfValuesAloneIsNoDearerThanTheHessian) {
  for (const Index n : {2, 9, 60}) {
    Index calls = 0;
    const Objective f = [&calls](const Vector& x) -> double {
      ++calls;
      return x.array().exp().sum() + x[0] * x[x.size() - 1];
    };
    const Vector x = Vector::LinSpaced(n, -0.5, 0.5), v = Vector::Ones(n);
    Vector g, Hv;
    Matrix H;
    f.hessian(x, g, H);
    const Index whole = std::exchange(calls, 0);
    f.hessian_product(x, v, Hv);
    EXPECT_LE(calls, whole) << n;
    Vector expected = x.array().exp();
    expected[0] += 1.0;
    expected[n - 1] += 1.0;
    EXPECT_LE((Hv - expected).norm(), 1e-5 * expected.norm()) << n;
  }
}

}  // namespace
}  // namespace quadric
