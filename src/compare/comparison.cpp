#include "quadric/compare/comparison.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <thread>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/curvature/analyzer.hpp"
#include "quadric/engine/claim.hpp"

#include "base/for_each_index.hpp"
#include "base/text.hpp"
#include "compare/rating.hpp"

namespace quadric {

namespace {

using Clock = std::chrono::steady_clock;

/// Of a trace: lines that are all kept, and by how much the evaluations grow between lines after them.
constexpr std::size_t whole_lines = 100;
constexpr double growth = 1.01;
/// Up to so many variables x is kept along the trace.
constexpr Index largest_path = 2;
/// In the second look at a converged run the gradient counts as zero where the quadric promises no more than
/// the first share of what the run gained, or the second of the value, or where the way to its bottom is
/// within the first share of every variable.
constexpr double second_look = 1e-6, rounding = 1e-12;
/// Beyond, a full Hessian is not evaluated for a second look, or to warm up.
constexpr Index largest_full = 500;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Hears what a back end claims, keeps the path, and ends the run where a stop was asked for.
class Witness final : public ClaimObserver {
 public:
  Witness(std::stop_token token, bool keeps_path) : token_(std::move(token)), keeps_path_(keeps_path) {}

  bool iterated(const Iteration& /*iteration*/, const Vector& x) override {
    if (keeps_path_) path_.push_back(x);
    return !token_.stop_requested();
  }
  void claimed(const Claim& claim) override {
    ++claims_;
    if (claim.is_false()) ++false_claims_;
  }

  Index claims() const { return claims_; }
  Index false_claims() const { return false_claims_; }
  std::vector<Vector>& path() { return path_; }

 private:
  std::stop_token token_;
  bool keeps_path_;
  Index claims_ = 0, false_claims_ = 0;
  std::vector<Vector> path_;
};

/// Whether the end of a run, which a solver of ours called a minimum, is none, by a Hessian that the run has
/// not seen.
bool is_refuted(const Problem& problem, const Result& result) {
  const Vector& x = result.x;
  const Objective& f = problem.objective();
  if (!problem.bounds().empty() || (x.size() > largest_full && f.has_full_hessian(x))) return false;
  const LocalModel model = local_model(f, x);
  const CurvatureAnalyzer analyzer(model);
  if (analyzer.classify(f.hessian_error(x)).has_negative_curvature()) return true;
  const std::optional<Vector> step = analyzer.newton_step();
  if (!step) return false;
  const double promised = -0.5 * model.gradient.dot(*step);
  if (promised <=
      second_look * (result.trace.front().value - result.value) + rounding * std::abs(result.value))
    return false;
  return !(step->cwiseAbs().array() <= second_look * x.cwiseAbs().array()).all();
}

/// Thins a trace, and the path beside it, as `ComparedRun` says.
void thin(std::vector<Iteration>& trace, std::vector<Vector>& path) {
  const bool has_path = path.size() == trace.size();
  if (!has_path) path.clear();
  std::size_t kept = 0;
  Events dropped;
  double next = 0.0;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    dropped.add(trace[i].events);
    const auto evaluations = static_cast<double>(trace[i].evaluations);
    if (i >= whole_lines && i + 1 < trace.size() && evaluations < next) continue;
    next = growth * evaluations;
    trace[i].events = std::exchange(dropped, {});
    if (kept != i) {
      trace[kept] = std::move(trace[i]);
      if (has_path) path[kept] = std::move(path[i]);
    }
    ++kept;
  }
  trace.resize(kept);
  trace.shrink_to_fit();
  if (has_path) path.resize(kept);
}

/// Has the function record and compile whatever it does only once.
void warm_up(const Case& item) {
  try {
    Vector g, r;
    Matrix J;
    SparseMatrix H;
    item.function.objective().gradient(item.from, g);
    if (item.from.size() <= largest_full || !item.function.objective().has_full_hessian(item.from))
      item.function.objective().sparse_hessian(item.from, g, H);
    if (item.function.residuals() && item.from.size() <= largest_full)
      item.function.residuals()->jacobian(item.from, r, J);
  } catch (const std::exception&) {  // the runs will say so
  }
}

/// A run that is to be made, and what became of it: nothing where the solver refuses the bounds.
struct Job {
  std::size_t item = 0, solver = 0;
  std::optional<ComparedRun> run = {};
  std::exception_ptr error = {};
};

ComparedRun make_run(const Case& item, const Solver& solver, const CompareOptions& options) {
  const auto witness = std::make_shared<Witness>(options.token, item.from.size() == largest_path);
  Observers observers = options.observers ? options.observers(item, solver) : Observers{};
  observers.push_back(witness);
  ComparedRun run{.problem = item.problem, .start = item.start, .solver = solver.name(), .result = {}};
  run.result = solver.run(item.function, item.from, observers);
  rate(run, item);
  run.claims = witness->claims();
  run.false_claims = witness->false_claims();
  // A back end that is called converged has claimed it, and been judged, already.
  if (run.result.converged() && run.claims == 0) {
    run.claims = 1;
    run.false_claims = is_refuted(item.function, run.result) ? 1 : 0;
  }
  run.path = std::move(witness->path());
  thin(run.result.trace, run.path);
  return run;
}

void work_on(Job& job, const std::vector<Case>& cases, const std::vector<Solver>& solvers,
             const CompareOptions& options) {
  if (options.token.stop_requested()) return;
  const Case& item = cases[job.item];
  try {
    job.run = make_run(item, solvers[job.solver], options);
    job.run->item = job.item;
  } catch (const Misuse&) {
    if (item.function.bounds().empty()) job.error = std::current_exception();
  } catch (...) {
    job.error = std::current_exception();
  }
}

/// Tells of each run that is done.
class Count {
 public:
  Count(const CompareOptions& options, std::size_t all) : progress_(options.progress), all_(all) { tell(); }
  void one_more() {
    const std::lock_guard lock(mutex_);
    ++done_;
    tell();
  }

