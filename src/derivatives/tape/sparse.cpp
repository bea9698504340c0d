#include "derivatives/tape/sparse.hpp"

#include <algorithm>

#include <Eigen/SparseCore>

namespace quadric::formula {

namespace {

template <class Body>
void for_each_entry(const Pattern& pattern, const Body& body) {
  std::size_t at = 0;
  for (Index j = 0; j < pattern.columns(); ++j) {
    const auto end = static_cast<std::size_t>(pattern.column_starts[static_cast<std::size_t>(j) + 1]);
    for (; at < end; ++at) body(static_cast<Index>(pattern.row[at]), j, at);
  }
}

bool has_pattern(const SparseMatrix& matrix, const Pattern& pattern) {
  return matrix.rows() == pattern.rows && matrix.cols() == pattern.columns() && matrix.isCompressed() &&
         matrix.nonZeros() == pattern.entries() &&
         std::equal(pattern.column_starts.begin(), pattern.column_starts.end(), matrix.outerIndexPtr()) &&
         std::equal(pattern.row.begin(), pattern.row.end(), matrix.innerIndexPtr());
}

}  // namespace

double* entries_of(SparseMatrix& matrix, const Pattern& pattern) {
  if (!has_pattern(matrix, pattern)) {
    matrix.resize(pattern.rows, pattern.columns());
    matrix.resizeNonZeros(pattern.entries());
    std::copy(pattern.row.begin(), pattern.row.end(), matrix.innerIndexPtr());
    std::copy(pattern.column_starts.begin(), pattern.column_starts.end(), matrix.outerIndexPtr());
  }
  return matrix.valuePtr();
}

void fill_dense(const Pattern& pattern, const Vector& entries, Matrix& matrix) {
  matrix.setZero(pattern.rows, pattern.columns());
  for_each_entry(pattern,
                 [&](Index i, Index j, std::size_t at) { matrix(i, j) = entries[static_cast<Index>(at)]; });
}

void fill_symmetric(const Pattern& pattern, const Vector& entries, Matrix& matrix) {
  matrix.setZero(pattern.rows, pattern.columns());
  for_each_entry(pattern, [&](Index i, Index j, std::size_t at) {
    matrix(i, j) = matrix(j, i) = entries[static_cast<Index>(at)];
  });
}

quadric::Pattern widened(const Pattern& pattern) {
  return {.rows = pattern.rows,
          .start = {pattern.column_starts.begin(), pattern.column_starts.end()},
          .row = {pattern.row.begin(), pattern.row.end()}};
}

}  // namespace quadric::formula
