#include "quadric/solvers/matrix_free_newton.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "linalg/symmetric_spectrum.hpp"

/// Newton's method by products alone, beside Newton's with the Hessian and against closed forms.
namespace quadric {
namespace {

const auto chained_rosenbrock = [](const auto& x) {
  using T = ScalarOf<decltype(x)>;
  T sum(0.0);
  for (Index i = 0; i + 1 < x.size(); ++i) {
    const auto a = 1.0 - x[i], b = x[i + 1] - x[i] * x[i];
    sum += a * a + 100.0 * b * b;
  }
  return sum;
};

/// Σ exp(xᵢ − cᵢ) − xᵢ + ½ (Σ (xᵢ − cᵢ))², with the minimizer cᵢ = i / n and a full Hessian.
const auto exponentials = [](const auto& x) {
  using std::exp;
  using T = ScalarOf<decltype(x)>;
  T sum(0.0), total(0.0);
  const auto n = static_cast<double>(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const auto d = x[i] - static_cast<double>(i) / n;
    sum += exp(d) - d;
    total += d;
  }
  return sum + 0.5 * total * total;
};

/// ¼ Σ (xᵢ² − 1)² + Σ (xᵢ − xᵢ₋₁)²: wells at ±1, a saddle at 0.
const auto coupled_wells = [](const auto& x) {
  using T = ScalarOf<decltype(x)>;
  T sum(0.0);
  for (Index i = 0; i < x.size(); ++i) {
    const auto a = x[i] * x[i] - 1.0;
    sum += 0.25 * a * a;
    if (i > 0) sum += (x[i] - x[i - 1]) * (x[i] - x[i - 1]);
  }
  return sum;
};

Vector rosenbrock_start(Index n) {
  return Vector::NullaryExpr(n, [](Index i) { return i % 2 == 0 ? -1.2 : 1.0; });
}

std::vector<MatrixFreeNewton> every_form() {
  return {MatrixFreeNewton{},
          MatrixFreeNewton{.at_boundary = AtBoundary::Stop},
          MatrixFreeNewton{.step = LineSearch{}},
          MatrixFreeNewton{.step = StrongWolfe{}},
          MatrixFreeNewton{.step = CubicRegularization{}},
          MatrixFreeNewton{.most_vectors = 2}};
}

/// f = ½ xᵀA x − bᵀx + ¼ (sᵀx)⁴ with A = diag(1 … 10), s = 1/√n: what it owns are products; its Hessian must
/// not be asked for. All entries of it are other than zero.
class ProductsOnly {
 public:
  enum class Trouble { None, Throws, ThrowsOddly, IsNan };

  explicit ProductsOnly(Index n, Trouble trouble = Trouble::None, Index good = 0)
      : A_(Vector::LinSpaced(n, 1.0, 10.0)),
        s_(Vector::Constant(n, 1.0 / std::sqrt(static_cast<double>(n)))),
        b_(Vector::LinSpaced(n, -1.0, 2.0)),
        trouble_(trouble),
        good_(good) {}

  double value(const Vector& x) const {
    const double t = s_.dot(x);
    return 0.5 * x.dot(A_.cwiseProduct(x)) - b_.dot(x) + 0.25 * t * t * t * t;
  }
  Vector gradient(const Vector& x) const {
    const double t = s_.dot(x);
    return A_.cwiseProduct(x) - b_ + t * t * t * s_;
  }
  Matrix hessian(const Vector&) const {
    ADD_FAILURE() << "the Hessian was asked for";
    throw std::logic_error("there is no Hessian");
  }
  Vector hessian_product(const Vector& x, const Vector& v) const {
    // The engine's own first product at a point is always good: what is to fail comes within a step.
    if (++*products_ > good_ && !v.isApprox(gradient(x))) {
      if (trouble_ == Trouble::Throws) throw std::runtime_error("no product today");
      if (trouble_ == Trouble::ThrowsOddly) throw 7;
      if (trouble_ == Trouble::IsNan) return Vector::Constant(x.size(), std::nan(""));
    }
    const double t = s_.dot(x);
    return A_.cwiseProduct(v) + 3.0 * t * t * s_.dot(v) * s_;
  }
  Index products() const { return *products_; }

