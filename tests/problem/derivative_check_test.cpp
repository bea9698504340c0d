#include "quadric/problem/derivative_check.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/expression.hpp"
#include "quadric/problem/pointwise.hpp"

namespace quadric {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr double infinity = std::numeric_limits<double>::infinity();

// f = x² y + 3 sin y, with its derivatives in closed form and room for mistakes.
double value(const Vector& x) { return x[0] * x[0] * x[1] + 3.0 * std::sin(x[1]); }
Vector gradient(const Vector& x) { return Point{2.0 * x[0] * x[1], x[0] * x[0] + 3.0 * std::cos(x[1])}; }
Matrix hessian(const Vector& x) {
  Matrix H(2, 2);
  H << 2.0 * x[1], 2.0 * x[0], 2.0 * x[0], -3.0 * std::sin(x[1]);
  return H;
}
const Point somewhere{1.5, 0.4};

DerivativeCheck check_gradient(std::function<Vector(const Vector&)> wrong) {
  return check_derivatives(Objective(analytic(value, std::move(wrong))), somewhere);
}
DerivativeCheck check_hessian(std::function<Matrix(const Vector&)> wrong) {
  return check_derivatives(Objective(analytic(value, gradient, std::move(wrong))), somewhere);
}

std::vector<CheckedEntry> wrong_entries(const DerivativeCheck& check, DerivativePart part) {
  std::vector<CheckedEntry> wrong;
  for (const CheckedEntry& entry : check.entries) {
    if (entry.part == part && entry.agreement == Agreement::Wrong && entry.point == 0) wrong.push_back(entry);
  }
  return wrong;
}

TEST(DerivativeCheck, PassesWhatIsRight) {
  const DerivativeCheck check = check_derivatives(Objective(analytic(value, gradient, hessian)), somewhere);
  EXPECT_TRUE(check.passed()) << check;
  EXPECT_EQ(check.points.size(), 3U);
  EXPECT_EQ(check.entries.size(), 3U * (2 + 4 + 2 + 2));
  EXPECT_THAT(check.sentence(), IsEmpty());
  EXPECT_THAT(check.summary(), HasSubstr("of 30 entries 30 agree, 0 wrong, 0 not decided"));
}

TEST(DerivativeCheck, NamesTheWrongEntryWithBothValuesAndTheExpectedError) {
  CheckOptions options;
  options.names = {"mass", "speed"};
  const Objective wrong = analytic(value, [](const Vector& x) -> Vector {
    return Point{2.0 * x[0] * x[1], x[0] * x[0] + 3.3 * std::cos(x[1])};
  });
  const DerivativeCheck check = check_derivatives(wrong, somewhere, options);
  const std::vector<CheckedEntry> entries = wrong_entries(check, DerivativePart::Gradient);
  ASSERT_EQ(entries.size(), 1U) << check;
  EXPECT_EQ(entries[0].column, 1);
  EXPECT_EQ(check.name(entries[0]), "∂f/∂speed");
  EXPECT_DOUBLE_EQ(entries[0].value, 2.25 + 3.3 * std::cos(0.4));
  EXPECT_NEAR(entries[0].reference, 2.25 + 3.0 * std::cos(0.4), 1e-10);
  EXPECT_LT(std::abs(entries[0].reference - (2.25 + 3.0 * std::cos(0.4))), 10.0 * entries[0].expected_error);
  EXPECT_LT(entries[0].expected_error, 1e-9);
  EXPECT_THAT(check.summary(), AllOf(HasSubstr("∂f/∂speed"), HasSubstr("expected error")));
  EXPECT_THAT(check.sentence(), HasSubstr("∂f/∂speed is"));
}

TEST(DerivativeCheck, SaysWhichMistakeItIs) {
  EXPECT_THAT(check_gradient([](const Vector& x) -> Vector { return -gradient(x); }).findings,
              Contains("all entries of the gradient have the wrong sign"));
  EXPECT_THAT(check_gradient([](const Vector& x) -> Vector { return 2.0 * gradient(x); }).findings,
              Contains("all entries of the gradient are twice what they should be"));
  EXPECT_THAT(check_gradient([](const Vector& x) -> Vector { return 0.5 * gradient(x); }).findings,
              Contains("all entries of the gradient are half of what they should be"));
  EXPECT_THAT(check_gradient([](const Vector& x) -> Vector { return gradient(x).reverse(); }).findings,
              Contains("the entries of x0 and x1 are swapped in the gradient"));
  const DerivativeCheck flipped = check_gradient([](const Vector& x) -> Vector {
    return Point{2.0 * x[0] * x[1], -x[0] * x[0] - 3.0 * std::cos(x[1])};
  });
  EXPECT_EQ(wrong_entries(flipped, DerivativePart::Gradient).at(0).remark, "sign flipped");
  EXPECT_THAT(check_hessian([](const Vector& x) -> Matrix { return 2.0 * hessian(x); }).findings,
              Contains("all entries of the Hessian are twice what they should be"));
}

TEST(DerivativeCheck, NamesTheAsymmetricPairs) {
  const DerivativeCheck check = check_hessian([](const Vector& x) -> Matrix {
    Matrix H = hessian(x);
    H(1, 0) = 2.5;
    return H;
  });
  EXPECT_THAT(check.findings,
              Contains(HasSubstr("the Hessian is not symmetric: (x1, x0) is 2.5, but (x0, x1) is 3")));
  const std::vector<CheckedEntry> wrong = wrong_entries(check, DerivativePart::Hessian);
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].row, 1);
  EXPECT_EQ(wrong[0].column, 0);

  const DerivativeCheck triangle =
      check_hessian([](const Vector& x) -> Matrix { return hessian(x).triangularView<Eigen::Lower>(); });
  EXPECT_THAT(triangle.findings, Contains(HasSubstr("only its lower triangle is filled")));
}

