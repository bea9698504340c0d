#include "quadric/problem/elements.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <Eigen/Eigenvalues>
#include <Eigen/SparseCore>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/derivatives/dual.hpp"

#include "derivatives/random_function.hpp"

namespace quadric {
namespace {

using reference::random_point;
using reference::RandomFunction;

Matrix full(const SparseMatrix& lower) {
  const Matrix L(lower);
  Matrix H = L;
  H.triangularView<Eigen::StrictlyUpper>() = L.transpose().triangularView<Eigen::StrictlyUpper>();
  return H;
}

// A strip of triangles between two rows of points, each with data of its own.
struct Strip {
  Index cells;
  std::vector<double> weight;

  explicit Strip(Index count) : cells(count) {
    for (Index e = 0; e < 2 * count; ++e) weight.push_back(1.0 + 0.1 * static_cast<double>(e % 5));
  }
  Index triangles() const { return 2 * cells; }
  Index variables() const { return 4 * (cells + 1); }
  std::array<Index, 3> vertices(Index e) const {
    const Index a = e / 2, b = a + 1, c = a + cells + 1, d = c + 1;
    return e % 2 == 0 ? std::array{a, b, c} : std::array{b, d, c};
  }
  /// An energy that is not convex: lengths of the edges, and the area.
  template <class P>
  auto energy(const P& p, Index e) const {
    using std::sin;
    using T = typename P::Scalar;
    const Eigen::Matrix<T, 2, 1> a = p.col(1) - p.col(0), b = p.col(2) - p.col(0);
    const T area = a[0] * b[1] - a[1] * b[0], length = a.squaredNorm() + b.squaredNorm();
    return T(weight[static_cast<std::size_t>(e)] * area * area * sin(length) + length * length);
  }
  Elements sum(ElementOptions options = {}) const {
    return elements<3, 2>(
        triangles(), [this](Index e) { return vertices(e); },
        [this](const auto& p, Index e) { return energy(p, e); }, std::move(options));
  }
  /// The same in one function.
  auto whole() const {
    return [this](const auto& x) {
      using T = ScalarOf<decltype(x)>;
      T sum(0.0);
      for (Index e = 0; e < triangles(); ++e) sum += energy(local<T>(x, e), e);
      return sum;
    };
  }
  template <class T, class X>
  Eigen::Matrix<T, 2, 3> local(const X& x, Index e) const {
    Eigen::Matrix<T, 2, 3> p;
    for (Index k = 0; k < 3; ++k) {
      for (Index d = 0; d < 2; ++d) p(d, k) = x[2 * vertices(e)[static_cast<std::size_t>(k)] + d];
    }
    return p;
  }
};

TEST(Elements, AgreeWithTheSumInOneFunction) {
  const Strip strip(9);
  const Elements sum = strip.sum();
  const Objective whole = forward_mode(strip.whole());
  for (unsigned seed = 0; seed < 3; ++seed) {
    const Vector x = random_point(strip.variables(), seed);
    Vector g, expected_g, product;
    Matrix expected_H;
    SparseMatrix H;
    const double expected = whole.hessian(x, expected_g, expected_H);
    const double tolerance = 1e-12 * expected_H.cwiseAbs().maxCoeff();
    EXPECT_NEAR(sum.value(x), expected, tolerance);
    EXPECT_NEAR(sum.gradient(x, g), expected, tolerance);
    EXPECT_LT((g - expected_g).cwiseAbs().maxCoeff(), tolerance);
    EXPECT_NEAR(sum.hessian(x, g, H), expected, tolerance);
    EXPECT_LT((g - expected_g).cwiseAbs().maxCoeff(), tolerance);
    EXPECT_LT((full(H) - expected_H).cwiseAbs().maxCoeff(), tolerance);
    const Vector v = random_point(x.size(), 77);
    sum.hessian_product(x, v, product);
    EXPECT_LT((product - expected_H * v).cwiseAbs().maxCoeff(), 10.0 * tolerance);

    const Objective objective = sum;
    Matrix dense;
    EXPECT_EQ(objective.hessian(x, g, dense), sum.value(x));
    EXPECT_EQ(dense, full(H));
    EXPECT_EQ(objective.provider().describe(), "elements (18 elements of 1 structure)");
  }
}

TEST(Elements, AnyNumberOfThreadsGivesTheSameBits) {
  const Strip strip(2500);
  const Vector x = random_point(strip.variables(), 1), v = random_point(strip.variables(), 2);
  Vector g, product;
  SparseMatrix H, projected;
  const Elements alone = strip.sum();
  const double value = alone.hessian(x, g, H);
  alone.projected_hessian(x, g, projected);
  alone.hessian_product(x, v, product);
  for (const int threads : {2, 3, 7, 0}) {
    SCOPED_TRACE(threads);
    const Elements shared = strip.sum({.threads = threads});
    Vector other_g, other_product;
    SparseMatrix other;
    EXPECT_EQ(shared.hessian(x, other_g, other), value);
    EXPECT_EQ(other_g, g);
    EXPECT_EQ(other.coeffs().matrix(), H.coeffs().matrix());
    shared.projected_hessian(x, other_g, other);
    EXPECT_EQ(other_g, g);
    EXPECT_EQ(other.coeffs().matrix(), projected.coeffs().matrix());
    shared.hessian_product(x, v, other_product);
    EXPECT_EQ(other_product, product);
  }
}

TEST(Elements, AMatrixOfTheRightPatternIsRefilledInPlace) {
  const Strip strip(4);
  const Elements sum = strip.sum();
  Vector g;
  SparseMatrix H;
  sum.hessian(random_point(strip.variables(), 1), g, H);
  const double* where = H.valuePtr();
  sum.hessian(random_point(strip.variables(), 2), g, H);
  EXPECT_EQ(H.valuePtr(), where);
}

// Against the eigenvalues of each element's Hessian, which dual numbers give.
TEST(Elements, ProjectedHessiansClampOrReflectTheEigenvaluesOfEachElement) {
  const Strip strip(30);
  const Elements sum = strip.sum();
  const Vector x = random_point(strip.variables(), 5);
  for (const Projection projection : {Projection::Clamp, Projection::Absolute}) {
    Matrix expected = Matrix::Zero(x.size(), x.size());
    for (Index e = 0; e < strip.triangles(); ++e) {
      using T = SecondDual<double, 6>;
      Eigen::Matrix<T, 2, 3> p;
      std::array<Index, 6> number{};
      for (int k = 0; k < 6; ++k) {
        number[static_cast<std::size_t>(k)] = 2 * strip.vertices(e)[static_cast<std::size_t>(k / 2)] + k % 2;
        p(k % 2, k / 2) = T::variable(x[number[static_cast<std::size_t>(k)]], k);
      }
      const T energy = strip.energy(p, e);
      Matrix H(6, 6);
      for (std::size_t i = 0; i < 6; ++i) {
        for (std::size_t j = 0; j < 6; ++j) {
          H(static_cast<Index>(i), static_cast<Index>(j)) = energy.hessian[T::packed_index(i, j)];
        }
      }
      const Eigen::SelfAdjointEigenSolver<Matrix> spectrum(H);
      const Vector values = projection == Projection::Clamp ? Vector(spectrum.eigenvalues().cwiseMax(0.0))
                                                            : Vector(spectrum.eigenvalues().cwiseAbs());
      const Matrix projected =
          spectrum.eigenvectors() * values.asDiagonal() * spectrum.eigenvectors().transpose();
      for (Index i = 0; i < 6; ++i) {
        for (Index j = 0; j < 6; ++j) {
          expected(number[static_cast<std::size_t>(i)], number[static_cast<std::size_t>(j)]) +=
              projected(i, j);
        }
      }
    }
    Vector g, exact_g;
    SparseMatrix H, exact;
    sum.projected_hessian(x, g, H, projection);
    EXPECT_LT((full(H) - expected).cwiseAbs().maxCoeff(), 1e-10 * expected.cwiseAbs().maxCoeff());
    sum.hessian(x, exact_g, exact);
    EXPECT_EQ(g, exact_g);
    EXPECT_LT(Eigen::SelfAdjointEigenSolver<Matrix>(full(exact)).eigenvalues()[0], -1.0);
  }
}

TEST(Elements, FixedVariablesStandStill) {
  const Strip strip(5);
  const Vector all = random_point(strip.variables(), 4);
  const std::vector<Index> fixed{7, 0, 1, 20};
  ElementOptions options{.fixed = fixed, .values = {}};
  for (const Index i : fixed) options.values.push_back(all[i]);
  std::vector<Index> unknown;
  for (Index i = 0; i < all.size(); ++i) {
    if (std::find(fixed.begin(), fixed.end(), i) == fixed.end()) unknown.push_back(i);
  }
  const Vector x = all(unknown);
  const Elements sum = elements<3, 2>(
      strip.triangles(), [&](Index e) { return strip.vertices(e); },
      [&](const auto& p, Index e) { return strip.energy(p, e); }, options);
  Vector g, all_g;
  Matrix all_H;
  SparseMatrix H;
  const double expected = Objective(forward_mode(strip.whole())).hessian(all, all_g, all_H);
  EXPECT_NEAR(sum.hessian(x, g, H), expected, 1e-11 * std::abs(expected));
  EXPECT_LT((g - all_g(unknown)).cwiseAbs().maxCoeff(), 1e-10);
  EXPECT_LT((full(H) - all_H(unknown, unknown)).cwiseAbs().maxCoeff(), 1e-9);
}

TEST(Elements, MayHaveDifferentNumbersOfVariables) {
  // Element e couples the variables 0 … e % 4 + 1.
  const auto variables_of = [](Index e) {
    std::vector<Index> numbers;
    for (Index i = 0; i <= e % 4 + 1; ++i) numbers.push_back(i);
    return numbers;
  };
  const auto term = [](const auto& x) {
    using std::sin;
    return ScalarOf<decltype(x)>(sin(x.sum()) * x.squaredNorm());
  };
  const Elements sum = elements<Eigen::Dynamic>(10, variables_of, term);
  const Objective whole = forward_mode([&](const auto& x) {
    ScalarOf<decltype(x)> total(0.0);
    for (Index e = 0; e < 10; ++e) total += term(x.head(e % 4 + 2));
    return total;
  });
  const Vector x = random_point(5, 3);
  Vector g, expected_g;
  Matrix expected_H;
  SparseMatrix H;
  whole.hessian(x, expected_g, expected_H);
  sum.hessian(x, g, H);
  EXPECT_LT((g - expected_g).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_LT((full(H) - expected_H).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_EQ(Objective(sum).provider().method, "10 elements of 4 structures");
}

TEST(Elements, BranchesAreDecidedElementByElement) {
  const auto neighbours = [](Index e) { return std::array{e, e + 1}; };
  const auto contact = [](const auto& x) {
    const auto gap = x[1] - x[0];
    using T = ScalarOf<decltype(x)>;
    return gap < 0.0 ? T(gap * gap * gap * gap + x[0]) : T(x[0] * x[0]);
  };
  const Elements sum = elements<2>(20, neighbours, contact);
  for (unsigned seed = 0; seed < 5; ++seed) {
    const Vector x = random_point(21, seed);
    Vector g, expected = Vector::Zero(21);
    for (Index e = 0; e < 20; ++e) {
      const double gap = x[e + 1] - x[e];
      expected[e] += gap < 0.0 ? 1.0 - 4.0 * gap * gap * gap : 2.0 * x[e];
      expected[e + 1] += gap < 0.0 ? 4.0 * gap * gap * gap : 0.0;
    }
    sum.gradient(x, g);
    EXPECT_LT((g - expected).cwiseAbs().maxCoeff(), 1e-12);
  }
}

TEST(Elements, TakeUpNewDataWhenAsked) {
  std::vector<double> stiffness(3, 1.0);
  const Elements sum = elements<2>(
      3,
      [](Index e) {
        return std::array{e, e + 1};
      },
      [&](const auto& x, Index e) {
        const auto d = x[1] - x[0];
        return stiffness[static_cast<std::size_t>(e)] * d * d;
      });
  const Vector x{{0.0, 1.0, 2.0, 3.0}};
  EXPECT_EQ(sum.value(x), 3.0);
  stiffness[1] = 11.0;
  sum.refresh();
  EXPECT_EQ(sum.value(x), 13.0);
}

TEST(Elements, SumsOfNothing) {
  const Elements sum = elements<1>(
      0, [](Index e) { return std::array{e}; }, [](const auto& x) { return x[0]; });
  Vector g;
  SparseMatrix H;
  EXPECT_EQ(sum.hessian(Vector::Ones(2), g, H), 0.0);
  EXPECT_EQ(g, Vector::Zero(2));
  EXPECT_EQ(Matrix(H), Matrix::Zero(2, 2));
}

TEST(Elements, SayWhatIsWrong) {
  const auto make = [](Index count, Index shift, ElementOptions options) {
    return elements<1>(
        count, [shift](Index e) { return std::array{e + shift}; }, [](const auto& x) { return x[0] * x[0]; },
        std::move(options));
  };
  const auto message = [&](auto&& act) -> std::string {
    try {
      act();
    } catch (const Misuse& misuse) {
      return misuse.what();
    }
    return "nothing was thrown";
  };
  const Vector x = Vector::Ones(3);
  EXPECT_EQ(message([&] { make(4, 0, {}).value(x); }), "element 3 has variable 3, but there are 3");
  EXPECT_EQ(message([&] { make(3, -1, {}).value(x); }), "element 0 has variable -1, but there are 3");
  EXPECT_EQ(message([&] { make(-1, 0, {}); }), "a sum over elements needs a count that is not negative");
  EXPECT_EQ(message([&] { make(3, 0, {.fixed = {1}, .values = {}}); }),
            "there are 1 fixed variables, but values for 0");
  EXPECT_EQ(message([&] {
              make(3, 0, {.fixed = {1, 1}, .values = {0.0, 0.0}});
            }),
            "variable 1 is fixed twice");
  EXPECT_EQ(message([&] { make(3, 0, {.fixed = {-1}, .values = {0.0}}); }), "there is no variable -1 to fix");
}

}  // namespace
}  // namespace quadric
