#include "derivatives/tape/compression.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "derivatives/tape/dependence.hpp"
#include "derivatives/tape/sparse.hpp"

namespace quadric::sweeps {

namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Every entry at (i >= j, j), or every entry.
formula::Pattern full_pattern(Index rows, Index columns, bool lower_triangle, const char* what) {
  const Index entries = lower_triangle ? columns * (columns + 1) / 2 : rows * columns;
  if (entries > std::numeric_limits<std::int32_t>::max()) {
    throw std::length_error("the " + std::string(what) + " of " + std::to_string(rows) + " x " +
                            std::to_string(columns) +
                            " is not sparse, and has more entries than a sparse matrix can hold: use its "
                            "products with vectors");
  }
  formula::Pattern pattern{.rows = rows};
  pattern.row.reserve(at(entries));
  for (Index j = 0; j < columns; ++j) {
    for (Index i = lower_triangle ? j : 0; i < rows; ++i) pattern.row.push_back(static_cast<std::int32_t>(i));
    pattern.column_starts.push_back(static_cast<std::int32_t>(pattern.row.size()));
  }
  return pattern;
}

Coloring each_its_own(Index columns) {
  Coloring coloring{.color = std::vector<Index>(at(columns)), .colors = columns};
  std::iota(coloring.color.begin(), coloring.color.end(), Index{0});
  return coloring;
}

/// The largest number of entries in a column.
Index fullest_column(const Pattern& pattern) {
  Index most = 0;
  for (Index j = 0; j < pattern.columns(); ++j) {
    most = std::max(most, pattern.start[at(j) + 1] - pattern.start[at(j)]);
  }
  return most;
}

Pattern transpose(const Pattern& pattern) {
  Pattern result{.rows = pattern.columns(), .start = std::vector<Index>(at(pattern.rows) + 1, 0)};
  for (const Index i : pattern.row) ++result.start[at(i) + 1];
  std::partial_sum(result.start.begin(), result.start.end(), result.start.begin());
  result.row.resize(pattern.row.size());
  std::vector<Index> next = result.start;
  for (Index j = 0; j < pattern.columns(); ++j) {
    for (Index e = pattern.start[at(j)]; e < pattern.start[at(j) + 1]; ++e) {
      result.row[at(next[at(pattern.row[at(e)])]++)] = j;
    }
  }
  return result;
}

/// A coloring of the columns, where it can be much better than none.
Coloring color_if_sparse(const Pattern& pattern, const Pattern& transposed) {
  if (2 * fullest_column(transposed) >= pattern.columns()) return each_its_own(pattern.columns());
  return color_columns(pattern);
}

/// Two classes of a star coloring have less edges between them than vertices (they are a forest): so k colors
/// cover less than (k - 1) n edges.
Coloring star_coloring_if_sparse(const Pattern& pattern) {
  const Index n = pattern.columns();
  if (8 * pattern.entries() >= n * n) return each_its_own(n);
  return star_coloring(pattern);
}

/// Calls body(i, j, entry) for each entry.
template <class Body>
void for_each_entry(const Pattern& pattern, const Body& body) {
  for (Index j = 0; j < pattern.columns(); ++j) {
    for (Index e = pattern.start[at(j)]; e < pattern.start[at(j) + 1]; ++e) body(pattern.row[at(e)], j, e);
  }
}

}  // namespace

Compression::Compression(formula::Pattern pattern, bool by_rows, std::vector<Place> seeds, Index colors,
                         const std::vector<Place>& place_of_entry)
    : pattern_(std::move(pattern)),
      by_rows_(by_rows),
      seeds_(std::move(seeds)),
      starts_(at((colors + width - 1) / width) + 1, 0),
      reads_(place_of_entry.size()) {
  for (const Place& place : place_of_entry) ++starts_[at(place.color / width) + 1];
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
  std::vector<std::size_t> next(starts_.begin(), starts_.end());
  for (std::size_t e = 0; e < place_of_entry.size(); ++e) {
    const Place& place = place_of_entry[e];
    reads_[next[at(place.color / width)]++] = {
        static_cast<std::int32_t>(e), place.node * width + static_cast<std::int32_t>(place.color % width)};
  }
}

