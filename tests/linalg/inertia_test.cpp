#include "linalg/inertia.hpp"

#include <random>
#include <thread>
#include <vector>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

namespace quadric::linalg {
namespace {

/// Entries in about `share` of all places.
SparseMatrix random_lower(Index n, double share, std::mt19937_64& bits) {
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  std::vector<Eigen::Triplet<double, int>> entries;
  for (int j = 0; j < n; ++j) {
    for (int i = j; i < n; ++i)
      if (std::abs(uniform(bits)) < share) entries.emplace_back(i, j, uniform(bits));
  }
  SparseMatrix lower(n, n);
  lower.setFromTriplets(entries.begin(), entries.end());
  return lower;
}

Inertia by_eigenvalues(const SparseMatrix& lower, double zero) {
  const Matrix full = Matrix(lower).selfadjointView<Eigen::Lower>();
  const Vector values = Eigen::SelfAdjointEigenSolver<Matrix>(full, Eigen::EigenvaluesOnly).eigenvalues();
  return {.negative = (values.array() < -zero).count(),
          .zero = (values.array().abs() <= zero).count(),
          .positive = (values.array() > zero).count()};
}

void expect_same(const Inertia& found, const Inertia& expected) {
  EXPECT_EQ(found.negative, expected.negative);
  EXPECT_EQ(found.zero, expected.zero);
  EXPECT_EQ(found.positive, expected.positive);
}

bool has_sparse() {
  return inertia(Symmetric(SparseMatrix(Matrix::Identity(3, 3).sparseView())), 1e-8).has_value();
}

/// Many of their diagonal entries are zero, which leaves an unpivoted LDLᵀ without signs.
TEST(Inertia, IsThatOfTheEigenvalues) {
  std::mt19937_64 bits(3);
  for (int k = 0; k < 40; ++k) {
    const Index n = 5 + 3 * k;
    const SparseMatrix lower = random_lower(n, k % 2 == 0 ? 0.05 : 0.4, bits);
    SCOPED_TRACE(k);
    const Inertia expected = by_eigenvalues(lower, 1e-7);
    const auto dense = inertia(Symmetric(Matrix(lower)), 1e-7);
    ASSERT_TRUE(dense.has_value());
    expect_same(*dense, expected);
    if (!has_sparse()) continue;
    const auto sparse = inertia(Symmetric(lower), 1e-7);
    ASSERT_TRUE(sparse.has_value());
    expect_same(*sparse, expected);
  }
}

/// (0 1; 1 0) on the diagonal: eigenvalues ±1.
TEST(Inertia, NeedsPivotsOfOrderTwo) {
  if (!has_sparse()) GTEST_SKIP() << "this build has no MUMPS";
  constexpr int pairs = 20000;
  SparseMatrix lower(2 * pairs, 2 * pairs);
  std::vector<Eigen::Triplet<double, int>> entries;
  for (int k = 0; k < pairs; ++k) entries.emplace_back(2 * k + 1, 2 * k, 1.0);
  lower.setFromTriplets(entries.begin(), entries.end());
  const auto found = inertia(Symmetric(lower), 1e-9);
  ASSERT_TRUE(found.has_value());
  expect_same(*found, {.negative = pairs, .zero = 0, .positive = pairs});
}

TEST(Inertia, IsFoundByAnyThread) {
  if (!has_sparse()) GTEST_SKIP() << "this build has no MUMPS";
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  for (unsigned seed = 0; seed < 4; ++seed) {
    threads.emplace_back([seed, &right] {
      std::mt19937_64 bits(seed);
      for (int k = 0; k < 10; ++k) {
        const SparseMatrix lower = random_lower(60, 0.1, bits);
        const auto found = inertia(Symmetric(lower), 1e-7);
        right[seed] += found && found->negative == by_eigenvalues(lower, 1e-7).negative;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 10));
}

}  // namespace
}  // namespace quadric::linalg
