#include "quadric/derivatives/coloring.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"

namespace quadric {

namespace {

constexpr Index none = -1;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::span<const Index> column(const Pattern& pattern, Index j) {
  const auto first = pattern.row.begin() + pattern.start[at(j)];
  return {first, pattern.row.begin() + pattern.start[at(j) + 1]};
}

Pattern transposed(const Pattern& pattern) {
  std::vector<std::pair<Index, Index>> entries;
  entries.reserve(pattern.row.size());
  for (Index j = 0; j < pattern.columns(); ++j) {
    for (const Index i : column(pattern, j)) entries.emplace_back(j, i);
  }
  return make_pattern(pattern.columns(), pattern.rows, entries);
}

std::vector<Index> by_decreasing_degree(const Pattern& pattern) {
  std::vector<Index> order(at(pattern.columns()));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](Index j) { return column(pattern, j).size(); });
  return order;
}

/// The colors so far, and those forbidden to the vertex that is next.
class GreedyColors {
 public:
  explicit GreedyColors(Index vertices) { coloring_.color.assign(at(vertices), none); }

  Index of(Index vertex) const { return coloring_.color[at(vertex)]; }
  void forbid(Index color, Index vertex) {
    if (color != none) forbidden_for_[at(color)] = vertex;
  }
  /// Gives the vertex the smallest color that was not forbidden to it.
  void take_smallest(Index vertex) {
    const auto free = std::ranges::find_if(forbidden_for_, [=](Index v) { return v != vertex; });
    const Index color = free - forbidden_for_.begin();
    if (free == forbidden_for_.end()) forbidden_for_.push_back(none);
    coloring_.color[at(vertex)] = color;
    coloring_.colors = static_cast<Index>(forbidden_for_.size());
  }
  Coloring result() && { return std::move(coloring_); }

 private:
  Coloring coloring_;
  std::vector<Index> forbidden_for_;
};

/// The edges of a symmetric graph: a number for each entry of its pattern, the same for (i, j) and (j, i).
std::vector<Index> number_edges(const Pattern& graph) {
  std::vector<Index> number(graph.row.size());
  std::vector<Index> next(graph.start.begin(), graph.start.end() - 1);
  Index count = 0;
  for (Index j = 0; j < graph.columns(); ++j) {
    for (Index e = graph.start[at(j)]; e < graph.start[at(j) + 1]; ++e) {
      const Index i = graph.row[at(e)];
      const Index mirrored = next[at(i)]++;  // (j, i): the j ascend in column i too
      if (i >= j) number[at(e)] = number[at(mirrored)] = count++;
    }
  }
  return number;
}

/// Algorithm 4.1 of Gebremedhin, Tarafdar, Manne & Pothen, New acyclic and star coloring algorithms with
/// application to computing Hessians (SIAM J. Sci. Comput. 29, 2007): the edges between two colors make
/// stars, which are kept, so that a vertex is colored in time of its neighbors' degrees.
class StarColors {
 public:
  explicit StarColors(const Pattern& graph)
      : graph_(graph),
        edge_(number_edges(graph)),
        colors_(graph.columns()),
        treated_for_(at(graph.columns()), none),
        star_(graph.row.size(), none) {}

  Coloring result() && { return std::move(colors_).result(); }

  void color(Index v) {
    for_each_colored_neighbor(v, none, [&](Index w, Index) {
      const Index c = colors_.of(w);
      colors_.forbid(c, v);
      First& first = first_of(c);
      if (first.vertex == v) {  // w and first.neighbor would enclose v
        treat(v, first.neighbor);
        treat(v, w);
      } else {
        first = {v, w, none};
        for_each_colored_neighbor(w, v, [&](Index x, Index wx) {
          if (hub_[at(star_[at(wx)])] == x) colors_.forbid(colors_.of(x), v);
        });
      }
    });
    colors_.take_smallest(v);
    for_each_colored_neighbor(v, none, [&](Index w, Index vw) { join_star(v, w, vw); });
  }

 private:
  /// The first neighbor of its color that a vertex was found to have.
  struct First {
    Index vertex = none;
    Index neighbor = none;
    Index edge = none;
  };

  First& first_of(Index color) {
    if (first_.size() <= at(color)) first_.resize(at(color) + 1);
    return first_[at(color)];
  }
  /// Calls body(neighbor, number of the edge).
  template <class Body>
  void for_each_colored_neighbor(Index v, Index other_than, const Body& body) const {
    for (Index e = graph_.start[at(v)]; e < graph_.start[at(v) + 1]; ++e) {
      const Index w = graph_.row[at(e)];
      if (w != v && w != other_than && colors_.of(w) != none) body(w, edge_[at(e)]);
    }
  }
  void treat(Index v, Index w) {
    if (std::exchange(treated_for_[at(w)], v) == v) return;
    for_each_colored_neighbor(w, v, [&](Index x, Index) { colors_.forbid(colors_.of(x), v); });
  }
  /// The edge v - w belongs to the star of an edge w - x to another vertex of v's color, or to that of v's
  /// edge to the first neighbor of w's color, or is a star of its own.
  void join_star(Index v, Index w, Index vw) {
    Index other = none;
    for_each_colored_neighbor(w, v, [&](Index x, Index wx) {
      if (colors_.of(x) == colors_.of(v)) other = wx;
    });
    First& first = first_of(colors_.of(w));
    Index hub = w;
    if (other == none && first.neighbor != w) {
      other = first.edge;
      hub = v;
    }
    if (first.neighbor == w) first.edge = vw;
    if (other == none) {
      star_[at(vw)] = static_cast<Index>(hub_.size());
      hub_.push_back(none);
    } else {
      star_[at(vw)] = star_[at(other)];
      hub_[at(star_[at(vw)])] = hub;
    }
  }

