#include "quadric/derivatives/coloring.hpp"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"

namespace quadric {
namespace {

using Entries = std::vector<std::pair<Index, Index>>;

Index color(const Coloring& coloring, Index j) { return coloring.color[static_cast<std::size_t>(j)]; }

Matrix random_values(const Pattern& pattern, std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(1.0, 2.0);
  Matrix A = Matrix::Zero(pattern.rows, pattern.columns());
  for (Index j = 0; j < A.cols(); ++j) {
    for (Index i = 0; i < A.rows(); ++i) {
      if (pattern.contains(i, j)) A(i, j) = uniform(random);
    }
  }
  return A;
}

Pattern random_pattern(Index rows, Index columns, double density, std::mt19937& random) {
  std::bernoulli_distribution filled(density);
  Entries entries;
  for (Index j = 0; j < columns; ++j) {
    for (Index i = 0; i < rows; ++i) {
      if (filled(random)) entries.emplace_back(i, j);
    }
  }
  return make_pattern(rows, columns, entries);
}

Pattern band(Index n, Index width) {
  Entries entries;
  for (Index j = 0; j < n; ++j) {
    for (Index i = std::max<Index>(0, j - width); i <= std::min(n - 1, j + width); ++i)
      entries.emplace_back(i, j);
  }
  return make_pattern(n, n, entries);
}

Pattern arrow(Index n) {
  Entries entries;
  for (Index j = 0; j < n; ++j) entries.insert(entries.end(), {{0, j}, {j, j}});
  return make_pattern(n, n, entries);
}

TEST(Pattern, SortsAndMergesEntries) {
  const Pattern pattern = make_pattern(3, 2, {{2, 1}, {0, 0}, {1, 1}, {2, 1}});
  EXPECT_THAT(pattern.start, testing::ElementsAre(0, 1, 3));
  EXPECT_THAT(pattern.row, testing::ElementsAre(0, 1, 2));
  EXPECT_TRUE(pattern.contains(2, 1));
  EXPECT_FALSE(pattern.contains(2, 0));
  EXPECT_THROW(make_pattern(3, 2, {{3, 0}}), Misuse);
  EXPECT_THROW(make_pattern(3, 2, {{0, -1}}), Misuse);
}

TEST(Pattern, OfASparseMatrixIsWhatItStores) {
  Eigen::SparseMatrix<double> matrix(3, 4);
  matrix.insert(2, 3) = 1.0;
  matrix.insert(0, 3) = 0.0;
  const Pattern pattern = make_pattern(matrix);
  EXPECT_EQ(pattern.rows, 3);
  EXPECT_THAT(pattern.start, testing::ElementsAre(0, 0, 0, 0, 2));
  EXPECT_THAT(pattern.row, testing::ElementsAre(0, 2));
}

TEST(Pattern, OfOneTriangleIsCompleted) {
  const Pattern pattern = symmetric_pattern(make_pattern(3, 3, {{2, 0}}));
  EXPECT_THAT(pattern.start, testing::ElementsAre(0, 2, 3, 5));
  EXPECT_THAT(pattern.row, testing::ElementsAre(0, 2, 1, 0, 2));
  EXPECT_THROW(symmetric_pattern(make_pattern(3, 2, {})), Misuse);
}

TEST(ColorColumns, NeverPutsTwoEntriesOfARowIntoOneColor) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    const Index rows = 1 + trial % 17, columns = 1 + trial % 23;
    const Pattern pattern = random_pattern(rows, columns, 0.02 * (trial % 20), random);
    const Coloring coloring = color_columns(pattern);
    ASSERT_EQ(static_cast<Index>(coloring.color.size()), columns);
    Index fullest = 0;
    for (Index i = 0; i < rows; ++i) {
      std::vector<Index> seen;
      for (Index j = 0; j < columns; ++j) {
        if (pattern.contains(i, j)) seen.push_back(color(coloring, j));
      }
      fullest = std::max(fullest, static_cast<Index>(seen.size()));
      std::ranges::sort(seen);
      EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end()) << "row " << i;
    }
    EXPECT_GE(coloring.colors, fullest);
    EXPECT_LT(std::ranges::max(coloring.color), coloring.colors);

