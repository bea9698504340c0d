#include "engine/valley_floor.hpp"

#include <algorithm>
#include <utility>

#include "linalg/sums.hpp"

namespace quadric {

namespace {

/// A step leads back to the floor where it leaves at most this share of the gradient.
constexpr double back_on_floor = 0.7;
/// f is followed farther where it falls by at least this share of what is expected, and less far where it
/// falls by no more than the second one.
constexpr double as_expected = 0.5, disappointing = 0.25;
constexpr double longest_stride = 4.0, shortest_stride = 0.5;
/// After k failures in a row, 2ᵏ points on the floor are passed, and no more than that many for this k.
constexpr Index most_patient = 6;

}  // namespace

void ValleyFloor::restart() { *this = {}; }

void ValleyFloor::arrived(Index iteration, const Vector& x, double value, double gradient_norm) {
  if (iteration == std::exchange(iteration_, iteration)) return;
  const bool left_floor = gradient_before_ > 0.0 && gradient_ > gradient_before_;
  on_floor_ = left_floor && gradient_norm <= back_on_floor * gradient_;
  gradient_before_ = std::exchange(gradient_, gradient_norm);
  if (!on_floor_) return;
  if (wait_ > 0) --wait_;
  if (!(value < values_[2])) known_ = 0;
  std::rotate(points_.begin(), points_.begin() + 1, points_.end());
  std::rotate(values_.begin(), values_.begin() + 1, values_.end());
  points_[2] = x;
  values_[2] = value;
  known_ = std::min<Index>(known_ + 1, 3);
}

std::optional<ValleyFloor::Ahead> ValleyFloor::ahead(const Direction& direction) const {
  if (!on_floor_ || known_ < 3 || wait_ > 0) return std::nullopt;
  const Vector first = points_[1] - points_[0], last = points_[2] - points_[1];
  const double a = direction.norm(first), b = direction.norm(last), t = stride_ * b;
  if (!(a > 0.0 && b > 0.0)) return std::nullopt;
  // Newton's form of the parabola whose parameter is the distance.
  const Vector bend = (last / b - first / a) / (a + b);
  Ahead ahead{.x = points_[2] + stride_ * last + t * (t + b) * bend,
              .expected = stride_ * (values_[2] - values_[1])};
  if (!linalg::all_finite(ahead.x)) return std::nullopt;
  return ahead;
}

void ValleyFloor::tried(double actual, double expected) {
  if (!(actual < 0.0)) {
    stride_ = std::max(0.5 * stride_, shortest_stride);
    failures_ = std::min(failures_ + 1, most_patient);
    wait_ = Index{1} << failures_;
    return;
  }
  failures_ = 0;
  if (actual <= as_expected * expected) {
    stride_ = std::min(2.0 * stride_, longest_stride);
  } else if (actual > disappointing * expected) {
    stride_ = std::max(0.5 * stride_, shortest_stride);
  }
}

void ValleyFloor::remember(Memory& memory) {
  memory.item("floor_first", points_[0]);
  memory.item("floor_middle", points_[1]);
  memory.item("floor_last", points_[2]);
  memory.item("floor_value_first", values_[0]);
  memory.item("floor_value_middle", values_[1]);
  memory.item("floor_value_last", values_[2]);
  memory.item("floor_known", known_);
  memory.item("floor_iteration", iteration_);
  memory.item("on_floor", on_floor_);
  memory.item("floor_gradient", gradient_);
  memory.item("floor_gradient_before", gradient_before_);
  memory.item("floor_stride", stride_);
  memory.item("floor_failures", failures_);
  memory.item("floor_wait", wait_);
}

}  // namespace quadric
