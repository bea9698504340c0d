#include "quadric/compare/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/run_json.hpp"

namespace quadric {

namespace {

constexpr double most_digits = 16.0;
/// Values of f that differ relatively by less than this are the same.
constexpr double equal_values = 1e-8;

double right_digits(const Vector& x, const Vector& certified) {
  if (certified.size() == 0) return std::numeric_limits<double>::quiet_NaN();
  double worst = 0.0;
  for (Index j = 0; j < x.size(); ++j) {
    const double size = certified[j] == 0.0 ? 1.0 : std::abs(certified[j]);
    worst = std::max(worst, std::abs(x[j] - certified[j]) / size);
  }
  if (worst == 0.0) return most_digits;
  return std::clamp(-std::log10(worst), 0.0, most_digits);
}

double value_at(const Problem& problem, const Vector& x) {
  return x.size() == 0 ? std::numeric_limits<double>::quiet_NaN() : problem.objective().value(x);
}

/// Whether the certified value was reached, though at another point: parameters may trade places or signs.
bool is_equivalent(const ComparedRun& run) {
  return std::abs(run.result.value - run.certified_value) <= equal_values * run.certified_value;
}

/// The names of the solvers in order of their first run.
std::vector<std::string> solvers_of(const Comparison& comparison) {
  std::vector<std::string> names;
  for (const ComparedRun& run : comparison.runs) {
    if (std::find(names.begin(), names.end(), run.solver) == names.end()) names.push_back(run.solver);
  }
  return names;
}

std::string digits_text(double digits) { return std::isnan(digits) ? "-" : fmt::format("{:.1f}", digits); }

std::string row(const ComparedRun& run) {
  return fmt::format("{:<12} {:<6} {:<34} {:<20} {:>6} {:>10} {:>11} {:>10.2e}\n", run.problem, run.start,
                     run.solver, to_string(run.result.status), digits_text(run.digits), run.result.iterations,
                     run.result.counts.total(), run.result.seconds);
}

bool converged_wrong(const ComparedRun& run) { return run.result.converged() && !is_solved(run); }

std::string summary_line(const Comparison& comparison, const std::string& solver) {
  Index total = 0, solved = 0, wrong = 0, evaluations = 0;
  double seconds = 0.0;
  for (const ComparedRun& run : comparison.runs) {
    if (run.solver != solver) continue;
    ++total;
    solved += is_solved(run) ? 1 : 0;
    wrong += converged_wrong(run) ? 1 : 0;
    evaluations += run.result.counts.total();
    seconds += run.result.seconds;
  }
  return fmt::format("{:<34} solved {} of {}, converged with fewer digits {}, {} evaluations, {:.3g} s\n",
                     solver, solved, total, wrong, evaluations, seconds);
}

/// Why a run was not solved, from its status and its trace.
std::string failure(const ComparedRun& run) {
  const Result& result = run.result;
  std::string text =
      fmt::format("{} from {}, {}: {}", run.problem, run.start, run.solver, to_string(result.status));
  if (!std::isnan(run.digits)) text += fmt::format(" with {} right digits", digits_text(run.digits));
  text += fmt::format("; {}; value {:.6g}, ‖g‖ {:.2g}", result.reason, result.value, result.gradient_norm);
  Index rejected = 0;
  Events events;
  for (const Iteration& iteration : result.trace) {
    rejected += iteration.rejected;
    events.add(iteration.events);
  }
  if (rejected > 0) text += fmt::format("; {} trial steps rejected", rejected);
  for (const Event event : {Event::NonFinite, Event::NegativeCurvature, Event::Saddle, Event::Degenerate}) {
    if (events.has(event)) text += fmt::format("; met {}", to_string(event));
  }
  if (is_equivalent(run)) text += "; the certified value is reached, at an equivalent point";
  return text + "; " + result.critical_point.describe() + "\n";
}

/// A case that a solver refuses is left out of its runs; its other cases are not.
bool takes(const Solver& solver, const Case& item) {
  return item.function.residuals().has_value() || !solver.needs_residuals();
}

}  // namespace

bool is_solved(const ComparedRun& run) {
  return std::isnan(run.digits) ? run.result.converged() : run.digits >= solved_digits;
}

bool Comparison::all_solved() const { return std::all_of(runs.begin(), runs.end(), is_solved); }

std::string Comparison::table() const {
  std::string text =
      fmt::format("{:<12} {:<6} {:<34} {:<20} {:>6} {:>10} {:>11} {:>10}\n", "problem", "start", "solver",
                  "status", "digits", "iterations", "evaluations", "seconds");
  for (const ComparedRun& run : runs) text += row(run);
  text += "\n";
  for (const std::string& solver : solvers_of(*this)) text += summary_line(*this, solver);
  if (all_solved()) return text;
  text += "\nNot solved, and why:\n";
  for (const ComparedRun& run : runs) {
    if (!is_solved(run)) text += "  " + failure(run);
  }
  return text;
}

std::string Comparison::to_json() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ComparedRun& run : runs) {
    nlohmann::ordered_json object = {{"problem", run.problem}, {"start", run.start}};
    object["digits"] = std::isnan(run.digits) ? nlohmann::ordered_json() : nlohmann::ordered_json(run.digits);
    object["solved"] = is_solved(run);
    object.update(run_json(run.result));
    object["solver"] = run.solver;
    list.push_back(std::move(object));
  }
  return nlohmann::ordered_json{{"schema", "quadric/comparison/1"}, {"runs", std::move(list)}}.dump(1);
}

std::ostream& operator<<(std::ostream& stream, const Comparison& comparison) {
  return stream << comparison.table();
}

Comparison compare(const std::vector<Case>& cases, const std::vector<Solver>& solvers,
                   const Observers& observers) {
  Comparison comparison;
  for (const Case& item : cases) {
    for (const Solver& solver : solvers) {
      if (!takes(solver, item)) continue;
      ComparedRun run{.problem = item.problem, .start = item.start, .solver = solver.name(), .result = {}};
      run.result = solver.run(item.function, item.from, observers);
      run.digits = right_digits(run.result.x, item.certified);
      run.certified_value = value_at(item.function, item.certified);
      comparison.runs.push_back(std::move(run));
    }
  }
  return comparison;
}

Comparison compare(const Problem& problem, const Point& start, const std::vector<Solver>& solvers) {
  return compare({{.problem = "f", .start = "x0", .function = problem, .from = start}}, solvers);
}

}  // namespace quadric
