#pragma once

#include "quadric/base/types.hpp"

namespace quadric {

/// The length of x by the typical magnitude of each variable (n); 1 where that is zero.
inline double whole_size(const Vector& typical) {
  const double length = typical.norm();
  return length > 0.0 ? length : 1.0;
}

/// The size of each variable (n), positive: its typical magnitude, or the whole length where that is zero.
inline Vector size_of_each(const Vector& typical) {
  const double whole = whole_size(typical);
  return typical.unaryExpr([whole](double xj) { return xj > 0.0 ? xj : whole; });
}

}  // namespace quadric
