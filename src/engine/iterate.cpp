#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/solver.hpp"

#include "base/text.hpp"
#include "engine/certificate.hpp"
#include "engine/diagnosis.hpp"
#include "engine/escape.hpp"
#include "engine/evaluator.hpp"
#include "engine/findings.hpp"
#include "engine/run_state.hpp"
#include "engine/step_series.hpp"
#include "engine/verdict.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// A relative decrease of f below this can not be measured.
constexpr double rounding = 4.0 * epsilon;
/// f is at its bottom when its Newton decrement is at most this share of it.
constexpr double negligible_decrement = 1e-12;
/// x is at the bottom of its quadric when no variable has more than this share of its size to go.
constexpr double negligible_distance = 1e-8;
/// Where x has more than this share of its size to go, f does not tell where its minimum is.
constexpr double undetermined_move = 1e-4;
/// A step below the rounding of f must shrink the gradient at least by this factor to be worth another.
constexpr double worthwhile_polish = 0.5;
/// A variable that has no more than this share of its size to go is where rounding lets it be.
constexpr double rounded_distance = 8.0 * epsilon;
/// So many steps below the rounding of f that do not shrink the gradient so are the last ones.
constexpr Index most_blind_steps = 30;
/// What a variable's size once was counts less by this factor an iteration.
constexpr double forgetting = 0.9;
/// So often a run goes on from a flat point that passes by the sizes that x lately had, but not by those that
/// it has: on the way to 0 it would never pass by these.
constexpr Index most_present_rechecks = 1;
/// A first-order test that the certificate did not confirm is repeated once the gradient fell by this factor.
constexpr double worthwhile_recheck = 0.1;
/// So often a step is shortened because its quadric does not predict a fall, as rounding in a Hessian that is
/// nearly singular may have it for long steps.
constexpr Index most_unusable = 20;
/// A run crawls where over so many iterations f fell by no more than this share of all that it fell: what
/// residuals, or terms that cancel, leave of rounding.
constexpr Index crawling_span = 50;
constexpr double crawling_share = epsilon * epsilon;
/// The sum of a series of steps must gain at least this share of what the quadric promises there.
constexpr double worthwhile_sum = 0.9;
/// A run that left so many flat points to come to another one has not found where f falls.
constexpr Index most_flat_escapes = 50;
/// A function whose value at the point of a checkpoint differs by more than this share is another one: other
/// compilers and machines round differently, but not so.
constexpr double another_function = 1e-6;

/// What becomes of a proposal that is not worth a trial.
constexpr Outcome unusable = {.actual = std::numeric_limits<double>::quiet_NaN(), .finite = false};

/// What brought a run to a point where the certificate is asked.
enum class Arrival { SmallGradient, NoStep, Crawl };

/// Whether the quadric knows the curvature of f along few directions only.
bool first_order(Curvature form) { return form == Curvature::Product || form == Curvature::Gradient; }

/// A variable is on a bound, and was not before.
bool reaches_bound(const LocalModel& now, const LocalModel& before) {
  if (!now.bounds) return false;
  const auto arrives = [&](const Vector& bound) {
    return ((now.x.array() == bound.array()) && (before.x.array() != bound.array())).any();
  };
  return arrives(now.bounds->lower()) || arrives(now.bounds->upper());
}

/// Of the variables that bounds hold at neither point.
Vector change_of_gradient(const LocalModel& now, const LocalModel& before) {
  Vector change = now.gradient - before.gradient;
  if (now.bounds)
    change = (now.multipliers.array() == 0.0 && before.multipliers.array() == 0.0).select(change, 0.0);
  return change;
}

/// One run of an assembly on a problem.
class Run {
 public:
  Run(const Problem& problem, const Vector& start, Assembly assembly, const Observers& observers)
      : assembly_(std::move(assembly)),
        observers_(observers),
        evaluator_(problem, !assembly_.direction->forms_hessian()),
        checkpoints_(observers) {
    result_.solver = assembly_.name;
    result_.provider = problem.provider();
    result_.names = problem.names(start.size());
    result_.x = start;
    const Bounds& bounds = problem.bounds();
    require_size(bounds, start.size());
    moved_into_bounds_ = !bounds.contain(start);
    bounds.place(result_.x);
    typical_ = result_.x.cwiseAbs();
  }

