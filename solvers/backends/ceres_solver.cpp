#include "quadric/solvers/ceres_solver.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"
#include "engine/certificate.hpp"
#include "engine/escape.hpp"
#include "engine/findings.hpp"
#include "engine/verdict.hpp"
#include "solvers/backends/ceres_call.hpp"

namespace quadric {

namespace {

/// The first-order test of the back end; see the header.
constexpr double small_relative_gradient = 1e-6;
constexpr double negligible_decrement = 1e-10;
/// How often Ceres is started again from beside a saddle or a flat point.
constexpr int most_escapes = 20;

std::string name_of(CeresSolver::Strategy strategy) {
  switch (strategy) {
    case CeresSolver::Strategy::LevenbergMarquardt:
      return "ceres (levenberg-marquardt)";
    case CeresSolver::Strategy::Dogleg:
      return "ceres (dogleg)";
    case CeresSolver::Strategy::Lbfgs:
      break;
  }
  return "ceres (l-bfgs)";
}

bool is_least_squares(const CeresSolver& options) { return options.strategy != CeresSolver::Strategy::Lbfgs; }

/// One run: Ceres, our certificate, and again from beside a saddle.
class CeresRun {
 public:
  CeresRun(const Problem& problem, const Vector& start, const CeresSolver& options,
           const Observers& observers)
      : options_(options), observers_(observers), function_(problem, is_least_squares(options)), x_(start) {
    result_.solver = name_of(options.strategy);
    result_.provider = problem.provider();
    result_.names = problem.names(start.size());
    problem.bounds().place(x_);
    result_.x = x_;
    typical_ = x_.cwiseAbs();
  }

  Result execute() {
    for (const auto& observer : observers_)
      observer->started({result_.solver, result_.provider, result_.names, &evaluator().problem(), result_.x});
    if (!begin()) return finish();
    while (!ended_) {
      const backends::CeresEnd ceres = minimize();
      settle(ceres);
    }
    return finish();
  }

 private:
  bool begin();
  backends::CeresEnd minimize();
  bool hear(const ceres::IterationSummary& summary, const Vector& x);
  void commit(const ceres::IterationSummary& summary, const Vector& x);
  void move_to(const Vector& x, Iteration record);
  bool limit_reached();
  bool gradient_is_zero();
  void settle(const backends::CeresEnd& ceres);
  void stall(const backends::CeresEnd& ceres);
  void leave();
  void read_failures();
  void end_by_limit();
  void end(Status status, std::string reason);
  void emit(Iteration record);
  Result finish();

  Evaluator& evaluator() { return function_.evaluator(); }

