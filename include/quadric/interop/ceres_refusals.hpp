#pragma once

#include <limits>
#include <stdexcept>
#include <string>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"

namespace quadric::detail {

inline void fill_unset(Vector& values) { values.setConstant(std::numeric_limits<double>::quiet_NaN()); }

inline void require_size(const Vector& x, Index n, const std::string& what) {
  if (x.size() == n) return;
  misuse(what + " takes " + std::to_string(n) + " variables, but the point has " + std::to_string(x.size()));
}

[[noreturn]] inline void refused(const std::string& what) {
  throw std::runtime_error(what + " returned false: it can not be evaluated at this point");
}

}  // namespace quadric::detail