  const Pattern& graph_;
  std::vector<Index> edge_;
  GreedyColors colors_;
  std::vector<First> first_;  ///< by color
  std::vector<Index> treated_for_;
  std::vector<Index> star_;  ///< by edge
  std::vector<Index> hub_;   ///< by star; none where it has one edge
};

void require_products(const Pattern& pattern, const Coloring& coloring, const Matrix& products) {
  if (static_cast<Index>(coloring.color.size()) == pattern.columns() && products.rows() == pattern.rows &&
      products.cols() == coloring.colors) {
    return;
  }
  misuse("a coloring of " + std::to_string(coloring.color.size()) + " columns and products of " +
         std::to_string(products.rows()) + " x " + std::to_string(products.cols()) +
         " do not fit a pattern of " + std::to_string(pattern.rows) + " x " +
         std::to_string(pattern.columns()) + " with " + std::to_string(coloring.colors) + " colors");
}

/// The sparse matrix whose stored entries are entry(i, j).
template <class Entry>
Eigen::SparseMatrix<double> fill(const Pattern& pattern, const Entry& entry) {
  std::vector<Eigen::Triplet<double, Index>> triplets;
  triplets.reserve(pattern.row.size());
  for (Index j = 0; j < pattern.columns(); ++j) {
    for (const Index i : column(pattern, j)) triplets.emplace_back(i, j, entry(i, j));
  }
  Eigen::SparseMatrix<double> matrix(pattern.rows, pattern.columns());
  matrix.setFromTriplets(triplets.begin(), triplets.end());
  return matrix;
}

}  // namespace

bool Pattern::contains(Index i, Index j) const { return std::ranges::binary_search(column(*this, j), i); }

Pattern make_pattern(Index rows, Index columns, const std::vector<std::pair<Index, Index>>& entries) {
  std::vector<std::vector<Index>> rows_of(at(columns));
  for (const auto& [i, j] : entries) {
    if (i < 0 || i >= rows || j < 0 || j >= columns) {
      misuse("the entry (" + std::to_string(i) + ", " + std::to_string(j) + ") lies outside of a matrix of " +
             std::to_string(rows) + " x " + std::to_string(columns));
    }
    rows_of[at(j)].push_back(i);
  }
  Pattern pattern{.rows = rows};
  for (std::vector<Index>& of_column : rows_of) {
    std::ranges::sort(of_column);
    of_column.erase(std::unique(of_column.begin(), of_column.end()), of_column.end());
    pattern.row.insert(pattern.row.end(), of_column.begin(), of_column.end());
    pattern.start.push_back(pattern.entries());
  }
  return pattern;
}

Pattern make_pattern(const Eigen::SparseMatrix<double>& matrix) {
  std::vector<std::pair<Index, Index>> entries;
  for (Index j = 0; j < matrix.outerSize(); ++j) {
    for (Eigen::SparseMatrix<double>::InnerIterator it(matrix, j); it; ++it) {
      entries.emplace_back(it.row(), it.col());
    }
  }
  return make_pattern(matrix.rows(), matrix.cols(), entries);
}

Pattern symmetric_pattern(const Pattern& pattern) {
  if (pattern.rows != pattern.columns()) {
    misuse("the pattern of a symmetric matrix must be square, but it is " + std::to_string(pattern.rows) +
           " x " + std::to_string(pattern.columns()));
  }
  std::vector<std::pair<Index, Index>> entries;
  for (Index j = 0; j < pattern.columns(); ++j) {
    entries.emplace_back(j, j);
    for (const Index i : column(pattern, j)) {
      entries.emplace_back(i, j);
      entries.emplace_back(j, i);
    }
  }
  return make_pattern(pattern.rows, pattern.rows, entries);
}

Coloring color_columns(const Pattern& pattern) {
  const Pattern by_rows = transposed(pattern);
  GreedyColors colors(pattern.columns());
  for (const Index j : by_decreasing_degree(pattern)) {
    for (const Index i : column(pattern, j)) {
      for (const Index k : column(by_rows, i)) colors.forbid(colors.of(k), j);
    }
    colors.take_smallest(j);
  }
  return std::move(colors).result();
}

Coloring star_coloring(const Pattern& pattern) {
  const Pattern graph = symmetric_pattern(pattern);
  StarColors colors(graph);
  for (const Index v : by_decreasing_degree(graph)) colors.color(v);
  return std::move(colors).result();
}

Matrix seed_matrix(const Coloring& coloring) {
  Matrix seeds = Matrix::Zero(static_cast<Index>(coloring.color.size()), coloring.colors);
  for (Index j = 0; j < seeds.rows(); ++j) seeds(j, coloring.color[at(j)]) = 1.0;
  return seeds;
}

Eigen::SparseMatrix<double> recover_columns(const Pattern& pattern, const Coloring& coloring,
                                            const Matrix& products) {
  require_products(pattern, coloring, products);
  return fill(pattern, [&](Index i, Index j) { return products(i, coloring.color[at(j)]); });
}

Eigen::SparseMatrix<double> recover_symmetric(const Pattern& pattern, const Coloring& coloring,
                                              const Matrix& products) {
  const Pattern graph = symmetric_pattern(pattern);
  require_products(graph, coloring, products);
  const auto alone = [&](Index i, Index j) {  // among row i's columns of j's color
    return std::ranges::none_of(
        column(graph, i), [&](Index k) { return k != j && coloring.color[at(k)] == coloring.color[at(j)]; });
  };
  return fill(graph, [&](Index i, Index j) {
    if (i < j ? alone(i, j) : !alone(j, i)) return products(i, coloring.color[at(j)]);
    return products(j, coloring.color[at(i)]);
  });
}

}  // namespace quadric
