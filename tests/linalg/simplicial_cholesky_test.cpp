#include "linalg/simplicial_cholesky.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <Eigen/Eigenvalues>
#include <Eigen/SparseCholesky>
#include <gtest/gtest.h>

#include "linalg/random_matrices.hpp"

namespace quadric::linalg {
namespace {

/// The lower triangle of a random matrix with the given share of its entries; a diagonal entry is missing
/// now and then.
SparseMatrix random_lower(random::Source& source, Index n, double share) {
  std::vector<Eigen::Triplet<double, int>> entries;
  for (int j = 0; j < n; ++j) {
    if (source.number() > -0.8) entries.emplace_back(j, j, source.number());
    for (int i = j + 1; i < n; ++i) {
      if (0.5 * (source.number() + 1.0) < share) entries.emplace_back(i, j, source.number());
    }
  }
  SparseMatrix lower(n, n);
  lower.setFromTriplets(entries.begin(), entries.end());
  return lower;
}

std::vector<int> random_order(random::Source& source, Index n) {
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (Index i = n - 1; i > 0; --i)
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(source.integer(0, i))]);
  return order;
}

Vector eigenvalues(const Symmetric& A) {
  Matrix lower = Matrix::Zero(A.size(), A.size());
  A.for_each_entry([&](Index i, Index j, double value) { lower(i, j) = value; });
  return Eigen::SelfAdjointEigenSolver<Matrix>(lower, Eigen::EigenvaluesOnly).eigenvalues();
}

// A failure amid the rows must leave nothing behind for the factors that follow.
TEST(SimplicialCholesky, AgreesWithEigensOnRandomPatternsInAnyOrder) {
  random::Source source(1);
  for (int trial = 0; trial < 200; ++trial) {
    const Index n = source.integer(1, 40);
    const SparseMatrix lower = random_lower(source, n, trial % 2 == 0 ? 0.05 : 0.3);
    Symmetric A(lower);
    if (trial % 3 == 0) A.scale(Vector::NullaryExpr(n, [&] { return std::abs(source.spread(1.0)); }));
    SCOPED_TRACE("trial " + std::to_string(trial) + ", n = " + std::to_string(n));
    const SimplicialPattern pattern(lower, random_order(source, n));
    SimplicialCholesky cholesky;
    cholesky.reset(pattern, A);
    const Vector values = eigenvalues(A);
    const double size = std::max(values.cwiseAbs().maxCoeff(), 1e-3), lowest = values[0];
    EXPECT_FALSE(cholesky.factor(-lowest - 1e-6 * size));
    EXPECT_TRUE(cholesky.factor(-lowest + 1e-6 * size));
    EXPECT_FALSE(cholesky.factor(-lowest - size));
    const double shift = 0.1 * size - lowest;
    ASSERT_TRUE(cholesky.factor(shift));
    SparseMatrix entries(n, n);
    std::vector<Eigen::Triplet<double, int>> list;
    A.for_each_entry([&](Index i, Index j, double value) {
      list.emplace_back(static_cast<int>(i), static_cast<int>(j), value);
    });
    entries.setFromTriplets(list.begin(), list.end());
    Eigen::SimplicialLDLT<SparseMatrix, Eigen::Lower> eigens;
    eigens.setShift(shift);
    eigens.compute(entries);
    ASSERT_EQ(eigens.info(), Eigen::Success);
    const Vector b = source.vector(n), x = eigens.solve(b);
    EXPECT_LT((cholesky.solve(b) - x).norm(), 1e-11 * x.norm());
  }
}

TEST(SimplicialCholesky, TakesMatricesOfOnePatternOneAfterAnother) {
  random::Source source(2);
  const Index n = 25;
  const SparseMatrix lower = random_lower(source, n, 0.2);
  const SimplicialPattern pattern(lower, random_order(source, n));
  SimplicialCholesky one;
  for (int trial = 0; trial < 5; ++trial) {
    SparseMatrix other = lower;
    for (Index e = 0; e < other.nonZeros(); ++e) other.valuePtr()[e] = source.number();
    Symmetric A(other);
    if (trial % 2 == 0) A.scale(Vector::Constant(n, 0.5));
    SimplicialCholesky fresh;
    fresh.reset(pattern, A);
    one.reset(pattern, A);
    one.factor(0.0);
    ASSERT_TRUE(one.factor(20.0));
    ASSERT_TRUE(fresh.factor(20.0));
    const Vector b = source.vector(n);
    EXPECT_EQ(one.solve(b), fresh.solve(b));
    EXPECT_LT((A.multiply(one.solve(b)) + 20.0 * one.solve(b) - b).norm(), 1e-13 * b.norm());
  }
}

