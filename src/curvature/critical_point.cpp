#include "quadric/curvature/critical_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.hpp"

namespace quadric {

std::string_view to_string(CriticalKind kind) {
  switch (kind) {
    case CriticalKind::Minimum:
      return "minimum";
    case CriticalKind::Maximum:
      return "maximum";
    case CriticalKind::Saddle:
      return "saddle";
    case CriticalKind::Degenerate:
      return "degenerate";
    case CriticalKind::NotCritical:
      return "not_critical";
    case CriticalKind::Undecided:
      return "undecided";
  }
  return "unknown";
}

namespace {

/// The ends of the spectrum, and what bounds keep out of it.
std::string describe_range(const CriticalPoint& point) {
  if (point.held == 0)
    return "λ ∈ [" + text::number(point.lambda_min + 0.0) + ", " + text::number(point.lambda_max + 0.0) + "]";
  CriticalPoint free = point;
  free.held = 0;
  double least = std::numeric_limits<double>::infinity();
  for (const double multiplier : point.multipliers)
    if (multiplier != 0.0) least = std::min(least, std::abs(multiplier));
  const std::string by =
      std::isfinite(least) ? ", the least multiplier is " + text::number(least, 3) : std::string();
  const bool all = point.held == point.multipliers.size();
  return (all ? "at a corner: bounds hold every variable"
              : describe_range(free) + " with " + text::count(point.held, "variable") + " held by bounds") +
         by;
}

}  // namespace

std::string CriticalPoint::describe() const {
  const std::string range = describe_range(*this);
  switch (kind) {
    case CriticalKind::Minimum:
      if (order != 2) {
        return "minimum by its fourth derivatives, " + range + ", flat to third order along " +
               text::count(nullity, "direction");
      }
      return "minimum, " + range + (doubt > 0.0 ? " but for a chance of " + text::number(doubt, 2) : "");
    case CriticalKind::Maximum:
      return "maximum, " + range + ", f falls along every direction";
    case CriticalKind::Saddle:
      return "saddle of index " + std::string(index_is_bound ? ">= " : "") + std::to_string(index) + ", " +
             range + ", f falls along " + text::point(direction);
    case CriticalKind::Degenerate:
      if (order != 2) {
        return "degenerate point, no minimum by its " + std::string(order == 3 ? "third" : "fourth") +
               " derivatives, " + range + ", f falls along " + text::point(direction);
      }
      return "degenerate point, " + range + ", flat along " + text::count(nullity, "direction") +
             ", one of them " + text::point(direction);
    case CriticalKind::NotCritical:
      return "not a critical point: " + (reason.empty() ? "‖∇f‖ = " + text::number(gradient_norm) : reason) +
             "; " + range;
    case CriticalKind::Undecided:
      return "undecided: " + reason;
  }
  return "";
}

}  // namespace quadric