TEST(DerivativeCheck, FindsAWrongHessianEntryOfOneInTenThousand) {
  const DerivativeCheck check = check_hessian([](const Vector& x) -> Matrix {
    Matrix H = hessian(x);
    H(1, 1) *= 1.0 + 1e-4;
    return H;
  });
  ASSERT_EQ(wrong_entries(check, DerivativePart::Hessian).size(), 1U) << check;
  // Where the gradient can not be trusted, from values alone.
  const Objective both = analytic(
      value, [](const Vector& x) -> Vector { return -gradient(x); },
      [](const Vector& x) -> Matrix {
        Matrix H = hessian(x);
        H(0, 1) *= 1.0 + 1e-4;
        return H;
      });
  const std::vector<CheckedEntry> wrong =
      wrong_entries(check_derivatives(both, somewhere), DerivativePart::Hessian);
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].column, 1);
}

TEST(DerivativeCheck, FindsAWrongProduct) {
  SuppliedObjective pieces{.value = value, .gradient = gradient, .hessian = hessian};
  pieces.hessian_product = [](const Vector& x, const Vector& v) -> Vector {
    return 1.001 * (hessian(x) * v);
  };
  const DerivativeCheck check = check_derivatives(pieces, somewhere);
  EXPECT_EQ(wrong_entries(check, DerivativePart::HessianProduct).size(), 2U) << check;
  EXPECT_EQ(wrong_entries(check, DerivativePart::ProductOfHessian).size(), 2U);
  EXPECT_THAT(wrong_entries(check, DerivativePart::Hessian), IsEmpty());
}

/// Noise that is the same at the same point, of standard deviation about 1.
double noise_at(double x) {
  auto bits = static_cast<std::uint64_t>(std::hash<double>{}(x)) * 0x9E3779B97F4A7C15ULL;
  bits ^= bits >> 29U;
  bits *= 0xBF58476D1CE4E5B9ULL;
  return (static_cast<double>(bits >> 11U) * 0x1p-53 - 0.5) * std::sqrt(12.0);
}

TEST(DerivativeCheck, DoesNotCallCorrectDerivativesOfANoisyFunctionWrong) {
  const auto noisy = [](const Vector& x) { return value(x) + 1e-6 * noise_at(x[0] + 0.7 * x[1]); };
  for (int seed = 0; seed < 200; ++seed) {
    CheckOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    const Point x{1.5 + 0.01 * seed, 0.4 - 0.003 * seed};
    const DerivativeCheck check =
        check_derivatives(Objective(analytic(noisy, gradient, hessian)), x, options);
    EXPECT_FALSE(check.failed()) << check;
  }
  const DerivativeCheck flipped = check_derivatives(
      Objective(analytic(noisy, [](const Vector& x) -> Vector { return -gradient(x); })), somewhere);
  EXPECT_THAT(flipped.findings, Contains("all entries of the gradient have the wrong sign"));
}

