#include "linalg/shifted_cholesky.hpp"

#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <thread>
#include <vector>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "linalg/lanczos.hpp"
#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

/// The lower triangle of the five-point Laplacian on a k × k grid, with the eigenvalues
/// 4 − 2 cos(iπ / (k + 1)) − 2 cos(jπ / (k + 1)).
SparseMatrix laplacian(int k) {
  std::vector<Eigen::Triplet<double, int>> entries;
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < k; ++j) {
      entries.emplace_back(i * k + j, i * k + j, 4.0);
      if (i > 0) entries.emplace_back(i * k + j, (i - 1) * k + j, -1.0);
      if (j > 0) entries.emplace_back(i * k + j, i * k + j - 1, -1.0);
    }
  }
  SparseMatrix lower(k * k, k * k);
  lower.setFromTriplets(entries.begin(), entries.end());
  return lower;
}

double lowest_of_laplacian(int k) { return 4.0 - 4.0 * std::cos(std::numbers::pi / (k + 1)); }

// 150 × 150 is large enough for supernodes; the others are not.
TEST(ShiftedCholesky, KnowsDefiniteMatricesAndSolvesWithThem) {
  for (const int k : {5, 60, 150}) {
    const Symmetric A(laplacian(k));
    ShiftedCholesky cholesky;
    cholesky.reset(A);
    const double lowest = lowest_of_laplacian(k);
    EXPECT_TRUE(cholesky.factor(-0.99 * lowest));
    EXPECT_FALSE(cholesky.factor(-1.01 * lowest));
    ASSERT_TRUE(cholesky.factor(0.5));
    const Vector b = Vector::LinSpaced(k * k, -1.0, 1.0);
    const Vector x = cholesky.solve(b);
    EXPECT_LT((A.multiply(x) + 0.5 * x - b).norm(), 1e-12 * b.norm());
    EXPECT_EQ(cholesky.is_dear(), k == 150);
  }
}

TEST(ShiftedCholesky, SolvesForSeveralColumnsAtOnce) {
  random::Source source(6);
  const Symmetric small(laplacian(5)), large(laplacian(150)),
      dense(source.symmetric(Vector::LinSpaced(150, 1.0, 3.0)));
  for (const Symmetric* A : {&small, &large, &dense}) {
    ShiftedCholesky cholesky;
    cholesky.reset(*A);
    ASSERT_TRUE(cholesky.factor(0.5));
    EXPECT_EQ(cholesky.is_dear(), A != &small);
    const Matrix B = source.matrix(A->size(), 3);
    const Matrix X = cholesky.solve_columns(B);
    ASSERT_EQ(X.cols(), 3);
    for (Index j = 0; j < 3; ++j) {
      EXPECT_LT((X.col(j) - cholesky.solve(B.col(j))).norm(), 1e-12 * X.col(j).norm());
    }
  }
}

TEST(ShiftedCholesky, TakesMatricesOfOtherPatternsAndDenseOnes) {
  random::Source source(1);
  ShiftedCholesky cholesky;
  const Symmetric first(laplacian(4)), second(laplacian(7)),
      third(source.symmetric(Vector::LinSpaced(9, 1.0, 3.0)));
  for (const Symmetric* A : {&first, &second, &third, &first}) {
    cholesky.reset(*A);
    ASSERT_TRUE(cholesky.factor(0.0));
    const Vector b = source.vector(A->size());
    EXPECT_LT((A->multiply(cholesky.solve(b)) - b).norm(), 1e-12 * b.norm());
  }
}

Vector solution(const Symmetric& A) {
  ShiftedCholesky cholesky;
  cholesky.reset(A);
  EXPECT_TRUE(cholesky.factor(0.25));
  return cholesky.solve(Vector::LinSpaced(A.size(), -1.0, 1.0));
}

// What a thread knows of one pattern is shared; its factors are the same bits as those of a thread that
// never saw a matrix. 150 × 150 takes supernodes.
TEST(ShiftedCholesky, SharesWhatItKnowsOfAPatternWithoutATrace) {
  for (const int k : {5, 12, 150}) {
    Symmetric A(laplacian(k)), other(laplacian(k - 1));
    A.scale(Vector::LinSpaced(k * k, 0.5, 2.0));
    Vector alone;
    std::thread([&] { alone = solution(A); }).join();
    std::optional<ShiftedCholesky> first(std::in_place), second(std::in_place);
    const Symmetric plain(laplacian(k));
    first->reset(plain);
    EXPECT_TRUE(first->factor(0.0));
    EXPECT_EQ(solution(A), alone);  // with the analysis of `first`
    second->reset(A);
    EXPECT_EQ(solution(other).size(), other.size());  // which is the last one now
    EXPECT_EQ(solution(A), alone);
    first.reset();
    EXPECT_FALSE(second->factor(-10.0));
    EXPECT_TRUE(second->factor(0.25));
    EXPECT_EQ(second->solve(Vector::LinSpaced(k * k, -1.0, 1.0)), alone);
    second->reset(other);
    EXPECT_TRUE(second->factor(0.25));
    EXPECT_EQ(second->solve(Vector::LinSpaced(other.size(), -1.0, 1.0)), solution(other));
  }
}

