#pragma once

#include "quadric/base/types.hpp"
#include "quadric/derivatives/coloring.hpp"

#include "derivatives/tape/term_set.hpp"

/// Entries in the order of a pattern, as matrices; and patterns as the colorings take them.
namespace quadric::formula {

/// Gives a matrix this pattern, compressed, unless it has it already; returns where its entries are, in the
/// order of the pattern and of any value.
double* entries_of(SparseMatrix& matrix, const Pattern& pattern);
void fill_dense(const Pattern& pattern, const Vector& entries, Matrix& matrix);
/// A symmetric matrix, both triangles, from the pattern of its lower one.
void fill_symmetric(const Pattern& pattern, const Vector& entries, Matrix& matrix);

/// The same pattern with numbers of the width that the colorings use.
quadric::Pattern widened(const Pattern& pattern);

}  // namespace quadric::formula
