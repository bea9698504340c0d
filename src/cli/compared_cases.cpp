#include "cli/compared_cases.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/fit/formula.hpp"

#include "base/nearest_name.hpp"
#include "cli/assignments.hpp"
#include "cli/fit_formula.hpp"
#include "cli/function_problem.hpp"
#include "cli/items.hpp"
#include "io/csv.hpp"

namespace quadric::cli {

namespace {

using Cases = std::vector<Case>;

void append(Cases more, Cases& cases) { std::move(more.begin(), more.end(), std::back_inserter(cases)); }

void append_suites(const CompareCommand& command, Cases& cases) {
  if (command.suites.empty()) return;
  const std::vector<std::string> known = suite_names();
  std::vector<std::string> seen;
  for (const std::string_view item : split_items(command.suites)) {
    const std::string name(item);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string sentence = "--suite: there is no suite '" + name + "'" + did_you_mean(name, known);
      sentence += sentence.back() == '?' ? " The suites are" : "; the suites are";
      for (const std::string& one : known) sentence += " " + one;
      misuse(sentence);
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      misuse("--suite: '" + name + "' is given twice");
    seen.push_back(name);
    append(suite(name, command.model.empty() ? command.data : std::string()), cases);
  }
}

void require_own_problem(const CompareCommand& command) {
  const bool fits = !command.model.empty(), minimizes = !command.function.empty();
  if (fits && minimizes)
    misuse("--model and --function are two problems: give one, or a list with --problems");
  if (fits && command.data.empty()) misuse("--model: lacks its data; write --data FILE.csv");
  if ((fits || minimizes) && command.start.empty())
    misuse(std::string(fits ? "--model" : "--function") + ": lacks a start; write --start NAME=VALUE,...");
  if (!fits && !minimizes && !command.start.empty())
    misuse("--start: goes with --function or --model only; --starts chooses among the starts of suites");
  if (!fits && !command.response.empty()) misuse("--response: goes with --model only");
  if (!fits && !command.weights.empty()) misuse("--weights: goes with --model only");
}

void append_own_problem(const CompareCommand& command, Cases& cases) {
  require_own_problem(command);
  if (command.start.empty()) return;
  const Assignments start = read_assignments("--start", command.start);
  const std::string& name = command.model.empty() ? command.function : command.model;
  if (command.model.empty()) {
    cases.push_back({.problem = name,
                     .start = "x0",
                     .function = function_problem(command.function, start),
                     .from = start.values});
    return;
  }
  const CsvTable table = read_csv(command.data);
  const Formula formula = make_formula({command.model, command.response, command.weights}, table, start);
  Problem problem(bind(formula).residuals);
  problem.with_names(start.names);
  cases.push_back({.problem = name, .start = "x0", .function = std::move(problem), .from = start.values});
}

/// Keeps the cases that one of the items of an option's text is true of; each item must be of some.
template <class Matches>
void keep(const std::string& option, const std::string& text, const Matches& matches, Cases& cases) {
  if (text.empty()) return;
  std::vector<bool> kept(cases.size(), false);
  for (const std::string_view item : split_items(text)) {
    if (item.empty()) misuse(option + ": a name is missing in '" + text + "'");
    bool found = false;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (!matches(cases[i], item)) continue;
      kept[i] = found = true;
    }
    if (found) continue;
    std::vector<std::string> names;
    for (const Case& one : cases) {
      const std::string& name = option == "--starts" ? one.start : one.problem;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    std::string sentence = option + ": there is no '" + std::string(item) + "'" + did_you_mean(item, names);
    if (sentence.back() != '?') {
      sentence += "; there are";
      for (std::size_t k = 0; k < std::min<std::size_t>(names.size(), 20); ++k)
        sentence += (k > 0 ? ", " : " ") + names[k];
      if (names.size() > 20) sentence += ", …";
    }
    misuse(sentence);
  }
  std::size_t next = 0;
  std::erase_if(cases, [&](const Case&) { return !kept[next++]; });
}

}  // namespace

std::vector<Case> compared_cases(const CompareCommand& command) {
  Cases cases;
  append_suites(command, cases);
  append_own_problem(command, cases);
  if (!command.problems.empty()) append(read_problems(command.problems), cases);
  if (!command.libraries.empty()) append(library_problems(command.libraries), cases);
  if (cases.empty())
    misuse(
        "compare: there is nothing to compare on: give --suite, --function, --model, --problems or "
        "--library; see "
        "'quadric compare --help'");
  keep(
      "--starts", command.starts, [](const Case& one, std::string_view name) { return one.start == name; },
      cases);
  keep(
      "--only", command.only,
      [](const Case& one, std::string_view name) { return one.problem.find(name) != std::string::npos; },
      cases);
  if (cases.empty()) misuse("--starts and --only leave nothing to compare on");
  return cases;
}

}  // namespace quadric::cli
