#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include <Eigen/LU>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/curvature/analyzer.hpp"
#include "quadric/problem/derivatives.hpp"

#include "linalg/random_matrices.hpp"

namespace quadric {
namespace {

std::string kind(const CriticalPoint& point) { return std::string(to_string(point.kind)); }

/// ½ (x − c)ᵀ A (x − c) + ⅙ Σ (xⱼ − cⱼ)³: critical at c with the Hessian A.
SuppliedObjective around(const Matrix& A, const Vector& center) {
  return {.value =
              [=](const Vector& x) {
                const Vector d = x - center;
                return 0.5 * d.dot(A * d) + d.array().cube().sum() / 6.0;
              },
          .gradient = [=](const Vector& x) -> Vector {
            const Vector d = x - center;
            return A * d + 0.5 * d.array().square().matrix();
          },
          .hessian = [=](const Vector& x) -> Matrix {
            Matrix H = A;
            H.diagonal() += x - center;
            return H;
          }};
}

TEST(Classify, FindsTheKindsInThePlane) {
  EXPECT_EQ(kind(classify([](const auto& x) { return x[0] * x[0] + 3.0 * x[1] * x[1]; }, {0.0, 0.0})),
            "minimum");
  EXPECT_EQ(kind(classify([](const auto& x) { return -x[0] * x[0] - x[1] * x[1]; }, {0.0, 0.0})), "maximum");
  EXPECT_EQ(kind(classify([](const auto& x) { return x[0] * x[1]; }, {0.0, 0.0})), "saddle");
  EXPECT_EQ(kind(classify([](const auto& x) { return x[0] * x[0] + 0.0 * x[1]; }, {0.0, 0.0})), "degenerate");
  EXPECT_EQ(kind(classify([](const auto& x) { return x[0] * x[0] + x[1] * x[1]; }, {1.0, 0.0})),
            "not_critical");
  EXPECT_EQ(kind(classify([](const auto& x) { return 0.0 * x[0] + 1.0; }, {1.0})), "degenerate");
}

TEST(Classify, GivesTheSaddleOfTheDoubleWell) {
  const auto well = [](const auto& x) {
    const auto a = x[0] * x[0] - 1.0;
    return a * a / 4.0 + x[1] * x[1] / 2.0;
  };
  const CriticalPoint point = classify(well, {0.0, 0.0});
  EXPECT_EQ(kind(point), "saddle");
  EXPECT_EQ(point.index, 1);
  EXPECT_EQ(point.nullity, 0);
  EXPECT_NEAR(point.lambda_min, -1.0, 1e-14);
  EXPECT_NEAR(point.lambda_max, 1.0, 1e-14);
  EXPECT_NEAR(std::abs(point.direction[0]), 1.0, 1e-14);
  EXPECT_EQ(point.gradient_norm, 0.0);
  EXPECT_EQ(kind(classify(well, {1.0, 0.0})), "minimum");
  EXPECT_EQ(kind(classify(well, {-1.0, 0.0})), "minimum");
}

/// The certificate of a matrix with a known index: kind, index, bounds on the eigenvalues, and a direction
/// that proves it.
void check(const Matrix& A, Index index, const Vector& center) {
  const Index n = A.rows();
  const CriticalPoint point = classify(around(A, center), center);
  EXPECT_EQ(kind(point), index == 0 ? "minimum" : index == n ? "maximum" : "saddle");
  EXPECT_EQ(point.index, index);
  EXPECT_EQ(point.nullity, 0);
  ASSERT_EQ(point.direction.size(), n);
  EXPECT_NEAR(point.direction.norm(), 1.0, 1e-12);
  const double along = point.direction.dot(A * point.direction);
  EXPECT_EQ(index > 0, along < 0.0) << "curvature along the proving direction: " << along;
}

TEST(Classify, CountsTheIndexInEveryRotation) {
  random::Source source(31);
  for (Index n = 1; n <= 12; ++n) {
    for (Index index = 0; index <= n; ++index) {
      SCOPED_TRACE("n = " + std::to_string(n) + ", index " + std::to_string(index));
      Vector values = source.vector(n).cwiseAbs().array() + 0.05;
      values.head(index) *= -1.0;
      const Matrix A = source.symmetric(values);
      check(A, index, 10.0 * source.vector(n));
      const CriticalPoint point = classify(around(A, Vector::Zero(n)), Vector(Vector::Zero(n)));
      EXPECT_NEAR(point.lambda_min, values.minCoeff(), point.error_bound);
      EXPECT_NEAR(point.lambda_max, values.maxCoeff(), point.error_bound);
    }
  }
}

TEST(Classify, DoesNotDependOnTheUnitsOfTheVariables) {
  random::Source source(32);
  for (Index n = 1; n <= 10; ++n) {
    for (Index index = 0; index <= n; ++index) {
      SCOPED_TRACE("n = " + std::to_string(n) + ", index " + std::to_string(index));
      Vector values = source.vector(n).cwiseAbs().array() + 0.2;
      values.head(index) *= -1.0;
      Vector units(n);
      for (Index j = 0; j < n; ++j) units[j] = std::abs(source.spread(6.0));
      const Matrix A = source.symmetric(values);
      check(units.asDiagonal() * A * units.asDiagonal(), index, Vector::Zero(n));
      check(1e10 * A, index, Vector::Zero(n));
      check(1e-10 * A, index, Vector::Zero(n));
    }
  }
}

TEST(Classify, CountsTheDirectionsOfZeroCurvature) {
  random::Source source(33);
  for (Index n = 2; n <= 10; ++n) {
    Vector values = source.vector(n).cwiseAbs().array() + 0.1;
    values.head(n / 2).setZero();
    const Matrix A = source.symmetric(values);
    const CriticalPoint point = classify(around(A, Vector::Zero(n)), Vector(Vector::Zero(n)));
    EXPECT_EQ(kind(point), "degenerate");
    EXPECT_EQ(point.nullity, n / 2);
    EXPECT_EQ(point.index, 0);
    // The cubic term is not zero along a flat direction, and is looked at where they are one or two.
    EXPECT_EQ(point.order, n / 2 <= 2 ? 3 : 2);
    EXPECT_LE((A * point.direction).norm(), point.order == 2 ? 1e-10 : 0.02 * A.norm());
  }
}

/// Where a minimum is proven by factors the direction is the eigenvector of the lowest eigenvalue, of dense
/// and of sparse Hessians.
TEST(Classify, GivesTheFlattestDirectionOfAMinimum) {
  random::Source source(34);
  for (const Index n : {1, 2, 3, 4, 7, 20, 64, 65, 90}) {
    Vector values = 1.5 + source.vector(n).array();
    values[n / 2] = 0.1;
    const Matrix A = source.symmetric(values);
    const CriticalPoint point = classify(around(A, Vector::Zero(n)), Vector(Vector::Zero(n)));
    EXPECT_EQ(kind(point), "minimum");
    EXPECT_NEAR(point.lambda_min, 0.1, point.error_bound) << n;
    EXPECT_NEAR(point.lambda_max, values.maxCoeff(), point.error_bound) << n;
    const double sharp = n <= 64 ? 1e-12 : 2e-2;
    EXPECT_NEAR(point.direction.norm(), 1.0, 1e-12) << n;
    EXPECT_LE((A * point.direction - 0.1 * point.direction).norm(), sharp) << n;
  }
}

/// A lowest curvature that is rounding of the highest, with its direction.
TEST(Classify, GivesTheFlattestDirectionInUnlikeUnits) {
  random::Source source(35);
  for (const Index n : {2, 3, 5, 9}) {
    Vector units(n);
    for (Index j = 0; j < n; ++j) units[j] = std::pow(10.0, -4.0 * static_cast<double>(j));
    const Matrix B = source.symmetric(2.0 + source.vector(n).array());
    const CriticalPoint point = classify(around(units.asDiagonal() * B * units.asDiagonal(), Vector::Zero(n)),
                                         Vector(Vector::Zero(n)));
    EXPECT_EQ(kind(point), "minimum");
    // Along the last variable, the others giving way: 1 / (B⁻¹)ₙₙ.
    const double expected = units[n - 1] * units[n - 1] / B.inverse()(n - 1, n - 1);
    EXPECT_NEAR(point.lambda_min / expected, 1.0, 1e-6) << n;
    EXPECT_NEAR(std::abs(point.direction[n - 1]), 1.0, 1e-6) << n;
  }
}

/// The chain Σ (xⱼ − xⱼ₊₁)² / 2 + s Σ xⱼ² / 2 between fixed ends, whose eigenvalues are s + 2 − 2 cos(kπ / (n
/// + 1)).
TEST(Classify, BoundsTheEndsOfALargeSpectrum) {
  for (const Index n : {70, 200, 1000, 6000}) {
    for (const double s : {1e-8, 1e-3, 1.0}) {
      const auto chain = [s](const auto& x) {
        ScalarOf<decltype(x)> sum = 0.5 * (x[0] * x[0] + x[x.size() - 1] * x[x.size() - 1]);
        for (Index i = 0; i < x.size(); ++i) sum += 0.5 * s * x[i] * x[i];
        for (Index i = 0; i + 1 < x.size(); ++i) sum += 0.5 * (x[i] - x[i + 1]) * (x[i] - x[i + 1]);
        return sum;
      };
      const CriticalPoint point = classify(Objective(chain), Vector(Vector::Zero(n)));
      EXPECT_EQ(kind(point), "minimum") << point.describe();
      const double angle = std::numbers::pi / static_cast<double>(n + 1);
      const double lowest = s + 4.0 * std::pow(std::sin(0.5 * angle), 2.0),
                   highest = s + 2.0 + 2.0 * std::cos(angle);
      EXPECT_NEAR(point.lambda_min, lowest, 1e-2 * lowest) << n << ", " << s;
      EXPECT_NEAR(point.lambda_min, lowest, point.error_bound);
      EXPECT_NEAR(point.lambda_max, highest, point.error_bound);
      EXPECT_LE(point.error_bound, 0.02 * highest);
    }
  }
}

TEST(Classify, IsUndecidedWhereTheHessianIsNotFinite) {
  const auto f = [](const auto& x) {
    using std::abs, std::pow;
    return pow(abs(x[0]), 1.5);
  };
  EXPECT_EQ(kind(classify(analytic([=](const Vector& x) { return f(x); },
                                   [](const Vector&) -> Vector { return Vector::Zero(1); },
                                   [](const Vector&) -> Matrix {
                                     return Matrix::Constant(1, 1, std::numeric_limits<double>::infinity());
                                   }),
                          {0.0})),
            "undecided");
}

/// Curvatures 2 and 10⁻¹² in rotated variables, beside a constant whose rounding hides the latter from
/// differences of values.
TEST(Classify, DoesNotTellASignThatTheErrorOfDifferencesHides) {
  for (const double curvature : {1e-12, -1e-12}) {
    const auto f = [curvature](const auto& x) {
      const auto a = x[0] + x[1];
      const auto b = x[0] - x[1];
      return 1.0 + 0.5 * a * a + 0.5 * curvature * b * b;
    };
    EXPECT_EQ(kind(classify(f, {0.0, 0.0})), curvature > 0.0 ? "minimum" : "saddle");
    const CriticalPoint blurred = classify(differenced(f), {0.0, 0.0}, 1e-6);
    EXPECT_THAT(kind(blurred), testing::AnyOf("degenerate", "undecided"));
    EXPECT_GT(blurred.error_bound, std::abs(curvature));
  }
}

TEST(Classify, RefusesPointsThatAreNone) {
  const auto f = [](const auto& x) { return x[0] * x[0]; };
  EXPECT_THROW(classify(f, Point{}), Misuse);
  EXPECT_THROW(classify(f, {std::numeric_limits<double>::quiet_NaN()}), Misuse);
  EXPECT_THROW(classify(f, {std::numeric_limits<double>::infinity()}), Misuse);
}

TEST(Describe, SaysTheKindAndTheDirection) {
  const CriticalPoint point = classify([](const auto& x) { return x[0] * x[0] - x[1] * x[1]; }, {0.0, 0.0});
  EXPECT_THAT(point.describe(), testing::HasSubstr("saddle of index 1"));
  EXPECT_THAT(point.describe(), testing::HasSubstr("λ ∈ [-2, 2]"));
}

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0];
  const auto b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

TEST(CurvatureAlong, GivesSlopeCurvatureAndStep) {
  const Bend bend = curvature_along(rosenbrock, {-1.2, 1.0}, {1.0, 0.0});
  EXPECT_NEAR(bend.slope, -215.6, 1e-11);
  EXPECT_NEAR(bend.curvature, 1330.0, 1e-10);
  EXPECT_NEAR(bend.step, 215.6 / 1330.0, 1e-14);
  EXPECT_THAT(bend.describe(), testing::HasSubstr("bends up"));
}

TEST(CurvatureAlong, ScalesWithTheDirection) {
  const Bend one = curvature_along(rosenbrock, {-1.2, 1.0}, {1.0, 2.0});
  const Bend three = curvature_along(rosenbrock, {-1.2, 1.0}, {3.0, 6.0});
  EXPECT_NEAR(three.slope, 3.0 * one.slope, 1e-10);
  EXPECT_NEAR(three.curvature, 9.0 * one.curvature, 1e-9);
  EXPECT_NEAR(three.step, one.step / 3.0, 1e-14);
}

TEST(CurvatureAlong, GoesForeverWhereTheQuadricFallsForever) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto f = [](const auto& x) { return -x[0] * x[0] + 2.0 * x[1]; };
  EXPECT_EQ(curvature_along(f, {1.0, 0.0}, {1.0, 0.0}).step, infinity);
  EXPECT_EQ(curvature_along(f, {-1.0, 0.0}, {1.0, 0.0}).step, -infinity);
  EXPECT_EQ(curvature_along(f, {0.0, 0.0}, {0.0, 1.0}).step, -infinity);
  EXPECT_EQ(std::abs(curvature_along(f, {0.0, 0.0}, {1.0, 0.0}).step), infinity);
  EXPECT_EQ(curvature_along([](const auto& x) { return 0.0 * x[0] + x[1]; }, {1.0, 1.0}, {1.0, 0.0}).step,
            0.0);
}

