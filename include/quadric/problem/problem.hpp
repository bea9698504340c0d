#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// What a solver is given: a function to minimize and, when it is a half sum of squares, its residuals.
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

 private:
  Objective objective_;
  std::optional<Residuals> residuals_;
  std::vector<std::string> names_;
};

/// Throws `Misuse`, naming the coordinate, unless x is non-empty and finite; `what` says which point it is.
void require_point(const Vector& x, const std::string& what);

}  // namespace quadric