  /// The minimizer: x = A⁻¹(b − t³ s), where t solves t + t³ sᵀA⁻¹s = sᵀA⁻¹b, by bisection.
  Vector minimizer() const {
    const double a = s_.dot(s_.cwiseQuotient(A_)), c = s_.dot(b_.cwiseQuotient(A_));
    double low = -std::abs(c), high = std::abs(c);
    for (int i = 0; i < 200; ++i) {
      const double t = 0.5 * (low + high);
      (t + a * t * t * t < c ? low : high) = t;
    }
    return (b_ - low * low * low * s_).cwiseQuotient(A_);
  }

 private:
  Vector A_, s_, b_;
  Trouble trouble_;
  Index good_;
  std::shared_ptr<Index> products_ = std::make_shared<Index>(0);
};

TEST(MatrixFreeNewton, ReachesTheMinimumByEveryStepControl) {
  for (const MatrixFreeNewton& options : every_form()) {
    for (const Index n : {2, 30, 150}) {
      const Result valley = minimize(chained_rosenbrock, Vector::Constant(n, 0.5), options);
      EXPECT_TRUE(valley.converged()) << valley.summary();
      EXPECT_LT((valley.x - Vector::Ones(n)).cwiseAbs().maxCoeff(), 1e-7) << valley.summary();
      const Result bowl = minimize(exponentials, Vector::Constant(n, 2.0), options);
      EXPECT_TRUE(bowl.converged()) << bowl.summary();
      for (Index i = 0; i < n; ++i)
        EXPECT_NEAR(bowl.x[i], static_cast<double>(i) / static_cast<double>(n), 1e-7);
    }
  }
}

TEST(MatrixFreeNewton, TakesAboutAsManyIterationsAsNewton) {
  const Vector start = rosenbrock_start(100);
  const Result exact = minimize(chained_rosenbrock, start, Newton{});
  const Result truncated = minimize(chained_rosenbrock, start, MatrixFreeNewton{});
  EXPECT_TRUE(truncated.converged()) << truncated.summary();
  EXPECT_LE(2 * truncated.iterations, 3 * exact.iterations);
  EXPECT_GT(truncated.counts.products, truncated.iterations);
}

/// Of order 3/2: the gradient of one step to the next falls faster each time.
TEST(MatrixFreeNewton, ConvergesFasterThanLinearly) {
  const Index n = 200;
  const Result result = minimize(exponentials, Vector::Constant(n, 1.5), MatrixFreeNewton{});
  ASSERT_TRUE(result.converged()) << result.summary();
  const auto& trace = result.trace;
  const double start = trace.front().gradient_norm;
  Index checked = 0;
  for (std::size_t k = 1; k < trace.size(); ++k) {
    const double before = trace[k - 1].gradient_norm / start, after = trace[k].gradient_norm / start;
    if (before > 1e-2 || before < 1e-9) continue;
    EXPECT_LE(after, 3.0 * std::pow(before, 1.5)) << "iteration " << k;
    ++checked;
  }
  EXPECT_GE(checked, 1);
}

TEST(MatrixFreeNewton, LeavesSaddles) {
  for (const MatrixFreeNewton& options : every_form()) {
    for (const Vector& start : {Vector(Vector::Zero(20)), Vector(Vector::LinSpaced(20, -1.0, 1.0))}) {
      const Result result = minimize(coupled_wells, start, options);
      EXPECT_TRUE(result.converged()) << result.summary();
      EXPECT_TRUE(result.critical_point.is_minimum());
      EXPECT_GT(linalg::symmetric_eigenvalues(hessian(coupled_wells, result.x))[0], 0.0);
    }
  }
  MatrixFreeNewton stopping;
  stopping.at_saddle = AtSaddle::Stop;
  EXPECT_EQ(minimize(coupled_wells, Vector::Zero(20), stopping).status, Status::SaddlePoint);
}

/// With as many vectors as variables kept or not, past the size up to which a Hessian would be put together.
TEST(MatrixFreeNewton, AsksForProductsOnly) {
  for (const Index n : {5, 100, 5000}) {
    for (const MatrixFreeNewton& options : every_form()) {
      const ProductsOnly f(n);
      const Result result = minimize(f, Vector::Constant(n, 3.0), options);
      EXPECT_TRUE(result.converged()) << result.summary();
      EXPECT_EQ(result.counts.hessians, 0);
      EXPECT_EQ(result.counts.products, f.products());
      EXPECT_LT((result.x - f.minimizer()).norm(), 1e-8 * f.minimizer().norm()) << result.summary();
      // A gains a positive matrix of rank one: the lowest eigenvalue is between the two lowest of A.
      const CriticalPoint& point = result.critical_point;
      EXPECT_GE(point.lambda_min, 1.0 - 1e-9);
      EXPECT_LE(point.lambda_min - point.error_bound, 1.0 + 9.0 / static_cast<double>(n - 1));
      EXPECT_EQ(result.critical_point.doubt > 0.0, n > 2000);
      EXPECT_LE(result.critical_point.doubt, 3e-10);
    }
  }
}

TEST(MatrixFreeNewton, SurvivesProductsThatCanNotBeHad) {
  using Trouble = ProductsOnly::Trouble;
  for (const Trouble trouble : {Trouble::Throws, Trouble::ThrowsOddly, Trouble::IsNan}) {
    for (const Index n : {100, 3000}) {
      for (const MatrixFreeNewton& options : every_form()) {
        for (const Index good : {0, 5, 20}) {
          const ProductsOnly f(n, trouble, good);
          const Vector start = Vector::Constant(n, 3.0);
          MatrixFreeNewton limited = options;
          limited.stop.max_iterations = 300;
          const Result result = minimize(f, start, limited);
          ASSERT_TRUE(result.x.allFinite());
          EXPECT_LT(result.value, f.value(start));
          EXPECT_EQ(result.counts.products, f.products());
          // Without curvature no point is called a minimum.
          EXPECT_FALSE(result.converged()) << result.summary();
          EXPECT_TRUE(std::any_of(result.trace.begin(), result.trace.end(), [](const Iteration& line) {
            return line.events.has(Event::NonFinite);
          })) << result.summary();
        }
      }
    }
  }
}

TEST(MatrixFreeNewton, IsPreconditionedByADiagonal) {
  // ½ Σ dᵢ xᵢ² with dᵢ from 1e-4 to 1e4, joined by ½ (Σ xᵢ)² / n: products by the dozen with the diagonal,
  // by the hundred without.
  const Index n = 400;
  const Vector d = Vector::NullaryExpr(n, [](Index i) {
    return std::pow(10.0, -4.0 + 8.0 * static_cast<double>(i) / static_cast<double>(n - 1));
  });
  const auto f = [d](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum(0.0), total(0.0);
    for (Index i = 0; i < x.size(); ++i) {
      sum += 0.5 * d[i] * (x[i] - 1.0) * (x[i] - 1.0);
      total += x[i] - 1.0;
    }
    return sum + 0.5 * total * total / static_cast<double>(x.size());
  };
  const Result plain = minimize(f, Vector::Zero(n), MatrixFreeNewton{});
  const Result scaled =
      minimize(f, Vector::Zero(n), MatrixFreeNewton{.diagonal = [d](const Vector&) { return d; }});
  EXPECT_TRUE(scaled.converged()) << scaled.summary();
  EXPECT_LT((scaled.x - Vector::Ones(n)).norm(), 1e-7);
  // The certificate takes n of both.
  EXPECT_LT(2 * (scaled.counts.products - n), plain.counts.products - n);
}

TEST(MatrixFreeNewton, TakesNoHarmFromADiagonalThatFails) {
  for (const int kind : {0, 1, 2}) {
    const auto diagonal = [kind](const Vector& x) -> Vector {
      if (kind == 0) throw std::runtime_error("no diagonal");
      return Vector::Constant(x.size(), kind == 1 ? std::nan("") : -1.0);
    };
    const Result result =
        minimize(exponentials, Vector::Constant(30, 1.0), MatrixFreeNewton{.diagonal = diagonal});
    EXPECT_TRUE(result.converged()) << result.summary();
  }
}

TEST(MatrixFreeNewton, RefusesOptionsThatMakeNoSense) {
  EXPECT_THROW(Solver(MatrixFreeNewton{.most_products = 0}), Misuse);
  EXPECT_THROW(Solver(MatrixFreeNewton{.most_vectors = 0}), Misuse);
  const auto wrong = [](const Vector&) -> Vector { return Vector::Ones(3); };
  EXPECT_THROW(minimize(exponentials, Vector::Ones(30), MatrixFreeNewton{.diagonal = wrong}), Misuse);
}

TEST(MatrixFreeNewton, DoesNotCareAboutTheScaleOfTheFunction) {
  const Vector start = rosenbrock_start(10);
  const Result one = minimize(chained_rosenbrock, start, MatrixFreeNewton{});
  for (const double scale : {0x1p-60, 0x1p60}) {
    const auto scaled = [scale](const auto& x) { return scale * chained_rosenbrock(x); };
    const Result other = minimize(scaled, start, MatrixFreeNewton{});
    EXPECT_EQ(other.iterations, one.iterations);
    EXPECT_LT((other.x - one.x).norm(), 1e-8);
  }
}

/// Methods that know gradients only, on the same full Hessian.
TEST(CertificateByProducts, SpeaksForEveryMethodThatFormsNoHessian) {
  const Index n = 3000;
  const ProductsOnly f(n);
  for (const Solver& solver : {Solver(Lbfgs{}), Solver(GradientDescent{})}) {
    const Result result = minimize(f, Vector::Constant(n, 3.0), solver);
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_EQ(result.counts.hessians, 0);
    EXPECT_GT(result.critical_point.doubt, 0.0);
    EXPECT_THAT(result.critical_point.describe(), testing::HasSubstr("but for a chance of"));
  }
}

/// The saddle of index 1 at 0 of ½ Σ dᵢ xᵢ² + ¼ Σ xᵢ⁴ + ¼ (Σ xᵢ)⁴ / n², d₀ = −δ.
TEST(CertificateByProducts, ProvesASaddleByItsDirection) {
  const Index n = 2500;
  const auto f = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum = -0.05 * x[0] * x[0], total(0.0);
    for (Index i = 0; i < x.size(); ++i) {
      if (i > 0) sum += 0.5 * x[i] * x[i];
      const auto square = x[i] * x[i];
      sum += 0.25 * square * square;
      total += x[i];
    }
    const auto square = total * total;
    return sum + 0.25 * square * square / (static_cast<double>(x.size()) * static_cast<double>(x.size()));
  };
  MatrixFreeNewton stopping{.at_saddle = AtSaddle::Stop};
  const Result saddle = minimize(f, Vector::Zero(n), stopping);
  EXPECT_EQ(to_string(saddle.status), "saddle_point") << saddle.summary();
  EXPECT_NEAR(saddle.critical_point.lambda_min, -0.1, 1e-6);
  EXPECT_NEAR(std::abs(saddle.critical_point.direction[0]), 1.0, 1e-3);
  EXPECT_TRUE(saddle.critical_point.index_is_bound);
  EXPECT_EQ(saddle.counts.hessians, 0);
  const Result left = minimize(f, Vector::Zero(n), MatrixFreeNewton{});
  EXPECT_TRUE(left.converged()) << left.summary();
  EXPECT_GT(std::abs(left.x[0]), 0.1);
}

double curvature(Index i) { return i == 0 ? 1e-9 : 1.0 + static_cast<double>(i) / 2500.0; }

/// Where the Hessian is known to be sparse its factors prove more than products can.
TEST(CertificateByProducts, LeavesSparseHessiansToFactors) {
  const Index n = 2500;
  for (const Solver& solver : {Solver(MatrixFreeNewton{}), Solver(Lbfgs{})}) {
    const Result result = minimize(chained_rosenbrock, Vector::Constant(n, 0.9), solver);
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_GT(result.counts.hessians, 0);
    EXPECT_EQ(result.critical_point.doubt, 0.0);
  }
}

/// A curvature of 1e-9 beside one of 1 takes more products than there are: no verdict, not a minimum.
TEST(CertificateByProducts, SaysUndecidedWhereProductsDoNotTell) {
  const Index n = 2500;
  const SuppliedObjective f{.value =
                                [](const Vector& x) {
                                  double sum = 0.0;
                                  for (Index i = 0; i < x.size(); ++i)
                                    sum += 0.5 * curvature(i) * x[i] * x[i];
                                  return sum;
                                },
                            .gradient = [](const Vector& x) -> Vector {
                              Vector g = x;
                              for (Index i = 0; i < x.size(); ++i) g[i] *= curvature(i);
                              return g;
                            },
                            .hessian_product = [](const Vector&, const Vector& v) -> Vector {
                              Vector Hv = v;
                              for (Index i = 0; i < v.size(); ++i) Hv[i] *= curvature(i);
                              return Hv;
                            }};
  const Result result = minimize(f, Vector::Zero(n), Lbfgs{});
  EXPECT_EQ(to_string(result.status), "undecided_curvature") << result.summary();
  EXPECT_THAT(result.reason, testing::HasSubstr("by products only"));
}

}  // namespace
}  // namespace quadric
