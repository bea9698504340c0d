#include "compare/table.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "compare/rating.hpp"

namespace quadric {

namespace {

/// Rows and failures beyond are left to the page and the JSON.
constexpr std::size_t most_rows = 500;

std::string digits_text(double digits) { return std::isnan(digits) ? "-" : fmt::format("{:.1f}", digits); }

std::string above_text(double above) { return std::isnan(above) ? "-" : fmt::format("{:.1e}", above); }

std::string ratio_text(double ratio) { return std::isnan(ratio) ? "-" : fmt::format("{:.2f}", ratio); }

/// Widths of the columns of problems and of solvers.
struct Widths {
  std::size_t problem = 12, solver = 34;
};

Widths widths_of(const Comparison& comparison) {
  Widths widths;
  for (const ComparedRun& run : comparison.runs) {
    widths.problem = std::max(widths.problem, run.problem.size());
    widths.solver = std::max(widths.solver, run.solver.size());
  }
  return widths;
}

std::string row(const ComparedRun& run, const Widths& widths) {
  return fmt::format("{:<{}} {:<6} {:<{}} {:<20} {:>6} {:>8} {:>10} {:>11} {:>10.2e}\n", run.problem,
                     widths.problem, run.start, run.solver, widths.solver, to_string(run.result.status),
                     digits_text(run.digits), above_text(run.above_minimum), run.result.iterations,
                     run.result.counts.total(), run.result.seconds);
}

std::string rows(const Comparison& comparison) {
  const Widths widths = widths_of(comparison);
  std::string text = fmt::format("{:<{}} {:<6} {:<{}} {:<20} {:>6} {:>8} {:>10} {:>11} {:>10}\n", "problem",
                                 widths.problem, "start", "solver", widths.solver, "status", "digits",
                                 "f - f*", "iterations", "evaluations", "seconds");
  for (const ComparedRun& run : comparison.runs) text += row(run, widths);
  return text + "\n";
}

std::string summary_table(const Comparison& comparison) {
  const std::size_t width = widths_of(comparison).solver;
  std::string text = fmt::format("{:<{}} {:>6} {:>6}", "solver", width, "runs", "solved");
  for (const double tolerance : comparison.tolerances)
    text += fmt::format(" {:>6}", fmt::format("@{}", tolerance_text(tolerance)));
  text += fmt::format(" {:>9} {:>15} {:>11} {:>7} {:>8} {:>7}\n", "elsewhere", "false successes",
                      "evaluations", "x best", "seconds", "x best");
  for (const SolverSummary& summary : comparison.summaries()) {
    text += fmt::format("{:<{}} {:>6} {:>6}", summary.solver, width, summary.runs, summary.solved);
    for (const Index solved : summary.solved_at) text += fmt::format(" {:>6}", solved);
    text += fmt::format(" {:>9} {:>15} {:>11} {:>7} {:>8.3g} {:>7}\n", summary.elsewhere,
                        summary.false_successes, summary.evaluations, ratio_text(summary.evaluations_ratio),
                        summary.seconds, ratio_text(summary.seconds_ratio));
  }
  return text;
}

std::string wrapped(const std::string& sentence) {
  constexpr std::size_t width = 118;
  std::string text = " ";
  std::size_t column = 1;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t end = std::min(sentence.find(' ', at), sentence.size());
    if (column + 1 + (end - at) > width) {
      text += "\n   ";
      column = 3;
    }
    text += ' ';
    text += sentence.substr(at, end - at);
    column += 1 + (end - at);
    at = end + 1;
  }
  return text + "\n";
}

/// A cell of Markdown: a bar would end it.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char letter : text) {
    if (letter == '|') safe += '\\';
    safe += letter == '\n' ? ' ' : letter;
  }
  return safe;
}

std::string markdown_summaries(const std::vector<SolverSummary>& summaries,
                               const std::vector<double>& tolerances) {
  std::string header = "| solver | runs | solved |", rule = "|---|---:|---:|";
  for (const double tolerance : tolerances) {
    header += fmt::format(" at {} |", tolerance_text(tolerance));
    rule += "---:|";
  }
  std::string text = header + " elsewhere | false successes | evaluations | × best | seconds | × best |\n" +
                     rule + "---:|---:|---:|---:|---:|---:|\n";
  for (const SolverSummary& one : summaries) {
    text += fmt::format("| {} | {} | {} |", cell(one.name), one.runs, one.solved);
    for (const Index solved : one.solved_at) text += fmt::format(" {} |", solved);
    text += fmt::format(" {} | {} | {} | {} | {:.3g} | {} |\n", one.elsewhere, one.false_successes,
                        one.evaluations, ratio_text(one.evaluations_ratio), one.seconds,
                        ratio_text(one.seconds_ratio));
  }
  return text;
}

