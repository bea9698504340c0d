#include "solvers/step_controls/more_thuente.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace quadric {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// Extrapolation goes on between these many times the last move.
constexpr double least_extrapolation = 1.1;
constexpr double most_extrapolation = 4.0;
/// Two trials must shrink the interval to this share; a trial next to its end moves no more than this share.
constexpr double required_shrinking = 0.66;
/// The interval is a point when it is no longer than this share of its place.
constexpr double negligible_width = 1e-10;
/// Trials until the best one has to do; fewer while nothing bounds the search, as each is so much longer.
constexpr Index most_trials = 30;
constexpr Index most_unbounded_trials = 10;
/// Trials until a search that found no decrease at all is given up.
constexpr Index most_shrinkings = 200;
/// Where φ is missing, the next length goes this share of the way there, next time half of it.
constexpr double retreat = 0.25;
/// A step that gains enough may go on for this share of the way there, but not to its end.
constexpr double most_approach = 0.5;

}  // namespace

/// The minimizer of the cubic through two samples and their slopes, as a share of the way between them.
double MoreThuente::cubic_share(const Sample& from, const Sample& to) {
  const double theta = 3.0 * (from.value - to.value) / (to.t - from.t) + from.slope + to.slope;
  const double size = std::max({std::abs(theta), std::abs(from.slope), std::abs(to.slope)});
  const double square = (theta / size) * (theta / size) - (from.slope / size) * (to.slope / size);
  const double gamma = std::copysign(size * std::sqrt(std::max(0.0, square)), to.t - from.t);
  return (gamma - from.slope + theta) / (gamma - from.slope + gamma + to.slope);
}

/// The zero of the slope on the line through two slopes, as a share of the way between the samples.
double MoreThuente::secant_share(const Sample& from, const Sample& to) {
  return from.slope / (from.slope - to.slope);
}

void MoreThuente::start(double slope, double longest) {
  initial_slope_ = slope;
  longest_ = longest;
  t_ = 1.0;
  best_ = end_ = {.slope = slope};
  bracketed_ = last_ = false;
  auxiliary_ = true;
  width_ = wider_ = missing_from_ = infinity;
  trials_ = 0;
}

bool MoreThuente::tell(double value, double slope) {
  const bool enough = value <= sufficient_decrease_ * initial_slope_ * t_;
  if (last_ || (enough && std::abs(slope) <= -curvature_ * initial_slope_)) return true;
  if (enough && slope < 0.0 && (t_ >= most_approach * missing_from_ || t_ >= longest_)) return true;
  if (enough && slope >= 0.0) auxiliary_ = false;
  const double tried = t_;
  move({.t = t_, .value = value, .slope = slope});
  end_if_hopeless();
  return last_ && t_ == tried;
}

void MoreThuente::tell_missing() {
  missing_from_ = t_;
  t_ = best_.t + retreat * (t_ - best_.t);
  end_if_hopeless();
}

/// Where no trial can be better, the best length is asked for again.
void MoreThuente::end_if_hopeless() {
  ++trials_;
  const Index most = bracketed_ || missing_from_ < infinity ? most_trials : most_unbounded_trials;
  const bool narrow =
      bracketed_ && std::abs(end_.t - best_.t) <= negligible_width * std::max(end_.t, best_.t);
  last_ = (best_.t > 0.0 && (narrow || trials_ >= most)) || trials_ >= most_shrinkings ||
          !(t_ > 0.0 && std::isfinite(t_));
  if (last_) t_ = best_.t;
}

/// Updates the interval with a trial and sets the next length (their section 3).
void MoreThuente::move(const Sample& trial) {
  const double required = sufficient_decrease_ * initial_slope_;
  const bool lowered = auxiliary_ && trial.value <= best_.value && trial.value > trial.t * required;
  const auto seen = [tilt = lowered ? required : 0.0](const Sample& s) {
    return Sample{.t = s.t, .value = s.value - s.t * tilt, .slope = s.slope - tilt};
  };
  const Sample best = seen(best_), now = seen(trial);
  double t = interpolate(best, seen(end_), now);

  const bool higher = now.value > best.value, passed = now.slope * best.slope < 0.0;
  if (higher) {
    end_ = trial;
  } else {
    if (passed) end_ = best_;
    best_ = trial;
  }
  bracketed_ = bracketed_ || higher || passed;
  if (bracketed_) {
    const double width = std::abs(end_.t - best_.t);
    if (width >= required_shrinking * wider_) t = 0.5 * (best_.t + end_.t);
    wider_ = std::exchange(width_, width);
  }
  t_ = std::min(longest_, t < missing_from_ ? t : 0.5 * (best_.t + missing_from_));
}

/// The trial after `now`, in the four cases of their section 4.
double MoreThuente::interpolate(const Sample& best, const Sample& end, const Sample& now) const {
  const double back = best.t - now.t;
  const auto nearer = [&now](double a, double b) { return std::abs(a - now.t) < std::abs(b - now.t); };
  if (now.value > best.value) {
    const double cubic = best.t - cubic_share(best, now) * back;
    const double chord = (now.value - best.value) / (now.t - best.t);
    const double parabola = best.t - 0.5 * best.slope / (best.slope - chord) * back;
    return std::abs(cubic - best.t) < std::abs(parabola - best.t) ? cubic : 0.5 * (cubic + parabola);
  }
  const double share = cubic_share(now, best);
  const double cubic = now.t + share * back, secant = now.t + secant_share(now, best) * back;
  if (now.slope * best.slope < 0.0) return nearer(cubic, secant) ? secant : cubic;
  const double shortest = trials_ == 0 ? 0.0 : now.t - least_extrapolation * back;
  const double longest = now.t - most_extrapolation * back;
  if (std::abs(now.slope) < std::abs(best.slope)) {
    if (bracketed_) {
      const double chosen = share < 0.0 && nearer(cubic, secant) ? cubic : secant;
      const double bound = now.t + required_shrinking * (end.t - now.t);
      return back < 0.0 ? std::min(bound, chosen) : std::max(bound, chosen);
    }
    const double farther = nearer(cubic, secant) ? secant : cubic;
    return share < 0.0 ? std::clamp(farther, shortest, longest) : longest;
  }
  return bracketed_ ? now.t + cubic_share(now, end) * (end.t - now.t) : longest;
}

}  // namespace quadric