TEST(CurvatureAlong, RefusesDirectionsThatAreNone) {
  EXPECT_THROW(curvature_along(rosenbrock, {1.0, 1.0}, {0.0, 0.0}), Misuse);
  EXPECT_THROW(curvature_along(rosenbrock, {1.0, 1.0}, {1.0}), Misuse);
  EXPECT_THROW(curvature_along(rosenbrock, {1.0, 1.0}, {1.0, std::nan("")}), Misuse);
  EXPECT_THROW(curvature_along(rosenbrock, Point{}, Point{}), Misuse);
}

/// One curvature is negative by a billionth of the largest: too little for products to see, where so many
/// positive ones are as small, and enough for factors.
TEST(Classify, FindsANegativeCurvatureThatIsNextToNone) {
  random::Source source(37);
  for (const Index n : {100, 300}) {
    Vector values =
        Vector::NullaryExpr(n, [&] { return std::pow(10.0, 3.0 - 9.0 * std::abs(source.number())); });
    values[0] = 2e3;
    values[n / 2] = -2e-6;
    check(source.symmetric(values), 1, Vector::Zero(n));
  }
}

/// Wells side by side: at x = 0 each is on its top, at x = 1 at its bottom.
TEST(Classify, CountsTheCurvaturesOfManyVariables) {
  constexpr Index n = 1500;
  const auto wells = [](const auto& x) {
    ScalarOf<decltype(x)> sum = 0.0;
    for (Index i = 0; i < x.size(); ++i) sum += 0.25 * (x[i] * x[i] - 1.0) * (x[i] * x[i] - 1.0);
    for (Index i = 0; i + 1 < x.size(); i += 2) sum += 0.05 * (x[i] - x[i + 1]) * (x[i] - x[i + 1]);
    return sum;
  };
  Vector x = Vector::Ones(n);
  x.head(700).setZero();
  const CriticalPoint saddle = classify(Objective(wells), x);
  if (saddle.index_is_bound) GTEST_SKIP() << "this build has no MUMPS: " << saddle.describe();
  EXPECT_EQ(saddle.kind, CriticalKind::Saddle) << saddle.describe();
  EXPECT_EQ(saddle.index, 700);
  EXPECT_EQ(saddle.nullity, 0);
  const CriticalPoint top = classify(Objective(wells), Vector::Zero(n));
  EXPECT_EQ(top.kind, CriticalKind::Maximum) << top.describe();
  EXPECT_EQ(top.index, n);
}