Compression Compression::of_hessian(const Tape& tape) {
  const Index n = tape.variables;
  auto found = hessian_pattern(tape);
  formula::Pattern lower = found ? std::move(*found) : full_pattern(n, n, true, "Hessian");
  const Pattern pattern = formula::widened(lower);
  const Coloring coloring = found ? star_coloring_if_sparse(pattern) : each_its_own(n);

  // In row i, column j stands alone where no other column has its color; else row j has column i alone.
  std::vector<Place> place(at(pattern.entries()));
  const auto color = [&](Index j) { return coloring.color[at(j)]; };
  if (coloring.colors == n) {
    for_each_entry(pattern, [&](Index i, Index j, Index e) {
      place[at(e)] = {static_cast<Operand>(i), color(j)};
    });
  } else {
    const Pattern graph = symmetric_pattern(pattern);
    std::vector<Index> count(at(coloring.colors), 0);
    std::vector<Index> next = pattern.start;
    for (Index i = 0; i < n; ++i) {
      const auto first = graph.row.begin() + graph.start[at(i)];
      const auto last = graph.row.begin() + graph.start[at(i) + 1];
      std::for_each(first, last, [&](Index j) { ++count[at(color(j))]; });
      for (auto j = first; j != last && *j <= i; ++j) {
        const bool alone = count[at(color(*j))] == 1;
        place[at(next[at(*j)]++)] =
            alone ? Place{static_cast<Operand>(i), color(*j)} : Place{static_cast<Operand>(*j), color(i)};
      }
      std::for_each(first, last, [&](Index j) { --count[at(color(j))]; });
    }
  }
  std::vector<Place> seeds;
  for (Index j = 0; j < n; ++j) seeds.push_back({static_cast<Operand>(j), color(j)});
  return Compression(std::move(lower), false, std::move(seeds), coloring.colors, place);
}

Compression Compression::of_jacobian(const Tape& tape) {
  const Index m = static_cast<Index>(tape.results.size()), n = tape.variables;
  auto found = jacobian_pattern(tape);
  formula::Pattern narrow = found ? std::move(*found) : full_pattern(m, n, false, "Jacobian");
  const Pattern pattern = formula::widened(narrow), transposed = transpose(pattern);
  const Coloring columns = color_if_sparse(pattern, transposed);
  const Coloring rows = color_if_sparse(transposed, pattern);
  const bool by_rows = rows.colors < columns.colors;

  std::vector<Place> seeds;
  const Coloring& coloring = by_rows ? rows : columns;
  for (Index k = 0; k < static_cast<Index>(coloring.color.size()); ++k) {
    const Operand node = by_rows ? tape.results[at(k)] : static_cast<Operand>(k);
    if (node >= 0) seeds.push_back({node, coloring.color[at(k)]});
  }
  std::vector<Place> place(at(pattern.entries()));
  for_each_entry(pattern, [&](Index i, Index j, Index e) {
    place[at(e)] = by_rows ? Place{static_cast<Operand>(j), rows.color[at(i)]}
                           : Place{tape.results[at(i)], columns.color[at(j)]};
  });
  return Compression(std::move(narrow), by_rows, std::move(seeds), coloring.colors, place);
}

void Compression::seed(std::size_t sweep, Lanes<width>& lanes) const {
  for (const Place& place : seeds_) {
    if (at(place.color / width) == sweep) lanes(place.color % width, place.node) += 1.0;
  }
}

void Compression::read(std::size_t sweep, const Lanes<width>& lanes, double* entries) const {
  const double* numbers = lanes.data();
  for (std::size_t r = starts_[sweep]; r < starts_[sweep + 1]; ++r) {
    entries[reads_[r].entry] = numbers[reads_[r].from];
  }
}

}  // namespace quadric::sweeps
