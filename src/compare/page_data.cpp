#include "compare/page_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "quadric/compare/profiles.hpp"

#include "compare/contours.hpp"
#include "compare/costs.hpp"
#include "compare/rating.hpp"
#include "compare/table.hpp"

namespace quadric {

namespace {

using Json = nlohmann::ordered_json;

/// Bytes that all traces together may take, what one of their points takes, and how many points a trace
/// then has at least and at most.
constexpr double budget = 5.5e6, bytes_a_point = 34.0;
constexpr std::size_t least_points = 10, most_points = 150;
/// Landscapes in a page, and points of a path on one.
constexpr std::size_t most_landscapes = 250, path_points = 40;
constexpr std::size_t reason_length = 240, cause_length = 160;
/// Places at which profiles are sampled.
constexpr int places = 81;

/// A number with so many significant digits, as the shortest text; null where it is not finite.
Json rounded(double value, int digits) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

double logarithm(double value) { return std::round(100.0 * std::log10(std::max(value, 1e-300))) / 100.0; }

/// About so many numbers 0 … size − 1, ascending, the first and the last among them, denser at the start.
std::vector<std::size_t> chosen(std::size_t size, std::size_t most) {
  std::vector<std::size_t> list;
  if (size <= most) {
    list.resize(size);
    std::iota(list.begin(), list.end(), std::size_t{0});
    return list;
  }
  for (std::size_t k = 0; k < most; ++k) {
    const double way = static_cast<double>(k) / static_cast<double>(most - 1);
    const auto place =
        static_cast<std::size_t>(std::round(std::pow(way, 1.5) * static_cast<double>(size - 1)));
    if (list.empty() || place > list.back()) list.push_back(place);
  }
  return list;
}

/// Cuts a text between characters of UTF-8.
std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most) + "…";
}

Json trace_json(const ComparedRun& run, double low, std::size_t most) {
  auto points = Json::array();
  const std::vector<Iteration>& trace = run.result.trace;
  const double fall = trace.empty() ? 0.0 : trace.front().value - low;
  const double floor = 1e-17 * std::max({std::abs(low), std::isfinite(fall) ? fall : 0.0, 1e-280});
  for (const std::size_t k : chosen(trace.size(), most)) {
    const Iteration& line = trace[k];
    const bool last = k + 1 == trace.size();
    const bool known_end = last && run.result.critical_point.kind != CriticalKind::Undecided;
    const double lambda = known_end ? run.result.critical_point.lambda_min : line.lambda_min;
    points.push_back(
        {line.iteration, line.evaluations, rounded(1e3 * line.seconds, 3),
         std::isfinite(line.value) ? Json(logarithm(std::max(line.value - low, floor))) : Json(nullptr),
         line.gradient_norm > 0.0 && std::isfinite(line.gradient_norm) ? Json(logarithm(line.gradient_norm))
                                                                       : Json(nullptr),
         rounded(lambda, 3)});
  }
  return points;
}

/// Thousandths of a box.
class Scale {
 public:
  explicit Scale(const Landscape& map) : map_(map) {}
  int x(double value) const { return share(value, map_.left, map_.right); }
  int y(double value) const { return share(value, map_.bottom, map_.top); }

 private:
  static int share(double value, double low, double high) {
    const double thousandths = 1000.0 * (value - low) / (high - low);
    return std::isfinite(thousandths) ? static_cast<int>(std::clamp(std::round(thousandths), -9999.0, 9999.0))
                                      : -9999;
  }
  const Landscape& map_;
};

Json map_json(const Landscape& map, const std::vector<std::string>& names) {
  const Scale scale(map);
  auto levels = Json::array();
  for (const auto& lines : map.contours) {
    auto level = Json::array();
    for (const Polyline& line : lines) {
      auto points = Json::array();
      for (const auto& [x, y] : line) {
        points.push_back(scale.x(x));
        points.push_back(scale.y(y));
      }
      level.push_back(std::move(points));
    }
    levels.push_back(std::move(level));
  }
  auto marks = Json::array();
  for (const Landmark& mark : map.landmarks)
    marks.push_back(
        {to_string(mark.kind), scale.x(mark.x), scale.y(mark.y), rounded(mark.x, 6), rounded(mark.y, 6)});
  return {{"box", {rounded(map.left, 6), rounded(map.right, 6), rounded(map.bottom, 6), rounded(map.top, 6)}},
          {"names", names},
          {"lines", std::move(levels)},
          {"marks", std::move(marks)}};
}