TEST(DerivativeCheck, DecidesNothingWhereNoiseHidesTheDerivative) {
  const auto drowned = [](const Vector& x) { return 1e-9 * value(x) + 1e-3 * noise_at(x[0] + x[1]); };
  const auto tiny = [](const Vector& x) -> Vector { return 1e-9 * gradient(x); };
  const DerivativeCheck check = check_derivatives(Objective(analytic(drowned, tiny)), somewhere);
  EXPECT_FALSE(check.failed()) << check;
  EXPECT_FALSE(check.passed());
  EXPECT_GT(check.count(Agreement::NotDecided), 0U);
}

// c · f(x / s), its derivatives in closed form.
class Scaled {
 public:
  Scaled(double of_f, double of_x) : of_f_(of_f), of_x_(of_x) {}
  Objective objective(double mistake) const {
    const double c = of_f_, s = of_x_;
    return analytic([=](const Vector& x) { return c * quadric::value(x / s); },
                    [=](const Vector& x) -> Vector {
                      Vector g = c / s * quadric::gradient(x / s);
                      g[0] *= 1.0 + mistake;
                      return g;
                    },
                    [=](const Vector& x) -> Matrix { return c / (s * s) * quadric::hessian(x / s); });
  }

 private:
  double of_f_, of_x_;
};

TEST(DerivativeCheck, TakesBadlyScaledFunctions) {
  for (const double of_f : {1e-10, 1.0, 1e10}) {
    for (const double of_x : {1e-10, 1e-8, 1.0, 1e10}) {
      const Scaled scaled(of_f, of_x);
      const Vector x = of_x * somewhere.vector();
      const DerivativeCheck right = check_derivatives(scaled.objective(0.0), x);
      EXPECT_TRUE(right.passed()) << of_f << " " << of_x << "\n" << right;
      const DerivativeCheck wrong = check_derivatives(scaled.objective(1e-4), x);
      EXPECT_EQ(wrong_entries(wrong, DerivativePart::Gradient).size(), 1U) << of_f << " " << of_x << wrong;
    }
  }
}

TEST(DerivativeCheck, FindsAWrongEntryOfATinyVariableAmongLargeOnes) {
  // f = 1e3 x² + (y / 1e-8)³ at x = 1, y = 2e-8, the derivative by y wrong by 1 %.
  const Objective f = analytic([](const Vector& x) { return 1e3 * x[0] * x[0] + std::pow(x[1] * 1e8, 3); },
                               [](const Vector& x) -> Vector {
                                 return Point{2e3 * x[0], 1.01 * 3e8 * std::pow(x[1] * 1e8, 2)};
                               });
  const std::vector<CheckedEntry> wrong =
      wrong_entries(check_derivatives(f, {1.0, 2e-8}), DerivativePart::Gradient);
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].column, 1);
}

// Residuals that are not symmetric in anything, with their Jacobian.
Vector residuals(const Vector& x) {
  return Point{std::exp(x[0]) * x[1], x[0] * x[2] - x[1], x[2] * x[2] + 2.0 * x[0]};
}
Matrix jacobian(const Vector& x) {
  Matrix J(3, 3);
  J << std::exp(x[0]) * x[1], std::exp(x[0]), 0.0, x[2], -1.0, x[0], 2.0, 0.0, 2.0 * x[2];
  return J;
}
const Point start{0.3, 1.2, -0.7};

DerivativeCheck check_jacobian(std::function<Matrix(const Vector&)> wrong) {
  return check_derivatives(Residuals(analytic_residuals(residuals, std::move(wrong))), start);
}

TEST(DerivativeCheckOfResiduals, PassesWhatIsRightAndNamesWhatIsNot) {
  EXPECT_TRUE(check_jacobian(jacobian).passed()) << check_jacobian(jacobian);
  EXPECT_THAT(check_jacobian([](const Vector& x) -> Matrix { return jacobian(x).transpose(); }).findings,
              Contains(HasSubstr("the Jacobian is transposed")));
  EXPECT_THAT(check_jacobian([](const Vector& x) -> Matrix {
                Matrix J = jacobian(x);
                J.row(1) *= -1.0;
                return J;
              }).findings,
              Contains("the row of r1 in the Jacobian is wrong throughout: its entries have the wrong sign"));
  EXPECT_THAT(check_jacobian([](const Vector& x) -> Matrix {
                Matrix J = jacobian(x);
                J.col(2).setZero();
                return J;
              }).findings,
              Contains("only the derivatives by x2 are wrong in the Jacobian: they are missing: they are 0"));
  EXPECT_THAT(check_jacobian([](const Vector& x) -> Matrix {
                Matrix J = jacobian(x);
                J.col(0).swap(J.col(1));
                return J;
              }).findings,
              Contains("the columns of x0 and x1 are swapped in the Jacobian"));
  EXPECT_THAT(check_jacobian([](const Vector& x) -> Matrix {
                Matrix J = jacobian(x);
                J.row(0).swap(J.row(2));
                return J;
              }).findings,
              Contains("the rows of r0 and r2 are swapped in the Jacobian"));
}

