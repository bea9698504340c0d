#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "quadric/compare/comparison.hpp"
#include "quadric/solvers/minimize.hpp"

#include "compare/costs.hpp"
#include "compare/rating.hpp"

namespace quadric {

namespace {

/// Ratios to the best below this are told as being the best.
constexpr double least_told = 1.005;
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// The name by which the command line knows a solver; its own where it does not.
std::string registered_name(const std::string& solver) {
  static const std::map<std::string, std::string> names = [] {
    std::map<std::string, std::string> by_solver;
    for (const std::string& name : solver_names()) by_solver.emplace(solver_named(name).name(), name);
    return by_solver;
  }();
  const auto known = names.find(solver);
  return known == names.end() ? solver : known->second;
}

/// Geometric mean of a column over the least of each row, where the column is finite.
double mean_ratio(const Matrix& costs, Index column) {
  double logarithms = 0.0;
  Index count = 0;
  for (Index p = 0; p < costs.rows(); ++p) {
    if (!std::isfinite(costs(p, column))) continue;
    double least = costs(p, column);
    for (const double cost : costs.row(p)) {
      if (cost < least) least = cost;
    }
    logarithms += std::log(costs(p, column) / least);
    ++count;
  }
  return count == 0 ? none : std::exp(logarithms / static_cast<double>(count));
}

std::vector<std::string> suites_of(const Comparison& comparison) {
  std::vector<std::string> suites;
  for (const Case& item : comparison.cases) {
    if (std::find(suites.begin(), suites.end(), item.suite) == suites.end()) suites.push_back(item.suite);
  }
  return suites;
}

/// The runs of the cases of one suite.
Comparison part_of(const Comparison& comparison, const std::string& suite) {
  Comparison part{
      .cases = comparison.cases, .tolerances = comparison.tolerances, .threads = comparison.threads};
  std::copy_if(comparison.runs.begin(), comparison.runs.end(), std::back_inserter(part.runs),
               [&](const ComparedRun& run) { return comparison.cases[run.item].suite == suite; });
  return part;
}

/// By the share solved, then by evaluations.
bool is_better(const SolverSummary& a, const SolverSummary& b) {
  const double left = static_cast<double>(a.solved * b.runs), right = static_cast<double>(b.solved * a.runs);
  if (left != right) return left > right;
  return a.evaluations_ratio < b.evaluations_ratio;
}

std::string solved_text(const SolverSummary& summary) {
  return fmt::format("{} of {}", summary.solved, summary.runs);
}

/// "1.3 times the fewest evaluations".
std::string evaluations_text(double ratio) {
  if (ratio < least_told) return "the fewest evaluations";
  return fmt::format("{:.3g} times the fewest evaluations", ratio);
}

/// "take A (solved 54 of 54 with 1.3 times the fewest evaluations); next B (…)"
std::string choice_text(const Comparison& part, bool by_time) {
  std::vector<SolverSummary> ranked = part.summaries();
  std::erase_if(ranked, [](const SolverSummary& summary) { return summary.solved == 0; });
  if (ranked.empty()) return "no solver solved any of them";
  std::stable_sort(ranked.begin(), ranked.end(), is_better);
  const SolverSummary& best = ranked.front();
  std::string text = fmt::format("take {}: it solved {} with {}", best.name, solved_text(best),
                                 evaluations_text(best.evaluations_ratio));
  if (ranked.size() > 1) {
    text += fmt::format("; next comes {}, which solved {} with {}", ranked[1].name, solved_text(ranked[1]),
                        evaluations_text(ranked[1].evaluations_ratio));
  }
  if (!by_time || ranked.size() < 2) return text;
  // Of those that solve nearly as much, the quickest.
  const auto solves_as_much = [&best](const SolverSummary& other) {
    return static_cast<double>(other.solved) / static_cast<double>(other.runs) >=
           0.95 * static_cast<double>(best.solved) / static_cast<double>(best.runs);
  };
  const SolverSummary* quickest = &best;
  for (const SolverSummary& other : ranked) {
    if (solves_as_much(other) && other.seconds_ratio < quickest->seconds_ratio) quickest = &other;
  }
  const std::string ratio = quickest->seconds_ratio < least_told
                                ? std::string("the shortest")
                                : fmt::format("{:.3g} times the shortest", quickest->seconds_ratio);
  return text + fmt::format("; in time, of those that solve about as much, {} is ahead ({}, {})",
                            quickest->name, solved_text(*quickest), ratio);
}

std::string suite_text(const std::string& suite) {
  return suite.empty() ? std::string("On these problems") : "On the suite " + suite;
}

std::string spoken(std::string outcome) {
  std::replace(outcome.begin(), outcome.end(), '_', ' ');
  return outcome;
}

/// Up to four names of problems that a solver failed on most often, with the outcome.
std::string problems_text(const Comparison& comparison, const std::string& solver, const std::string& kind) {
  std::map<std::string, Index> counts;
  std::vector<std::string> order;
  for (const ComparedRun& run : comparison.runs) {
    if (run.solver != solver || outcome(run) != kind) continue;
    if (counts[run.problem]++ == 0) order.push_back(run.problem);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&counts](const auto& a, const auto& b) { return counts[a] > counts[b]; });
  std::string text;
  constexpr std::size_t most = 4;
  for (std::size_t k = 0; k < std::min(most, order.size()); ++k) text += (k > 0 ? ", " : "") + order[k];
  return order.size() > most ? text + ", …" : text;
}

/// "newton solves all of its 563 runs".
std::string all_solved_text(const SolverSummary& summary) {
  return summary.runs == 1 ? summary.name + " solves its one run"
                           : fmt::format("{} solves all of its {} runs", summary.name, summary.runs);
}

/// "newton fails 23 of 563: 20 iteration limit (Meyer, …), 3 stalled (…)".
std::string weakness_text(const Comparison& comparison, const SolverSummary& summary) {
  std::string text = summary.solved == summary.runs ? all_solved_text(summary)
                     : summary.runs == 1            ? summary.name + " fails in its one run"
                                                    : fmt::format("{} fails in {} of {} runs", summary.name,
                                                                  summary.runs - summary.solved, summary.runs);
  std::vector<std::pair<std::string, Index>> kinds(summary.failures.begin(), summary.failures.end());
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  const char* separator = ": ";
  for (const auto& [kind, count] : kinds) {
    text += fmt::format("{}{} {} ({})", separator, count, spoken(kind),
                        problems_text(comparison, summary.solver, kind));
    separator = "; ";
  }
  if (summary.false_successes > 0)
    text += fmt::format("; in {} it called a saddle, a maximum or a gradient that is not zero a solution",
                        summary.false_successes);
  return text + ".";
}

}  // namespace

