#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/diagnosis.hpp"
#include "engine/run.hpp"
#include "engine/typical_size.hpp"
#include "linalg/sums.hpp"

// What is tried in an iteration, and how it is judged: by values of f, or where these do not tell, by
// gradients.

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// The sum of a series of steps must gain at least this share of what the quadric promises there.
constexpr double worthwhile_sum = 0.9;
/// A step below the rounding of f must shrink the gradient at least by this factor to be worth another.
constexpr double worthwhile_polish = 0.5;
/// A step to the bottom of a quadric is short beside x, by this share of it.
constexpr double near_bottom = 1e-6;
/// A function jumps by so many standard deviations of its noise, where these are known from nine points.
constexpr double few_noises = 10.0;
/// What rounding of terms that cancel leaves, as a share of what f was. More noise is f's own: there the
/// lowest value that was seen counts.
constexpr double most_cancelled = 64.0 * epsilon;
/// So many in a row that do shrink it go where f has no bottom, or no more than its rounding shows.
constexpr Index most_polished = 30;

}  // namespace

/// Where the steps shrink at a constant rate, tries what they add up to in place of the next one.
bool Run::try_sum_of_steps(Iteration& record) {
  if (first_order(assembly_.direction->needs()) || proposal_.restricted) return false;
  const auto multiple = series_.sum(proposal_.step, *assembly_.direction);
  if (!multiple) return false;
  const double promise = std::min(1.0, *multiple) * proposal_.predicted;
  const Vector sum = *multiple * proposal_.step;
  if (model_.bounds && !model_.bounds->contain(model_.x + sum)) return false;
  set_trial(sum);
  double value = 0.0;
  const bool lower = evaluator_.value(trial_, value) && value - model_.value <= worthwhile_sum * promise &&
                     evaluator_.model(trial_, assembly_.direction->needs(), candidate_);
  series_.tried(lower);
  if (!lower) return false;
  proposal_.step = sum;
  proposal_.predicted = model_.predicted_change(sum);
  record.events.add(Event::Summed);
  return true;
}

/// On the floor of a valley that bends, tries where the floor may lead in place of a step.
bool Run::try_along_floor(Iteration& record) {
  if (first_order(assembly_.direction->needs()) || model_.bounds) return false;
  const auto ahead = floor_.ahead(*assembly_.direction);
  if (!ahead) return false;
  trial_ = ahead->x;
  double value = 0.0;
  const bool finite = evaluator_.value(trial_, value);
  const double actual = finite ? value - model_.value : std::numeric_limits<double>::infinity();
  floor_.tried(actual, ahead->expected);
  if (!(actual < 0.0) || !evaluator_.model(trial_, assembly_.direction->needs(), candidate_)) return false;
  proposal_.step = trial_ - model_.x;
  proposal_.predicted = model_.predicted_change(proposal_.step);
  record.events.add(Event::Extrapolated);
  return true;
}

/// Evaluates the proposal; true when it was accepted and `candidate_` holds the model there.
bool Run::try_step(Iteration& record) {
  const Curvature needs = assembly_.direction->needs();
  const bool by_slopes = assembly_.control->judges_slopes();
  const bool expected = expects_acceptance() || has_gradient_of(proposal_.step);
  const bool at_once =
      !by_slopes && record.rejected == 0 && expected && evaluator_.model_comes_with_value(model_.x, needs);
  Outcome outcome = evaluate_trial(at_once);
  tried_at_once_ = at_once && outcome.finite;
  bool accepted = assembly_.control->accept(model_, *assembly_.direction, proposal_, outcome);
  const bool complete = at_once || (by_slopes && needs == Curvature::Gradient);
  if (accepted && !complete && !evaluator_.model(trial_, needs, candidate_)) {
    outcome = {.actual = std::numeric_limits<double>::quiet_NaN(), .slope = outcome.slope, .finite = false};
    accepted = assembly_.control->accept(model_, *assembly_.direction, proposal_, outcome);
  }
  last_trial_finite_ = outcome.finite;
  if (!outcome.finite) record.events.add(Event::NonFinite);
  if (!outcome.finite) record.note = evaluator_.failure();
  return accepted;
}

