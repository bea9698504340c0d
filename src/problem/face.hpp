#pragma once

#include <utility>
#include <vector>

#include "quadric/problem/local_model.hpp"

namespace quadric {

/// Some of the n variables, in their order, while the others stay where they are: a face of a box. Vectors of
/// the face have an entry for each of its variables.
class Face {
 public:
  Face(Index n, std::vector<Index> variables) : n_(n), variables_(std::move(variables)) {}

  Index size() const noexcept { return static_cast<Index>(variables_.size()); }
  const std::vector<Index>& variables() const noexcept { return variables_; }

  /// The entries of v (n) on the face.
  Vector restrict(const Vector& v) const { return v(variables_); }
  /// The vector with those entries, and 0 elsewhere (n); empty stays empty.
  Vector extend(const Vector& entries) const;
  /// The box on the face.
  Bounds restrict(const Bounds& bounds) const;
  /// Rows and columns of the lower triangle of a symmetric matrix.
  SparseMatrix restrict(const SparseMatrix& lower) const;
  /// The function on the face through x, which must have an exact Hessian or its products.
  Objective restrict(const Objective& f, const Vector& x) const;
  /// The quadric on the face; its form must be Hessian.
  LocalModel restrict(const LocalModel& model) const;

 private:
  Index n_;
  std::vector<Index> variables_;
};

}  // namespace quadric