std::vector<std::string> solvers_of(const Comparison& comparison) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const ComparedRun& run : comparison.runs) {
    if (seen.insert(run.solver).second) names.push_back(run.solver);
  }
  return names;
}

Matrix evaluations_until(const Comparison& comparison, double tolerance) {
  const std::vector<double> lowest = lowest_values(comparison);
  return by_case_and_solver(comparison, [&](const ComparedRun& run) {
    const double target = lowest[run.item] + tolerance * (start_value(run) - lowest[run.item]);
    for (const Iteration& line : run.result.trace) {
      if (line.value <= target) return std::max(1.0, static_cast<double>(line.evaluations));
    }
    return std::numeric_limits<double>::infinity();
  });
}

std::vector<SolverSummary> Comparison::summaries() const {
  std::vector<SolverSummary> all;
  for (const std::string& solver : solvers_of(*this))
    all.push_back({.solver = solver,
                   .name = registered_name(solver),
                   .solved_at = std::vector<Index>(tolerances.size(), 0)});
  for (const ComparedRun& run : runs) {
    SolverSummary& summary = *std::find_if(
        all.begin(), all.end(), [&](const SolverSummary& one) { return one.solver == run.solver; });
    ++summary.runs;
    summary.solved += is_solved(run) ? 1 : 0;
    summary.elsewhere += converged_elsewhere(run) ? 1 : 0;
    summary.false_successes += is_false_success(run) ? 1 : 0;
    for (std::size_t k = 0; k < tolerances.size(); ++k)
      summary.solved_at[k] += is_solved_at(run, tolerances[k]) ? 1 : 0;
    summary.evaluations += run.result.counts.total();
    summary.seconds += run.result.seconds;
    if (!is_solved(run)) ++summary.failures[outcome(run)];
  }
  const Costs costs = costs_of(*this, is_solved);
  for (std::size_t s = 0; s < all.size(); ++s) {
    all[s].evaluations_ratio = mean_ratio(costs.evaluations, static_cast<Index>(s));
    all[s].seconds_ratio = mean_ratio(costs.seconds, static_cast<Index>(s));
  }
  return all;
}

std::vector<std::string> Comparison::advice() const {
  std::vector<std::string> sentences;
  const std::vector<std::string> suites = suites_of(*this);
  for (const std::string& suite : suites) {
    const Comparison part = part_of(*this, suite);
    if (!part.runs.empty())
      sentences.push_back(suite_text(suite) + " " + choice_text(part, threads == 1) + ".");
  }
  if (suites.size() < 2 || runs.empty()) return sentences;
  // On all of them together only those can be compared that take all.
  const std::vector<SolverSummary> all = summaries();
  Index most = 0;
  for (const SolverSummary& summary : all) most = std::max(most, summary.runs);
  Comparison whole = *this;
  std::erase_if(whole.runs, [&](const ComparedRun& run) {
    return std::any_of(all.begin(), all.end(), [&](const SolverSummary& summary) {
      return summary.solver == run.solver && summary.runs < most;
    });
  });
  sentences.push_back("On all of these together " + choice_text(whole, threads == 1) + ".");
  return sentences;
}

std::vector<std::string> Comparison::weaknesses() const {
  std::vector<std::string> sentences;
  std::vector<SolverSummary> ranked = summaries();
  std::stable_sort(ranked.begin(), ranked.end(), is_better);
  for (const SolverSummary& summary : ranked) {
    sentences.push_back(summary.solved == summary.runs && summary.false_successes == 0
                            ? all_solved_text(summary) + "."
                            : weakness_text(*this, summary));
  }
  return sentences;
}

}  // namespace quadric
