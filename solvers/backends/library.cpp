#include "solvers/backends/library.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/claim.hpp"

#include "base/text.hpp"
#include "engine/certificate.hpp"
#include "engine/escape.hpp"
#include "engine/findings.hpp"
#include "engine/probing.hpp"
#include "engine/verdict.hpp"

namespace quadric::backends {

namespace {

/// The first-order test of the back end; see the header.
constexpr double small_relative_gradient = 1e-6;
constexpr double negligible_decrement = 1e-10;
/// How often a library is started again from beside a saddle or a flat point.
constexpr int most_escapes = 20;

/// One run: the library, our certificate, and again from beside a saddle.
class LibraryRun {
 public:
  LibraryRun(const Library& library, const Stopping& stop, AtSaddle at_saddle, const Problem& problem,
             const Vector& start, const Observers& observers)
      : library_(library),
        stop_(stop),
        at_saddle_(at_saddle),
        observers_(observers),
        function_(problem, library.needs_residuals()),
        x_(start) {
    result_.solver = library.name();
    brand_ = result_.solver.substr(0, result_.solver.find(' '));
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
      const LibraryEnd end = minimize();
      settle(end);
    }
    return finish();
  }

 private:
  bool begin();
  LibraryEnd minimize();
  bool hear(const LibraryStep& step, const Vector& x);
  void commit(const LibraryStep& step, const Vector& x);
  void move_to(const Vector& x, Iteration record);
  bool limit_reached();
  bool gradient_is_zero();
  void judge_claim(const LibraryEnd& claimed);
  void settle(const LibraryEnd& claimed);
  void stall(const LibraryEnd& claimed);
  void leave();
  void read_failures();
  void end_by_limit();
  void end(Status status, std::string reason);
  void emit(Iteration record);
  void look_back();
  Result finish();

  Evaluator& evaluator() { return function_.evaluator(); }

