#include <cmath>

#include <nlohmann/json.hpp>

#include "quadric/compare/comparison.hpp"

#include "engine/run_json.hpp"

namespace quadric {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json run_object(const ComparedRun& run, const Comparison& comparison, Comparison::Traces traces) {
  const Case& item = comparison.cases[run.item];
  auto solved_at = Json::array();
  for (const double tolerance : comparison.tolerances) solved_at.push_back(is_solved_at(run, tolerance));
  Json object = {{"problem", run.problem},
                 {"start", run.start},
                 {"suite", item.suite},
                 {"digits", number(run.digits)},
                 {"above_minimum", number(run.above_minimum)},
                 {"error", number(run.error)},
                 {"solved", is_solved(run)},
                 {"solved_at", std::move(solved_at)},
                 {"outcome", outcome(run)},
                 {"false_success", is_false_success(run)}};
  object.update(run_json(run.result, traces == Comparison::Traces::Kept));
  if (!run.result.choice.empty()) object["chosen"] = run.result.solver;
  object["solver"] = run.solver;
  return object;
}

Json summary_object(const SolverSummary& summary) {
  return {{"solver", summary.solver},
          {"name", summary.name},
          {"runs", summary.runs},
          {"solved", summary.solved},
          {"solved_at", summary.solved_at},
          {"converged_elsewhere", summary.elsewhere},
          {"false_successes", summary.false_successes},
          {"evaluations", summary.evaluations},
          {"seconds", summary.seconds},
          {"evaluations_ratio", number(summary.evaluations_ratio)},
          {"seconds_ratio", number(summary.seconds_ratio)},
          {"failures", summary.failures}};
}

}  // namespace

/// A run a line, each written by itself: all of them as one tree would take many times the text's memory.
std::string Comparison::to_json(Traces traces) const {
  auto solvers = Json::array();
  for (const SolverSummary& summary : summaries()) solvers.push_back(summary_object(summary));
  const Json head = {
      {"schema", "quadric/comparison/1"}, {"threads", threads},           {"times_comparable", threads == 1},
      {"conditions", conditions},         {"seconds", seconds},           {"interrupted", interrupted},
      {"tolerances", tolerances},         {"advice", advice()},           {"weaknesses", weaknesses()},
      {"traces", traces == Traces::Kept}, {"solvers", std::move(solvers)}};
  std::string text = json_text(head, 1);
  text.erase(text.rfind("\n}"));
  text += ",\n \"runs\": [";
  for (std::size_t i = 0; i < runs.size(); ++i)
    text += (i == 0 ? "\n" : ",\n") + json_text(run_object(runs[i], *this, traces));
  return text + "\n ]\n}";
}

}  // namespace quadric
