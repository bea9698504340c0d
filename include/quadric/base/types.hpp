#pragma once

#include <initializer_list>
#include <type_traits>
#include <utility>

#include <Eigen/Core>

namespace Eigen {

template <typename Scalar, int Options, typename StorageIndex>
class SparseMatrix;

}  // namespace Eigen

namespace quadric {

namespace detail {

// Eigen aligns its memory by the instruction set that an object is compiled for, and takes it otherwise under
// a sanitizer. A vector that passes between objects which differ is given back wrongly and crashes; such a
// program does not link, as the library defines this for its own way alone. Compile both with the same -m and
// -fsanitize flags.
template <int alignment, bool plain_malloc>
struct EigenMemory {
  static const char the_same_as_in_the_library;
};
[[gnu::used]] static const char* const eigen_memory =
    &EigenMemory<EIGEN_DEFAULT_ALIGN_BYTES, EIGEN_MALLOC_ALREADY_ALIGNED>::the_same_as_in_the_library;

}  // namespace detail

/// Sizes and subscripts: signed, as in Eigen.
using Index = Eigen::Index;
/// Column vector of doubles.
using Vector = Eigen::VectorXd;
/// Dense column-major matrix of doubles.
using Matrix = Eigen::MatrixXd;
/// Sparse column-major matrix of doubles; whoever uses one includes <Eigen/SparseCore>.
using SparseMatrix = Eigen::SparseMatrix<double, 0, int>;

/// Column vector of any scalar: what a generic function `[](const auto& x) { ... }` is called with.
template <class T>
using VectorOf = Eigen::Matrix<T, Eigen::Dynamic, 1>;

/// The scalar of a vector argument: `using T = quadric::ScalarOf<decltype(x)>;` inside a generic function.
template <class X>
using ScalarOf = std::remove_cvref_t<decltype(std::declval<const X&>()[0])>;

/// A vector that can be written as a list of coordinates: `Point{-1.2, 1.0}` is (-1.2, 1.0).
/// (`Vector{-1.2, 1.0}` would mean a number of rows and columns in Eigen 3.4.)
class Point {
 public:
  Point() = default;
  Point(std::initializer_list<double> coordinates)
      : values_(Eigen::Map<const Vector>(coordinates.begin(), static_cast<Index>(coordinates.size()))) {}
  template <class Derived>
  Point(const Eigen::MatrixBase<Derived>& values) : values_(values) {}  // NOLINT: a vector is a point
  Point(Vector&& values) noexcept : values_(std::move(values)) {}       // NOLINT: a vector is a point

  const Vector& vector() const noexcept { return values_; }
  operator const Vector&() const noexcept { return values_; }  // NOLINT: a point is a vector
  Index size() const noexcept { return values_.size(); }
  double operator[](Index i) const { return values_[i]; }

 private:
  Vector values_;
};

}  // namespace quadric
