#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "engine/diagnosis.hpp"
#include "engine/escape.hpp"
#include "engine/run.hpp"
#include "engine/verdict.hpp"
#include "linalg/sums.hpp"

// Where a run came to a point from which no step is left: what the certificate says, and what follows.

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// f is at its bottom when its Newton decrement is at most this share of it.
constexpr double negligible_decrement = 1e-12;
/// Up to this many variables the factors of a Hessian cost less than what confirming it later may save, where
/// a last step by its quadric is likely to leave the point.
constexpr Index most_confirmed_later = 64;
/// Where x has more than this share of its size to go, f does not tell where its minimum is.
constexpr double undetermined_move = 1e-4;
/// So often a run goes on from a flat point that passes by the sizes that x lately had, but not by those that
/// it has: on the way to 0 it would never pass by these.
constexpr Index most_present_rechecks = 1;
/// A first-order test that the certificate did not confirm is repeated once the gradient fell by this factor.
constexpr double worthwhile_recheck = 0.1;
/// A run crawls where over so many iterations f fell by no more than this share of all that it fell: what
/// residuals, or terms that cancel, leave of rounding.
constexpr Index crawling_span = 50;
constexpr double crawling_share = epsilon * epsilon;
/// A run that left so many flat points to come to another one has not found where f falls.
constexpr Index most_flat_escapes = 50;
/// Neither has one that gained no more than this share (ε^1.5) of all that f fell, so often.
constexpr double idle_share = 3.3e-24;
constexpr Index most_idle_escapes = 3;

}  // namespace

Certificate Run::certify_here(Confirmation confirmation) {
  return certify(evaluator_, model_, typical_, assembly_.stop, confirmed_ ? &*confirmed_ : nullptr,
                 confirmation);
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
  // A cruder quadric leaves a last step to the exact one, and the last step of an exact one shows how far it
  // lasts: both may spare a Hessian elsewhere, or factors of a sparse one.
  const bool crude_and_small = model_.form == Curvature::GaussNewton && model_.size() <= most_confirmed_later;
  const bool later = goes_by_hessian() || crude_and_small || model_.is_sparse();
  certificate_ = certify_here(later ? Confirmation::Later : Confirmation::Now);
  CriticalPoint& point = certificate_->point;
  // Only curvature says how far its bottom is; a minimum of higher order has none.
  const auto has_bottom = [&] { return point.is_minimum() && point.order == 2; };
  const bool is_confirmed = goes_by_hessian() && is_confirmed_by(candidate_, *certificate_);
  if (is_confirmed && is_exact()) {
    const auto factors = std::exchange(certificate_->to_confirm, nullptr);
    if (has_bottom()) polish_by_gradients(factors);
  } else {
    const auto factors = certificate_->to_confirm;
    if (goes_by_hessian() && !is_confirmed) confirm(evaluator_, typical_, *certificate_);
    certificate_->to_confirm = factors;  // by which the certificate is carried over to where the step leads
    if (has_bottom() && finish_by_newton() && !carry_over(*certificate_, model_, typical_, assembly_.stop))
      return;
    if (goes_by_hessian()) certificate_->to_confirm = nullptr;
  }
  confirm(evaluator_, typical_, *certificate_);
  const bool curved = has_bottom();
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
    recheck_below_ = worthwhile_recheck * linalg::norm(model_.gradient);
    return;
  }
  const bool at_bottom = certificate_->decrement() <= negligible_decrement * std::abs(model_.value);
  // A gradient may be small only beside a Hessian that is enormous, as in a valley that leads to infinity: as
  // long as the quadric's bottom is far and measurably lower, steps go on.
  const double move =
      certificate_->newton_step ? linalg::norm(*certificate_->newton_step) / linalg::norm(typical_) : 0.0;
  const bool undetermined = !crude && curved && move > undetermined_move;
  const bool far = !at_bottom && certificate_->distance(typical_) > negligible_distance;
  if (!crude && gradient_passed && curved && (far || undetermined)) {
    recheck_below_ = worthwhile_recheck * linalg::norm(model_.gradient);
    return;
  }
  const bool critical = passed || crawls || (at_bottom && !(crude && gradient_passed));
  if (!critical && gradient_passed && !point.has_negative_curvature()) {
    recheck_below_ = worthwhile_recheck * linalg::norm(model_.gradient);
    return;
  }
  const Verdict verdict = judge(point, critical, assembly_.at_saddle);
  if (point.has_negative_curvature()) pending_.events.add(Event::Saddle);
  if (critical && point.kind == CriticalKind::Degenerate) pending_.events.add(Event::Degenerate);
  if (crawls && !passed && !at_bottom && !point.has_negative_curvature()) {
    pending_.events.add(Event::Crawled);
    return end_undecided("over the last " + text::count(crawling_span, "iteration") +
                         " f fell by no more than the rounding of what it fell in all");
  }
  if (verdict.next != Verdict::Next::End) return leave();
  if (verdict.status == Status::Converged && undetermined) {
    point.fades = true;
    return end_undecided(
        "what is left to gain is below the rounding of f, but the bottom of its quadric is "
        "away by " +
        text::number(move, 2) + " of the size of x");
  }
  if (verdict.status == Status::Converged && !passed) {
    return end(verdict.status, "what is left to gain is below the rounding of f");
  }
  if (verdict.status != Status::Stalled) return end(verdict.status, verdict.reason);
  if (!last_trial_finite_) return end_unevaluated();
  point.kind = CriticalKind::NotCritical;
  end(verdict.status, verdict.reason + why_stalled());
}

/// Ends where f can not be evaluated at any point that the run could go on to.
void Run::end_unevaluated() {
  certificate_->point.kind = CriticalKind::NotCritical;
  end(Status::EvaluationFailed, "no shorter step could be evaluated: " + evaluator_.failure());
}

/// What the function shows of why no step makes progress, as a clause; the events are for the last iteration.
std::string Run::why_stalled() {
  const Finding seen = diagnose_stall(evaluator_, model_, typical_);
  pending_.events.add(seen.events);
  return seen.sentence;
}

/// Ends where the curvature is that of a minimum, but the way to its bottom is not known.
void Run::end_undecided(std::string reason) {
  CriticalPoint& point = certificate_->point;
  if (point.is_minimum()) point.kind = CriticalKind::Undecided;
  point.reason = reason;
  end(Status::UndecidedCurvature, std::move(reason));
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
  if (!escape && !last_trial_finite_ && !certificate_->small_gradient) return end_unevaluated();
  const bool too_often = !point.has_negative_curvature() && flat_escapes_++ >= most_flat_escapes;
  if (!escape || too_often || idle_escapes_ >= most_idle_escapes) {
    const Verdict verdict = stay(point, escape.has_value());
    const bool contradicts = !escape && point.has_negative_curvature();
    return end(verdict.status, verdict.reason + (contradicts ? why_stalled() : ""));
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
  if (model_.value - candidate_.value <= idle_share * (start_value_ - model_.value)) ++idle_escapes_;
  Iteration record = std::exchange(pending_, {});
  record.events.add(Event::Escaped);
  record.note = describe_escape(point, taken, model_.value - candidate_.value);
  proposal_ = {
      .step = taken.step, .predicted = exact.predicted_change(taken.step), .trust = taken.step.norm()};
  commit(std::move(record));
  restart();
}

}  // namespace quadric
