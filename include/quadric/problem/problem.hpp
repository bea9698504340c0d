#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/bounds.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// What a solver is given: a function to minimize, when it is a half sum of squares its residuals, and bounds
/// where x is to stay within. With exact derivatives the function is evaluated within the bounds only;
/// differences reach beyond them by their step.
class Problem {
 public:
  Problem(Objective objective) : objective_(std::move(objective)) {}  // NOLINT: an objective is a problem
  Problem(Residuals residuals)                                        // NOLINT: residuals are a problem
      : objective_(residuals.objective()), residuals_(std::move(residuals)) {}

  const Objective& objective() const noexcept { return objective_; }
  /// Empty for a general objective.
  const std::optional<Residuals>& residuals() const noexcept { return residuals_; }
  Provider provider() const { return objective_.provider(); }

  /// Names of the variables for logs and reports; x0, x1, … when none were given.
  std::vector<std::string> names(Index n) const;
  Problem& with_names(std::vector<std::string> names) {
    names_ = std::move(names);
    return *this;
  }
  const Bounds& bounds() const noexcept { return bounds_; }
  Problem& with_bounds(Bounds bounds) {
    bounds_ = std::move(bounds);
    return *this;
  }

 private:
  Objective objective_;
  std::optional<Residuals> residuals_;
  Bounds bounds_;
  std::vector<std::string> names_;
};

/// Throws `Misuse`, naming the coordinate, unless x is non-empty and finite; `what` says which point it is.
void require_point(const Vector& x, const std::string& what);
/// Throws `Misuse` unless the bounds are for so many variables, or there are none.
void require_size(const Bounds& bounds, Index n);

}  // namespace quadric