std::string markdown_failures(const std::vector<SolverSummary>& summaries) {
  std::set<std::string> kinds;
  for (const SolverSummary& one : summaries) {
    for (const auto& [kind, count] : one.failures) kinds.insert(kind);
  }
  if (kinds.empty()) return "";
  std::string text = "\n## Failures\n\n| solver |", rule = "|---|";
  for (const std::string& kind : kinds) {
    text += fmt::format(" {} |", kind);
    rule += "---:|";
  }
  text += fmt::format("\n{}\n", rule);
  for (const SolverSummary& one : summaries) {
    text += fmt::format("| {} |", cell(one.name));
    for (const std::string& kind : kinds) {
      const auto found = one.failures.find(kind);
      text += fmt::format(" {} |", found == one.failures.end() ? 0 : found->second);
    }
    text += "\n";
  }
  return text;
}

std::vector<const ComparedRun*> failed(const Comparison& comparison) {
  std::vector<const ComparedRun*> list;
  for (const ComparedRun& run : comparison.runs) {
    if (!is_solved(run)) list.push_back(&run);
  }
  return list;
}

std::string left_out(std::size_t count, const std::string& what) {
  return fmt::format("{} {}: --report FILE.html and --json FILE have each.\n", count, what);
}

}  // namespace

std::string tolerance_text(double tolerance) {
  std::string text = tolerance < 0.01 ? fmt::format("{:.6e}", tolerance) : fmt::format("{:g}", tolerance);
  const std::size_t exponent = text.find('e');
  if (exponent == std::string::npos) return text;
  const std::size_t last = text.find_last_not_of("0.", exponent - 1);
  const std::size_t digits = text.find_first_not_of("0", exponent + 2);
  return fmt::format("{}{}{}", text.substr(0, last + 1), text.substr(exponent, 2), text.substr(digits));
}

std::string conditions_text(const Comparison& comparison) {
  std::string text = comparison.threads == 1
                         ? std::string("One run after the other, alone: their times can be compared")
                         : fmt::format("On {} threads: times are not to be compared", comparison.threads);
  if (!comparison.conditions.empty()) text += "; " + comparison.conditions;
  text += fmt::format("; {:.3g} s in all.", comparison.seconds);
  if (comparison.interrupted) text += " Interrupted: runs are missing.";
  return text;
}

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
  text += "; " + result.critical_point.describe();
  const std::vector<Cause> causes = result.explain().causes;
  if (!causes.empty())
    text += fmt::format("; {}: {}", to_string(causes.front().kind), causes.front().sentence);
  return text;
}

std::string Comparison::table() const {
  std::string text = runs.size() <= most_rows ? rows(*this) : left_out(runs.size(), "runs");
  text += fmt::format("{}\n\n{}\n", conditions_text(*this), summary_table(*this));
  for (const auto& sentences : {advice(), weaknesses()}) {
    for (const std::string& sentence : sentences) text += wrapped(sentence);
  }
  const std::vector<const ComparedRun*> list = failed(*this);
  if (list.empty()) return text;
  if (runs.size() > most_rows)
    return text + fmt::format("\n{}", left_out(list.size(), "runs were not solved"));
  text += "\nNot solved, and why:\n";
  for (const ComparedRun* run : list) text += fmt::format("  {}\n", failure(*run));
  return text;
}

std::string Comparison::markdown() const {
  const std::vector<SolverSummary> all = summaries();
  std::string text = fmt::format("# Comparison of solvers\n\n{}\n\n", conditions_text(*this));
  for (const auto& sentences : {advice(), weaknesses()}) {
    for (const std::string& sentence : sentences) text += fmt::format("- {}\n", cell(sentence));
  }
  text += fmt::format("\n{}{}", markdown_summaries(all, tolerances), markdown_failures(all));
  const std::vector<const ComparedRun*> list = failed(*this);
  if (list.empty()) return text;
  text += "\n## Not solved, and why\n\n";
  if (list.size() > most_rows) return text + left_out(list.size(), "runs were not solved");
  for (const ComparedRun* run : list) text += fmt::format("- {}\n", cell(failure(*run)));
  return text;
}

}  // namespace quadric
