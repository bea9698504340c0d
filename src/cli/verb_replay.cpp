#include <nlohmann/json.hpp>
#include <spdlog/logger.h>

#include "quadric/engine/explanation.hpp"
#include "quadric/engine/log.hpp"
#include "quadric/engine/read_trace.hpp"

#include "base/text.hpp"
#include "cli/json_output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "engine/narration.hpp"
#include "engine/run_json.hpp"

namespace quadric::cli {

namespace {

/// What the whole run came to.
std::string ending(const RecordedRun& run) {
  const Iteration& last = run.trace.back();
  Index rejected = 0;
  for (const Iteration& iteration : run.trace) rejected += iteration.rejected;
  std::string line = run.solver.empty() ? "" : run.solver + ": ";
  line += run.status.empty() ? "the trace ends" : run.status;
  line += " after iteration " + std::to_string(last.iteration) + " at f = " + text::number(last.value, 10);
  line += ", ‖gradient‖ " + text::number(last.gradient_norm, 3) + "; ";
  return line + text::count(last.evaluations, "evaluation") + ", " +
         text::count(rejected, "rejected trial step") + ", " + text::number(last.seconds, 3) + " s";
}

void tell(const RecordedRun& run, bool explains, const std::shared_ptr<spdlog::logger>& logger) {
  logger->info(table_legend());
  LogIterations log(logger);
  for (const Iteration& iteration : run.trace) log.iterated(iteration, {});
  logger->info(ending(run));
  if (explains) logger->info(explain(run).text());
}

nlohmann::ordered_json replay_json(const RecordedTrace& trace, bool explains) {
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const RecordedRun& run : trace.runs) {
    nlohmann::ordered_json iterations = nlohmann::ordered_json::array();
    for (const Iteration& iteration : run.trace) iterations.push_back(iteration_json(iteration));
    runs.push_back({{"solver", run.solver}, {"status", run.status}, {"trace", std::move(iterations)}});
    if (explains) runs.back()["explanation"] = explanation_json(explain(run));
  }
  return {{"schema", "quadric/trace/1"}, {"cut_short", trace.cut_short}, {"runs", std::move(runs)}};
}

}  // namespace

int run_verb(const ReplayCommand& command) {
  const auto logger = make_logger(command.output.log_level, LogTo::Stdout);
  const RecordedTrace trace = read_trace(command.trace);
  require_writable({{"--json", command.output.json}}, command.trace);
  for (std::size_t i = 0; i < trace.runs.size(); ++i) {
    if (trace.runs.size() > 1)
      logger->info("run " + std::to_string(i + 1) + " of " + std::to_string(trace.runs.size()));
    tell(trace.runs[i], command.explain, logger);
  }
  if (trace.cut_short) logger->info("the last line of the file breaks off and was left out");
  logger->flush();
  save(command.output.json, replay_json(trace, command.explain));
  return ExitCode::solved;
}

}  // namespace quadric::cli
