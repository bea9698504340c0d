#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/solver.hpp"

#include "base/text.hpp"
#include "engine/findings.hpp"
#include "engine/probing.hpp"
#include "engine/run.hpp"
#include "engine/verdict.hpp"
#include "linalg/sums.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// A relative decrease of f below this can not be measured.
constexpr double rounding = 4.0 * epsilon;
/// So many steps below the rounding of f that do not shrink the gradient by much are the last ones.
constexpr Index most_blind_steps = 30;
/// What a variable's size once was counts less by this factor an iteration.
constexpr double forgetting = 0.9;
/// So often a step is shortened because its quadric does not predict a fall, as rounding in a Hessian that is
/// nearly singular may have it for long steps.
constexpr Index most_unusable = 20;
/// So often a step control may come back with the very step that was rejected, as bounds that bend long steps
/// to the same corner may have it; it is not tried again.
constexpr Index most_repeats = 100;
/// Of f at the start: what residuals that vanish leave of it.
constexpr double vanishing_residuals = 1e-10;
/// The share of a curvature from which on JᵀJ misses it.
constexpr double missed_curvature = 0.01;
/// What becomes of a proposal that is not worth a trial.
constexpr Outcome unusable = {.actual = std::numeric_limits<double>::quiet_NaN(), .finite = false};

/// A variable is on a bound, and was not before.
bool reaches_bound(const LocalModel& now, const LocalModel& before) {
  if (!now.bounds) return false;
  const auto arrives = [&](const Vector& bound) {
    return ((now.x.array() == bound.array()) && (before.x.array() != bound.array())).any();
  };
  return arrives(now.bounds->lower()) || arrives(now.bounds->upper());
}

/// JᵀJ is another quadric than ∇²f, by their diagonals: residuals bend, and do not vanish.
bool misses_curvature(const LocalModel& squares, const LocalModel& exact) {
  if (squares.form != Curvature::GaussNewton) return false;
  for (Index j = 0; j < squares.size(); ++j) {
    const double bend = squares.jacobian.col(j).squaredNorm();
    const double whole = exact.is_sparse() ? exact.sparse_hessian->coeff(j, j) : exact.hessian(j, j);
    if (std::abs(whole - bend) > missed_curvature * bend) return true;
  }
  return false;
}

/// Of the variables that bounds hold at neither point.
Vector change_of_gradient(const LocalModel& now, const LocalModel& before) {
  Vector change = now.gradient - before.gradient;
  for (Index i = 0; i < now.multipliers.size(); ++i)
    if (now.multipliers[i] != 0.0 || before.multipliers[i] != 0.0) change[i] = 0.0;
  return change;
}

}  // namespace

bool Run::begin() {
  if (!evaluator_.model(result_.x, assembly_.direction->needs(), model_)) {
    end(Status::EvaluationFailed, "the function can not be evaluated at the start: " + evaluator_.failure());
    return false;
  }
  start_value_ = lowest_measured_ = model_.value;
  Iteration first;
  if (moved_into_bounds_)
    first.note = "the start was outside the bounds: the run starts from the nearest point in them";
  first.value = model_.value;
  first.gradient_norm = linalg::norm(model_.gradient);
  emit(std::move(first));
  restart();
  return true;
}

/// Iterations until the run ends. Whoever keeps checkpoints gets the last state in any case.
void Run::loop() {
  try {
    while (!ended_) {
      if (checkpoints_.wanted()) checkpoints_.offer(state(), result_.trace);
      measure_gradient();
      if (may_be_small(model_, typical_, assembly_.stop) &&
          gradient_is_small(model_.gradient, scale(), assembly_.stop) &&
          linalg::norm(model_.gradient) <= recheck_below_) {
        certificate_can_wait() ? advance() : settle(Arrival::SmallGradient);
      } else if (crawls()) {
        settle(Arrival::Crawl);
      } else if (!limit_reached()) {
        advance();
      }
    }
  } catch (...) {
    try {
      checkpoints_.hand_over(result_.trace);
    } catch (...) {  // what ended the run is what the caller is to hear of
    }
    throw;
  }
  checkpoints_.hand_over(result_.trace);
}

/// The next step is the first one of a run, as far as direction and step control know.
void Run::restart() {
  assembly_.direction->restart();
  series_.restart();
  floor_.restart();
  marked_value_ = model_.value;
  marked_iteration_ = result_.iterations;
  restarted_ = true;
}

