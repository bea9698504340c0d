#include <algorithm>
#include <cmath>
#include <string>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"
#include "engine/run.hpp"

// The state of a run in checkpoints, and a run from such a state.

namespace quadric {

namespace {

/// A function whose value at the point of a checkpoint differs by more than this share is another one: other
/// compilers and machines round differently, but not so.
constexpr double another_function = 1e-6;

}  // namespace

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
  memory.item("polished", polished_);
  memory.item("start_value", start_value_);
  memory.item("lowest_measured", lowest_measured_);
  memory.item("marked_value", marked_value_);
  memory.item("marked_iteration", marked_iteration_);
  memory.item("flat_escapes", flat_escapes_);
  memory.item("idle_escapes", idle_escapes_);
  memory.item("present_rechecks", present_rechecks_);
  memory.item("recheck_below", recheck_below_);
  series_.remember(memory);
  floor_.remember(memory);
  double value = model_.value;
  memory.item("value", value);
  Vector best = best_ ? best_->x : Vector();
  double best_stretch = best_ ? best_->stretch : 0.0;
  memory.item("best", best);
  memory.item("best_stretch", best_stretch);
  // From where the last step was taken, which may confirm a minimum.
  const bool confirms = goes_by_hessian() && candidate_.form == Curvature::Hessian;
  Vector before = confirms ? candidate_.x : Vector();
  memory.item("before", before);
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
  if (before.size() > 0) rebuild(candidate_, before);
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

}  // namespace quadric
