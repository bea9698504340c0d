#include <algorithm>
#include <memory>
#include <stop_token>

#include <fmt/format.h>
#include <spdlog/logger.h>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/comparison.hpp"

#include "base/text.hpp"
#include "cli/compared_cases.hpp"
#include "cli/interrupt.hpp"
#include "cli/items.hpp"
#include "cli/numbers.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "io/atomic_file.hpp"

namespace quadric::cli {

namespace {

std::vector<std::string> chosen_names(const CompareCommand& command) {
  if (command.solvers == "all") return solver_names();
  std::vector<std::string> names;
  for (const std::string_view item : split_items(command.solvers)) {
    std::string name(item);
    if (name.empty()) misuse("--solvers: a name is missing in '" + command.solvers + "'");
    if (std::find(names.begin(), names.end(), name) != names.end())
      misuse("--solvers: '" + name + "' is given twice");
    names.push_back(std::move(name));
  }
  return names;
}

RunOptions limited(RunOptions run) {
  if (!run.max_evaluations) run.max_evaluations = default_evaluations;
  if (!run.max_seconds) run.max_seconds = default_seconds;
  return run;
}

std::vector<Solver> make_solvers(const CompareCommand& command) {
  const RunOptions run = limited(command.run);
  std::vector<Solver> solvers;
  for (const std::string& name : chosen_names(command)) solvers.push_back(make_solver(name, run));
  return solvers;
}

std::vector<double> read_tolerances(const std::string& text) {
  std::vector<double> tolerances;
  for (const std::string_view item : split_items(text)) {
    tolerances.push_back(read_positive("--tolerances", item));
    if (std::count(tolerances.begin(), tolerances.end(), tolerances.back()) > 1)
      misuse("--tolerances: " + std::string(item) + " is given twice");
  }
  std::sort(tolerances.rbegin(), tolerances.rend());
  return tolerances;
}

std::string conditions(const RunOptions& asked) {
  const RunOptions run = limited(asked);
  std::string text =
      fmt::format("a run ended after {} or {} s", text::count(*run.max_evaluations, "evaluation"),
                  text::number(*run.max_seconds));
  if (run.max_iterations) text += ", or " + text::count(*run.max_iterations, "iteration");
  return text;
}

/// Those who watch a run: Ctrl-C, and the log.
Observers watchers(const Case& item, std::stop_source& stop, const std::shared_ptr<spdlog::logger>& logger) {
  logger->info("{} from start {}", item.problem, item.start);
  Observers observers = {make_observer([&stop](const Iteration&) {
    if (interrupted()) stop.request_stop();
  })};
  if (logger->level() != spdlog::level::off) observers.push_back(make_observer(LogIterations(logger)));
  return observers;
}

}  // namespace

int run_verb(const CompareCommand& command) {
  const auto logger = make_logger(command.output.log_level);
  const std::vector<Solver> solvers = make_solvers(command);
  std::stop_source stop;
  CompareOptions options{.threads = static_cast<int>(command.threads),
                         .tolerances = read_tolerances(command.tolerances),
                         .token = stop.get_token()};
  options.observers = [&](const Case& item, const Solver&) { return watchers(item, stop, logger); };
  const std::vector<Case> cases = compared_cases(command);
  if (command.no_traces && command.output.json.empty())
    misuse("--no-traces: says what --json FILE leaves out, which is not given");
  require_writable(
      {{"--json", command.output.json}, {"--markdown", command.markdown}, {"--report", command.report}},
      command.model.empty() ? command.problems : command.data);

  catch_interrupt();
  if (command.run.progress && command.output.log_level == "off") options.progress = show_runs_done();
  Comparison comparison = compare(cases, solvers, options);
  if (comparison.runs.empty() && !comparison.interrupted) {
    misuse("--solvers: all of them need residuals, and " +
           (command.suites.empty() ? std::string("no problem has any")
                                   : "the suite '" + command.suites + "' has none"));
  }
  comparison.conditions = conditions(command.run);
  print(comparison.table());
  if (!command.output.json.empty()) {
    const auto traces = command.no_traces ? Comparison::Traces::LeftOut : Comparison::Traces::Kept;
    write_file(command.output.json, comparison.to_json(traces) + "\n");
  }
  if (!command.markdown.empty()) write_file(command.markdown, comparison.markdown());
  if (!command.report.empty()) comparison.write_html(command.report);
  return comparison.all_solved() ? ExitCode::solved : ExitCode::not_solved;
}

}  // namespace quadric::cli