TEST(DerivativeCheckOfResiduals, NamesResidualAndParameter) {
  CheckOptions options;
  options.names = {"a", "b", "c"};
  options.residual_names = {"first", "second", "third"};
  const Residuals wrong = analytic_residuals(residuals, [](const Vector& x) -> Matrix {
    Matrix J = jacobian(x);
    J(2, 0) = 2.2;
    return J;
  });
  const DerivativeCheck check = check_derivatives(wrong, start, options);
  EXPECT_THAT(check.sentence(), HasSubstr("∂third/∂a is 2.2, but should be 2"));
}

TEST(DerivativeCheckOfResiduals, RecognizesAHessianThatIsOnlyTheProductOfJacobians) {
  const Residuals r = analytic_residuals(residuals, jacobian);
  const Objective crude =
      analytic([](const Vector& x) { return 0.5 * residuals(x).squaredNorm(); },
               [](const Vector& x) -> Vector { return jacobian(x).transpose() * residuals(x); },
               [](const Vector& x) -> Matrix { return jacobian(x).transpose() * jacobian(x); });
  CheckOptions options;
  options.residuals = r;
  EXPECT_THAT(check_derivatives(crude, start, options).findings,
              Contains("the Hessian is JᵀJ only: the part Σ rᵢ ∇²rᵢ is missing"));
  SuppliedResiduals pieces{.value = residuals, .jacobian = jacobian};
  pieces.weighted_hessian = [](const Vector&, const Vector&) -> Matrix { return Matrix::Zero(3, 3); };
  EXPECT_THAT(check_derivatives(pieces, start).findings, Contains(HasSubstr("the Hessian is JᵀJ only")));
}

TEST(DerivativeCheck, ComparesAnyProviderWithAnyOther) {
  const auto generic = [](const auto& x) {
    using std::sin;
    return x[0] * x[0] * x[1] + 3.0 * sin(x[1]);
  };
  const Objective supplied = analytic(value, gradient, hessian);
  EXPECT_TRUE(check_derivatives(Objective(generic), supplied, somewhere).passed());
  EXPECT_TRUE(check_derivatives(supplied, Objective(generic), somewhere).passed());
  EXPECT_TRUE(check_derivatives(Objective(differenced(generic)), Objective(generic), somewhere).passed())
      << check_derivatives(Objective(differenced(generic)), Objective(generic), somewhere);
  const Objective wrong = analytic(value, [](const Vector& x) -> Vector { return gradient(x) * 1.00001; });
  const DerivativeCheck check = check_derivatives(wrong, Objective(generic), somewhere);
  EXPECT_EQ(check.reference, "automatic");
  EXPECT_EQ(wrong_entries(check, DerivativePart::Gradient).size(), 2U);
}

TEST(DerivativeCheck, FindsAtRandomPointsWhatIsRightByAccident) {
  // ∂/∂x of x³ taken as 3x: right at x = 1.
  const Objective f = analytic([](const Vector& x) { return x[0] * x[0] * x[0]; },
                               [](const Vector& x) -> Vector { return 3.0 * x; });
  CheckOptions options;
  options.second_order = false;
  EXPECT_TRUE(check_derivatives(f, {1.0}, options).failed());
  options.points = 1;
  EXPECT_TRUE(check_derivatives(f, {1.0}, options).passed());
}

TEST(DerivativeCheck, SaysWhereANonFiniteDerivativeComesFrom) {
  const auto root = [](const auto& x) {
    using std::sqrt;
    return sqrt(x[0] - 1.0) + x[1] * x[1];
  };
  const DerivativeCheck check = check_derivatives(root, {1.0, 2.0});
  EXPECT_GT(check.count(Agreement::NotFinite), 0U);
  EXPECT_THAT(check.findings, Contains(HasSubstr("sqrt(0): its first derivative is inf")));
  EXPECT_THAT(check.sentence(), HasSubstr("∂f/∂x0 is inf"));
}