Json path_json(const ComparedRun& run, const Landscape& map) {
  const Scale scale(map);
  auto points = Json::array();
  for (const std::size_t k : chosen(run.path.size(), path_points)) {
    points.push_back(scale.x(run.path[k][0]));
    points.push_back(scale.y(run.path[k][1]));
  }
  return points;
}

/// The start, where runs ended that solved the case, and the path of the one with the fewest evaluations.
std::vector<Vector> points_of_interest(const Case& item, const std::vector<const ComparedRun*>& runs) {
  std::vector<Vector> points = {item.from};
  const ComparedRun* best = nullptr;
  for (const ComparedRun* run : runs) {
    if (!is_solved(*run)) continue;
    points.push_back(run->result.x);
    if (best == nullptr || run->result.counts.total() < best->result.counts.total()) best = run;
  }
  if (best != nullptr) points.insert(points.end(), best->path.begin(), best->path.end());
  return points;
}

/// The solvers' numbers, best first.
std::vector<std::size_t> order_of(const std::vector<SolverSummary>& summaries) {
  std::vector<std::size_t> order(summaries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double left = static_cast<double>(summaries[a].solved * summaries[b].runs);
    const double right = static_cast<double>(summaries[b].solved * summaries[a].runs);
    if (left != right) return left > right;
    return summaries[a].evaluations_ratio < summaries[b].evaluations_ratio;
  });
  return order;
}

/// Curves at places that are evenly spaced in the logarithm up to where the last of them rises.
Json sampled(const std::vector<std::vector<StepCurve>>& by_criterion, double from, double most) {
  double to = from * 10.0;
  for (const auto& curves : by_criterion) {
    for (const StepCurve& curve : curves) {
      if (!curve.empty()) to = std::max(to, curve.back().first);
    }
  }
  to = std::min(to, most);
  auto x = Json::array(), y = Json::array();
  std::vector<double> at;
  for (int k = 0; k < places; ++k) {
    const double exponent = std::log10(from) + (std::log10(to) - std::log10(from)) * k / (places - 1);
    at.push_back(std::pow(10.0, exponent) * (1.0 + 1e-12));
    x.push_back(rounded(exponent, 4));
  }
  for (const auto& curves : by_criterion) {
    auto of_criterion = Json::array();
    for (const StepCurve& curve : curves) {
      auto shares = Json::array();
      for (const double place : at) shares.push_back(rounded(share_at(curve, place), 3));
      of_criterion.push_back(std::move(shares));
    }
    y.push_back(std::move(of_criterion));
  }
  return {{"x", std::move(x)}, {"y", std::move(y)}};
}

Json profiles_json(const Comparison& comparison) {
  std::vector<std::vector<StepCurve>> evaluations, seconds, data;
  const auto add = [&](const auto& counts) {
    const Costs costs = costs_of(comparison, counts);
    evaluations.push_back(performance_profiles(costs.evaluations));
    seconds.push_back(performance_profiles(costs.seconds));
  };
  Vector variables(static_cast<Index>(comparison.cases.size()));
  for (Index i = 0; i < variables.size(); ++i)
    variables[i] = static_cast<double>(comparison.cases[static_cast<std::size_t>(i)].from.size());
  add(is_solved);
  for (const double tolerance : comparison.tolerances) {
    add([tolerance](const ComparedRun& run) { return is_solved_at(run, tolerance); });
    data.push_back(data_profiles(evaluations_until(comparison, tolerance), variables));
  }
  return {{"evaluations", sampled(evaluations, 1.0, 100.0)},
          {"seconds", sampled(seconds, 1.0, 1000.0)},
          {"data", sampled(data, 0.1, 1e4)}};
}