    const Matrix A = random_values(pattern, random);
    EXPECT_EQ(Matrix(recover_columns(pattern, coloring, A * seed_matrix(coloring))), A);
  }
}

TEST(ColorColumns, NeedsAsManyColorsAsTheBandIsWide) {
  EXPECT_EQ(color_columns(band(100, 0)).colors, 1);
  EXPECT_EQ(color_columns(band(100, 1)).colors, 3);
  EXPECT_EQ(color_columns(band(100, 2)).colors, 5);
  EXPECT_EQ(color_columns(arrow(20)).colors, 20);  // a dense row
}

/// By the definition: neighbors differ, and no path a - b - c - d alternates between two colors.
void expect_star(const Pattern& graph, const Coloring& coloring) {
  const Index n = graph.columns();
  const auto edge = [&](Index i, Index j) { return i != j && graph.contains(i, j); };
  const auto same = [&](Index i, Index j) { return color(coloring, i) == color(coloring, j); };
  for (Index b = 0; b < n; ++b) {
    for (Index c = 0; c < n; ++c) {
      if (!edge(b, c)) continue;
      EXPECT_FALSE(same(b, c));
      for (Index a = 0; a < n; ++a) {
        if (!edge(a, b) || a == c || !same(a, c)) continue;
        for (Index d = 0; d < n; ++d) {
          if (d != a && d != b && edge(c, d) && same(b, d))
            ADD_FAILURE() << a << " " << b << " " << c << " " << d;
        }
      }
    }
  }
}

TEST(StarColoring, LeavesEveryEntryAloneSomewhere) {
  std::mt19937 random(2);
  for (int trial = 0; trial < 200; ++trial) {
    const Index n = 1 + trial % 25;
    const Pattern pattern = random_pattern(n, n, 0.01 * (trial % 30), random);
    const Pattern graph = symmetric_pattern(pattern);
    const Coloring coloring = star_coloring(pattern);
    expect_star(graph, coloring);
    Matrix H = random_values(graph, random);
    H = (H + H.transpose()).eval();
    const Matrix recovered = recover_symmetric(pattern, coloring, H * seed_matrix(coloring));
    EXPECT_LE((recovered - H).cwiseAbs().maxCoeff(), 0.0) << "n = " << n;
  }
}

TEST(StarColoring, UsesSymmetry) {
  EXPECT_EQ(star_coloring(arrow(50)).colors, 2);
  EXPECT_EQ(star_coloring(band(50, 0)).colors, 1);
  EXPECT_LE(star_coloring(band(50, 1)).colors, 3);
  EXPECT_LT(star_coloring(band(100, 3)).colors, color_columns(band(100, 3)).colors + 1);
}

TEST(Coloring, IsTheSameEachTime) {
  std::mt19937 random(3);
  const Pattern pattern = random_pattern(40, 40, 0.1, random);
  EXPECT_EQ(color_columns(pattern).color, color_columns(pattern).color);
  EXPECT_EQ(star_coloring(pattern).color, star_coloring(pattern).color);
}

TEST(Coloring, RefusesProductsOfOtherSizes) {
  const Pattern pattern = band(5, 1);
  const Coloring coloring = color_columns(pattern);
  EXPECT_THROW(recover_columns(pattern, coloring, Matrix::Zero(4, coloring.colors)), Misuse);
  EXPECT_THROW(recover_columns(pattern, coloring, Matrix::Zero(5, coloring.colors + 1)), Misuse);
  EXPECT_THROW(recover_symmetric(pattern, Coloring{}, Matrix::Zero(5, 3)), Misuse);
}

}  // namespace
}  // namespace quadric