TEST(Symmetric, SharesASparseMatrixAndKeepsItsScalingApart) {
  const auto lower = std::make_shared<const SparseMatrix>(laplacian(3));
  const Symmetric plain(lower);
  Symmetric scaled = plain;
  const Vector d = Vector::LinSpaced(9, 1.0, 3.0), v = Vector::LinSpaced(9, -1.0, 2.0);
  scaled.scale(d);
  scaled.scale(d);
  EXPECT_EQ(&scaled.unscaled(), lower.get());
  EXPECT_EQ(plain.scaling().size(), 0);
  const Vector expected = d.cwiseAbs2().cwiseProduct(plain.multiply(d.cwiseAbs2().cwiseProduct(v)));
  EXPECT_LT((scaled.multiply(v) - expected).norm(), 1e-14 * expected.norm());
  scaled.for_each_entry([&](Index i, Index j, double value) {
    EXPECT_NEAR(value, lower->coeff(i, j) * d[i] * d[i] * d[j] * d[j], 1e-12);
  });
}

TEST(Symmetric, HasZerosOnADiagonalWithoutEntries) {
  SparseMatrix lower(3, 3);
  lower.insert(1, 0) = 2.0;
  lower.insert(2, 2) = 5.0;
  lower.makeCompressed();
  Symmetric A(lower);
  EXPECT_EQ(A.diagonal(), (Vector{{0.0, 0.0, 5.0}}));
  EXPECT_EQ(A.radii(), (Vector{{2.0, 2.0, 0.0}}));
  ShiftedCholesky cholesky;
  cholesky.reset(A);
  EXPECT_FALSE(cholesky.factor(1.99));
  ASSERT_TRUE(cholesky.factor(3.0));
  const Vector b{{1.0, 2.0, 4.0}};
  EXPECT_LT((A.multiply(cholesky.solve(b)) + 3.0 * cholesky.solve(b) - b).norm(), 1e-14);
}

TEST(Symmetric, SaysTheSameOfDenseAndSparseMatrices) {
  const SparseMatrix lower = laplacian(4);
  Symmetric sparse(lower), dense(Matrix(SparseMatrix(lower.selfadjointView<Eigen::Lower>())));
  random::Source source(2);
  const Vector v = source.vector(16), d = source.vector(16).cwiseAbs().array() + 0.1;
  for (int scaled = 0; scaled < 2; ++scaled) {
    EXPECT_LT((sparse.multiply(v) - dense.multiply(v)).norm(), 1e-14);
    EXPECT_LT((sparse.radii() - dense.radii()).norm(), 1e-14);
    EXPECT_LT((sparse.diagonal() - dense.diagonal()).norm(), 1e-14);
    EXPECT_LT((equilibrate(sparse) - equilibrate(dense)).norm(), 1e-14);
    sparse.scale(d);
    dense.scale(d);
  }
}

TEST(Symmetric, MultipliesByItsLowerTriangleAlone) {
  random::Source source(5);
  SparseMatrix lower = laplacian(5);
  lower.prune([](Index i, Index j, double) { return i != j || i % 3 != 0; });  // some of the diagonal
  for (Index e = 0; e < lower.nonZeros(); ++e) lower.valuePtr()[e] = source.number();
  const Matrix full(SparseMatrix(lower.selfadjointView<Eigen::Lower>()));
  const Vector v = source.vector(25), sizes = v.cwiseAbs();
  Vector product = source.vector(3);
  multiply(lower, v, product);
  EXPECT_LT((product - full * v).norm(), 1e-14);
  EXPECT_NEAR(curvature(lower, v), v.dot(full * v), 1e-14);
  multiply_magnitudes(lower, sizes, product);
  EXPECT_LT((product - full.cwiseAbs() * sizes).norm(), 1e-14);
  EXPECT_NEAR(sum_of_magnitudes(lower, sizes), product.sum(), 1e-13);
}

