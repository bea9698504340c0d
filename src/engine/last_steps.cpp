#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "engine/run.hpp"
#include "engine/verdict.hpp"
#include "linalg/sums.hpp"

// The last steps of a run, to the bottom of an exact quadric, by Hessians and factors that are at hand.

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Where x has more than this share of its size to go, it is worth a Jacobian to know what rounding may do to
/// a sum of squares.
constexpr double sharp_distance = 1e-10;
/// Beyond this relative length of a step its end needs a Hessian of its own: eigenvalues are right to some
/// six digits.
constexpr double shortest_with_hessian = 1e-6;
/// Most last steps by a Hessian that is at hand, each of which must shrink the gradient by this factor.
constexpr int most_last_steps = 3;
constexpr double worthwhile_shrinking = 0.5;
/// A variable that has no more than this share of its size to go is where rounding lets it be.
constexpr double rounded_distance = 8.0 * epsilon;
/// A step that leaves at most this share of the gradient is one of a run that converges faster than linearly.
constexpr double fast_convergence = 0.05;
/// Residuals are computed from x by so many roundings, at least.
constexpr double few_roundings = 4.0;

/// What rounding of x and of a few operations on it does to ½‖r‖², in units of f: much more than rounding of
/// f itself where residuals are small differences of large numbers. 0 where J is not known.
double noise_of_squares(const LocalModel& model) {
  if (model.form != Curvature::GaussNewton) return 0.0;
  double noise = 0.0;
  for (Index j = 0; j < model.size(); ++j)
    noise += std::abs(model.x[j]) * model.residuals.cwiseAbs().dot(model.jacobian.col(j).cwiseAbs());
  return few_roundings * epsilon * noise;
}

}  // namespace

/// Where the steps to the bottoms of exact quadrics converge faster than linearly and the next one is not
/// lost in the rounding of x, it would be taken whatever is found: a large Hessian is certified where they
/// end. Where these are taken by the certificate's factors (`polish_by_gradients`) that is not needed.
bool Run::certificate_can_wait() const {
  const auto& trace = result_.trace;
  if (is_exact() || !model_.is_sparse() || !assembly_.direction->exact() || trace.size() < 2) return false;
  if (stop_requested_ || exhausted()) return false;
  const Iteration& last = trace.back();
  const double left = last.gradient_norm / trace[trace.size() - 2].gradient_norm;
  return last.rejected == 0 && left > 0.0 && left <= fast_convergence &&
         left * last.step_norm > epsilon * linalg::norm(typical_);
}

/// Whether `candidate_` holds value and gradient where a step leads, but no Hessian yet.
bool Run::has_gradient_of(const Vector& step) const {
  return candidate_.form == Curvature::Gradient && candidate_.size() == model_.size() &&
         candidate_.x == model_.x + step;
}

/// Whether the run goes by the exact Hessian, the certificate's.
bool Run::goes_by_hessian() const {
  return model_.form == Curvature::Hessian && assembly_.direction->exact() && !model_.bounds;
}

/// Whether it does, and the function is one of its own, not a sum of squares.
bool Run::is_exact() const { return goes_by_hessian() && !evaluator_.problem().residuals(); }

/// Where a step of the exact quadric is so short that its Hessian stands for both ends, the gradient alone
/// may show that it was the last one. True when it was, and the run has ended with its certificate; else
/// `candidate_` may hold the gradient there.
bool Run::ends_with_step(Iteration& record) {
  if (!is_exact() || assembly_.control->judges_slopes() || proposal_.restricted || record.rejected > 0)
    return false;
  if (!(largest_ratio(proposal_.step, typical_) <= shortest_with_hessian)) return false;
  set_trial(proposal_.step);
  if (!evaluator_.model(trial_, Curvature::Gradient, ahead_)) return false;
  if (stays_low(ahead_.value) && gradient_is_small(ahead_.gradient, scale(), assembly_.stop)) {
    Certificate last = certify_here(Confirmation::Later);
    const auto factors = last.to_confirm;
    if (is_confirmed_by(candidate_, last) && carry_over(last, ahead_, typical_, assembly_.stop) &&
        last.small_gradient && last.distance(typical_) <= negligible_distance) {
      go_ahead(std::exchange(record, {}));
      certificate_ = std::move(last);
      polish_by_gradients(factors);
      const Verdict verdict = judge(certificate_->point, true, assembly_.at_saddle);
      end(verdict.status, verdict.reason);
      return true;
    }
  }
  candidate_.form = Curvature::Gradient;
  candidate_.x = ahead_.x;
  candidate_.value = ahead_.value;
  candidate_.gradient = ahead_.gradient;
  return false;
}

/// Commits the proposal to where `ahead_` is, by the Hessian at hand.
void Run::go_ahead(Iteration record) {
  candidate_ = ahead_;
  candidate_.form = Curvature::Hessian;
  candidate_.hessian = model_.hessian;
  candidate_.sparse_hessian = model_.sparse_hessian;
  commit(std::move(record));
}

/// At a confirmed minimum, last steps by the factors of its Hessian, as long as gradients shrink.
void Run::polish_by_gradients(const std::shared_ptr<EquilibratedHessian>& factors) {
  for (int step = 0; step < most_last_steps && result_.iterations < assembly_.stop.max_iterations; ++step) {
    if (certificate_->distance(typical_) <= rounded_distance) return;
    proposal_ = {.step = *certificate_->newton_step, .predicted = -certificate_->decrement()};
    set_trial(proposal_.step);
    if (!evaluator_.model(trial_, Curvature::Gradient, ahead_)) return;
    const double before = largest_ratio(model_.gradient, scale());
    if (largest_ratio(ahead_.gradient, scale()) > worthwhile_shrinking * before) return;
    if (!stays_low(ahead_.value)) return;
    certificate_->to_confirm = factors;
    const bool carried = carry_over(*certificate_, ahead_, typical_, assembly_.stop);
    certificate_->to_confirm = nullptr;
    if (!carried) return;
    Iteration record = std::exchange(pending_, {});
    record.events.add(Event::Polished);
    go_ahead(std::move(record));
  }
}

/// At a minimum that a cruder quadric can not pin down any better, one step of the certificate's exact
/// quadric, if it shrinks the gradient. True when it was taken: the run goes on.
bool Run::finish_by_newton() {
  if (first_order(assembly_.direction->needs()) || result_.iterations >= assembly_.stop.max_iterations)
    return false;
  if (!certificate_->newton_step || certificate_->distance(typical_) <= rounded_distance) return false;
  proposal_ = {.step = *certificate_->newton_step, .predicted = -certificate_->decrement()};
  Iteration record = std::exchange(pending_, {});
  double noise = noise_of_squares(model_);
  const bool has_squares = model_.form == Curvature::Hessian && evaluator_.problem().residuals();
  LocalModel squares;
  if (has_squares && certificate_->distance(typical_) > sharp_distance &&
      evaluator_.model(model_.x, Curvature::GaussNewton, squares))
    noise = noise_of_squares(squares);
  if (polish(record, noise)) {
    commit(std::move(record), noise);
    return true;
  }
  pending_ = std::move(record);
  return false;
}

}  // namespace quadric
