#pragma once

#include <limits>

#include "quadric/base/types.hpp"

namespace quadric {

/// The box l ≤ x ≤ u, entry by entry; −∞ and ∞ leave a side open, and l = u fixes a variable. Without entries
/// it is the whole space. A value type; const functions are thread safe.
class Bounds {
 public:
  static constexpr double none = std::numeric_limits<double>::infinity();

  Bounds() = default;
  /// Throws `Misuse`, naming the entry, where the sizes differ, an entry is NaN, or no number lies between
  /// the two.
  Bounds(const Point& lower, const Point& upper);
  static Bounds at_least(const Point& lower);
  static Bounds at_most(const Point& upper);

  bool empty() const noexcept { return lower_.size() == 0; }
  Index size() const noexcept { return lower_.size(); }
  const Vector& lower() const noexcept { return lower_; }  ///< l (n)
  const Vector& upper() const noexcept { return upper_; }  ///< u (n)

  /// Whether x lies in the box; true where there are no bounds.
  bool contain(const Vector& x) const;
  bool fix(Index i) const { return lower_[i] == upper_[i]; }
  /// x is on a bound of variable i, and to lower f it would have to leave the box: ∂f/∂xᵢ = `slope` is
  /// positive at the lower bound or negative at the upper one.
  bool hold(Index i, double x, double slope) const {
    return fix(i) || (x <= lower_[i] && slope > 0.0) || (x >= upper_[i] && slope < 0.0);
  }
  /// Moves x to the nearest point of the box; what is within a few roundings of a bound is put on it.
  void place(Vector& x) const;

 private:
  Vector lower_, upper_;
};

}  // namespace quadric