 private:
  void tell() const {
    if (progress_) progress_(done_, all_);
  }

  const std::function<void(std::size_t, std::size_t)>& progress_;
  std::size_t all_, done_ = 0;
  std::mutex mutex_;
};

void require_options(const CompareOptions& options) {
  if (options.threads < 0)
    misuse("compare: the number of threads is " + std::to_string(options.threads) + "; 0 means one a core");
  for (const double tolerance : options.tolerances) {
    if (!(tolerance > 0.0) || !std::isfinite(tolerance))
      misuse("compare: the tolerance " + text::number(tolerance) + " is not a finite number above 0");
  }
}

std::vector<Job> jobs_of(const std::vector<Case>& cases, const std::vector<Solver>& solvers) {
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    for (std::size_t s = 0; s < solvers.size(); ++s) {
      if (cases[i].function.residuals() || !solvers[s].needs_residuals())
        jobs.push_back({.item = i, .solver = s});
    }
  }
  return jobs;
}

}  // namespace

bool Comparison::all_solved() const {
  return !interrupted && std::all_of(runs.begin(), runs.end(), is_solved);
}

std::ostream& operator<<(std::ostream& stream, const Comparison& comparison) {
  return stream << comparison.table();
}

Comparison compare(const std::vector<Case>& cases, const std::vector<Solver>& solvers,
                   const CompareOptions& options) {
  require_options(options);
  const Clock::time_point start = Clock::now();
  const int threads = options.threads > 0
                          ? options.threads
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Comparison comparison{.cases = cases, .tolerances = options.tolerances, .threads = threads};
  std::vector<Job> jobs = jobs_of(cases, solvers);
  Count count(options, jobs.size());
  for_each_index(jobs.size(), static_cast<std::size_t>(threads), [&](std::size_t i) {
    if (threads == 1 && (i == 0 || jobs[i - 1].item != jobs[i].item) && !options.token.stop_requested())
      warm_up(cases[jobs[i].item]);
    work_on(jobs[i], cases, solvers, options);
    count.one_more();
  });
  for (Job& job : jobs) {
    if (job.error) std::rethrow_exception(job.error);
    if (job.run) comparison.runs.push_back(std::move(*job.run));
  }
  comparison.interrupted = options.token.stop_requested();
  rate_errors(comparison.runs, comparison.cases);
  comparison.seconds = since(start);
  return comparison;
}

Comparison compare(const Problem& problem, const Point& start, const std::vector<Solver>& solvers,
                   const CompareOptions& options) {
  return compare({{.problem = "f", .start = "x0", .function = problem, .from = start}}, solvers, options);
}

}  // namespace quadric
