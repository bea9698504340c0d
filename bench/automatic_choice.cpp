// How near the automatic choice comes to the best of our solvers: over the suites nist, mgh and saddles, the
// share of problems where it takes at most 1.2 times the evaluations of the one that solves the problem with
// the fewest. The best is found afterwards, problem by problem, so that no choice made beforehand can always
// be it. Three fields: the three methods, each as it is by default; every method by default; and every
// variant of each. Evaluations are counted as `compare` counts them: a value, a gradient, a Hessian and a
// product are one each.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <quadric/quadric.hpp>

#include "alternate.hpp"

namespace qd = quadric;

namespace {

constexpr double near = 1.2;

const std::vector<std::string> methods = {"newton", "gauss-newton", "gradient-descent"};
const std::vector<std::string> defaults = {"newton",
                                           "gauss-newton",
                                           "gradient-descent",
                                           "lbfgs",
                                           "conjugate-gradients",
                                           "newton-matrix-free",
                                           "variable-projection"};

/// Those of `solver_names()` that are ours, without the automatic choice.
std::vector<std::string> variants() {
  std::vector<std::string> ours;
  for (const std::string& name : qd::solver_names()) {
    const bool is_ours = std::any_of(defaults.begin(), defaults.end(),
                                     [&name](const std::string& method) { return name.starts_with(method); });
    if (is_ours) ours.push_back(name);
  }
  return ours;
}

struct Tried {
  bool solved = false;
  double evaluations = 0.0;
};
using ByName = std::map<std::string, Tried>;

/// What the automatic choice took over what the best of the field took; infinite where it alone failed, NaN
/// where none of them solved the case.
double ratio(const ByName& tried, const std::vector<std::string>& field) {
  double fewest = std::numeric_limits<double>::infinity();
  for (const std::string& name : field) {
    const auto found = tried.find(name);
    if (found != tried.end() && found->second.solved) fewest = std::min(fewest, found->second.evaluations);
  }
  const Tried& automatic = tried.at("auto");
  if (!std::isfinite(fewest)) return automatic.solved ? 1.0 : std::numeric_limits<double>::quiet_NaN();
  return automatic.solved ? automatic.evaluations / fewest : std::numeric_limits<double>::infinity();
}

}  // namespace

int main() {
  std::vector<std::string> names = variants();
  names.push_back("auto");
  std::vector<qd::Solver> solvers;
  std::map<std::string, std::string> name_of;
  for (const std::string& name : names) {
    solvers.push_back(qd::solver_named(name, {.max_evaluations = 10000}));
    name_of[solvers.back().name()] = name;
  }
  std::vector<qd::Case> cases;
  for (const char* suite : {"nist", "mgh", "saddles"}) {
    for (qd::Case& one : qd::suite(suite)) cases.push_back(std::move(one));
  }
  const qd::Comparison runs = qd::compare(cases, solvers, {.threads = 0});
  std::vector<ByName> tried(cases.size());
  for (const qd::ComparedRun& run : runs.runs) {
    tried[run.item][name_of.at(run.solver)] = {qd::is_solved(run),
                                               static_cast<double>(run.result.counts.total())};
  }
  for (const auto& [field, members] :
       {std::pair{"methods", methods}, {"defaults", defaults}, {"variants", variants()}}) {
    std::map<std::string, std::pair<int, int>> shares;  // near, of all
    std::vector<std::pair<double, std::size_t>> lost;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const double times = ratio(tried[i], members);
      if (std::isnan(times)) continue;
      for (const std::string& suite : {cases[i].suite, std::string("all")}) {
        shares[suite].first += times <= near ? 1 : 0;
        ++shares[suite].second;
      }
      if (times > near) lost.emplace_back(times, i);
    }
    std::printf("%s, %zu solvers: within %.1f times the best", field, members.size(), near);
    for (const auto& [suite, share] : shares)
      std::printf("  %s %.1f %% of %d", suite.c_str(), 100.0 * share.first / share.second, share.second);
    std::printf("\n");
    std::sort(lost.rbegin(), lost.rend());
    for (std::size_t k = 0; k < std::min<std::size_t>(20, lost.size()); ++k) {
      const qd::Case& one = cases[lost[k].second];
      std::printf("  %8.2f  %s from %s\n", lost[k].first, one.problem.c_str(), one.start.c_str());
    }
    bench::print_ratio("automatic_choice", std::string("share-near-the-best-of-") + field,
                       static_cast<double>(shares["all"].first) / shares["all"].second);
  }
}
