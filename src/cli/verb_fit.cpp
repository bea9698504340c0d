#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/fit/formula.hpp"
#include "quadric/fit/profile.hpp"

#include "base/text.hpp"
#include "cli/assignments.hpp"
#include "cli/fit_formula.hpp"
#include "cli/json_output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/starts.hpp"
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

/// Which errors hold where residuals do not count by their squares.
std::string loss_line(const FitCommand& command) {
  if (command.loss.empty()) return "";
  return "\n  residuals count by the loss " + command.loss +
         ": their errors are not taken to be normal, and of the standard errors the sandwich's hold\n";
}

/// One of each parameter, of those that the estimate lets have one; none where they are not wanted.
using Profiles = std::vector<Profile>;

/// Multiplications up to which profiles are no long work: of n parameters, some tens of fits each.
constexpr double long_work = 1e6;

bool are_long_work(const Fit& fit) {
  const auto n = static_cast<double>(fit.result.x.size()), m = static_cast<double>(fit.observations);
  return m * n * n * n > long_work;
}

/// The intervals of a loss are not those of a sum of squares.
bool may_have_profiles(const FitCommand& command, const Fit& fit) {
  return command.loss.empty() && command.intervals != "linear" && fit.result.converged() &&
         fit.degrees_of_freedom > 0;
}

Profiles profiles_of(const FitCommand& command, const Problem& problem, const Fit& fit) {
  Profiles profiles;
  if (!may_have_profiles(command, fit) || (command.intervals.empty() && are_long_work(fit))) return profiles;
  for (Index j = 0; j < fit.result.x.size(); ++j) profiles.push_back(profile(problem, fit, j));
  return profiles;
}

std::string profile_hint(const FitCommand& command, const Fit& fit) {
  if (!may_have_profiles(command, fit) || !command.intervals.empty() || !are_long_work(fit)) return "";
  return "  profiles, which may take long here: --intervals profile\n";
}

std::string interval_text(const Interval& interval) {
  return fmt::format("{:>14.7g}  {:>14.7g}", interval.low, interval.high);
}

/// A table of the intervals at 95 %.
std::string interval_table(const Fit& fit, const Profiles& profiles) {
  if (fit.degrees_of_freedom <= 0) return "";
  const std::vector<std::string>& names = fit.result.names;
  std::size_t width = 12;
  for (const auto& name : names) width = std::max(width, name.size());
  std::string text = fmt::format("\n  {:<{}}  {:>14}  {:>14}", "95 % between", width, "linear", "");
  text += profiles.empty() ? "\n" : fmt::format("  {:>14}\n", "profile");
  std::string remarks;
  for (std::size_t j = 0; j < names.size(); ++j) {
    text += fmt::format("  {:<{}}  {}", names[j], width, interval_text(fit.interval(static_cast<Index>(j))));
    if (!profiles.empty()) {
      text += "  " + interval_text(profiles[j].interval);
      if (!profiles[j].remark.empty()) remarks += "  " + names[j] + ": " + profiles[j].remark + "\n";
    }
    text += "\n";
  }
  return text + remarks;
}

nlohmann::ordered_json interval_json(const Interval& interval) {
  return {finite_or_null(interval.low), finite_or_null(interval.high)};
}

nlohmann::ordered_json intervals_json(const Fit& fit, const Profiles& profiles) {
  auto linear = nlohmann::ordered_json::object(), profile = nlohmann::ordered_json::object();
  for (std::size_t j = 0; j < fit.result.names.size(); ++j) {
    const std::string& name = fit.result.names[j];
    linear[name] = interval_json(fit.interval(static_cast<Index>(j)));
    if (!profiles.empty()) profile[name] = interval_json(profiles[j].interval);
  }
  return {{"linear", linear}, {"profile", profile}};
}

nlohmann::ordered_json undetermined_json(const Fit& fit) {
  auto list = nlohmann::ordered_json::array();
  for (const Combination& combination : fit.identifiability.undetermined) {
    auto weights = nlohmann::ordered_json::object();
    for (std::size_t j = 0; j < fit.result.names.size(); ++j) {
      const double weight = combination.weights[static_cast<Index>(j)];
      if (weight != 0.0) weights[fit.result.names[j]] = weight;
    }
    list.push_back({{"combination", weights}});
  }
  return list;
}

nlohmann::ordered_json correlation_json(const Fit& fit) {
  const Matrix correlation = fit.correlation();
  auto rows = nlohmann::ordered_json::object();
  for (std::size_t j = 0; j < fit.result.names.size(); ++j)
    rows[fit.result.names[j]] = by_name(fit.result.names, correlation.col(static_cast<Index>(j)));
  return rows;
}

nlohmann::ordered_json fit_json(const Fit& fit, const Profiles& profiles) {
  const std::vector<std::string>& names = fit.result.names;
  nlohmann::ordered_json json = run_json(fit.result);
  json["fit"] = {{"standard_error", by_name(names, fit.standard_error)},
                 {"standard_error_hessian", by_name(names, fit.standard_error_hessian)},
                 {"standard_error_sandwich", by_name(names, fit.standard_error_sandwich)},
                 {"interval_95", intervals_json(fit, profiles)},
                 {"correlation", correlation_json(fit)},
                 {"residual_standard_deviation", finite_or_null(fit.residual_standard_deviation)},
                 {"degrees_of_freedom", fit.degrees_of_freedom},
                 {"r_squared", finite_or_null(fit.r_squared)},
                 {"aic", finite_or_null(fit.aic)},
                 {"bic", finite_or_null(fit.bic)},
                 {"bates_watts",
                  {{"intrinsic", finite_or_null(fit.bates_watts.intrinsic)},
                   {"parameter_effects", finite_or_null(fit.bates_watts.parameter_effects)}}},
                 {"undetermined", undetermined_json(fit)},
                 {"condition", finite_or_null(fit.identifiability.condition)},
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
  const bool has_loss = !command.loss.empty();
  Problem problem(has_loss ? robust(formula.residuals, read_loss(command.loss)) : formula.residuals);
  problem.with_names(start.names).with_bounds(read_bounds(command.bounds, start));
  const Choice choice = make_solver(problem, command.run);
  require_writable({{"--json", command.output.json}, {"--trace", command.run.trace}}, command.data);

  const auto searched = search(problem, start, command.starts, command.run, choice.solver);
  const Vector& from = searched ? searched->best_start : start.values;
  Fit fit = fit_residuals(problem, formula.observations, from, choice.solver, watch.observers());
  complete(fit.result, choice.why);
  const Profiles profiles = profiles_of(command, problem, fit);
  print(response_line(command, table) + (searched ? describe(searched->found, start) : "") + fit.summary() +
        "\n" + interval_table(fit, profiles) + profile_hint(command, fit) + loss_line(command));
  nlohmann::ordered_json json = fit_json(fit, profiles);
  if (has_loss) json["fit"]["loss"] = command.loss;
  if (searched) json["multistart"] = search_json(searched->found, start);
  save(command.output.json, json);
  watch.close();
  return fit.result.converged() ? ExitCode::solved : ExitCode::not_solved;
}

}  // namespace quadric::cli
