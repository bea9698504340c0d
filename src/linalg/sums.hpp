#pragma once

#include <cmath>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// ‖v‖₂: the plain sum of squares, but where that may have lost digits to overflow or underflow.
template <class Derived>
double norm(const Eigen::MatrixBase<Derived>& v) {
  const double squares = v.squaredNorm();
  return squares > 1e-270 && squares < 1e270 ? std::sqrt(squares) : v.stableNorm();
}

/// Whether no entry is NaN or infinite: `allFinite` in the lanes of the processor.
template <class Derived>
bool all_finite(const Eigen::DenseBase<Derived>& entries) {
  return (entries.derived().array() * 0.0).sum() == 0.0;
}

}  // namespace quadric::linalg
