#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/fit/bands.hpp"
#include "quadric/fit/diagnostics.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/fit/formula.hpp"
#include "quadric/fit/profile.hpp"

#include "cli/assignments.hpp"
#include "cli/fit_formula.hpp"
#include "cli/fit_output.hpp"
#include "cli/fit_page.hpp"
#include "cli/fit_parameters.hpp"
#include "cli/json_output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/starts.hpp"
#include "cli/verbs.hpp"
#include "io/atomic_file.hpp"
#include "io/csv.hpp"

namespace quadric::cli {

namespace {

/// Says which column was fitted where the user did not.
std::string response_line(const FitCommand& command, const CsvTable& table) {
  if (!command.response.empty() || table.has("y")) return "";
  return "response: " + table.names().back() + ", the last column, as there is no column y\n";
}

/// Multiplications up to which profiles are no long work: of n parameters, some tens of fits each.
constexpr double long_work = 1e6;

bool are_long_work(const Fit& fit) {
  const auto n = static_cast<double>(fit.result.x.size()), m = static_cast<double>(fit.observations);
  return m * n * n * n > long_work;
}

bool may_have_profiles(const FitCommand& command, const Fit& fit) {
  return !fit.robust && command.intervals != "linear" && fit.result.converged() && fit.degrees_of_freedom > 0;
}

/// One of each parameter, of those that the estimate lets have one; none where they are not wanted.
std::vector<Profile> profiles_of(const FitCommand& command, const Problem& problem, const Fit& fit) {
  std::vector<Profile> profiles;
  if (!may_have_profiles(command, fit) || (command.intervals.empty() && are_long_work(fit))) return profiles;
  for (Index j = 0; j < fit.result.x.size(); ++j) profiles.push_back(profile(problem, fit, j));
  return profiles;
}

std::string profile_hint(const FitCommand& command, const Fit& fit) {
  if (!may_have_profiles(command, fit) || !command.intervals.empty() || !are_long_work(fit)) return "";
  return "  profiles, which may take long here: --intervals profile\n";
}

FitFindings findings(const FitCommand& command, const Problem& problem, const Formula& formula,
                     const Observations& observations, Fit fit) {
  FitFindings found{.fit = std::move(fit), .loss = command.loss};
  const std::vector<std::string> used = predictors(formula);
  DiagnosticOptions options;
  if (used.size() == 1) {
    found.order = used.front();
    options.order = predictor_values(formula, used.front());
  }
  found.bands = bands(model_curve(formula, formula.data), found.fit, {.weights = observations.weights});
  found.diagnostics = diagnose(found.fit, *problem.residuals(), observations, options);
  found.profiles = profiles_of(command, problem, found.fit);
  return found;
}

}  // namespace

int run_verb(const FitCommand& command) {
  const Watch watch(command.run, command.output);
  const FitParameters parameters =
      read_parameters(read_assignments("--start", command.start), command.parameters);
  const Assignments& start = parameters.start;
  const Parametrization& by = parameters.by;
  const CsvTable table = read_csv(command.data);
  const Formula formula = make_formula({command.model, command.response, command.weights}, table, start,
                                       parameters.in_ties, static_cast<Index>(by.free().size()));
  FormulaFit asked = bind(formula);
  if (!command.loss.empty()) asked.observations.loss = read_loss(command.loss);
  Problem problem(asked.residuals);
  problem.with_names(start.names).with_bounds(read_bounds(command.bounds, start));
  const Choice choice = make_solver(parametrized(problem, by), by.variables(start.values), command.run);
  require_writable(
      {{"--json", command.output.json}, {"--trace", command.run.trace}, {"--report", command.report}},
      command.data);

  Problem minimized = problem;
  if (asked.observations.loss)
    minimized = Problem(robust(asked.residuals, *asked.observations.loss))
                    .with_names(start.names)
                    .with_bounds(problem.bounds());
  const auto searched = search(minimized, start, command.starts, command.run, choice.solver, by);
  const Vector& from = searched ? searched->best_start : start.values;
  watch.say(choice);
  Fit fit = fit_residuals(problem, asked.observations, from, by, choice.solver, watch.observers());
  complete(fit.result, choice.why);
  const FitFindings found = findings(command, problem, formula, asked.observations, std::move(fit));
  nlohmann::ordered_json json = fit_json(found);
  const std::string explanation = explain_run(command.run, found.fit.result, minimized, json);
  print(response_line(command, table) + (searched ? describe(searched->found, start) : "") +
        found.fit.summary() + "\n" + report_text(found) + profile_hint(command, found.fit) + explanation);
  if (searched) json["multistart"] = search_json(searched->found, start);
  save(command.output.json, json);
  if (!command.report.empty())
    write_file(command.report, fit_page(found, formula, asked.observations, command.data));
  watch.close();
  return found.fit.result.converged() ? ExitCode::solved : ExitCode::not_solved;
}

}  // namespace quadric::cli
