#pragma once

#include <cmath>

#include "quadric/derivatives/tape.hpp"

namespace quadric {

/// What a predicate answers of two numbers (of the first, where it asks of one).
inline bool answer(Predicate predicate, double a, double b) {
  switch (predicate) {
    case Predicate::Less:
      return a < b;
    case Predicate::LessOrEqual:
      return a <= b;
    case Predicate::Equal:
      return a == b;
    case Predicate::Finite:
      return std::isfinite(a);
    case Predicate::NotANumber:
      return std::isnan(a);
    case Predicate::Infinite:
      return std::isinf(a);
    case Predicate::Normal:
      return std::isnormal(a);
    case Predicate::Negative:
      return std::signbit(a);
  }
  return false;
}

}  // namespace quadric