struct Numbers {
  std::map<std::string, std::size_t> solvers = {};
  std::vector<std::string> outcomes = {"solved"};
  std::size_t outcome(const std::string& name) {
    const auto known = std::find(outcomes.begin(), outcomes.end(), name);
    if (known != outcomes.end()) return static_cast<std::size_t>(known - outcomes.begin());
    outcomes.push_back(name);
    return outcomes.size() - 1;
  }
};

/// Why a run was not solved: its reason, and what held it back most.
std::string failure_text(const Result& result) {
  std::string text = cut(result.reason, reason_length);
  const std::vector<Cause> causes = result.explain().causes;
  if (!causes.empty())
    text +=
        fmt::format(" — {}: {}", to_string(causes.front().kind), cut(causes.front().sentence, cause_length));
  return text;
}

Json run_json(const ComparedRun& run, double low, std::size_t points, const Landscape* map,
              Numbers& numbers) {
  const Result& result = run.result;
  return {numbers.solvers.at(run.solver),
          numbers.outcome(outcome(run)),
          run.false_claims,
          result.counts.total(),
          rounded(result.seconds, 3),
          rounded(result.value, 9),
          rounded(result.gradient_norm, 3),
          rounded(result.critical_point.lambda_min, 3),
          is_solved(run) ? "" : failure_text(result),
          trace_json(run, low, points),
          map != nullptr ? path_json(run, *map) : Json(nullptr)};
}

/// As many points a trace as the budget allows; shorter traces leave theirs to others.
std::size_t points_of_traces(const std::vector<ComparedRun>& runs) {
  std::size_t points = most_points;
  const auto bytes = [&runs](std::size_t most) {
    double sum = 0.0;
    for (const ComparedRun& run : runs)
      sum += bytes_a_point * static_cast<double>(std::min(most, run.result.trace.size()));
    return sum;
  };
  while (points > least_points && bytes(points) > budget) --points;
  return points;
}

Json cases_json(const Comparison& comparison, Numbers& numbers) {
  const std::vector<double> lowest = lowest_values(comparison);
  const std::size_t points = points_of_traces(comparison.runs);
  std::vector<std::vector<const ComparedRun*>> by_case(comparison.cases.size());
  for (const ComparedRun& run : comparison.runs) by_case[run.item].push_back(&run);
  std::size_t landscapes = 0;
  auto cases = Json::array();
  for (std::size_t i = 0; i < by_case.size(); ++i) {
    const Case& item = comparison.cases[i];
    if (by_case[i].empty()) continue;
    Json object = {{"p", item.problem},
                   {"s", item.start},
                   {"u", item.suite},
                   {"n", item.from.size()},
                   {"low", rounded(lowest[i], 9)}};
    std::optional<Landscape> map;
    if (item.from.size() == 2 && landscapes++ < most_landscapes) {
      map = landscape(item.function.objective(), points_of_interest(item, by_case[i]));
      object["map"] = map_json(*map, item.function.names(2));
    }
    auto runs = Json::array();
    for (const ComparedRun* run : by_case[i])
      runs.push_back(run_json(*run, lowest[i], points, map ? &*map : nullptr, numbers));
    object["runs"] = std::move(runs);
    cases.push_back(std::move(object));
  }
  return cases;
}

}  // namespace

std::string page_data(const Comparison& comparison) {
  const std::vector<SolverSummary> summaries = comparison.summaries();
  Numbers numbers;
  auto solvers = Json::array();
  for (const SolverSummary& summary : summaries) {
    numbers.solvers.emplace(summary.solver, solvers.size());
    solvers.push_back(summary.name);
  }
  auto criteria = Json::array({"solved"});
  for (const double tolerance : comparison.tolerances) criteria.push_back(tolerance_text(tolerance));
  Json cases = cases_json(comparison, numbers);
  const Json data = {{"solvers", std::move(solvers)},    {"order", order_of(summaries)},
                     {"outcomes", numbers.outcomes},     {"criteria", std::move(criteria)},
                     {"alone", comparison.threads == 1}, {"profiles", profiles_json(comparison)},
                     {"cases", std::move(cases)}};
  return data.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace quadric
