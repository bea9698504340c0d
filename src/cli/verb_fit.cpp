#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/fit/formula.hpp"

#include "base/text.hpp"
#include "cli/assignments.hpp"
#include "cli/json_output.hpp"
#include "cli/names.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "engine/run_json.hpp"
#include "io/csv.hpp"

namespace quadric::cli {

namespace {

/// The formula of columns that the option of this name says, once it is known to be one.
std::string column_formula(const std::string& option, const std::string& text, const CsvTable& table) {
  const Expression expression = read_formula(option, text);
  try {
    expression.bind({}, table.names());
  } catch (const Misuse& error) {
    misuse(option + ": " + error.what());
  }
  return text;
}

std::string default_response(const CsvTable& table) { return table.has("y") ? "y" : table.names().back(); }

Formula make_formula(const FitCommand& command, const CsvTable& table, const Assignments& start) {
  require_matching_names("--model", read_formula("--model", command.model), start, table.names(),
                         table.source());
  if (table.rows() < start.values.size()) {
    misuse(table.source() + ": " + text::count(start.values.size(), "parameter") + " can not be told from " +
           text::count(table.rows(), "observation"));
  }
  Formula formula{.model = command.model,
                  .parameters = start.names,
                  .columns = table.names(),
                  .data = table.observations(table.names())};
  const std::string response = command.response.empty() ? default_response(table) : command.response;
  formula.response = column_formula("--response", response, table);
  if (!command.weights.empty()) formula.weights = column_formula("--weights", command.weights, table);
  return formula;
}

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
  const FormulaFit formula = bind(make_formula(command, table, start));
  const Choice choice = make_solver(Problem(formula.residuals), command.run);
  require_writable({{"--json", command.output.json}, {"--trace", command.run.trace}}, command.data);

  Fit fit = fit_residuals(formula.residuals, formula.observed, start.values, choice.solver, watch.observers(),
                          start.names);
  complete(fit.result, choice.why);
  print(response_line(command, table) + fit.summary());
  save(command.output.json, fit_json(fit));
  watch.close();
  return fit.result.converged() ? ExitCode::solved : ExitCode::not_solved;
}

}  // namespace quadric::cli
