#pragma once

#include <utility>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/curvature/critical_point.hpp"
#include "quadric/problem/objective.hpp"

namespace quadric {

/// A line through points (x, y); the first is repeated at the end of a closed one.
using Polyline = std::vector<std::pair<double, double>>;

/// Where a function takes a value, from its values on a grid: `values(i, j)` is that at x = j, y = i, in
/// which units the lines are too. Marching squares (Lorensen & Cline 1987, in the plane), linear along the
/// edges; the mean of a cell tells which way a saddle in it is cut. Cells with a corner that is not finite
/// are left out.
std::vector<Polyline> contour_lines(const Matrix& values, double level);

/// A critical point of a function of two variables.
struct Landmark {
  CriticalKind kind;  ///< minimum, maximum, saddle or degenerate
  double x, y;
};

/// What a function of two variables looks like in a box.
struct Landscape {
  double left = 0.0, right = 0.0, bottom = 0.0, top = 0.0;
  std::vector<std::vector<Polyline>> contours = {};  ///< of rising values, in the function's variables
  std::vector<Landmark> landmarks = {};              ///< that Newton's method finds from a grid of starts
};

/// The landscape around these points (at least one, of two entries each), with some space about them.
Landscape landscape(const Objective& f, const std::vector<Vector>& points);

}  // namespace quadric