void Run::measure_gradient() {
  has_scale_ = false;
  confirmed_.reset();
  if (certificate_ && certificate_->point.is_minimum()) confirmed_ = std::move(certificate_);
  certificate_.reset();
}

/// Of the gradient at the current model.
const Vector& Run::scale() {
  if (!std::exchange(has_scale_, true)) scale_ = gradient_scale(model_, typical_);
  return scale_;
}

bool Run::limit_reached() {
  auto limit =
      quadric::limit_reached(assembly_.stop, stop_requested_, model_.value, result_.iterations, evaluator_);
  if (limit) end(limit->first, limit->second + describe_progress(result_.trace));
  return ended_;
}

/// The point that a step leads to; rounding does not keep it from a bound or take it beyond.
void Run::set_trial(const Vector& step) {
  trial_ = model_.x + step;
  if (model_.bounds) model_.bounds->place(trial_);
}

/// One iteration: proposals are tried, shorter and shorter, until one is accepted or none is left.
void Run::advance() {
  Iteration record = std::exchange(pending_, {});
  assembly_.direction->prepare(model_);
  floor_.arrived(result_.iterations, model_.x, model_.value, assembly_.direction->first_radius(model_));
  if (std::exchange(restarted_, false)) assembly_.control->restart(model_, *assembly_.direction, typical_);
  assembly_.control->propose(model_, *assembly_.direction, proposal_);
  Vector rejected;
  Index repeats = 0;
  while (true) {
    const bool finite = linalg::all_finite(proposal_.step);
    const bool usable = finite && proposal_.predicted < 0.0;
    const bool lost = finite && negligible(proposal_.step);
    const bool repeated = rejected.size() > 0 && proposal_.step == rejected;
    repeats = repeated ? repeats + 1 : 0;
    if (lost || repeats > most_repeats || (!usable && record.rejected >= most_unusable))
      return pending_ = record, settle(Arrival::NoStep);
    if (!usable || repeated) {
      assembly_.control->accept(model_, *assembly_.direction, proposal_, unusable);
      ++record.rejected;
      assembly_.control->retry(model_, *assembly_.direction, proposal_);
      continue;
    }
    record.events.add(proposal_.events);
    if (!proposal_.note.empty()) record.note = std::exchange(proposal_.note, {});
    if (ends_with_step(record)) return;
    const bool blind = -proposal_.predicted <= rounding * std::abs(model_.value);
    if (blind && !assembly_.control->judges_slopes()) {
      if (polish(record)) return commit(record);
      return pending_ = record, settle(Arrival::NoStep);
    }
    if (blind && blind_steps_ >= most_blind_steps) return pending_ = record, settle(Arrival::NoStep);
    if (try_sum_of_steps(record) || (!blind && record.rejected == 0 && try_along_floor(record)))
      return commit(record);
    if (try_step(record)) {
      count_blind(blind);
      if (!blind && !proposal_.restricted) series_.taken(proposal_.step);
      if (blind) record.events.add(Event::Polished);
      return commit(record);
    }
    if (polish_within_noise(record)) return;
    ++record.rejected;
    record.events.add(Event::Rejected);
    if (exhausted()) {
      pending_ = record;
      return static_cast<void>(limit_reached());
    }
    rejected = proposal_.step;
    assembly_.direction->rejected();
    assembly_.control->retry(model_, *assembly_.direction, proposal_);
  }
}

void Run::commit(Iteration record, double noise) {
  record.value = candidate_.value;
  record.gradient_norm = linalg::norm(candidate_.gradient);
  record.step_norm = linalg::norm(proposal_.step);
  record.trust = proposal_.trust;
  record.predicted = proposal_.predicted;
  record.actual = candidate_.value - model_.value;
  record.ratio = record.actual / record.predicted;
  record.slope = model_.slope(proposal_.step);
  record.curvature = 2.0 * (proposal_.predicted - record.slope);
  record.lambda_min = assembly_.direction->lambda_min();
  if (record.curvature < 0.0) record.events.add(Event::NegativeCurvature);
  if (reaches_bound(candidate_, model_)) record.events.add(Event::ReachedBound);
  if (candidate_.form == Curvature::Gradient) {
    const double seen = linalg::norm(change_of_gradient(candidate_, model_)) / record.step_norm;
    candidate_.stretch = std::max(forgetting * model_.stretch, seen);
  }
  const double rise = std::max(noise, measured_rise * std::abs(model_.value));
  // The sum is rounded as in `stays_low`: or else the run would come back for a step that is then taken
  // again.
  if (candidate_.value > model_.value + rise && !(best_ && best_->value <= model_.value)) best_ = model_;
  const bool measured = !record.events.has(Event::Polished);
  polished_ = measured ? 0 : polished_ + 1;
  lowest_measured_ = measured ? candidate_.value : std::min(lowest_measured_, candidate_.value);
  std::swap(model_, candidate_);
  typical_ = (forgetting * typical_).cwiseMax(model_.x.cwiseAbs());
  record.iteration = ++result_.iterations;
  emit(std::move(record));
}