/// Ones at the places that `has` names.
template <class F>
SparseMatrix lower_of(int n, const F& has) {
  std::vector<Eigen::Triplet<double, int>> entries;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      if (i == j || has(i, j)) entries.emplace_back(i, j, i == j ? 4.0 : 1.0);
    }
  }
  SparseMatrix lower(n, n);
  lower.setFromTriplets(entries.begin(), entries.end());
  return lower;
}

TEST(SimplicialPattern, KnowsWhatLeavesNextToNoFill) {
  const int n = 60, k = 8;
  const auto free_of_fill = [](const SparseMatrix& lower) {
    return SimplicialPattern::without_fill(lower).has_value();
  };
  EXPECT_TRUE(free_of_fill(lower_of(n, [](int i, int j) { return i - j == 1; })));
  EXPECT_TRUE(free_of_fill(lower_of(n, [](int i, int j) { return i - j <= 3; })));
  EXPECT_TRUE(free_of_fill(lower_of(n, [](int i, int j) { return i / 4 == j / 4; })));
  EXPECT_TRUE(free_of_fill(lower_of(n, [](int i, int) { return i == n - 1; })));
  EXPECT_TRUE(free_of_fill(lower_of(n, [](int, int j) { return j == 0; })));
  EXPECT_FALSE(
      free_of_fill(lower_of(k * k, [](int i, int j) { return i - j == k || (i - j == 1 && i % k != 0); })));
}

/// What leaves no fill in the order of the variables, or in the opposite one.
std::vector<SparseMatrix> without_any_fill() {
  constexpr int n = 60;
  return {lower_of(n, [](int, int) { return false; }),
          lower_of(n, [](int i, int j) { return i - j == 1; }),
          lower_of(n, [](int i, int j) { return i - j <= 3; }),
          lower_of(n, [](int i, int j) { return i / 2 == j / 2; }),
          lower_of(n, [](int i, int j) { return i / 4 == j / 4; }),
          lower_of(n, [](int i, int j) { return i == n - 1 || (i - j == 2 && i % 4 < 2); }),
          lower_of(n, [](int, int j) { return j == 0; }),
          lower_of(n, [](int i, int j) { return j < 2 || i - j == 1; })};
}

// The lists of the matrix serve for the factor: the same as with lists of its own, also after a failure.
TEST(SimplicialCholesky, NeedsNoListsWhereThereIsNoFill) {
  random::Source source(3);
  for (SparseMatrix lower : without_any_fill()) {
    const Index n = lower.cols();
    const auto pattern = SimplicialPattern::without_fill(lower);
    ASSERT_TRUE(pattern);
    std::vector<int> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    const SimplicialPattern listed(lower, order);
    SimplicialCholesky one, other;
    for (int trial = 0; trial < 4; ++trial) {
      for (Index e = 0; e < lower.nonZeros(); ++e) lower.valuePtr()[e] = source.number();
      Symmetric A(lower);
      if (trial % 2 == 0) A.scale(Vector::NullaryExpr(n, [&] { return std::abs(source.spread(0.5)); }));
      one.reset(*pattern, A);
      other.reset(listed, A);
      const Vector b = source.vector(n), values = eigenvalues(A);
      EXPECT_FALSE(one.factor(-0.5 * (values[0] + values[n - 1])));
      const double shift = 0.1 * values.cwiseAbs().maxCoeff() - values[0];
      ASSERT_TRUE(one.factor(shift));
      ASSERT_TRUE(other.factor(shift));
      const Vector x = one.solve(b);
      EXPECT_LT((x - other.solve(b)).norm(), 1e-12 * x.norm());
      EXPECT_LT((A.multiply(x) + shift * x - b).norm(), 1e-12 * b.norm());
    }
  }
}

TEST(SimplicialPattern, LosesToSupernodesOnDenseMatrices) {
  EXPECT_TRUE(SimplicialPattern::without_fill(lower_of(8, [](int, int) { return true; })).has_value());
  EXPECT_FALSE(SimplicialPattern::without_fill(lower_of(100, [](int, int) { return true; })).has_value());
}

}  // namespace
}  // namespace quadric::linalg
