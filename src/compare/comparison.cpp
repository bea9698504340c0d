#include "quadric/compare/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>

#include <Eigen/SparseCore>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/run_json.hpp"

namespace quadric {

namespace {

constexpr double most_digits = 16.0;
/// Values of f that differ relatively by less than this belong to equivalent points.
constexpr double equivalent_values = 1e-8;

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
  return std::abs(run.result.value - run.certified_value) <= equivalent_values * run.certified_value;
}

/// What a move of every variable by `equal_points` of itself can change f by at a minimum: ½ ε² Σ |Hᵢⱼ xᵢ
/// xⱼ|.
double resolution(const Objective& f, const Vector& x) {
  Vector g;
  SparseMatrix lower;
  f.sparse_hessian(x, g, lower);
  double sum = 0.0;
  for (Index j = 0; j < lower.outerSize(); ++j) {
    for (SparseMatrix::InnerIterator entry(lower, j); entry; ++entry) {
      sum += (entry.row() == j ? 0.5 : 1.0) * std::abs(entry.value() * x[entry.row()] * x[j]);
    }
  }
  return equal_points * equal_points * sum;
}

/// Compares the value reached with the known minima.
void rate(ComparedRun& run, const Case& item) {
  if (item.minima.empty()) return;
  const double value = run.result.value;
  double nearest = item.minima.front();
  for (const double minimum : item.minima) {
    if (std::abs(value - minimum) < std::abs(value - nearest)) nearest = minimum;
  }
  run.above_minimum = value - nearest;
  const double distance = std::abs(run.above_minimum);
  run.reached_minimum =
      value < item.minima.front() || distance <= equal_zeros ||
      distance <= equal_values * std::abs(nearest) ||
      (run.result.converged() && distance <= resolution(item.function.objective(), run.result.x));
}

bool is_at_degenerate_minimum(const ComparedRun& run) {
  return run.degenerate && run.result.status == Status::UndecidedCurvature &&
         run.result.critical_point.kind == CriticalKind::Degenerate;
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

std::string above_text(double above) { return std::isnan(above) ? "-" : fmt::format("{:.1e}", above); }

/// Width of the column of the problems' names.
std::size_t name_width(const Comparison& comparison) {
  std::size_t width = 12;
  for (const ComparedRun& run : comparison.runs) width = std::max(width, run.problem.size());
  return width;
}

std::string row(const ComparedRun& run, std::size_t width) {
  return fmt::format("{:<{}} {:<6} {:<34} {:<20} {:>6} {:>8} {:>10} {:>11} {:>10.2e}\n", run.problem, width,
                     run.start, run.solver, to_string(run.result.status), digits_text(run.digits),
                     above_text(run.above_minimum), run.result.iterations, run.result.counts.total(),
                     run.result.seconds);
}

std::string summary_line(const Comparison& comparison, const std::string& solver) {
  Index total = 0, solved = 0, elsewhere = 0, evaluations = 0;
  double seconds = 0.0;
  for (const ComparedRun& run : comparison.runs) {
    if (run.solver != solver) continue;
    ++total;
    solved += is_solved(run) ? 1 : 0;
    elsewhere += converged_elsewhere(run) ? 1 : 0;
    evaluations += run.result.counts.total();
    seconds += run.result.seconds;
  }
  return fmt::format("{:<34} solved {} of {}, converged elsewhere {}, {} evaluations, {:.3g} s\n", solver,
                     solved, total, elsewhere, evaluations, seconds);
}

/// Why a run was not solved, from its status and its trace.
std::string failure(const ComparedRun& run) {
  const Result& result = run.result;
  std::string text =
      fmt::format("{} from {}, {}: {}", run.problem, run.start, run.solver, to_string(result.status));
  if (!std::isnan(run.digits)) text += fmt::format(" with {} right digits", digits_text(run.digits));
  if (!std::isnan(run.above_minimum)) {
    text += run.reached_minimum ? " at a known minimum value"
                                : fmt::format(" {:.2g} from the nearest known minimum", run.above_minimum);
  }
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
  if (!std::isnan(run.digits)) return run.digits >= solved_digits;
  if (std::isnan(run.above_minimum)) return run.result.converged();
  return run.reached_minimum && (run.result.converged() || is_at_degenerate_minimum(run));
}

bool converged_elsewhere(const ComparedRun& run) { return run.result.converged() && !is_solved(run); }

bool Comparison::all_solved() const { return std::all_of(runs.begin(), runs.end(), is_solved); }

std::string Comparison::table() const {
  const std::size_t width = name_width(*this);
  std::string text =
      fmt::format("{:<{}} {:<6} {:<34} {:<20} {:>6} {:>8} {:>10} {:>11} {:>10}\n", "problem", width, "start",
                  "solver", "status", "digits", "f - f*", "iterations", "evaluations", "seconds");
  for (const ComparedRun& run : runs) text += row(run, width);
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
    object["above_minimum"] =
        std::isnan(run.above_minimum) ? nlohmann::ordered_json() : nlohmann::ordered_json(run.above_minimum);
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
      run.degenerate = item.degenerate;
      rate(run, item);
      comparison.runs.push_back(std::move(run));
    }
  }
  return comparison;
}

Comparison compare(const Problem& problem, const Point& start, const std::vector<Solver>& solvers) {
  return compare({{.problem = "f", .start = "x0", .function = problem, .from = start}}, solvers);
}

}  // namespace quadric
