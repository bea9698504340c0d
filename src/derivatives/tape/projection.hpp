#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "derivatives/tape/graph.hpp"

namespace quadric::formula {

/// An orthonormal basis Q (variables × rank) of a space in which the second derivatives of a term live,
/// ∇²f = Q Qᵀ ∇²f Q Qᵀ, whatever its instance and the point: the variables reach what is not linear in them
/// only through certain linear forms (differences of positions, say), which span it.
struct CurvatureRange {
  struct Coordinate {
    double value;
    std::uint32_t row;
    std::uint32_t column;
  };
  static constexpr std::size_t most_variables = 64;

  std::size_t variables = 0;
  std::size_t rank = 0;
  std::vector<Coordinate> entries = {};  ///< of Q other than 0, row by row
  std::vector<std::size_t> start = {0};  ///< of each row in `entries`

  const Coordinate* row(std::size_t i) const { return entries.data() + start[i]; }
};

/// For the sum of these formulas, weighted in any way.
CurvatureRange curvature_range(const Graph& graph, std::span<const Id> formulas, std::size_t variables);

/// Makes symmetric matrices positive semidefinite, `lanes` of them side by side: `triangles` holds their
/// lower triangles row by row, entry (i, j) of lane l at (i (i + 1) / 2 + j) * lanes + l, aligned to whole
/// vectors; only the first `count` lanes matter. Negative eigenvalues become 0, or change their sign.
/// Matrices without one, and those that are not finite, are left as they are.
void project(const CurvatureRange& range, std::size_t lanes, std::size_t count, bool absolute,
             double* triangles);

}  // namespace quadric::formula