TEST(Equilibrate, MakesTheLargestEntryOfEachRowOne) {
  random::Source source(3);
  const Vector d = Vector::NullaryExpr(25, [&] { return std::abs(source.spread(4.0)); });
  Symmetric A(laplacian(5));
  A.scale(d);
  A.scale(equilibrate(A));
  const Vector largest = A.largest_of_rows();
  EXPECT_GT(largest.minCoeff(), 0.9);
  EXPECT_LT(largest.maxCoeff(), 1.2);
}

TEST(Lanczos, FindsBothEndsOfALaplacian) {
  const int k = 12;
  const Symmetric A(laplacian(k));
  const Extremes ends = lanczos(
      k * k, [&](const Vector& v) { return A.multiply(v); }, 1e-10, Ends::Both, Vectors::Wanted);
  const double lowest = lowest_of_laplacian(k);
  EXPECT_NEAR(ends.lowest.value, lowest, 1e-9 + ends.lowest.residual);
  EXPECT_NEAR(ends.highest.value, 8.0 - lowest, 1e-9 + ends.highest.residual);
  for (const EigenPair& end : {ends.lowest, ends.highest}) {
    EXPECT_NEAR((A.multiply(end.vector) - end.value * end.vector).norm(), end.residual, 1e-9);
  }
}

// More products than are kept orthogonal, and no vectors kept where none are wanted.
TEST(Lanczos, FindsTheSameEndsWithAndWithoutVectors) {
  for (const int k : {9, 15}) {
    const Symmetric A(laplacian(k));
    const auto multiply = [&](const Vector& v) { return A.multiply(v); };
    for (const Ends wanted : {Ends::Both, Ends::Highest}) {
      const Extremes without = lanczos(k * k, multiply, 1e-3, wanted),
                     with = lanczos(k * k, multiply, 1e-3, wanted, Vectors::Wanted);
      EXPECT_EQ(without.lowest.value, with.lowest.value);
      EXPECT_EQ(without.highest.value, with.highest.value);
      EXPECT_EQ(without.highest.residual, with.highest.residual);
      EXPECT_EQ(without.highest.vector.size(), 0);
      EXPECT_EQ(with.lowest.vector.size(), wanted == Ends::Both ? k * k : 0);
      const EigenPair& end = with.highest;
      EXPECT_NEAR((A.multiply(end.vector) - end.value * end.vector).norm(), end.residual, 1e-9);
      EXPECT_NEAR(end.value, 8.0 - lowest_of_laplacian(k), end.residual);
    }
  }
}

TEST(Lanczos, IsExactOnSmallMatricesAndThoseWithFewEigenvalues) {
  random::Source source(4);
  const Matrix A = source.symmetric(Vector{{-2.0, -1.0, 3.0}});
  const Extremes ends = lanczos(3, [&](const Vector& v) -> Vector { return A * v; });
  EXPECT_NEAR(ends.lowest.value, -2.0, 1e-12);
  EXPECT_NEAR(ends.highest.value, 3.0, 1e-12);
  const Extremes same = lanczos(100, [](const Vector& v) -> Vector { return 5.0 * v; });
  EXPECT_NEAR(same.lowest.value, 5.0, 1e-12);
  EXPECT_NEAR(same.highest.value, 5.0, 1e-12);
}

/// Equal blocks: the basis ends after two steps, up to rounding, and what goes on from there must not spoil
/// the ends; of matrices of any size.
TEST(Lanczos, FindsTheEndsOfEqualBlocksInAnyUnit) {
  random::Source source(5);
  for (const double unit : {1e-150, 1e-20, 1.0, 1e3, 1e20, 1e150}) {
    for (int trial = 0; trial < 300; ++trial) {
      const Matrix block = unit * source.symmetric(Vector{{source.number(), 1.0 + source.number()}});
      const Index blocks = source.integer(2, 4);
      Matrix A = Matrix::Zero(2 * blocks, 2 * blocks);
      for (Index b = 0; b < blocks; ++b) A.block<2, 2>(2 * b, 2 * b) = block;
      const Vector values = Eigen::SelfAdjointEigenSolver<Matrix>(block).eigenvalues();
      for (const Ends wanted : {Ends::Both, Ends::Highest}) {
        const Extremes ends = lanczos(
            A.rows(), [&](const Vector& v) -> Vector { return A * v; }, 1e-10, wanted);
        const double rounding = 1e-13 * values.cwiseAbs().maxCoeff();
        EXPECT_NEAR(ends.lowest.value, values[0], rounding) << "trial " << trial << ", unit " << unit;
        EXPECT_NEAR(ends.highest.value, values[1], rounding) << "trial " << trial << ", unit " << unit;
      }
    }
  }
}

}  // namespace
}  // namespace quadric::linalg