TEST(DerivativeCheck, StaysInsideTheDomain) {
  // Finite on one side only, and thrown at on the other.
  const auto f = [](const Vector& x) {
    if (x[0] < 0.999) throw std::runtime_error("outside");
    return std::log(x[0] - 0.999) + x[0];
  };
  const auto g = [](const Vector& x) -> Vector { return Point{1.0 / (x[0] - 0.999) + 1.0}; };
  const DerivativeCheck check = check_derivatives(Objective(analytic(f, g)), {1.0});
  EXPECT_FALSE(check.failed()) << check;
  EXPECT_GT(check.count(Agreement::Agrees), 0U);
}

TEST(DerivativeCheck, RefusesWhatItCanNotCheck) {
  const Objective f = analytic(value, gradient);
  EXPECT_THROW(check_derivatives(f, Point{}), Misuse);
  EXPECT_THROW(check_derivatives(f, {1.0, infinity}), Misuse);
  CheckOptions options;
  options.names = {"only one"};
  EXPECT_THROW(check_derivatives(f, somewhere, options), Misuse);
  options = {};
  options.points = 0;
  EXPECT_THROW(check_derivatives(f, somewhere, options), Misuse);
  options = {};
  options.factor = 0.5;
  EXPECT_THROW(check_derivatives(f, somewhere, options), Misuse);
  const auto logarithm = [](const auto& x) {
    using std::log;
    return log(x[0]);
  };
  try {
    check_derivatives(logarithm, {-1.0});
    FAIL();
  } catch (const Misuse& error) {
    EXPECT_THAT(error.what(), HasSubstr("log(-1): its value is nan"));
  }
}

TEST(Traced, NamesTheFirstOperationThatIsNotFinite) {
  const auto explain = [](const auto& f, const Point& x) { return explain_non_finite(f, x); };
  using std::exp, std::log, std::pow, std::abs;
  EXPECT_EQ(explain([](const auto& x) { return exp(x[0]) + x[1]; }, {800.0, 1.0}),
            "exp(800): its value is inf");
  EXPECT_EQ(explain([](const auto& x) { return x[1] / x[0]; }, {0.0, 1.0}), "1 / 0: its value is inf");
  EXPECT_EQ(explain([](const auto& x) { return pow(x[0], 1.5) * x[1]; }, {0.0, 1.0}),
            "pow(0, 1.5): its second derivative is inf");
  EXPECT_EQ(explain([](const auto& x) { return pow(x[0], x[1]); }, {-1.0, 0.5}),
            "pow(-1, 0.5): its value is nan");
  EXPECT_EQ(explain([](const auto& x) { return log(1.0 - x.squaredNorm()) + abs(x[0]); }, {1.0, 0.0}),
            "log(0): its value is -inf");
  EXPECT_THAT(explain([](const auto& x) { return 2.0 * x[0] - pow(x[1], 2); }, {0.0, 0.0}), IsEmpty());
}

TEST(ExpressionExplained, NamesTheSubExpression) {
  const auto explain = [](const char* text, const Point& x) {
    return Expression::parse(text).explain_non_finite({"x", "y"}, x);
  };
  EXPECT_EQ(explain("2*y + 3*sqrt(x - 1)", {1.0, 2.0}),
            "in sqrt(x - 1) at x = 1: sqrt(0): its first derivative is inf");
  EXPECT_EQ(explain("y^2/(x*y - 6)", {3.0, 2.0}),
            "in y^2/(x*y - 6) at y = 2, x = 3: 4 / 0: its value is inf");
  EXPECT_EQ(explain("(x - y)^1.5", {2.0, 2.0}),
            "in (x - y)^1.5 at x = 2, y = 2: pow(0, 1.5): its second derivative is inf");
  EXPECT_THAT(explain("x^2 - y^3 + min(x, y)", {0.0, 0.0}), IsEmpty());
  EXPECT_EQ(Expression::parse("a*log(t)").explain_non_finite({"a"}, Point{2.0}, {"t"}, std::array{0.0}),
            "in log(t) at t = 0: log(0): its value is -inf");
  EXPECT_THROW(explain("x + z", {1.0, 1.0}), Misuse);
}

}  // namespace
}  // namespace quadric