TEST(NewtonStep, GoesToTheBottomOfTheQuadric) {
  const auto f = [](const auto& x) { return 3.0 * x[0] * x[0] + x[0] * x[1] + x[1] * x[1] - x[0] + 7.0; };
  const LocalModel model = local_model(f, {2.0, -3.0});
  const auto step = CurvatureAnalyzer(model).newton_step();
  ASSERT_TRUE(step.has_value());
  // The bottom: 6x + y = 1, x + 2y = 0.
  EXPECT_NEAR(model.x[0] + (*step)[0], 2.0 / 11.0, 1e-14);
  EXPECT_NEAR(model.x[1] + (*step)[1], -1.0 / 11.0, 1e-14);
  const LocalModel saddle = local_model([](const auto& x) { return x[0] * x[1]; }, {1.0, 1.0});
  EXPECT_FALSE(CurvatureAnalyzer(saddle).newton_step().has_value());
}

TEST(Eigenvalues, AreThoseOfTheHessian) {
  const LocalModel model = local_model(rosenbrock, {1.0, 1.0});
  const Vector values = CurvatureAnalyzer(model).eigenvalues();
  // Of [802, -400; -400, 200].
  EXPECT_NEAR(values[0], 501.0 - std::sqrt(301.0 * 301.0 + 400.0 * 400.0), 1e-11);
  EXPECT_NEAR(values[1], 501.0 + std::sqrt(301.0 * 301.0 + 400.0 * 400.0), 1e-11);
}

}  // namespace
}  // namespace quadric
