#include "engine/step_series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quadric {

namespace {

/// Two unit steps that differ by no more than this are along one line.
constexpr double along_one_line = 0.1;
/// Below the first rate plain steps are fast enough; beyond the second the sum is too uncertain.
constexpr double least_rate = 0.25;
constexpr double most_rate = 0.95;
/// Two rates agree where the distances that they leave differ by no more than this share.
constexpr double agreement = 0.2;

/// The signed rate at which `after` continues `before`; empty where it is along another line, or where its
/// magnitude is not in [least, most].
std::optional<double> rate(const Vector& before, const Vector& after, const Direction& direction,
                           double least = 0.0, double most = std::numeric_limits<double>::infinity()) {
  const double length = direction.norm(before), next = direction.norm(after);
  if (!(length > 0.0 && next > 0.0)) return std::nullopt;
  if (!(next / length >= least && next / length <= most)) return std::nullopt;
  for (const double sign : {1.0, -1.0}) {
    if (direction.norm(after / next - (sign / length) * before) <= along_one_line)
      return sign * next / length;
  }
  return std::nullopt;
}

}  // namespace

void StepSeries::restart() { *this = {}; }

std::optional<double> StepSeries::sum(const Vector& next, const Direction& direction) const {
  if (steps_ < wanted_) return std::nullopt;
  const auto now = rate(last_, next, direction, least_rate, most_rate);
  if (!now) return std::nullopt;
  const auto earlier = rate(before_, last_, direction);
  if (!earlier || !(std::abs(*now - *earlier) <= agreement * (1.0 - *now))) return std::nullopt;
  return 1.0 / (1.0 - *now);
}

void StepSeries::taken(const Vector& step) {
  before_.swap(last_);
  last_ = step;
  ++steps_;
}

void StepSeries::tried(bool successful) {
  wanted_ = successful ? 2 : 2 * wanted_;
  steps_ = 0;
}

void StepSeries::remember(Memory& memory) {
  memory.item("last_step", last_);
  memory.item("step_before", before_);
  memory.item("steps_in_a_row", steps_);
  memory.item("steps_wanted", wanted_);
}

}  // namespace quadric
