#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "quadric/compare/comparison.hpp"

#include "compare/page_data.hpp"
#include "compare/table.hpp"
#include "io/atomic_file.hpp"
#include "page/comparison_script.hpp"
#include "page/page.hpp"

namespace quadric {

namespace {

/// Failures that are listed in text as well, where plots can not be drawn or the list is short.
constexpr std::size_t most_listed = 100;
/// Solvers whose failures are told of without asking.
constexpr std::size_t shown_weaknesses = 8;

/// The elements that the script fills.
constexpr const char* markup = R"html(
<style>
.controls { display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; align-items: center; margin: 0.6rem 0; }
.solvers label { white-space: nowrap; font-size: 13px; } .solvers i { display: inline-block; width: 1em; height: 3px; vertical-align: middle; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem; }
.plots > div { position: relative; height: 20rem; min-width: 0; } .plots > div.tall { height: 26rem; }
#outcomes-plot { position: relative; } td, th { white-space: nowrap; } #runs td { font-size: 13px; text-align: left; white-space: normal; } #runs tr.failed td { background: #fdf3ee; }
select { max-width: 32rem; }
</style>
<h2>Solvers</h2>
<p>The plots below show the solvers that are ticked; at first the best eight.</p>
<div class="controls solvers" id="solvers"></div>
<h2>Profiles</h2>
<p>Performance profiles (Dolan &amp; Moré): the share of problems that a solver solves at no more than so many times the cost
of the cheapest solver. Left end: how often it is the cheapest; right end: how much it solves at all. Data profiles (Moré &amp; Wild): the
share of problems whose value is down to fL + τ (f₀ − fL) after so many (n + 1) evaluations, fL the lowest value known.</p>
<div class="controls"><label>what counts: <select id="criterion"></select></label></div>
<div class="plots"><div><canvas id="profile-evaluations"></canvas></div><div><canvas id="profile-seconds"></canvas></div>
<div><canvas id="profile-data"></canvas></div></div>
<h2>What became of the runs</h2>
<div id="outcomes-plot"><canvas id="outcomes"></canvas></div>
<h2>Each problem</h2>
<div class="controls"><label>show problems that <select id="filter"></select></label>
<label>problem: <select id="case"></select></label>
<label>over: <select id="over"><option value="0">iterations</option><option value="1" selected>evaluations</option><option value="2">milliseconds</option></select></label></div>
<div class="plots"><div><canvas id="value"></canvas></div><div><canvas id="gradient"></canvas></div><div><canvas id="lambda"></canvas></div>
<div class="tall" id="map-place"><canvas id="map" role="img" aria-label="paths on contours"></canvas></div></div>
<p id="map-key">● start, ◆ minimum, ✕ saddle, ▲ maximum, ○ degenerate point; lines of equal value, light ones low.</p>
<table id="runs"></table>
)html";

std::string ratio(double value) { return std::isnan(value) ? "" : fmt::format("{:.2f}", value); }

void add_summaries(page::Page& page, const std::vector<SolverSummary>& summaries,
                   const Comparison& comparison) {
  std::vector<std::string> header = {"solver", "runs", "solved"};
  for (const double tolerance : comparison.tolerances) header.push_back("at " + tolerance_text(tolerance));
  header.insert(header.end(),
                {"elsewhere", "false successes", "evaluations", "× fewest", "seconds", "× shortest"});
  std::vector<std::vector<std::string>> rows;
  for (const SolverSummary& one : summaries) {
    std::vector<std::string> row = {one.name, std::to_string(one.runs), std::to_string(one.solved)};
    for (const Index solved : one.solved_at) row.push_back(std::to_string(solved));
    row.insert(row.end(), {std::to_string(one.elsewhere), std::to_string(one.false_successes),
                           std::to_string(one.evaluations), ratio(one.evaluations_ratio),
                           fmt::format("{:.3g}", one.seconds), ratio(one.seconds_ratio)});
    rows.push_back(std::move(row));
  }
  page.heading("All solvers");
  page.table(header, rows);
  page.paragraph(
      "Solved: converged, with a certificate, at a known answer, or anywhere where none is known. At a "
      "tolerance: the value (or, where "
      "they are certified, every parameter) is right to that relative error, whatever the solver said. "
      "Elsewhere: converged at "
      "another minimum. False successes: a saddle, a maximum, or a point whose gradient is not zero, that "
      "the solver called a "
      "solution. × fewest, × shortest: geometric means over what it solved, beside the best solver of each "
      "problem.");
}

void add_failures(page::Page& page, const std::vector<SolverSummary>& summaries,
                  const Comparison& comparison) {
  std::set<std::string> kinds;
  for (const SolverSummary& one : summaries) {
    for (const auto& [kind, count] : one.failures) kinds.insert(kind);
  }
  if (kinds.empty()) return;
  std::vector<std::string> header = {"solver"};
  header.insert(header.end(), kinds.begin(), kinds.end());
  std::vector<std::vector<std::string>> rows;
  for (const SolverSummary& one : summaries) {
    std::vector<std::string> row = {one.name};
    for (const std::string& kind : kinds) {
      const auto found = one.failures.find(kind);
      row.push_back(found == one.failures.end() ? "" : std::to_string(found->second));
    }
    rows.push_back(std::move(row));
  }
  page.heading("Failures");
  page.table(header, rows);
  std::string list;
  std::size_t count = 0;
  for (const ComparedRun& run : comparison.runs) {
    if (!is_solved(run) && ++count <= most_listed) list += fmt::format("{}\n", failure(run));
  }
  if (count <= most_listed) return page.text(list);
  page.paragraph(fmt::format(
      "{} runs were not solved; the table below each problem's plots has the reason of each.", count));
}

}  // namespace

std::string Comparison::html() const {
  const std::vector<SolverSummary> all = summaries();
  page::Page page("Comparison of solvers");
  page.paragraph(conditions_text(*this));
  page.heading("Which solver to take");
  page.list(advice());
  page.heading("Where each fails");
  std::vector<std::string> best = weaknesses();
  const std::size_t shown = std::min<std::size_t>(best.size(), shown_weaknesses);
  const std::vector<std::string> others(best.begin() + static_cast<std::ptrdiff_t>(shown), best.end());
  best.resize(shown);
  page.list(best);
  if (!others.empty()) page.folded_list("The other solvers", others);
  add_summaries(page, all, *this);
  if (page::draws_charts())
    page.application("comparison", markup, page_data(*this), page::comparison_script());
  add_failures(page, all, *this);
  return page.html();
}

void Comparison::write_html(const std::filesystem::path& file) const { write_file(file, html()); }

}  // namespace quadric
