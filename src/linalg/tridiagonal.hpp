#pragma once

#include <utility>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// A symmetric tridiagonal matrix T (k × k) that grows by a row at a time, and its Cholesky-like factors
/// T + λI = L D Lᵀ, which take O(k).
class Tridiagonal {
 public:
  Index size() const noexcept { return static_cast<Index>(diagonal_.size()); }
  void clear();
  /// Makes room for so many rows.
  void reserve(Index rows);
  /// Adds a row; `below` couples it with the last one and is ignored in the first.
  void append(double diagonal, double below);
  /// Keeps the first rows only.
  void truncate(Index rows);

  double diagonal(Index i) const { return diagonal_[static_cast<std::size_t>(i)]; }
  /// Entry (i, i − 1), i > 0.
  double below(Index i) const { return below_[static_cast<std::size_t>(i)]; }
  /// Of the entries, in magnitude; 0 where there are none.
  double largest() const;

  Vector multiply(const Vector& v) const;
  /// An interval that holds all eigenvalues, by Gershgorin's discs.
  std::pair<double, double> range() const;
  Matrix dense() const;
  /// The lowest and the highest eigenvalue, to rounding of the larger one in magnitude, by bisection.
  std::pair<double, double> ends() const;

  /// Factors T + λI; false where it is not positive definite.
  bool factor(double shift);
  /// (T + λI)⁻¹b, after `factor`.
  Vector solve(Vector b) const;
  /// Replaces b by it.
  void solve_in_place(Vector& b) const;

 private:
  std::vector<double> diagonal_, below_;
  std::vector<double> pivots_, lower_;  ///< D and the subdiagonal of L
};

/// The eigenvalues of T (k × k) in no special order, by implicit QL (Golub & Welsch 1969), which takes O(k²)
/// and O(mk) for each: Q (m × k) becomes Q V, with the unit eigenvectors V in the order of the values.
Vector diagonalize(const Tridiagonal& T, Matrix& Q);

/// The eigenvalues of T in no special order, and the last entries of their unit eigenvectors (k each): what
/// Lanczos' method needs to know how good each of them is.
struct RitzValues {
  Vector values;
  Vector last;
};
RitzValues ritz_values(const Tridiagonal& T);

/// A unit eigenvector (k) of the lowest eigenvalue of T, which is given, by inverse iteration.
Vector lowest_vector(Tridiagonal T, double lowest);

/// The minimizer of β h₀ + ½ hᵀT h over ‖h‖ ≤ radius.
struct TridiagonalMinimizer {
  Vector step = {};
  double shift = 0.0;  ///< λ ≥ 0: (T + λI) h = −β e₀
  bool at_boundary = false;
};

/// That minimizer by Newton's method on 1/‖h(λ)‖ − 1/radius (Gould, Lucidi, Roma & Toint 1999, section 5.1);
/// β > 0, radius > 0. `near` is where λ is expected; T keeps factors of the last shift. The length is the
/// radius to 1e-8 of it.
TridiagonalMinimizer minimize_in_ball(Tridiagonal& T, double beta, double radius, double near = 0.0);

}  // namespace quadric::linalg
