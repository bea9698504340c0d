#include "quadric/engine/trace.hpp"

#include <cmath>

#include "base/text.hpp"

namespace quadric {

namespace {

constexpr Event all_events[] = {Event::NegativeCurvature,
                                Event::Saddle,
                                Event::Escaped,
                                Event::Degenerate,
                                Event::NonFinite,
                                Event::Rejected,
                                Event::Polished,
                                Event::HardCase,
                                Event::AsymmetricHessian,
                                Event::WrongDerivative,
                                Event::WrongHessian,
                                Event::LongStep,
                                Event::Summed,
                                Event::Extrapolated,
                                Event::ReachedBound,
                                Event::ChangedModel,
                                Event::Contradicted,
                                Event::Noisy,
                                Event::Crawled};

}  // namespace

std::string_view to_string(Event event) {
  switch (event) {
    case Event::NegativeCurvature:
      return "negative_curvature";
    case Event::Saddle:
      return "saddle";
    case Event::Escaped:
      return "escaped";
    case Event::Degenerate:
      return "degenerate";
    case Event::NonFinite:
      return "non_finite";
    case Event::Rejected:
      return "rejected";
    case Event::Polished:
      return "polished";
    case Event::HardCase:
      return "hard_case";
    case Event::AsymmetricHessian:
      return "asymmetric_hessian";
    case Event::WrongDerivative:
      return "wrong_derivative";
    case Event::WrongHessian:
      return "wrong_hessian";
    case Event::LongStep:
      return "long_step";
    case Event::Summed:
      return "summed";
    case Event::Extrapolated:
      return "extrapolated";
    case Event::ReachedBound:
      return "reached_bound";
    case Event::ChangedModel:
      return "changed_model";
    case Event::Contradicted:
      return "contradicted";
    case Event::Noisy:
      return "noisy";
    case Event::Crawled:
      return "crawled";
  }
  return "unknown";
}

std::optional<Event> event_named(std::string_view name) {
  for (const Event event : all_events)
    if (to_string(event) == name) return event;
  return std::nullopt;
}

std::vector<std::string> event_names() {
  std::vector<std::string> names;
  for (const Event event : all_events) names.emplace_back(to_string(event));
  return names;
}

std::vector<Event> Events::list() const {
  std::vector<Event> listed;
  for (const Event event : all_events) {
    if (has(event)) listed.push_back(event);
  }
  return listed;
}

std::string Iteration::bend() const {
  if (!std::isfinite(slope) || !std::isfinite(actual)) return {};
  if (slope == 0.0) {
    return actual < 0.0 ? "bent down: no slope, but it fell by " + text::number(-actual, 3) : "flat";
  }
  const std::string share = text::number(100.0 * actual / slope, 3) + " % of what the slope promised";
  const double bent = actual / slope;
  if (std::abs(bent - 1.0) <= 1e-3) return "flat: gained " + share;
  return (bent < 1.0 ? "bent up: gained " : "bent down: gained ") + share;
}

}  // namespace quadric