  /// From its start, or from the state where one is given.
  Result execute(const RunState* state = nullptr) {
    if (state != nullptr) require_same_run(*state);
    for (const auto& observer : observers_)
      observer->started(
          {result_.solver, result_.provider, result_.names, &evaluator_.problem(), result_.x, true});
    if (state != nullptr) {
      resume(*state);
    } else if (!begin()) {
      return finish();
    }
    loop();
    return finish();
  }

 private:
  bool begin();
  void loop();
  void require_same_run(const RunState& state) const;
  void resume(const RunState& state);
  void rebuild(LocalModel& model, const Vector& x);
  void remember(Memory& memory);
  RunState state();
  void measure_gradient();
  void set_trial(const Vector& step);
  void advance();
  bool try_sum_of_steps(Iteration& record);
  bool try_step(Iteration& record);
  Outcome evaluate_trial();
  void count_blind(bool blind);
  bool polish(Iteration& record);
  void commit(Iteration record);
  bool crawls();
  bool is_small_for_now() const;
  void settle(Arrival arrival);
  void end_undecided(std::string reason);
  bool finish_by_newton();
  Certificate certify_here();
  void leave();
  void restart();
  bool return_to_best();
  bool limit_reached();
  void end(Status status, std::string reason);
  void emit(Iteration record);
  Result finish();

  /// A limit on iterations, evaluations or time is reached.
  bool exhausted() const {
    return assembly_.stop.token.stop_requested() || result_.iterations >= assembly_.stop.max_iterations ||
           evaluator_.counts().total() >= assembly_.stop.max_evaluations ||
           evaluator_.seconds() > assembly_.stop.max_seconds;
  }

  /// The step is lost in the rounding of x.
  bool negligible(const Vector& p) const {
    return (p.array().abs() <= 0.5 * epsilon * model_.x.array().abs()).all();
  }