  CeresSolver options_;
  const Observers& observers_;
  backends::CountedFunction function_;
  Result result_;
  Vector x_;                     ///< the last point that Ceres accepted
  double value_ = 0.0;           ///< f there
  std::optional<Vector> slope_;  ///< ∇f there, where Ceres asked for it
  Vector typical_;               ///< largest magnitude of each variable so far
  std::optional<Certificate> certificate_;
  bool small_gradient_ = false;  ///< what `gradient_is_zero` said of the certificate's point
  Iteration pending_;            ///< events and rejections that belong to the next line of the trace
  std::optional<std::pair<Status, std::string>> limit_;
  bool stop_requested_ = false;
  bool ended_ = false;
  int escapes_ = 0;
  Index failures_ = 0;  ///< evaluations whose failure is in the trace already
};

bool CeresRun::begin() {
  const LocalModel* model = function_.model(x_);
  function_.rethrow();
  if (!model) {
    end(Status::EvaluationFailed, "the function can not be evaluated at the start: " + evaluator().failure());
    return false;
  }
  value_ = model->value;
  slope_ = model->gradient;
  emit({.iteration = 0, .value = value_, .gradient_norm = model->gradient.stableNorm()});
  return true;
}

backends::CeresEnd CeresRun::minimize() {
  if (limit_reached()) return {};
  Vector x = x_;
  const auto listener = [this](const ceres::IterationSummary& summary, const Vector& at) {
    return hear(summary, at);
  };
  backends::CeresEnd ceres = call_ceres(function_, options_, x, listener);
  // A line search that ends by one of Ceres' tests takes its last step without a call back.
  double value = 0.0;
  const bool further = ceres.last && !limit_ && x != x_ && x.allFinite();
  if (further && function_.model(x) && (value = function_.known(x)->value) <= value_) {
    ceres.last->cost = value;
    ceres.last->cost_change = value_ - value;
    commit(*ceres.last, x);
  }
  function_.rethrow();
  return ceres;
}

/// Reads one of Ceres' iterations; its number 0 is the point it started from.
bool CeresRun::hear(const ceres::IterationSummary& summary, const Vector& x) {
  read_failures();
  if (summary.iteration > 0 && summary.step_is_successful) {
    commit(summary, x);
  } else if (summary.iteration > 0) {
    ++pending_.rejected;
    pending_.events.add(Event::Rejected);
  }
  return !limit_reached();
}

void CeresRun::read_failures() {
  if (function_.failures() == failures_) return;
  failures_ = function_.failures();
  pending_.events.add(Event::NonFinite);
  pending_.note = evaluator().failure();
}

void CeresRun::commit(const ceres::IterationSummary& summary, const Vector& x) {
  Iteration record = std::exchange(pending_, {});
  const Vector step = x - x_;
  const bool trust_region = is_least_squares(options_);
  const LocalModel* model = function_.known(x);
  record.value = summary.cost;
  record.gradient_norm = model ? model->gradient.stableNorm() : summary.gradient_norm;
  record.step_norm = step.stableNorm();
  record.trust = trust_region ? summary.trust_region_radius : summary.step_size;
  record.actual = summary.cost - value_;
  if (slope_) record.slope = slope_->dot(step);
  if (trust_region && summary.relative_decrease != 0.0) {
    record.ratio = summary.relative_decrease;
    record.predicted = record.actual / record.ratio;
    record.curvature = 2.0 * (record.predicted - record.slope);
  }
  move_to(x, std::move(record));
}

/// Takes a point as the current one and writes its line of the trace.
void CeresRun::move_to(const Vector& x, Iteration record) {
  const LocalModel* model = function_.known(x);
  x_ = x;
  value_ = record.value;
  slope_ = model ? std::optional(model->gradient) : std::nullopt;
  typical_ = typical_.cwiseMax(x_.cwiseAbs());
  record.iteration = ++result_.iterations;
  emit(std::move(record));
}

bool CeresRun::limit_reached() {
  limit_ = quadric::limit_reached(options_.stop, stop_requested_, value_, result_.iterations, evaluator());
  return limit_.has_value();
}

/// The first-order test, at the certificate's point.
bool CeresRun::gradient_is_zero() {
  const auto passes = [this](const LocalModel& model) {
    const Vector scale = gradient_scale(model, typical_);
    return largest_ratio(model.gradient, scale) <= small_relative_gradient ||
           gradient_is_small(model.gradient, scale, options_.stop);
  };
  if (certificate_->small_gradient || certificate_->decrement() <= negligible_decrement * std::abs(value_))
    return true;
  if (certificate_->point.kind != CriticalKind::Undecided) return passes(certificate_->model);
  const LocalModel* model = is_least_squares(options_) ? function_.model(x_) : nullptr;
  return model && passes(*model);
}

/// Where Ceres ended: the certificate decides whether the run ends, and how.
void CeresRun::settle(const backends::CeresEnd& ceres) {
  certificate_ = certify(evaluator(), x_, typical_, options_.stop);
  CriticalPoint& point = certificate_->point;
  small_gradient_ = gradient_is_zero();
  if (!small_gradient_ && limit_) return end_by_limit();
  if (!small_gradient_ && !ceres.convergence) return stall(ceres);
  const Verdict verdict = judge(point, small_gradient_, options_.at_saddle);
  if (point.has_negative_curvature()) pending_.events.add(Event::Saddle);
  if (verdict.next == Verdict::Next::LeaveFlat) pending_.events.add(Event::Degenerate);
  if (verdict.next != Verdict::Next::End) return leave();
  if (verdict.status == Status::Stalled) return stall(ceres);
  end(verdict.status, verdict.reason + (ceres.message.empty() ? "" : "; ceres: " + ceres.message));
}

/// The end at a point whose gradient is not small.
void CeresRun::stall(const backends::CeresEnd& ceres) {
  read_failures();
  if (ceres.convergence) {
    end(Status::Stalled, "ceres reported convergence, but the gradient is not zero: " + ceres.message);
  } else if (pending_.events.has(Event::NonFinite)) {
    end(Status::EvaluationFailed,
        "no shorter step could be evaluated: " + pending_.note + "; ceres: " + ceres.message);
  } else {
    end(Status::Stalled, "ceres gave up, and the gradient is not zero: " + ceres.message);
  }
}

/// Goes on from a saddle or a flat point, or ends where f does not fall on the way.
void CeresRun::leave() {
  const CriticalPoint& point = certificate_->point;
  if (limit_reached()) {
    end_by_limit();
    if (point.has_negative_curvature() && small_gradient_)
      end(Status::SaddlePoint, "the point is a proven " + std::string(to_string(point.kind)) +
                                   ", and was not left: " + result_.reason);
    return;
  }
  const auto escape = find_escape(evaluator(), *certificate_, typical_);
  if (!escape || escapes_++ == most_escapes) {
    const Verdict verdict = stay(point, escape.has_value());
    return end(verdict.status, verdict.reason);
  }
  const Vector beside = x_ + escape->step;
  const LocalModel* model = function_.model(beside);
  function_.rethrow();
  if (!model) {
    return end(Status::EvaluationFailed, "the step away could not be evaluated: " + evaluator().failure());
  }
  Iteration record = std::exchange(pending_, {});
  record.events.add(Event::Escaped);
  record.note = describe_escape(point, *escape, value_ - model->value);
  record.value = model->value;
  record.gradient_norm = model->gradient.stableNorm();
  record.step_norm = record.trust = escape->step.stableNorm();
  record.predicted = escape->predicted;
  record.actual = model->value - value_;
  record.ratio = record.actual / record.predicted;
  record.slope = certificate_->model.slope(escape->step);
  record.curvature = 2.0 * (record.predicted - record.slope);
  record.lambda_min = point.lambda_min;
  if (record.curvature < 0.0) record.events.add(Event::NegativeCurvature);
  move_to(beside, std::move(record));
}

void CeresRun::end_by_limit() { end(limit_->first, limit_->second + describe_progress(result_.trace)); }

void CeresRun::end(Status status, std::string reason) {
  result_.status = status;
  result_.reason = std::move(reason);
  ended_ = true;
}

void CeresRun::emit(Iteration record) {
  record.evaluations = evaluator().counts().total();
  record.seconds = evaluator().seconds();
  for (const auto& observer : observers_) {
    if (!observer->iterated(record, x_)) stop_requested_ = true;
  }
  result_.trace.push_back(std::move(record));
}

Result CeresRun::finish() {
  result_.value = result_.gradient_norm = std::numeric_limits<double>::quiet_NaN();
  if (certificate_) {
    if (!small_gradient_) certificate_->point.kind = CriticalKind::NotCritical;
    const LocalModel* model = function_.model(x_);
    function_.rethrow();
    result_.x = x_;
    result_.value = model ? model->value : value_;
    if (model) result_.gradient_norm = model->gradient.stableNorm();
    result_.critical_point = certificate_->point;
    result_.trace.back().events.add(pending_.events);
  } else {
    result_.critical_point.reason = result_.reason;
  }
  if (evaluator().asymmetry() > 1e-10) {
    result_.reason += "; the Hessian supplied is not symmetric (relative difference " +
                      text::number(evaluator().asymmetry(), 2) + "), its symmetric part was used";
    if (!result_.trace.empty()) result_.trace.back().events.add(Event::AsymmetricHessian);
  }
  result_.counts = evaluator().counts();
  result_.provider = evaluator().problem().provider();
  result_.seconds = evaluator().seconds();
  add_findings(observers_, result_);
  for (const auto& observer : observers_) observer->finished(result_);
  return std::move(result_);
}

class CeresMethod final : public Method {
 public:
  explicit CeresMethod(const CeresSolver& options) : options_(options) {
    const auto require = [this](bool fine, const char* what) {
      if (!fine) misuse(name() + ": " + what);
    };
    require(options.stop.max_iterations >= 0, "the limit on iterations is negative");
    require(options.stop.gradient_tolerance >= 0.0, "the gradient tolerance must be at least 0");
    require(options.function_tolerance >= 0.0 && options.gradient_tolerance >= 0.0 &&
                options.parameter_tolerance >= 0.0,
            "Ceres' function, gradient and parameter tolerance must be at least 0");
  }

  std::string name() const override { return name_of(options_.strategy); }
  bool needs_residuals() const override { return is_least_squares(options_); }

  Result run(const Problem& problem, const Vector& start, const Observers& observers) const override {
    require_point(start, "the start");
    if (is_least_squares(options_) && !problem.residuals()) {
      misuse(name() +
             " needs residuals, but the problem is a general objective: use CeresSolver{.strategy = "
             "CeresSolver::Strategy::Lbfgs}, or hand over the residuals");
    }
    require_size(problem.bounds(), start.size());
    if (!is_least_squares(options_) && !problem.bounds().empty())
      misuse(name() + " takes no bounds: use Lbfgs, or residuals with another strategy of Ceres");
    return CeresRun(problem, start, options_, observers).execute();
  }

 private:
  CeresSolver options_;
};

}  // namespace

std::shared_ptr<const Method> method(const CeresSolver& options) {
  return std::make_shared<const CeresMethod>(options);
}

}  // namespace quadric