/// True where a lower point was left on the way here: the run goes on from there.
bool Run::return_to_best() {
  if (!best_ || best_->value >= model_.value) return false;
  std::swap(model_, *best_);
  best_.reset();
  lowest_measured_ = model_.value;
  restart();
  return true;
}

void Run::end(Status status, std::string reason) {
  result_.status = status;
  result_.reason = std::move(reason);
  ended_ = true;
}

void Run::emit(Iteration record) {
  record.evaluations = evaluator_.counts().total();
  record.seconds = evaluator_.seconds();
  for (const auto& observer : observers_) {
    if (!observer->iterated(record, model_.x)) stop_requested_ = true;
  }
  result_.trace.push_back(std::move(record));
}

/// What held back a run that went wrong, by a look at the function: unless the limits leave none.
void Run::look_back() {
  const LocalModel& exact = certificate_->model;
  const bool has_hessian = exact.form == Curvature::Hessian && exact.x.size() == model_.x.size();
  const Curvature form = assembly_.direction->needs();
  const bool is_exact =
      (form == Curvature::Hessian && assembly_.direction->exact()) ||
      (form == Curvature::GaussNewton && model_.value <= vanishing_residuals * start_value_ &&
       !(has_hessian && misses_curvature(model_, exact)));
  result_.probe = inquire(evaluator_, result_,
                          {.exact = has_hessian ? &exact : nullptr,
                           .typical = typical_,
                           .stop = assembly_.stop,
                           .by_exact_quadrics = is_exact,
                           .zero_gradient = certificate_->small_gradient});
}

Result Run::finish() {
  if (return_to_best()) certificate_.reset();
  if (model_.x.size() > 0 && result_.trace.size() > 0) {
    if (!certificate_) {
      certificate_ = certify_here(Confirmation::Now);
      if (!certificate_->small_gradient) certificate_->point.kind = CriticalKind::NotCritical;
    }
    count_signs(*certificate_);
    if (!result_.trace.empty()) result_.trace.back().events.add(pending_.events);
    result_.x = model_.x;
    result_.value = model_.value;
    result_.gradient_norm = linalg::norm(model_.gradient);
    result_.critical_point = certificate_->point;
    look_back();
  } else {
    result_.value = std::numeric_limits<double>::quiet_NaN();
    result_.gradient_norm = std::numeric_limits<double>::quiet_NaN();
    result_.critical_point.reason = result_.reason;
  }
  if (evaluator_.asymmetry() > 1e-10) {
    result_.reason += "; the Hessian supplied is not symmetric (relative difference " +
                      text::number(evaluator_.asymmetry(), 2) + "), its symmetric part was used";
    if (!result_.trace.empty()) result_.trace.back().events.add(Event::AsymmetricHessian);
  }
  result_.counts = evaluator_.counts();
  result_.provider = evaluator_.problem().provider();  // by now it knows how it went about it
  result_.seconds = evaluator_.seconds();
  add_findings(observers_, result_);
  for (const auto& observer : observers_) observer->finished(result_);
  return std::move(result_);
}

Result iterate(const Problem& problem, const Vector& start, Assembly assembly, const Observers& observers) {
  require_point(start, "the start");
  return Run(problem, start, std::move(assembly), observers).execute();
}

Result iterate(const Problem& problem, const Checkpoint& from, Assembly assembly,
               const Observers& observers) {
  require_point(from.x(), "the point of the checkpoint");
  return Run(problem, from.x(), std::move(assembly), observers).execute(&from.state());
}

Result Method::resume(const Problem& /*problem*/, const Checkpoint& /*from*/,
                      const Observers& /*observers*/) const {
  misuse(name() + " can not be resumed from a checkpoint");
}

}  // namespace quadric
