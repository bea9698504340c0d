#include "quadric/problem/loss.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/SparseCore>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/objective.hpp"

namespace quadric {
namespace {

struct Named {
  std::string name;
  Loss loss;
};

void PrintTo(const Named& named, std::ostream* out) { *out << named.name; }

const std::vector<Named> losses = {
    {"Huber", Huber{0.7}},
    {"SoftL1", SoftL1{0.7}},
    {"Cauchy", Cauchy{0.7}},
    {"Arctan", Arctan{0.7}},
    {"Tukey", Tukey{0.7}},
    {"OfAUser", Loss([](const auto& s) {
       using std::log;
       return 0.3 * log(1.0 + 2.0 * s) + 0.1 * s;
     })},
    {"WithDerivatives", Loss([](double s) {
       return Rho{std::sqrt(1.0 + s) - 1.0, 0.5 / std::sqrt(1.0 + s), -0.25 / std::pow(1.0 + s, 1.5)};
     })},
};

class EachLoss : public testing::TestWithParam<Named> {
 protected:
  const Loss& loss() const { return GetParam().loss; }
};

INSTANTIATE_TEST_SUITE_P(Losses, EachLoss, testing::ValuesIn(losses),
                         [](const auto& given) { return given.param.name; });

/// Residuals on both sides of the scale, bent, three of them in two variables.
const auto bent = [](const auto& x) {
  using std::exp;
  return std::array{x[0] * x[1] - 0.2, exp(x[0]) - 1.1 * x[1], 3.0 * x[0] + 2.0 * x[1] * x[1], 0.5 * x[1]};
};

/// ½ Σ ρ(r²) written out.
double written_out(const Loss& loss, const Vector& x) {
  double sum = 0.0;
  for (const double r : bent(x)) sum += 0.5 * loss(r * r).value;
  return sum;
}

const std::vector<Vector> points = {Vector{{0.3, -0.4}}, Vector{{0.9, 1.3}}, Vector{{-1.1, 0.2}},
                                    Vector{{1e-7, 1e-5}}};

TEST_P(EachLoss, HasTheDerivativesOfItsValue) {
  for (const double s : {1e-3, 0.2, 0.48, 0.6, 3.0, 50.0}) {
    const double h = 1e-5 * s;
    const Rho at = loss()(s), above = loss()(s + h), below = loss()(s - h);
    EXPECT_NEAR(at.first, (above.value - below.value) / (2.0 * h), 1e-7) << s;
    EXPECT_NEAR(at.second, (above.first - below.first) / (2.0 * h), 1e-6) << s;
  }
  EXPECT_EQ(loss()(0.0).value, 0.0);
}

TEST_P(EachLoss, MakesTheObjectiveThatItSays) {
  const Objective f = robust(Residuals(bent), loss()).objective();
  for (const Vector& x : points) EXPECT_NEAR(f.value(x), written_out(loss(), x), 1e-14 * (1.0 + f.value(x)));
}

TEST_P(EachLoss, HasExactSecondDerivatives) {
  const Residuals residuals = robust(Residuals(bent), loss());
  const Objective f = residuals.objective();
  // The same function, differentiated as one: exact but where a loss is made of pieces.
  for (const Vector& x : points) {
    Vector g;
    Matrix H;
    f.hessian(x, g, H);
    for (Index j = 0; j < 2; ++j) {
      const double h = 1e-5;
      const Vector above = x + h * Vector::Unit(2, j), below = x - h * Vector::Unit(2, j);
      EXPECT_NEAR(g[j], (written_out(loss(), above) - written_out(loss(), below)) / (2.0 * h), 1e-8);
      Vector g_above, g_below;
      f.gradient(above, g_above);
      f.gradient(below, g_below);
      for (Index i = 0; i < 2; ++i) EXPECT_NEAR(H(i, j), (g_above[i] - g_below[i]) / (2.0 * h), 1e-6);
    }
  }
}

TEST_P(EachLoss, HasTheSameDerivativesInEveryForm) {
  const Residuals residuals = robust(Residuals(bent), loss());
  for (const Vector& x : points) {
    Vector r, r_of_sparse, w{{0.7, -1.2, 0.4, 2.0}}, v{{0.6, -0.8}}, Sv, second;
    Matrix J, S;
    SparseMatrix sparse_J, sparse_S;
    residuals.jacobian(x, r, J);
    residuals.sparse_jacobian(x, r_of_sparse, sparse_J);
    EXPECT_EQ(r, r_of_sparse);
    EXPECT_LE((J - Matrix(sparse_J)).norm(), 1e-14 * (1.0 + J.norm()));
    residuals.weighted_hessian(x, w, S);
    residuals.sparse_weighted_hessian(x, w, sparse_S);
    const Matrix lower = S.triangularView<Eigen::Lower>();
    EXPECT_LE((lower - Matrix(sparse_S)).norm(), 1e-12 * (1.0 + S.norm()));
    residuals.weighted_hessian_product(x, w, v, Sv);
    EXPECT_LE((S * v - Sv).norm(), 1e-12 * (1.0 + S.norm()));
    residuals.second_directional(x, v, second);
    EXPECT_NEAR(w.dot(second), v.dot(Sv), 1e-12 * (1.0 + S.norm()));
  }
}

TEST(Losses, BendDownWhereTheyAreMeantTo) {
  // ½ρ(r²) of Cauchy's loss is concave beyond the scale, and Newton is to know.
  const Objective f =
      robust(Residuals([](const auto& x) { return std::array{1.0 * x[0]}; }), Cauchy{1.0}).objective();
  Vector g;
  Matrix H;
  f.hessian(Vector::Constant(1, 3.0), g, H);
  EXPECT_NEAR(g[0], 3.0 / 10.0, 1e-15);              // x / (1 + x²)
  EXPECT_NEAR(H(0, 0), (1.0 - 9.0) / 100.0, 1e-15);  // (1 − x²) / (1 + x²)²
  f.hessian(Vector::Constant(1, 0.0), g, H);
  EXPECT_EQ(H(0, 0), 1.0);
}

TEST(Losses, MayBeLinearFarOut) {
  const Loss loss([](const auto& s) {
    using std::log;
    return 0.1 * s + 0.3 * log(1.0 + 2.0 * s);
  });
  const Residuals identity([](const auto& x) { return std::array{1.0 * x[0]}; });
  for (const double r : {1e-9, 1e-4, 1.0, 1e4, 1e6}) {
    Vector t;
    Matrix J;
    robust(identity, loss).jacobian(Vector::Constant(1, r), t, J);
    const double s = r * r, rho = 0.1 * s + 0.3 * std::log1p(2.0 * s), slope = 0.1 + 0.6 / (1.0 + 2.0 * s);
    EXPECT_NEAR(t[0] / std::sqrt(rho), 1.0, 1e-8);  // the lambda rounds 1 + 2s
    EXPECT_NEAR(t[0] * J(0, 0) / (r * slope), 1.0, 1e-14);
  }
}

TEST(Losses, OfResidualsThatAreNoNumbersAreNone) {
  Vector r;
  robust(Residuals([](const Vector&) {
           return Vector{{std::nan(""), 1.0}};
         }),
         Huber{})
      .value(Vector::Zero(1), r);
  EXPECT_TRUE(std::isnan(r[0]));
  EXPECT_EQ(r[1], 1.0);
}

TEST(Losses, RefuseScalesThatArePositiveNowhere) {
  for (const double scale : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    EXPECT_THROW(Huber{scale}(1.0), Misuse);
    EXPECT_THROW(Tukey{scale}(1.0), Misuse);
  }
}

}  // namespace
}  // namespace quadric
