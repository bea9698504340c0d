#pragma once

#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>
#include <spdlog/fwd.h>

#include "quadric/engine/log.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/solvers/minimize.hpp"

#include "cli/options.hpp"

namespace quadric::cli {

/// The solver of a name with the limits asked for; the limits that were not asked for are the solver's own.
/// Throws `Misuse` for an unknown name.
Solver make_solver(const std::string& name, const RunOptions& run);

/// The solver asked for, or the one that fits the problem at a start, with the reason for it.
Choice make_solver(const Problem& problem, const Vector& start, const RunOptions& run);

/// The solver asked for, or else the one whose run the checkpoint is of.
Choice make_solver(const Checkpoint& from, const RunOptions& run);

/// A logger to stderr, or to stdout where the log is what was asked for. Throws `Misuse` for an unknown
/// level.
enum class LogTo { Stderr, Stdout };
std::shared_ptr<spdlog::logger> make_logger(const std::string& level, LogTo to = LogTo::Stderr);

/// Those who watch a run of `fit` or `minimize`: the log, the progress, the trace file and Ctrl-C.
class Watch {
 public:
  Watch(const RunOptions& run, const OutputOptions& output);
  const Observers& observers() const noexcept { return observers_; }
  /// Logs which solver was chosen for the user and why, where one was.
  void say(const Choice& choice) const;
  /// Throws `Misuse` if the trace could not be written.
  void close() const;

 private:
  class LateTrace;
  std::shared_ptr<spdlog::logger> logger_;  ///< null where there is no log
  std::shared_ptr<LateTrace> trace_;
  Observers observers_;
};

/// Completes a result of `fit` or `minimize`: why its solver was chosen, and that Ctrl-C ended it. Throws
/// `Misuse` if the start could not be evaluated at all.
void complete(Result& result, const std::string& why);

/// What `--explain` adds to the report and, as `explanation`, to the JSON; nothing where it was not asked
/// for.
std::string explain_run(const RunOptions& run, const Result& result, const Problem& problem,
                        nlohmann::ordered_json& json);

}  // namespace quadric::cli
