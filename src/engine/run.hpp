#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "quadric/engine/solver.hpp"

#include "engine/certificate.hpp"
#include "engine/evaluator.hpp"
#include "engine/run_state.hpp"
#include "engine/step_series.hpp"
#include "engine/valley_floor.hpp"

namespace quadric {

/// What brought a run to a point where the certificate is asked.
enum class Arrival { SmallGradient, NoStep, Crawl };

/// Whether the quadric knows the curvature of f along few directions only.
inline bool first_order(Curvature form) { return form == Curvature::Product || form == Curvature::Gradient; }

/// Rounding may let f rise by this share of it on a step that gains less.
inline constexpr double measured_rise = 16.0 * std::numeric_limits<double>::epsilon();

/// x is at the bottom of its quadric when no variable has more than this share of its size to go.
inline constexpr double negligible_distance = 1e-8;

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
  const Vector& scale();
  void set_trial(const Vector& step);
  void advance();
  bool ends_with_step(Iteration& record);
  bool has_gradient_of(const Vector& step) const;
  bool goes_by_hessian() const;
  bool is_exact() const;
  void go_ahead(Iteration record);
  void polish_by_gradients(const std::shared_ptr<EquilibratedHessian>& factors);
  bool try_sum_of_steps(Iteration& record);
  bool try_along_floor(Iteration& record);
  bool try_step(Iteration& record);
  Outcome evaluate_trial(bool with_model);
  bool expects_acceptance() const;
  void count_blind(bool blind);
  /// Takes a step whose gain can not be measured, if it shrinks the gradient and f does not rise by more than
  /// its rounding or, if that is more, a noise in units of f.
  bool polish(Iteration& record, double noise = 0.0);
  bool polish_within_noise(Iteration& record);
  bool shrinks_gradient();
  bool stays_low(double value, double noise = 0.0) const;
  void commit(Iteration record, double noise = 0.0);
  bool crawls();
  bool is_small_for_now() const;
  bool certificate_can_wait() const;
  void settle(Arrival arrival);
  void end_undecided(std::string reason);
  void end_unevaluated();
  std::string why_stalled();
  bool finish_by_newton();
  Certificate certify_here(Confirmation confirmation);
  void leave();
  void restart();
  bool return_to_best();
  bool limit_reached();
  void end(Status status, std::string reason);
  void emit(Iteration record);
  void look_back();
  Result finish();

  /// A limit on iterations, evaluations or time is reached.
  bool exhausted() const {
    return assembly_.stop.token.stop_requested() || result_.iterations >= assembly_.stop.max_iterations ||
           evaluator_.counts().total() >= assembly_.stop.max_evaluations ||
           evaluator_.seconds() > assembly_.stop.max_seconds;
  }

  /// The step is lost in the rounding of x.
  bool negligible(const Vector& p) const {
    constexpr double half_rounding = 0.5 * std::numeric_limits<double>::epsilon();
    return (p.array().abs() <= half_rounding * model_.x.array().abs()).all();
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
  bool tried_at_once_ = false;  ///< `candidate_` was the last trial's whole model, when it was tried
  LocalModel model_, candidate_;
  LocalModel ahead_;                ///< value and gradient only
  std::optional<LocalModel> best_;  ///< the lowest point so far, where a step led up from it
  Vector typical_;                  ///< largest magnitude of each variable so far, slowly forgotten
  Vector scale_;                    ///< of the gradient at the current model, where `has_scale_`
  bool has_scale_ = false;
  Proposal proposal_;
  Vector trial_;
  StepSeries series_;
  ValleyFloor floor_;
  std::optional<Certificate> certificate_;
  std::optional<Certificate> confirmed_;  ///< of the minimum that the last step was taken from
  Iteration pending_;                     ///< events and rejections that belong to the next line of the trace
  Index blind_steps_ = 0;        ///< in a row below the rounding of f, since the gradient last shrank
  double blind_gradient_ = 0.0;  ///< its norm then
  Index polished_ = 0;           ///< steps in a row that the gradient judged
  double start_value_ = 0.0;
  /// Lowest f since it last measured a step: what steps below its rounding climb may not add up.
  double lowest_measured_ = 0.0;
  double marked_value_ = 0.0;  ///< f at the iteration from which on a crawl is looked for
  Index marked_iteration_ = 0;
  Index flat_escapes_ = 0;
  Index idle_escapes_ = 0;  ///< that gained next to nothing
  Index present_rechecks_ = 0;
  double recheck_below_ = std::numeric_limits<double>::infinity();  ///< gradient norm
  CheckpointHand checkpoints_;
};

}  // namespace quadric