  Assembly assembly_;
  const Observers& observers_;
  Evaluator evaluator_;
  Result result_;
  bool ended_ = false;
  bool stop_requested_ = false;
  bool moved_into_bounds_ = false;
  bool restarted_ = true;
  bool last_trial_finite_ = true;
  LocalModel model_, candidate_;
  std::optional<LocalModel> best_;  ///< the lowest point so far, where a step led up from it
  Vector typical_;                  ///< largest magnitude of each variable so far, slowly forgotten
  Vector scale_;                    ///< of the gradient at the current model
  Proposal proposal_;
  Vector trial_;
  StepSeries series_;
  std::optional<Certificate> certificate_;
  std::optional<Certificate> confirmed_;  ///< of the minimum that the last step was taken from
  Iteration pending_;                     ///< events and rejections that belong to the next line of the trace
  Index blind_steps_ = 0;        ///< in a row below the rounding of f, since the gradient last shrank
  double blind_gradient_ = 0.0;  ///< its norm then
  double start_value_ = 0.0;
  /// Lowest f since it last measured a step: what steps below its rounding climb may not add up.
  double lowest_measured_ = 0.0;
  double marked_value_ = 0.0;  ///< f at the iteration from which on a crawl is looked for
  Index marked_iteration_ = 0;
  Index flat_escapes_ = 0;
  Index present_rechecks_ = 0;
  double recheck_below_ = std::numeric_limits<double>::infinity();  ///< gradient norm
  CheckpointHand checkpoints_;
};

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
  first.gradient_norm = model_.gradient.stableNorm();
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
      if (gradient_is_small(model_.gradient, scale_, assembly_.stop) &&
          model_.gradient.stableNorm() <= recheck_below_) {
        settle(Arrival::SmallGradient);
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

/// The state between two iterations.
RunState Run::state() {
  const auto written = [](auto& part) {
    Memory memory;
    part.remember(memory);
    return memory.items();
  };
  return {.solver = assembly_.name,
          .names = result_.names,
          .x = model_.x,
          .loop = written(*this),
          .evaluator = written(evaluator_),
          .direction = written(*assembly_.direction),
          .control = written(*assembly_.control),
          .pending = pending_};
}

/// What the loop knows besides its models, which are evaluated anew.
void Run::remember(Memory& memory) {
  memory.item("typical", typical_);
  memory.item("stretch", model_.stretch);
  memory.item("restarted", restarted_);
  memory.item("last_trial_finite", last_trial_finite_);
  memory.item("blind_steps", blind_steps_);
  memory.item("blind_gradient", blind_gradient_);
  memory.item("start_value", start_value_);
  memory.item("lowest_measured", lowest_measured_);
  memory.item("marked_value", marked_value_);
  memory.item("marked_iteration", marked_iteration_);
  memory.item("flat_escapes", flat_escapes_);
  memory.item("present_rechecks", present_rechecks_);
  memory.item("recheck_below", recheck_below_);
  series_.remember(memory);
  double value = model_.value;
  memory.item("value", value);
  Vector best = best_ ? best_->x : Vector();
  double best_stretch = best_ ? best_->stretch : 0.0;
  memory.item("best", best);
  memory.item("best_stretch", best_stretch);
  // Of a certificate, only that a minimum was confirmed nearby outlasts the point.
  const Certificate* nearby = certificate_ && certificate_->point.is_minimum() ? &*certificate_ : nullptr;
  Vector confirmed = nearby ? nearby->model.x : Vector();
  double confirmed_radius = nearby ? nearby->confirmed_radius : 0.0;
  memory.item("confirmed", confirmed);
  memory.item("confirmed_radius", confirmed_radius);
  if (!memory.reading()) return;
  const double scale = std::max(std::abs(value), std::abs(start_value_));
  if (std::abs(value - model_.value) > another_function * scale)
    misuse("the checkpoint is of another function: its value is " + text::number(model_.value, 10) +
           " where that of the checkpoint is " + text::number(value, 10));
  if (best.size() > 0) {
    rebuild(best_.emplace(), best);
    best_->stretch = best_stretch;
  }
  if (confirmed.size() > 0) {
    certificate_.emplace();
    certificate_->point.kind = CriticalKind::Minimum;
    certificate_->model.x = std::move(confirmed);
    certificate_->confirmed_radius = confirmed_radius;
  }
}

void Run::require_same_run(const RunState& state) const {
  if (state.solver != assembly_.name)
    misuse("the checkpoint is of a run of " + state.solver + "; " + assembly_.name +
           " can not go on with it");
  if (state.names.size() != result_.names.size()) misuse("the checkpoint does not name every variable");
  for (std::size_t i = 0; i < state.names.size(); ++i) {
    if (state.names[i] != result_.names[i])
      misuse("the checkpoint is of other variables: number " + std::to_string(i) + " is '" + state.names[i] +
             "' there and '" + result_.names[i] + "' here");
  }
}

/// Takes back a state. What it costs to evaluate the models anew is not counted: the interrupted run has
/// counted them.
void Run::resume(const RunState& state) {
  rebuild(model_, state.x);
  Memory loop(state.loop, "loop"), evaluator(state.evaluator, "evaluator"),
      direction(state.direction, "direction"), control(state.control, "step control");
  remember(loop);
  evaluator_.remember(evaluator);
  assembly_.direction->remember(direction);
  assembly_.control->remember(control);
  pending_ = state.pending;
  result_.trace = state.trace;
  result_.iterations = result_.trace.back().iteration;
}

void Run::rebuild(LocalModel& model, const Vector& x) {
  if (evaluator_.model(x, assembly_.direction->needs(), model)) return;
  misuse("the checkpoint is of another function: this one can not be evaluated where that one could: " +
         evaluator_.failure());
}

/// The next step is the first one of a run, as far as direction and step control know.
void Run::restart() {
  assembly_.direction->restart();
  series_.restart();
  marked_value_ = model_.value;
  marked_iteration_ = result_.iterations;
  restarted_ = true;
}

void Run::measure_gradient() {
  scale_ = gradient_scale(model_, typical_);
  confirmed_.reset();
  if (certificate_ && certificate_->point.is_minimum()) confirmed_ = std::move(certificate_);
  certificate_.reset();
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
  if (std::exchange(restarted_, false)) assembly_.control->restart(model_, *assembly_.direction, typical_);
  assembly_.control->propose(model_, *assembly_.direction, proposal_);
  while (true) {
    const bool usable = proposal_.step.allFinite() && proposal_.predicted < 0.0;
    const bool lost = proposal_.step.allFinite() && negligible(proposal_.step);
    if (lost || (!usable && record.rejected >= most_unusable))
      return pending_ = record, settle(Arrival::NoStep);
    if (!usable) {
      assembly_.control->accept(model_, *assembly_.direction, proposal_, unusable);
      ++record.rejected;
      assembly_.control->retry(model_, *assembly_.direction, proposal_);
      continue;
    }
    record.events.add(proposal_.events);
    const bool blind = -proposal_.predicted <= rounding * std::abs(model_.value);
    if (blind && !assembly_.control->judges_slopes()) {
      if (polish(record)) return commit(record);
      return pending_ = record, settle(Arrival::NoStep);
    }
    if (blind && blind_steps_ >= most_blind_steps) return pending_ = record, settle(Arrival::NoStep);
    if (try_sum_of_steps(record)) return commit(record);
    if (try_step(record)) {
      count_blind(blind);
      if (!blind && !proposal_.restricted) series_.taken(proposal_.step);
      if (blind) record.events.add(Event::Polished);
      return commit(record);
    }
    ++record.rejected;
    record.events.add(Event::Rejected);
    if (exhausted()) {
      pending_ = record;
      return static_cast<void>(limit_reached());
    }
    assembly_.control->retry(model_, *assembly_.direction, proposal_);
  }
}

/// Steps that only slopes can judge go on while they shrink the gradient.
void Run::count_blind(bool blind) {
  const double left = candidate_.gradient.stableNorm();
  const bool shrunk = blind_steps_ == 0 || left <= worthwhile_polish * blind_gradient_;
  blind_steps_ = !blind ? 0 : shrunk ? 1 : blind_steps_ + 1;
  if (shrunk) blind_gradient_ = left;
}

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

/// Evaluates the proposal; true when it was accepted and `candidate_` holds the model there.
bool Run::try_step(Iteration& record) {
  Outcome outcome = evaluate_trial();
  bool accepted = assembly_.control->accept(model_, *assembly_.direction, proposal_, outcome);
  const Curvature needs = assembly_.direction->needs();
  const bool complete = assembly_.control->judges_slopes() && needs == Curvature::Gradient;
  if (accepted && !complete && !evaluator_.model(trial_, needs, candidate_)) {
    outcome = {.actual = std::numeric_limits<double>::quiet_NaN(), .slope = outcome.slope, .finite = false};
    accepted = assembly_.control->accept(model_, *assembly_.direction, proposal_, outcome);
  }
  last_trial_finite_ = outcome.finite;
  if (!outcome.finite) record.events.add(Event::NonFinite);
  if (!outcome.finite) record.note = evaluator_.failure();
  return accepted;
}

/// The change of f over the proposal, and the slope at its end where the control wants it: `candidate_` then
/// holds value and gradient there.
Outcome Run::evaluate_trial() {
  set_trial(proposal_.step);
  Outcome outcome{.actual = std::numeric_limits<double>::quiet_NaN(), .slope = model_.slope(proposal_.step)};
  double value = 0.0;
  if (assembly_.control->judges_slopes()) {
    outcome.finite = evaluator_.model(trial_, Curvature::Gradient, candidate_);
    if (outcome.finite) {
      value = candidate_.value;
      outcome.end_slope = candidate_.slope(proposal_.step);
    }
  } else {
    outcome.finite = evaluator_.value(trial_, value);
  }
  if (outcome.finite) outcome.actual = value - model_.value;
  return outcome;
}

/// Where f can no longer measure the gain, the gradient judges the step.
bool Run::polish(Iteration& record) {
  set_trial(proposal_.step);
  if (!evaluator_.model(trial_, assembly_.direction->needs(), candidate_)) return false;
  if (candidate_.value > lowest_measured_ + 4.0 * rounding * std::abs(lowest_measured_)) return false;
  if (candidate_.value > start_value_) return false;
  const double before = largest_ratio(model_.gradient, scale_);
  const double after = largest_ratio(candidate_.gradient, scale_);
  if (!(after <= worthwhile_polish * before)) return false;
  record.events.add(Event::Polished);
  return true;
}

void Run::commit(Iteration record) {
  record.value = candidate_.value;
  record.gradient_norm = candidate_.gradient.stableNorm();
  record.step_norm = proposal_.step.stableNorm();
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
    const double seen = change_of_gradient(candidate_, model_).stableNorm() / record.step_norm;
    candidate_.stretch = std::max(forgetting * model_.stretch, seen);
  }
  const double climb = candidate_.value - model_.value;
  if (climb > 4.0 * rounding * std::abs(model_.value) && !(best_ && best_->value <= model_.value))
    best_ = model_;
  const bool measured = !record.events.has(Event::Polished);
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

Certificate Run::certify_here() {
  return certify(evaluator_, model_, typical_, assembly_.stop, confirmed_ ? &*confirmed_ : nullptr);
}

/// Looks once a span whether f still falls.
bool Run::crawls() {
  if (result_.iterations < marked_iteration_ + crawling_span) return false;
  const double fell = marked_value_ - model_.value, fell_in_all = start_value_ - model_.value;
  marked_value_ = model_.value;
  marked_iteration_ = result_.iterations;
  return fell <= crawling_share * fell_in_all;
}

/// The first-order test by the size of x as it is now.
bool Run::is_small_for_now() const {
  return gradient_is_small(model_.gradient, gradient_scale(model_, model_.x.cwiseAbs()), assembly_.stop);
}

/// At a point where no step is left to try: the certificate decides whether the run ends, and how.
void Run::settle(Arrival arrival) {
  if (return_to_best()) return;
  const bool gradient_passed = arrival == Arrival::SmallGradient, crawls = arrival == Arrival::Crawl;
  certificate_ = certify_here();
  CriticalPoint& point = certificate_->point;
  // Only curvature says how far its bottom is; a minimum of higher order has none.
  const bool curved = point.is_minimum() && point.order == 2;
  if (curved && finish_by_newton()) return;
  // What a quadric that is known along few directions passes, the exact Hessian must confirm.
  const bool crude = first_order(assembly_.direction->needs());
  const bool flat = point.kind == CriticalKind::Degenerate || point.order != 2;
  const bool near = flat  // the quadric does not last to its bottom
                        ? certificate_->small_gradient
                        : certificate_->distance(typical_) <= negligible_distance;
  const bool passed =
      crude && certificate_->newton_step ? near : gradient_passed || certificate_->small_gradient;
  // Sizes that x once had may hide what is left of a gradient. A strict minimum tells by its Newton step.
  if (gradient_passed && point.kind == CriticalKind::Degenerate && !is_small_for_now() &&
      present_rechecks_ < most_present_rechecks) {
    ++present_rechecks_;
    recheck_below_ = worthwhile_recheck * model_.gradient.stableNorm();
    return;
  }
  const bool at_bottom = certificate_->decrement() <= negligible_decrement * std::abs(model_.value);
  // A gradient may be small only beside a Hessian that is enormous, as in a valley that leads to infinity: as
  // long as the quadric's bottom is far and measurably lower, steps go on.
  const double move =
      certificate_->newton_step ? certificate_->newton_step->stableNorm() / typical_.stableNorm() : 0.0;
  const bool undetermined = !crude && curved && move > undetermined_move;
  const bool far = !at_bottom && certificate_->distance(typical_) > negligible_distance;
  if (!crude && gradient_passed && curved && (far || undetermined)) {
    recheck_below_ = worthwhile_recheck * model_.gradient.stableNorm();
    return;
  }
  const bool critical = passed || crawls || (at_bottom && !(crude && gradient_passed));
  if (!critical && gradient_passed && !point.has_negative_curvature()) {
    recheck_below_ = worthwhile_recheck * model_.gradient.stableNorm();
    return;
  }
  const Verdict verdict = judge(point, critical, assembly_.at_saddle);
  if (point.has_negative_curvature()) pending_.events.add(Event::Saddle);
  if (critical && point.kind == CriticalKind::Degenerate) pending_.events.add(Event::Degenerate);
  if (crawls && !passed && !at_bottom && !point.has_negative_curvature()) {
    return end_undecided("over the last " + text::count(crawling_span, "iteration") +
                         " f fell by no more than the rounding of what it fell in all");
  }
  if (verdict.next != Verdict::Next::End) return leave();
  if (verdict.status == Status::Converged && undetermined) {
    return end_undecided(
        "what is left to gain is below the rounding of f, but the bottom of its quadric is "
        "away by " +
        text::number(move, 2) + " of the size of x");
  }
  if (verdict.status == Status::Converged && !passed) {
    return end(verdict.status, "what is left to gain is below the rounding of f");
  }
  if (verdict.status != Status::Stalled) return end(verdict.status, verdict.reason);
  point.kind = CriticalKind::NotCritical;
  if (last_trial_finite_)
    return end(verdict.status, verdict.reason + diagnose_stall(evaluator_, model_, typical_));
  end(Status::EvaluationFailed, "no shorter step could be evaluated: " + evaluator_.failure());
}

/// Ends where the curvature is that of a minimum, but the way to its bottom is not known.
void Run::end_undecided(std::string reason) {
  CriticalPoint& point = certificate_->point;
  if (point.is_minimum()) point.kind = CriticalKind::Undecided;
  point.reason = reason;
  end(Status::UndecidedCurvature, std::move(reason));
}

/// At a minimum that a cruder quadric can not pin down any better, one step of the certificate's exact
/// quadric, if it shrinks the gradient. True when it was taken: the run goes on.
bool Run::finish_by_newton() {
  if (first_order(assembly_.direction->needs()) || result_.iterations >= assembly_.stop.max_iterations)
    return false;
  if (!certificate_->newton_step || certificate_->distance(typical_) <= rounded_distance) return false;
  proposal_ = {.step = *certificate_->newton_step, .predicted = -certificate_->decrement()};
  Iteration record = std::exchange(pending_, {});
  if (polish(record)) {
    commit(std::move(record));
    return true;
  }
  pending_ = std::move(record);
  return false;
}

/// Goes on from a critical point along its proving direction, or ends where f does not fall along it.
void Run::leave() {
  const CriticalPoint& point = certificate_->point;
  const LocalModel& exact = certificate_->model;
  if (limit_reached()) {
    if (point.has_negative_curvature() && certificate_->small_gradient)
      end(Status::SaddlePoint, "the point is a proven " + std::string(to_string(point.kind)) +
                                   ", and was not left: " + result_.reason);
    return;
  }
  const auto escape = find_escape(evaluator_, *certificate_, typical_);
  const bool again = !point.has_negative_curvature() && flat_escapes_++ >= most_flat_escapes;
  if (!escape || again) {
    const Verdict verdict = stay(point, escape.has_value());
    const bool contradicts = !escape && point.has_negative_curvature();
    return end(verdict.status,
               verdict.reason + (contradicts ? diagnose_stall(evaluator_, model_, typical_) : ""));
  }
  // The search for the length saw values only: where the derivatives fail, its shorter steps gained too.
  Escape taken = *escape;
  while (!evaluator_.model(exact.x + taken.step, assembly_.direction->needs(), candidate_)) {
    taken.step *= 0.5;
    if (negligible(taken.step) || exhausted()) {
      return end(Status::EvaluationFailed,
                 "the step away from a saddle could not be evaluated: " + evaluator_.failure());
    }
  }
  if (!(candidate_.value < model_.value)) {
    const Verdict verdict = stay(point, false);
    return end(verdict.status, verdict.reason);
  }
  Iteration record = std::exchange(pending_, {});
  record.events.add(Event::Escaped);
  record.note = describe_escape(point, taken, model_.value - candidate_.value);
  proposal_ = {
      .step = taken.step, .predicted = exact.predicted_change(taken.step), .trust = taken.step.norm()};
  commit(std::move(record));
  restart();
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

Result Run::finish() {
  if (return_to_best()) certificate_.reset();
  if (model_.x.size() > 0 && result_.trace.size() > 0) {
    if (!certificate_) {
      certificate_ = certify_here();
      if (!certificate_->small_gradient) certificate_->point.kind = CriticalKind::NotCritical;
    }
    if (!result_.trace.empty()) result_.trace.back().events.add(pending_.events);
    result_.x = model_.x;
    result_.value = model_.value;
    result_.gradient_norm = model_.gradient.stableNorm();
    result_.critical_point = certificate_->point;
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

}  // namespace

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
