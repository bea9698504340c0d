#include "quadric/curvature/critical_point.hpp"

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

std::string CriticalPoint::describe() const {
  const std::string range =
      "λ ∈ [" + text::number(lambda_min + 0.0) + ", " + text::number(lambda_max + 0.0) + "]";
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
