#pragma once

#include <utility>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric {

/// A share of problems that grows in steps: (x, share) where it does, x ascending, each share above the last.
using StepCurve = std::vector<std::pair<double, double>>;

/// Performance profiles (Dolan & Moré, Mathematical Programming 91 (2002) 201–213), one a solver. `costs`
/// (problems × solvers, positive) are infinite where a solver failed, and NaN where it did not run. The curve
/// of s at τ is the share of the problems which s ran on that it solved at no more than τ times the least
/// cost of any solver. It begins at τ = 1 where s is ever the best, and its end is the share that s solved.
std::vector<StepCurve> performance_profiles(const Matrix& costs);

/// Data profiles (Moré & Wild, SIAM J. Optimization 20 (2009) 172–191), one a solver: the curve of s at α is
/// the share of the problems which s ran on that it solved within α (n + 1) evaluations. `costs` as above, in
/// evaluations; `variables` (problems) are the numbers n.
std::vector<StepCurve> data_profiles(const Matrix& costs, const Vector& variables);

/// The share that a curve has reached at x.
double share_at(const StepCurve& curve, double x);

}  // namespace quadric
