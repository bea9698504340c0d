#pragma once

#include <vector>

#include "quadric/base/types.hpp"

#include "derivatives/tape/term_set.hpp"

/// Entries in the order of a pattern, as matrices.
namespace quadric::formula {

/// A compressed sparse matrix; one that has the pattern already is refilled in place.
void fill_sparse(const Pattern& pattern, const std::vector<double>& entries, SparseMatrix& matrix);
void fill_dense(const Pattern& pattern, const std::vector<double>& entries, Matrix& matrix);
/// A symmetric matrix, both triangles, from the pattern of its lower one.
void fill_symmetric(const Pattern& pattern, const std::vector<double>& entries, Matrix& matrix);

}  // namespace quadric::formula