  const Library& library_;
  std::string brand_;  ///< of the library
  Stopping stop_;
  AtSaddle at_saddle_;
  const Observers& observers_;
  CountedFunction function_;
  Result result_;
  Vector x_;                             ///< the last point that the library accepted
  double value_ = 0.0;                   ///< f there
  double trust_ = LibraryStep::unknown;  ///< of the last step
  std::optional<Vector> slope_;          ///< ∇f there, where the library asked for it
  Vector typical_;                       ///< largest magnitude of each variable so far
  std::optional<Certificate> certificate_;
  bool small_gradient_ = false;  ///< what `gradient_is_zero` said of the certificate's point
  Iteration pending_;            ///< events and rejections that belong to the next line of the trace
  std::optional<std::pair<Status, std::string>> limit_;
  bool stop_requested_ = false;
  bool ended_ = false;
  int escapes_ = 0;
  Index failures_ = 0;  ///< evaluations whose failure is in the trace already
};

bool LibraryRun::begin() {
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

LibraryEnd LibraryRun::minimize() {
  if (limit_reached()) return {};
  Vector x = x_;
  function_.progressed();
  // A limit ends it between its iterations too.
  function_.limit([this] { return limit_reached(); });
  LibraryEnd end = library_.minimize(
      function_, x, [this](const LibraryStep& step, const Vector& at) { return hear(step, at); });
  function_.limit({});
  function_.rethrow();
  if (function_.is_fruitless()) end = {.message = "hundreds of evaluations or iterations led to no step"};
  function_.progressed();
  // The last step may come without a call back.
  const bool further = !limit_ && x != x_ && x.allFinite();
  if (further && function_.model(x) && function_.known(x)->value <= value_)
    commit({.value = function_.known(x)->value, .trust = trust_}, x);
  function_.rethrow();
  return end;
}

/// Reads one of the library's iterations.
bool LibraryRun::hear(const LibraryStep& step, const Vector& x) {
  read_failures();
  if (step.kind == LibraryStep::Kind::Accepted) {
    commit(step, x);
  } else if (step.kind == LibraryStep::Kind::Rejected) {
    ++pending_.rejected;
    pending_.events.add(Event::Rejected);
    function_.stood_still();
  }
  return !function_.is_fruitless() && !limit_reached();
}

void LibraryRun::read_failures() {
  if (function_.failures() == failures_) return;
  failures_ = function_.failures();
  pending_.events.add(Event::NonFinite);
  pending_.note = evaluator().failure();
}

void LibraryRun::commit(const LibraryStep& step, const Vector& x) {
  function_.progressed();
  Iteration record = std::exchange(pending_, {});
  const Vector way = x - x_;
  const LocalModel* model = function_.known(x);
  record.value = step.value;
  record.gradient_norm = model ? model->gradient.stableNorm() : Iteration::unknown;
  record.step_norm = way.stableNorm();
  record.trust = trust_ = step.trust;
  record.actual = step.value - value_;
  if (slope_) record.slope = slope_->dot(way);
  if (std::isfinite(step.ratio) && step.ratio != 0.0) {
    record.ratio = step.ratio;
    record.predicted = record.actual / record.ratio;
    record.curvature = 2.0 * (record.predicted - record.slope);
  }
  move_to(x, std::move(record));
}

/// Takes a point as the current one and writes its line of the trace.
void LibraryRun::move_to(const Vector& x, Iteration record) {
  const LocalModel* model = function_.known(x);
  x_ = x;
  value_ = record.value;
  slope_ = model ? std::optional(model->gradient) : std::nullopt;
  typical_ = typical_.cwiseMax(x_.cwiseAbs());
  record.iteration = ++result_.iterations;
  emit(std::move(record));
}

bool LibraryRun::limit_reached() {
  limit_ = quadric::limit_reached(stop_, stop_requested_, value_, result_.iterations, evaluator());
  return limit_.has_value();
}

/// The first-order test, at the certificate's point.
bool LibraryRun::gradient_is_zero() {
  const auto passes = [this](const LocalModel& model) {
    const Vector scale = gradient_scale(model, typical_);
    return largest_ratio(model.gradient, scale) <= small_relative_gradient ||
           gradient_is_small(model.gradient, scale, stop_);
  };
  if (certificate_->small_gradient || certificate_->decrement() <= negligible_decrement * std::abs(value_))
    return true;
  if (certificate_->point.kind != CriticalKind::Undecided) return passes(certificate_->model);
  const LocalModel* model = library_.needs_residuals() ? function_.model(x_) : nullptr;
  return model && passes(*model);
}

/// Where the library ended: the certificate decides whether the run ends, and how.
void LibraryRun::settle(const LibraryEnd& claimed) {
  certificate_ = certify(evaluator(), x_, typical_, stop_);
  CriticalPoint& point = certificate_->point;
  small_gradient_ = gradient_is_zero();
  judge_claim(claimed);
  if (!small_gradient_ && limit_) return end_by_limit();
  if (!small_gradient_ && !claimed.convergence) return stall(claimed);
  const Verdict verdict = judge(point, small_gradient_, at_saddle_);
  if (point.has_negative_curvature()) pending_.events.add(Event::Saddle);
  if (verdict.next == Verdict::Next::LeaveFlat) pending_.events.add(Event::Degenerate);
  if (verdict.next != Verdict::Next::End) return leave();
  if (verdict.status == Status::Stalled) return stall(claimed);
  end(verdict.status,
      verdict.reason + (claimed.message.empty() ? "" : "; " + brand_ + ": " + claimed.message));
}

/// Tells who wants to know what the library said of its end, and what our certificate says.
void LibraryRun::judge_claim(const LibraryEnd& claimed) {
  if (limit_ || !claimed.convergence) return;
  Claim claim{.message = claimed.message, .iteration = result_.iterations, .point = certificate_->point};
  if (!small_gradient_) claim.point.kind = CriticalKind::NotCritical;
  for (const auto& observer : observers_) {
    if (auto* listener = dynamic_cast<ClaimObserver*>(observer.get())) listener->claimed(claim);
  }
}

/// The end at a point whose gradient is not small.
void LibraryRun::stall(const LibraryEnd& claimed) {
  read_failures();
  if (claimed.convergence) {
    end(Status::Stalled, brand_ + " reported convergence, but the gradient is not zero: " + claimed.message);
  } else if (pending_.events.has(Event::NonFinite)) {
    end(Status::EvaluationFailed,
        "no shorter step could be evaluated: " + pending_.note + "; " + brand_ + ": " + claimed.message);
  } else {
    end(Status::Stalled, brand_ + " gave up, and the gradient is not zero: " + claimed.message);
  }
}

/// Goes on from a saddle or a flat point, or ends where f does not fall on the way.
void LibraryRun::leave() {
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

void LibraryRun::end_by_limit() { end(limit_->first, limit_->second + describe_progress(result_.trace)); }

void LibraryRun::end(Status status, std::string reason) {
  result_.status = status;
  result_.reason = std::move(reason);
  ended_ = true;
}

void LibraryRun::emit(Iteration record) {
  record.evaluations = evaluator().counts().total();
  record.seconds = evaluator().seconds();
  for (const auto& observer : observers_) {
    if (!observer->iterated(record, x_)) stop_requested_ = true;
  }
  result_.trace.push_back(std::move(record));
}

/// What held back a run that went wrong.
void LibraryRun::look_back() {
  const LocalModel& exact = certificate_->model;
  const bool has_hessian = exact.form == Curvature::Hessian && exact.x.size() == x_.size();
  result_.probe = inquire(evaluator(), result_,
                          {.exact = has_hessian ? &exact : nullptr,
                           .typical = typical_,
                           .stop = stop_,
                           .zero_gradient = small_gradient_});
}

Result LibraryRun::finish() {
  result_.value = result_.gradient_norm = std::numeric_limits<double>::quiet_NaN();
  if (certificate_) {
    if (!small_gradient_) certificate_->point.kind = CriticalKind::NotCritical;
    count_signs(*certificate_);
    const LocalModel* model = function_.model(x_);
    function_.rethrow();
    result_.x = x_;
    result_.value = model ? model->value : value_;
    if (model) result_.gradient_norm = model->gradient.stableNorm();
    result_.critical_point = certificate_->point;
    result_.trace.back().events.add(pending_.events);
    look_back();
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

class LibraryMethod final : public Method {
 public:
  LibraryMethod(std::shared_ptr<const Library> library, const Stopping& stop, AtSaddle at_saddle)
      : library_(std::move(library)), stop_(stop), at_saddle_(at_saddle) {
    if (stop.max_iterations < 0) misuse(name() + ": the limit on iterations is negative");
    if (!(stop.gradient_tolerance >= 0.0)) misuse(name() + ": the gradient tolerance must be at least 0");
  }

  std::string name() const override { return library_->name(); }
  bool needs_residuals() const override { return library_->needs_residuals(); }

  Result run(const Problem& problem, const Vector& start, const Observers& observers) const override {
    require_point(start, "the start");
    if (needs_residuals() && !problem.residuals()) {
      misuse(name() +
             " needs residuals, but the problem is a general objective: use a method for those, or hand over "
             "the residuals");
    }
    require_size(problem.bounds(), start.size());
    if (!library_->takes_bounds() && !problem.bounds().empty())
      misuse(name() + " takes no bounds: use one of quadric's own solvers");
    // Before the clock of the run starts.
    std::unique_lock<std::recursive_mutex> alone;
    if (std::recursive_mutex* mutex = library_->alone()) alone = std::unique_lock(*mutex);
    return LibraryRun(*library_, stop_, at_saddle_, problem, start, observers).execute();
  }

 private:
  std::shared_ptr<const Library> library_;
  Stopping stop_;
  AtSaddle at_saddle_;
};

}  // namespace

bool tell(CountedFunction& f, const Listener& listener, const LibraryStep& step, const Vector& x) {
  if (f.abandoned()) return false;
  try {
    return listener(step, x);
  } catch (...) {
    f.abandon(std::current_exception());
    return false;
  }
}

void missing(const std::string& library, const std::string& package) {
  misuse("this build has no " + library + ": install " + package + " and build again");
}

std::shared_ptr<const Method> library_method(std::shared_ptr<const Library> library, const Stopping& stop,
                                             AtSaddle at_saddle) {
  return std::make_shared<const LibraryMethod>(std::move(library), stop, at_saddle);
}

}  // namespace quadric::backends
