#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric::mgh {

/// A problem of Moré, Garbow & Hillstrom, "Testing unconstrained optimization software", ACM TOMS 7 (1981)
/// 17–41, with what they say of it. Values of f are half sums of squares; theirs are twice as large.
struct KnownProblem {
  int number;        ///< theirs, 1 … 35
  std::string name;  ///< theirs, with n where n can be chosen
  Residuals residuals;
  Vector start;                          ///< the standard one (n)
  std::vector<double> minima;            ///< of ½‖r‖²: the global minimum first, then local ones
  std::optional<Vector> minimizer = {};  ///< of the first minimum, where it is unique
  /// The Hessian is singular, to the precision of doubles, at every point of the first minimum: none can be
  /// certified as a strict one.
  bool singular = false;
  /// Besides strict minima there are singular points of the same value.
  bool singular_too = false;
  std::string note = {};
};

/// All 35, in the order of the paper; Watson's, both penalty functions and Chebyquad in several sizes.
std::vector<KnownProblem> known_problems();

std::vector<KnownProblem> problems_of_fixed_size();
std::vector<KnownProblem> problems_with_data();
std::vector<KnownProblem> problems_of_any_size();

/// `factor` times the standard start; where that is zero, as for Watson's function, all variables `factor`,
/// as in the authors' own INITPT (factor 1 leaves it as it is).
Vector scaled_start(const KnownProblem& problem, double factor);

/// f = ½‖r‖² of a published Σr².
inline double half(double sum_of_squares) { return 0.5 * sum_of_squares; }

}  // namespace quadric::mgh
