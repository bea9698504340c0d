#pragma once

#include <utility>
#include <vector>

#include <Eigen/SparseCore>

#include "quadric/base/types.hpp"

/// Groups of columns of a sparse matrix that one product with the matrix can serve together: compressed
/// Jacobians (Curtis, Powell & Reid 1974) and Hessians (Powell & Toint 1979), as colorings of graphs
/// (Gebremedhin, Manne & Pothen 2005, "What color is your Jacobian?"). The colorings are greedy, by
/// decreasing degree and then by index: the same pattern always gets the same colors. No function keeps
/// state; all may be called from several threads.
namespace quadric {

/// Which entries of a matrix may be other than zero, compressed by columns: column j holds the rows
/// `row[start[j]], …, row[start[j + 1] - 1]`, increasing and each once.
struct Pattern {
  Index rows = 0;
  std::vector<Index> start = {0};  ///< columns + 1 entries
  std::vector<Index> row = {};     ///< start.back() entries, each in [0, rows)

  Index columns() const { return static_cast<Index>(start.size()) - 1; }
  Index entries() const { return static_cast<Index>(row.size()); }
  bool contains(Index i, Index j) const;
};

/// Pattern of a rows × columns matrix from (row, column) pairs in any order, repetitions allowed. A pair
/// outside the matrix throws `Misuse`.
Pattern make_pattern(Index rows, Index columns, const std::vector<std::pair<Index, Index>>& entries);

/// Pattern of the entries that a sparse matrix stores, explicit zeros included.
Pattern make_pattern(const Eigen::SparseMatrix<double>& matrix);

/// The pattern of A + Aᵀ + I, for a square pattern of which one triangle may be all that was given; one
/// that is not square throws `Misuse`.
Pattern symmetric_pattern(const Pattern& pattern);

/// A color for each column, in [0, colors).
struct Coloring {
  std::vector<Index> color = {};
  Index colors = 0;
};

/// Colors the columns so that two with a row in common differ (partial distance-2 coloring of the bipartite
/// graph). The number of colors is at least the largest number of entries in a row: one dense row makes n.
Coloring color_columns(const Pattern& pattern);

/// Star coloring of the adjacency graph of a symmetric matrix: neighbors differ, and every path of four
/// vertices has at least three colors. Then each entry of the matrix stands alone in some product
/// (`recover_symmetric`). Takes `symmetric_pattern(pattern)` as its graph.
Coloring star_coloring(const Pattern& pattern);

/// The n × colors matrix whose column c is the sum of the unit vectors of the columns of color c: the
/// directions to multiply the matrix with.
Matrix seed_matrix(const Coloring& coloring);

/// The sparse m × n matrix A with the given pattern from A S (m × colors), S the seeds of
/// `color_columns(pattern)`. Sizes that do not fit throw `Misuse`.
Eigen::SparseMatrix<double> recover_columns(const Pattern& pattern, const Coloring& coloring,
                                            const Matrix& products);

/// The sparse symmetric n × n matrix H from H S (n × colors), S the seeds of `star_coloring(pattern)`:
/// each entry is read directly, without substitution, and both triangles are stored, with the pattern of
/// `symmetric_pattern(pattern)`. Sizes that do not fit throw `Misuse`.
Eigen::SparseMatrix<double> recover_symmetric(const Pattern& pattern, const Coloring& coloring,
                                              const Matrix& products);

}  // namespace quadric
