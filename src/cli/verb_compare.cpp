#include <algorithm>
#include <iterator>

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/comparison.hpp"

#include "base/nearest_name.hpp"
#include "cli/interrupt.hpp"
#include "cli/items.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "io/atomic_file.hpp"

namespace quadric::cli {

namespace {

std::vector<std::string> chosen_names(const CompareCommand& command) {
  if (command.solvers == "all") return solver_names();
  std::vector<std::string> names;
  for (const std::string_view item : split_items(command.solvers)) {
    std::string name(item);
    if (name.empty()) misuse("--solvers: a name is missing in '" + command.solvers + "'");
    if (std::find(names.begin(), names.end(), name) != names.end())
      misuse("--solvers: '" + name + "' is given twice");
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<Solver> make_solvers(const CompareCommand& command) {
  std::vector<Solver> solvers;
  for (const std::string& name : chosen_names(command)) solvers.push_back(make_solver(name, command.run));
  return solvers;
}

std::vector<Case> read_suite(const CompareCommand& command) {
  const std::vector<std::string> known = suite_names();
  if (std::find(known.begin(), known.end(), command.suite) == known.end()) {
    std::string sentence = "there is no suite '" + command.suite + "'" + did_you_mean(command.suite, known);
    sentence += sentence.back() == '?' ? " The suites are" : "; the suites are";
    for (const std::string& name : known) sentence += " " + name;
    misuse(sentence);
  }
  return suite(command.suite, command.data);
}

}  // namespace

int run_verb(const CompareCommand& command) {
  const auto logger = make_logger(command.output.log_level);
  const std::vector<Solver> solvers = make_solvers(command);
  const std::vector<Case> cases = read_suite(command);
  require_writable({{"--json", command.output.json}});

  catch_interrupt();
  Observers observers = {stop_on_interrupt()};
  if (logger->level() != spdlog::level::off) observers.push_back(make_observer(LogIterations(logger)));
  Comparison comparison;
  for (const Case& item : cases) {
    logger->info("{} from start {}", item.problem, item.start);
    Comparison part = compare({item}, solvers, observers);
    std::move(part.runs.begin(), part.runs.end(), std::back_inserter(comparison.runs));
  }
  if (comparison.runs.empty())
    misuse("--solvers: all of them need residuals, and the suite '" + command.suite + "' has none");
  print(comparison.table());
  if (!command.output.json.empty()) write_file(command.output.json, comparison.to_json() + "\n");
  return comparison.all_solved() ? ExitCode::solved : ExitCode::not_solved;
}

}  // namespace quadric::cli
