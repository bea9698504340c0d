#include "quadric/problem/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"

namespace quadric {

namespace {

/// So near to a bound, in shares of its size and of x, a point is on it but for rounding.
constexpr double rounded = 4.0 * std::numeric_limits<double>::epsilon();

}  // namespace

Bounds::Bounds(const Point& lower, const Point& upper) : lower_(lower), upper_(upper) {
  if (lower.size() != upper.size()) {
    misuse("there are " + text::count(lower.size(), "lower bound") + ", but " + std::to_string(upper.size()) +
           " upper ones; an infinite bound leaves its side open");
  }
  for (Index i = 0; i < size(); ++i) {
    const double l = lower_[i], u = upper_[i];
    if (!(l <= u) || l == none || u == -none) {
      misuse("no number is between the bounds " + text::number(l) + " and " + text::number(u) +
             " of the variable at index " + std::to_string(i));
    }
  }
}

Bounds Bounds::at_least(const Point& lower) {
  return Bounds(lower, Point(Vector::Constant(lower.size(), none)));
}

Bounds Bounds::at_most(const Point& upper) {
  return Bounds(Point(Vector::Constant(upper.size(), -none)), upper);
}

bool Bounds::contain(const Vector& x) const {
  return empty() ||
         (x.size() == size() && (x.array() >= lower_.array()).all() && (x.array() <= upper_.array()).all());
}

void Bounds::place(Vector& x) const {
  for (Index i = 0; i < size(); ++i) {
    const double reach = rounded * std::abs(x[i]);
    if (x[i] - lower_[i] <= reach) {
      x[i] = lower_[i];
    } else if (upper_[i] - x[i] <= reach) {
      x[i] = upper_[i];
    }
  }
}

}  // namespace quadric
