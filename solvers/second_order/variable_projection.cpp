#include "quadric/solvers/variable_projection.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/gauss_newton.hpp"

#include "base/text.hpp"
#include "problem/face.hpp"
#include "solvers/second_order/counted_residuals.hpp"
#include "solvers/second_order/separated.hpp"

namespace quadric {

namespace {

void add(const Counts& more, Counts& counts) {
  counts.values += more.values;
  counts.gradients += more.gradients;
  counts.hessians += more.hessians;
  counts.products += more.products;
}

/// Tells the observers of one run of what are two: of the variables that are searched for, then of all.
class Relay final : public Observer {
 public:
  Relay(const Problem& whole, const Observers& observers, const Separated& separated,
        const CountedResiduals& counted, std::string solver, std::string note)
      : whole_(whole),
        observers_(observers),
        separated_(separated),
        counted_(counted),
        solver_(std::move(solver)),
        note_(std::move(note)) {}

  void started(const RunInfo& run) override {
    if (second_) return;
    const Vector start = separated_.lift(run.start);
    for (const auto& observer : observers_) {
      observer->started({.solver = solver_,
                         .provider = run.provider,
                         .names = whole_.names(start.size()),
                         .problem = &whole_,
                         .start = start});
    }
  }

  bool iterated(const Iteration& iteration, const Vector& x) override {
    if (second_ && iteration.iteration == 0) return !stopped_;
    const Iteration line = told(iteration);
    if (!second_) lines_.push_back(line);
    const Vector point = second_ ? x : separated_.lift(x);
    for (const auto& observer : observers_) {
      if (!observer->iterated(line, point)) stopped_ = true;
    }
    return !stopped_;
  }

  Finding finding() const override {
    Finding all;
    if (!second_) return all;
    for (const auto& observer : observers_) {
      const Finding one = observer->finding();
      all.events.add(one.events);
      if (!one.sentence.empty()) all.sentence += (all.sentence.empty() ? "" : "; ") + one.sentence;
    }
    return all;
  }

  /// What follows is the second run, after this result of the first.
  void go_on_after(const Result& first) {
    second_ = true;
    before_ = first;
    before_.counts = counted_.counts();
  }

  /// The result of both.
  Result join(Result second) {
    Result whole = std::move(second);
    whole.solver = solver_;
    whole.iterations += before_.iterations;
    add(before_.counts, whole.counts);
    whole.seconds += before_.seconds;
    lines_.back().events.add(whole.trace.front().events);
    for (std::size_t k = 1; k < whole.trace.size(); ++k) lines_.push_back(told(whole.trace[k]));
    whole.trace = std::move(lines_);
    for (const auto& observer : observers_) observer->finished(whole);
    return whole;
  }

 private:
  Iteration told(Iteration line) const {
    if (!second_) {
      if (line.iteration == 0) line.note = note_;
      line.evaluations = counted_.counts().total();
      return line;
    }
    line.iteration += before_.iterations;
    line.evaluations += before_.counts.total();
    line.seconds += before_.seconds;
    return line;
  }

  const Problem& whole_;
  const Observers& observers_;
  const Separated& separated_;
  const CountedResiduals& counted_;
  std::string solver_, note_;
  Result before_ = {};
  std::vector<Iteration> lines_ = {};  ///< as they were told
  bool second_ = false, stopped_ = false;
};

class VariableProjectionMethod final : public Method {
 public:
  explicit VariableProjectionMethod(VariableProjection options)
      : options_(std::move(options)), plain_(solver(options_.stop)) {
    name_ = "variable-projection" + plain_.name().substr(plain_.name().find(" ("));
  }

  std::string name() const override { return name_; }
  bool needs_residuals() const override { return true; }

  Result run(const Problem& problem, const Vector& start, const Observers& observers) const override {
    if (!problem.residuals()) misuse(name_ + " needs residuals, but the problem is a general objective");
    require_point(start, "the start");
    require_size(problem.bounds(), start.size());
    Vector x = start;
    problem.bounds().place(x);
    const auto counted = std::make_shared<const CountedResiduals>(*problem.residuals());
    const Residuals residuals(std::static_pointer_cast<const ResidualSource>(counted));
    const std::vector<Index> linear = eliminated(residuals, problem.bounds(), x);
    const auto plain = [&] {
      Result result = plain_.run(problem, x, observers);
      add(counted->counts(), result.counts);
      return result;
    };
    if (linear.empty() || static_cast<Index>(linear.size()) == x.size()) return plain();
    const Separated separated(residuals, linear, x);
    if (!separated.lift(x(separated.nonlinear())).allFinite()) return plain();

    const Face face(x.size(), separated.nonlinear());
    const std::vector<std::string> names = problem.names(x.size());
    std::vector<std::string> some;
    for (const Index j : separated.nonlinear()) some.push_back(names[static_cast<std::size_t>(j)]);
    Problem reduced(separated.residuals());
    reduced.with_names(std::move(some));
    if (!problem.bounds().empty()) reduced.with_bounds(face.restrict(problem.bounds()));
    const auto relay = std::make_shared<Relay>(problem, observers, separated, *counted, name_,
                                               sentence_about(linear, names));
    const Result first = solver(options_.stop).run(reduced, face.restrict(x), {relay});
    const Vector reached = separated.lift(first.x);
    relay->go_on_after(first);
    return relay->join(solver(left_after(first, counted->counts())).run(problem, reached, {relay}));
  }

 private:
  Solver solver(const Stopping& stop) const {
    return GaussNewton{.step = options_.step, .stop = stop, .at_saddle = options_.at_saddle, .hybrid = true};
  }

  /// Those asked for, or those found, without the ones that have bounds.
  std::vector<Index> eliminated(const Residuals& residuals, const Bounds& box, const Vector& x) const {
    const Index n = x.size();
    std::vector<Index> linear = options_.linear;
    for (const Index j : linear) {
      if (j < 0 || j >= n)
        misuse(name_ + ": there is no variable number " + std::to_string(j) + " to eliminate, but " +
               text::count(n, "variable"));
    }
    std::sort(linear.begin(), linear.end());
    linear.erase(std::unique(linear.begin(), linear.end()), linear.end());
    if (linear.empty()) linear = linear_variables(residuals, x);
    const auto has_bound = [&](Index j) {
      return !box.empty() && (std::isfinite(box.lower()[j]) || std::isfinite(box.upper()[j]));
    };
    linear.erase(std::remove_if(linear.begin(), linear.end(), has_bound), linear.end());
    return linear;
  }

  static std::string sentence_about(const std::vector<Index>& linear, const std::vector<std::string>& names) {
    std::string list;
    for (const Index j : linear) list += (list.empty() ? "" : ", ") + names[static_cast<std::size_t>(j)];
    return list + (linear.size() == 1 ? " enters" : " enter") +
           " linearly: always at the best for the other variables";
  }

  /// What of the limits is left for the second run.
  Stopping left_after(const Result& first, const Counts& counts) const {
    Stopping left = options_.stop;
    left.max_iterations = std::max<Index>(0, left.max_iterations - first.iterations);
    left.max_evaluations = std::max<Index>(0, left.max_evaluations - counts.total());
    left.max_seconds = std::max(0.0, left.max_seconds - first.seconds);
    return left;
  }

  VariableProjection options_;
  Solver plain_;
  std::string name_;
};

}  // namespace

std::shared_ptr<const Method> method(const VariableProjection& options) {
  return std::make_shared<const VariableProjectionMethod>(options);
}

}  // namespace quadric