/// The last step was taken as proposed.
bool Run::expects_acceptance() const { return !result_.trace.empty() && result_.trace.back().rejected == 0; }

/// The change of f over the proposal, and the slope at its end where the control wants it: `candidate_` then
/// holds value and gradient there; with the model, all of it.
Outcome Run::evaluate_trial(bool with_model) {
  set_trial(proposal_.step);
  Outcome outcome{.actual = std::numeric_limits<double>::quiet_NaN(), .slope = model_.slope(proposal_.step)};
  double value = 0.0;
  if (assembly_.control->judges_slopes()) {
    outcome.finite = evaluator_.model(trial_, Curvature::Gradient, candidate_);
    if (outcome.finite) {
      value = candidate_.value;
      outcome.end_slope = candidate_.slope(proposal_.step);
    }
  } else if (with_model) {
    outcome.finite = evaluator_.model(trial_, assembly_.direction->needs(), candidate_);
    value = candidate_.value;
  } else {
    outcome.finite = evaluator_.value(trial_, value);
  }
  if (outcome.finite) outcome.actual = value - model_.value;
  return outcome;
}

/// Steps that only slopes can judge go on while they shrink the gradient.
void Run::count_blind(bool blind) {
  const double left = linalg::norm(candidate_.gradient);
  const bool shrunk = blind_steps_ == 0 || left <= worthwhile_polish * blind_gradient_;
  blind_steps_ = !blind ? 0 : shrunk ? 1 : blind_steps_ + 1;
  if (shrunk) blind_gradient_ = left;
}

/// Where f can no longer measure the gain, the gradient judges the step.
bool Run::polish(Iteration& record, double noise) {
  if (polished_ >= most_polished || !shrinks_gradient() || !stays_low(candidate_.value, noise)) return false;
  record.events.add(Event::Polished);
  return true;
}

/// Whether the gradient at the proposal is worth the step; `candidate_` then holds the model there.
bool Run::shrinks_gradient() {
  set_trial(proposal_.step);
  const Curvature needs = assembly_.direction->needs();
  const bool at_hand = tried_at_once_ && candidate_.form == needs && candidate_.size() == trial_.size() &&
                       candidate_.x == trial_;
  if (!at_hand && !evaluator_.model(trial_, needs, candidate_)) return false;
  const double before = largest_ratio(model_.gradient, scale());
  const double after = largest_ratio(candidate_.gradient, scale());
  return after <= worthwhile_polish * before;
}

/// Whether a value is no higher than rounding or noise may have it.
bool Run::stays_low(double value, double noise) const {
  const double rise = std::max(noise, measured_rise * std::abs(lowest_measured_));
  return value <= lowest_measured_ + rise && value <= start_value_;
}

/// Terms that cancel leave f a noise that its value does not show. Where a quadric's bottom is so near that
/// the quadric can not be wrong, where the gradient is lower but f is not, that noise is measured. True when
/// the step was taken: what was to be gained is less than the noise.
bool Run::polish_within_noise(Iteration& record) {
  if (record.rejected > 0 || proposal_.restricted || !last_trial_finite_) return false;
  if (assembly_.control->judges_slopes() || first_order(assembly_.direction->needs())) return false;
  if (linalg::norm(proposal_.step) > near_bottom * whole_size(typical_)) return false;
  if (!shrinks_gradient()) return false;
  double noise = 0.0;
  if (!stays_low(candidate_.value, noise)) {
    const double cancelled = most_cancelled * std::max(std::abs(start_value_), std::abs(model_.value));
    noise = few_noises * noise_of_value(evaluator_, model_.x, proposal_.step, typical_);
    if (-proposal_.predicted > noise || noise > cancelled || !stays_low(candidate_.value, noise))
      return false;
  }
  record.events.add(Event::Polished);
  commit(std::exchange(record, {}), noise);
  return true;
}

}  // namespace quadric
