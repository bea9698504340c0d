#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/fit/formula.hpp"

#include "base/text.hpp"
#include "cli/assignments.hpp"
#include "cli/fit_formula.hpp"
#include "cli/json_output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "engine/run_json.hpp"
#include "io/csv.hpp"

namespace quadric::cli {

namespace {

/// Says which column was fitted where the user did not.
std::string response_line(const FitCommand& command, const CsvTable& table) {
  if (!command.response.empty() || table.has("y")) return "";
  return "response: " + table.names().back() + ", the last column, as there is no column y\n";
}

nlohmann::ordered_json fit_json(const Fit& fit) {
  nlohmann::ordered_json json = run_json(fit.result);
  json["fit"] = {{"standard_error", by_name(fit.result.names, fit.standard_error)},
                 {"residual_standard_deviation", finite_or_null(fit.residual_standard_deviation)},
                 {"degrees_of_freedom", fit.degrees_of_freedom},
                 {"r_squared", finite_or_null(fit.r_squared)},
                 {"residual_sum_of_squares", finite_or_null(fit.residual_sum_of_squares)},
                 {"observations", fit.observations}};
  return json;
}

}  // namespace

int run_verb(const FitCommand& command) {
  const Watch watch(command.run, command.output);
  const Assignments start = read_assignments("--start", command.start);
  const CsvTable table = read_csv(command.data);
  const FormulaFit formula =
      bind(make_formula({command.model, command.response, command.weights}, table, start));
  Problem problem(formula.residuals);
  problem.with_names(start.names).with_bounds(read_bounds(command.bounds, start));
  const Choice choice = make_solver(problem, command.run);
  require_writable({{"--json", command.output.json}, {"--trace", command.run.trace}}, command.data);

  Fit fit = fit_residuals(problem, formula.observed, start.values, choice.solver, watch.observers());
  complete(fit.result, choice.why);
  print(response_line(command, table) + fit.summary());
  save(command.output.json, fit_json(fit));
  watch.close();
  return fit.result.converged() ? ExitCode::solved : ExitCode::not_solved;
}

}  // namespace quadric::cli
