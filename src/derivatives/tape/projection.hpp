#pragma once

#include <cstddef>

#include "derivatives/tape/term_class.hpp"

namespace quadric::formula {

/// Makes symmetric K × K matrices positive semidefinite, `lanes` of them side by side: `triangles` holds
/// their lower triangles row by row, entry (i, j) of lane l at (i (i + 1) / 2 + j) * lanes + l; only the
/// first `count` lanes matter. Negative eigenvalues become 0, or change their sign. Matrices that a
/// factorization shows to be semidefinite already, which is found out for all lanes at once, are left as they
/// are.
void project(std::size_t K, std::size_t lanes, std::size_t count, bool absolute, double* triangles,
             Slots& scratch);

}  // namespace quadric::formula
