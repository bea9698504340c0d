#include "solvers/first_order/secant_direction.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quadric {

namespace {

/// A step without curvature to measure it by grows by this factor over the last one.
constexpr double growth = 2.0;
/// Curvature along the last step below this share of ‖y‖ / ‖s‖ counts as zero.
constexpr double flat = 1e-12;

/// ‖p‖ of a first step: to the bottom of the parabola whose lowest value is zero, but no longer than x.
double first_length(const LocalModel& model, double gradient_norm) {
  const double size = model.x.stableNorm(), fall = 2.0 * std::abs(model.value) / gradient_norm;
  if (size > 0.0 && fall > 0.0) return std::min(size, fall);
  return size > 0.0 ? size : fall > 0.0 ? fall : 1.0;
}

}  // namespace

void SecantDirection::restart() {
  for (Vector* v : {&x_, &g_, &s_, &y_}) v->resize(0);
  bends_up_ = false;
}

void SecantDirection::prepare(const LocalModel& model) {
  if (x_.size() > 0) {
    s_ = model.x - x_;
    y_ = model.full_gradient() - g_;
    // Of variables that bounds hold, what the other ones do to their slopes is no curvature along the step.
    if (model.bounds) y_ = (s_.array() != 0.0).select(y_, 0.0);
    bends_up_ = s_.dot(y_) > flat * s_.norm() * y_.norm();
  }
  x_ = model.x;
  g_ = model.full_gradient();
  choose(model);
}

void SecantDirection::set_step(const LocalModel& model, Vector step) {
  step_ = std::move(step);
  slope_ = model.slope(step_);
  curvature_ = -slope_;
  free_ = false;
}

void SecantDirection::steepest(const LocalModel& model) {
  const double norm = model.gradient.stableNorm();
  if (bends_up_) return set_step(model, -(s_.squaredNorm() / s_.dot(y_)) * model.gradient);
  const double last = s_.size() > 0 ? s_.stableNorm() : 0.0;
  const double length = last > 0.0 ? growth * last : first_length(model, norm);
  set_step(model, -(length / norm) * model.gradient);
  if (last == 0.0) return;
  free_ = true;
  curvature_ = std::min(0.0, growth * growth * s_.dot(y_));
}

void SecantDirection::unrestricted(const LocalModel& /*model*/, Proposal& proposal) {
  proposal.step = step_;
  proposal.predicted = slope_ + 0.5 * curvature_;
  proposal.restricted = free_;
  if (free_) proposal.events.add(Event::LongStep);
}

void SecantDirection::within(const LocalModel& model, double radius, Proposal& proposal) {
  unrestricted(model, proposal);
  const double length = step_.stableNorm();
  if (length <= radius) return;
  const double share = radius / length;
  proposal.step *= share;
  proposal.predicted = share * (slope_ + 0.5 * share * curvature_);
  proposal.restricted = true;
}

/// The last step follows from the point before and the next one.
void SecantDirection::remember(Memory& memory) {
  memory.item("previous", x_);
  memory.item("previous_gradient", g_);
}

double SecantDirection::first_radius(const LocalModel& /*model*/) const { return step_.stableNorm(); }

}  // namespace quadric
