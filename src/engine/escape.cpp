#include "engine/escape.hpp"

#include <algorithm>
#include <cmath>

#include "curvature/measurable.hpp"
#include "engine/typical_size.hpp"

namespace quadric {

namespace {

constexpr double promised_share = 0.1;
constexpr int most_halvings = 100;
constexpr int most_doublings = 30;

/// Doubles the step while f falls.
void extend(Evaluator& evaluator, const LocalModel& model, Escape& escape) {
  for (int i = 0; i < most_doublings; ++i) {
    double value = 0.0;
    if (!evaluator.value(model.x + 2.0 * escape.step, value) || !(value < escape.value)) return;
    escape.step *= 2.0;
    escape.value = value;
  }
}

std::optional<Escape> escape_saddle(Evaluator& evaluator, const LocalModel& model, const CriticalPoint& point,
                                    const Vector& typical) {
  const double curvature = model.curvature(point.direction);
  // The first length promises a fall that can be measured.
  const double measurable = std::sqrt(2.0 * measurable_fall * std::abs(model.value / curvature));
  double length = std::max(whole_size(typical), measurable);
  const double downhill = model.slope(point.direction) > 0.0 ? -1.0 : 1.0;
  for (int halving = 0; halving < most_halvings; ++halving, length *= 0.5) {
    for (const double sign : {downhill, -downhill}) {
      Escape escape{.step = sign * length * point.direction};
      const double promise = 0.5 * curvature * length * length;
      if (!evaluator.value(model.x + escape.step, escape.value)) continue;
      if (!(escape.value < model.value) || escape.value > model.value + promised_share * promise) continue;
      extend(evaluator, model, escape);
      escape.predicted = model.predicted_change(escape.step);
      return escape;
    }
  }
  return std::nullopt;
}

/// By a step that is thought to lead down; empty where f does not measurably fall.
std::optional<Escape> escape_by(Evaluator& evaluator, const LocalModel& model, const Vector& step) {
  const double measurable = measurable_fall * std::abs(model.value);
  Escape escape{.step = step};
  if (!evaluator.value(model.x + step, escape.value)) return std::nullopt;
  if (!(escape.value < model.value - measurable)) return std::nullopt;
  extend(evaluator, model, escape);
  escape.predicted = model.predicted_change(escape.step);
  return escape;
}

std::optional<Escape> escape_flat(Evaluator& evaluator, const LocalModel& model, const CriticalPoint& point,
                                  const Vector& typical) {
  const double length = whole_size(typical);
  for (const double share : {1e-4, 1e-3, 1e-2, 1e-1}) {
    for (const double sign : {1.0, -1.0}) {
      auto escape = escape_by(evaluator, model, sign * share * length * point.direction);
      if (escape) return escape;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Escape> find_escape(Evaluator& evaluator, const Certificate& certificate,
                                  const Vector& typical) {
  const LocalModel& model = certificate.model;
  if (certificate.point.has_negative_curvature())
    return escape_saddle(evaluator, model, certificate.point, typical);
  if (certificate.step_down) {
    auto escape = escape_by(evaluator, model, *certificate.step_down);
    if (escape) return escape;
  }
  return escape_flat(evaluator, model, certificate.point, typical);
}

}  // namespace quadric
