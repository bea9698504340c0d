#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "quadric/engine/read_trace.hpp"
#include "quadric/engine/trace_difference.hpp"

#include "base/text.hpp"
#include "cli/json_output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "engine/narration.hpp"

namespace quadric::cli {

namespace {

constexpr Index rows_around = 1;  ///< of the parting, on each side

std::string describe(const std::string& name, const std::string& file, const RecordedRun& run) {
  const Iteration& last = run.trace.back();
  std::string line = name + "  " + file + ": " + (run.solver.empty() ? "" : run.solver + ", ");
  line += run.status.empty() ? "" : run.status + ", ";
  return line + "up to iteration " + std::to_string(last.iteration) +
         ", f = " + text::number(last.value, 10) + ", ‖gradient‖ " + text::number(last.gradient_norm, 3) +
         ", " + text::count(last.evaluations, "evaluation") + "\n";
}

/// "trust is 1.5 against 3".
std::string numbers(const Parting& parting) {
  if (std::isnan(parting.first) && std::isnan(parting.second)) return parting.quantity;
  const auto known = [](double value, int digits) {
    return std::isnan(value) ? "unknown" : text::number(value, digits);
  };
  const int digits = known(parting.first, 10) != known(parting.second, 10) ? 10 : 17;
  return parting.quantity + " is " + known(parting.first, digits) + " against " +
         known(parting.second, digits);
}

std::string rows(const std::string& name, const RecordedRun& run, Index iteration) {
  std::string lines;
  for (const Iteration& row : run.trace) {
    if (std::abs(row.iteration - iteration) <= rows_around) lines += name + table_row(row) + "\n";
  }
  return lines;
}

std::string report(const TraceDifference& found, const RecordedRun& a, const RecordedRun& b) {
  std::string lines;
  if (!found.any) return "the same in every bit, but for times";
  if (!found.visible) {
    return "the same within the tolerance; from iteration " + std::to_string(found.any->iteration) + " on " +
           numbers(*found.any);
  }
  const Parting& parting = *found.visible;
  if (parting.iteration == 0) {
    lines += "they differ at the start: ";
  } else {
    lines += "they go the same way up to iteration " + std::to_string(parting.iteration - 1) +
             " and part at iteration " + std::to_string(parting.iteration) + ": ";
  }
  lines += (parting.quantity == "end" || parting.quantity == "events" ? "" : numbers(parting) + "\n  ") +
           parting.why + "\n";
  if (found.any->iteration < parting.iteration) {
    lines += "  before that, from iteration " + std::to_string(found.any->iteration) + " on, " +
             numbers(*found.any) + "\n";
  }
  lines += "\n  " + table_head() + "\n" + rows("A ", a, parting.iteration) + rows("B ", b, parting.iteration);
  const double gap = a.trace.back().value - b.trace.back().value;
  if (gap == 0.0) return lines + "in the end f is the same";
  return lines + "in the end f of " + (gap < 0.0 ? "A" : "B") + " is lower by " +
         text::number(std::abs(gap), 6);
}

nlohmann::ordered_json parting_json(const std::optional<Parting>& parting) {
  if (!parting) return nullptr;
  return {{"iteration", parting->iteration},
          {"quantity", parting->quantity},
          {"first", finite_or_null(parting->first)},
          {"second", finite_or_null(parting->second)},
          {"why", parting->why}};
}

}  // namespace

int run_verb(const DiffCommand& command) {
  make_logger(command.output.log_level);  // there is nothing to log, but a level must be one
  const RecordedTrace first = read_trace(command.first), second = read_trace(command.second);
  require_writable({{"--json", command.output.json}}, command.first);
  require_writable({{"--json", command.output.json}}, command.second);
  // Of several runs the first two that part, else the last two.
  const std::size_t common = std::min(first.runs.size(), second.runs.size());
  std::size_t run = 0;
  TraceDifference found;
  for (; run < common; ++run) {
    found = trace_difference(first.runs[run].trace, second.runs[run].trace, command.tolerance);
    if (found.visible || run + 1 == common) break;
  }
  const RecordedRun &a = first.runs[run], &b = second.runs[run];
  std::string text = describe("A", command.first, a) + describe("B", command.second, b);
  if (first.runs.size() > 1 || second.runs.size() > 1) {
    text += "run " + std::to_string(run + 1) + " of " + std::to_string(first.runs.size()) + " in A, of " +
            std::to_string(second.runs.size()) + " in B\n";
  }
  for (const auto& [trace, file] : {std::pair{&first, command.first}, std::pair{&second, command.second}}) {
    if (trace->cut_short) text += "the last line of " + file + " breaks off and was left out\n";
  }
  const bool same = !found.visible && first.runs.size() == second.runs.size();
  print(text + report(found, a, b));
  save(command.output.json, {{"schema", "quadric/difference/1"},
                             {"same", same},
                             {"run", run + 1},
                             {"visible", parting_json(found.visible)},
                             {"any", parting_json(found.any)}});
  return same ? ExitCode::solved : ExitCode::not_solved;
}

}  // namespace quadric::cli
