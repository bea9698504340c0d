#include "cli/starts.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <stop_token>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/report.hpp"
#include "engine/run_json.hpp"
#include "fit/in_parameters.hpp"

namespace quadric::cli {

namespace {

/// The box of the starts; variables that it does not name stay where `--start` has them.
Bounds read_box(const std::string& text, const Assignments& start) {
  const Bounds given = read_bounds(text, start, "--box");
  Vector low = given.lower(), high = given.upper();
  for (Index j = 0; j < given.size(); ++j) {
    const bool open_below = low[j] == -Bounds::none, open_above = high[j] == Bounds::none;
    if (open_below && open_above) {
      low[j] = high[j] = start.values[j];
    } else if (open_below || open_above) {
      misuse("--box: '" + start.names[static_cast<std::size_t>(j)] +
             "' has an open side; write NAME=LOW:HIGH, as starts are drawn between both");
    }
  }
  return Bounds(Point(low), Point(high));
}

void require_starts(const StartOptions& options) {
  const auto needs_starts = [](const std::string& option) { misuse(option + ": goes with --starts N only"); };
  if (!options.box.empty()) needs_starts("--box");
  if (options.threads) needs_starts("--threads");
  if (options.seed) needs_starts("--seed");
}

/// The box of the variables. One that is fixed or tied has no place in it.
Bounds variable_box(const std::string& text, const Assignments& start, const Parametrization& by) {
  const Bounds box = read_box(text, start);
  if (by.is_identity()) return box;
  const Bounds named = read_bounds(text, start, "--box");
  Vector low(static_cast<Index>(by.free().size())), high = low;
  Index k = 0;
  for (Index j = 0; j < by.size(); ++j) {
    const std::string& name = start.names[static_cast<std::size_t>(j)];
    if (by.role(j) != Parametrization::Role::Free) {
      const bool fixed = by.role(j) == Parametrization::Role::Fixed;
      if (named.lower()[j] != -Bounds::none)
        misuse("--box: '" + name + "' is " + (fixed ? "fixed" : "tied") +
               ", and no start of it can be drawn");
      continue;
    }
    const Scale& scale = by.scale(j);
    for (const double end : {box.lower()[j], box.upper()[j]}) {
      if (!scale.contains(end)) {
        misuse("--box: '" + name + "' is on a " + scale.describe() + " scale, and its box reaches " +
               text::number(end, 15) + ", which is not within it");
      }
    }
    low[k] = scale.to_variable(box.lower()[j]);
    high[k++] = scale.to_variable(box.upper()[j]);
  }
  return Bounds(Point(low), Point(high));
}

/// Starts of the variables.
std::vector<Vector> starts_of(const StartOptions& options, const Assignments& start,
                              const Parametrization& by) {
  std::vector<Vector> starts = {by.variables(start.values)};
  const Index drawn = *options.starts - 1;
  if (drawn == 0) return starts;
  const auto seed = static_cast<std::uint64_t>(options.seed.value_or(1));
  for (Vector& x : latin_hypercube(variable_box(options.box, start, by), drawn, seed))
    starts.push_back(std::move(x));
  return starts;
}

}  // namespace

std::optional<Search> search(const Problem& problem, const Assignments& start, const StartOptions& options,
                             const RunOptions& run, const Solver& solver, const Parametrization& by) {
  if (!options.starts) {
    require_starts(options);
    return std::nullopt;
  }
  if (options.box.empty()) misuse("--starts: lacks a box to draw starts from; write --box NAME=LOW:HIGH,...");
  const std::vector<Vector> starts = starts_of(options, start, by);
  std::stop_source stop;
  Multistart how{.threads = static_cast<int>(options.threads.value_or(0)), .token = stop.get_token()};
  if (run.max_seconds) how.max_seconds = *run.max_seconds;
  how.observers = [&stop](Index) -> Observers {
    return {make_observer([&stop](const Iteration&) {
      if (interrupted()) stop.request_stop();
    })};
  };
  Search result{.found = multistart(parametrized(problem, by), starts, solver, how),
                .best_start = start.values};
  if (result.found.converged()) {
    const auto best = static_cast<std::size_t>(result.found.points.front().best_start);
    result.best_start = by.parameters(starts[best]);
  }
  for (FoundPoint& point : result.found.points)
    point.result = in_parameters(std::move(point.result), by, problem.bounds());
  return result;
}

std::string describe(const Multistarted& found, const Assignments& start) {
  std::string text = fmt::format("{}, {}:\n", text::count(found.starts, "start"),
                                 text::count(static_cast<Index>(found.points.size()), "critical point"));
  for (const FoundPoint& point : found.points) {
    text += fmt::format("  {:>5} ended at f = {}: {}\n         {}\n", text::count(point.count(), "run"),
                        text::number(point.result.value, 10), describe_point(start.names, point.result.x),
                        point.result.critical_point.describe());
  }
  std::map<std::string, Index> reasons;
  for (const FailedStart& failure : found.failures)
    ++reasons[fmt::format("{}, {}", to_string(failure.status), failure.reason)];
  for (const auto& [reason, count] : reasons)
    text += fmt::format("  {:>5} failed: {}\n", text::count(count, "run"), reason);
  return text + (found.converged() ? "the best of them:\n" : "none of them solved; from --start:\n");
}

nlohmann::ordered_json search_json(const Multistarted& found, const Assignments& start) {
  auto points = nlohmann::ordered_json::array();
  for (const FoundPoint& point : found.points) {
    const nlohmann::ordered_json run = run_json(point.result);
    points.push_back({{"starts", point.count()},
                      {"status", run.at("status")},
                      {"x", by_name(start.names, point.result.x)},
                      {"value", run.at("value")},
                      {"critical_point", run.at("critical_point")}});
  }
  auto failures = nlohmann::ordered_json::array();
  for (const FailedStart& failure : found.failures) {
    failures.push_back(
        {{"start", failure.start}, {"status", to_string(failure.status)}, {"reason", failure.reason}});
  }
  return {{"starts", found.starts}, {"points", points}, {"failures", failures}};
}

}  // namespace quadric::cli
