#include "cli/run.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/audit.hpp"
#include "quadric/engine/checkpoint.hpp"

#include "base/nearest_name.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "engine/run_json.hpp"

namespace quadric::cli {

namespace {

Overrides overrides(const RunOptions& run) {
  Overrides result{.max_iterations = run.max_iterations,
                   .max_evaluations = run.max_evaluations,
                   .max_seconds = run.max_seconds};
  if (run.stop_at_saddle) result.at_saddle = AtSaddle::Stop;
  return result;
}

bool names_solver(const RunOptions& run) { return !run.solver.empty() && run.solver != "auto"; }

}  // namespace

Solver make_solver(const std::string& name, const RunOptions& run) {
  return solver_named(name, overrides(run));
}

Choice make_solver(const Problem& problem, const Vector& start, const RunOptions& run) {
  if (names_solver(run)) return {make_solver(run.solver, run), ""};
  return choose_solver(problem, start, overrides(run));
}

Choice make_solver(const Checkpoint& from, const RunOptions& run) {
  if (names_solver(run)) return {make_solver(run.solver, run), ""};
  for (const std::string& name : solver_names()) {
    Solver solver = make_solver(name, run);
    if (solver.name() == from.solver()) return {std::move(solver), "the checkpoint is of a run of it"};
  }
  misuse("--resume: the checkpoint is of a run of " + from.solver() + ", which has no name here");
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& level, LogTo to) {
  const std::vector<std::string> levels = {"trace", "debug", "info", "warn", "error", "off"};
  if (std::find(levels.begin(), levels.end(), level) == levels.end()) {
    misuse("--log-level: there is no level '" + level + "'" + did_you_mean(level, levels) +
           "; the levels are trace, debug, info, warn, error and off");
  }
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (to == LogTo::Stderr) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  }
  auto logger = std::make_shared<spdlog::logger>("quadric", std::move(sink));
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::from_str(level));
  return logger;
}

/// A trace file that is made once there is something to write, so that a start that can not be evaluated
/// leaves an older file as it was.
class Watch::LateTrace final : public Observer {
 public:
  explicit LateTrace(std::string path) : path_(std::move(path)) {}

  bool iterated(const Iteration& iteration, const Vector& x) override {
    if (!file_) file_.emplace(path_);
    return file_->iterated(iteration, x);
  }
  void finished(const Result& result) override {
    if (file_) file_->finished(result);
  }
  std::string error() const { return file_ ? file_->error() : ""; }

 private:
  std::string path_;
  std::optional<TraceFile> file_;
};

Watch::Watch(const RunOptions& run, const OutputOptions& output) {
  catch_interrupt();
  observers_.push_back(stop_on_interrupt());
  if (output.log_level != "off") {
    logger_ = make_logger(output.log_level);
    observers_.push_back(make_observer(LogIterations(logger_)));
  } else if (auto progress = run.progress ? show_progress(run.max_iterations, run.max_seconds) : nullptr) {
    observers_.push_back(std::move(progress));
  }
  if (run.audit) observers_.push_back(make_observer(AuditDerivatives{}));
  if (!run.checkpoint.empty()) observers_.push_back(make_observer(WriteCheckpoint{.file = run.checkpoint}));
  if (run.trace.empty()) return;
  trace_ = std::make_shared<LateTrace>(run.trace);
  observers_.push_back(trace_);
}

void Watch::say(const Choice& choice) const {
  if (logger_ && !choice.why.empty())
    logger_->info("chosen: {}, because {}", choice.solver.name(), choice.why);
}

void Watch::close() const {
  if (trace_ && !trace_->error().empty()) misuse(trace_->error());
}

void complete(Result& result, const std::string& why) {
  if (result.status == Status::EvaluationFailed && result.trace.empty()) misuse(result.reason);
  result.choice = why;
  if (result.status == Status::StoppedByUser && interrupted()) result.reason = "interrupted by Ctrl-C";
}

std::string explain_run(const RunOptions& run, const Result& result, const Problem& problem,
                        nlohmann::ordered_json& json) {
  if (!run.explain) return "";
  const Explanation explanation = explain(result, problem);
  json["explanation"] = explanation_json(explanation);
  return "\n" + explanation.text();
}

}  // namespace quadric::cli
