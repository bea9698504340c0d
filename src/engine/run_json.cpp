#include "engine/run_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "quadric/engine/json.hpp"

#include "base/text.hpp"

namespace quadric {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// The shortest text that reads as the same number; null where it is not finite.
void append(std::string& text, double value) {
  if (!std::isfinite(value)) {
    text += "null";
    return;
  }
  std::array<char, 32> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string_view shortest(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()));
  text += shortest;
  if (shortest.find_first_of(".e") == std::string_view::npos) text += ".0";
}

void append(std::string& text, Index value) {
  std::array<char, 24> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), written.ptr);
}

/// {name: value}. The object is filled as the list it is: looking each name up first would cost n².
Json by_name(const std::vector<std::string>& names, const Vector& values) {
  Json::object_t object;
  object.reserve(static_cast<std::size_t>(values.size()));
  for (Index i = 0; i < values.size(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    object.emplace_back(place < names.size() ? names[place] : text::numbered("x", i), number(values[i]));
  }
  return Json(std::move(object));
}

Json certificate_json(const CriticalPoint& point, const std::vector<std::string>& names) {
  const bool has_spectrum =
      point.kind != CriticalKind::Undecided || point.lambda_min != 0.0 || point.lambda_max != 0.0;
  const auto of_spectrum = [&](double value) { return has_spectrum ? number(value) : Json(nullptr); };
  Json::object_t multipliers;
  for (Index i = 0; i < point.multipliers.size(); ++i) {
    if (point.multipliers[i] != 0.0)
      multipliers.emplace_back(names[static_cast<std::size_t>(i)], number(point.multipliers[i]));
  }
  return {{"kind", to_string(point.kind)},
          {"index", point.index},
          {"index_is_bound", point.index_is_bound},
          {"lambda_min", of_spectrum(point.lambda_min)},
          {"lambda_max", of_spectrum(point.lambda_max)},
          {"nullity", point.nullity},
          {"order", point.order},
          {"tolerance", of_spectrum(point.tolerance)},
          {"error_bound", of_spectrum(point.error_bound)},
          {"doubt", of_spectrum(point.doubt)},
          {"direction", by_name(names, point.direction)},
          {"held", point.held},
          {"fades", point.fades},
          {"multipliers", Json(std::move(multipliers))},
          {"reason", point.reason}};
}

Json counts_json(const Counts& counts) {
  return {{"values", counts.values},
          {"gradients", counts.gradients},
          {"hessians", counts.hessians},
          {"products", counts.products},
          {"total", counts.total()}};
}

}  // namespace

Json iteration_json(const Iteration& iteration) {
  Json events = Json::array();
  for (const Event event : iteration.events.list()) events.push_back(to_string(event));
  Json json = {{"iteration", iteration.iteration},
               {"value", number(iteration.value)},
               {"gradient_norm", number(iteration.gradient_norm)},
               {"step_norm", number(iteration.step_norm)},
               {"trust", number(iteration.trust)},
               {"predicted", number(iteration.predicted)},
               {"actual", number(iteration.actual)},
               {"ratio", number(iteration.ratio)},
               {"slope", number(iteration.slope)},
               {"curvature", number(iteration.curvature)},
               {"lambda_min", number(iteration.lambda_min)},
               {"events", std::move(events)},
               {"rejected", iteration.rejected},
               {"evaluations", iteration.evaluations},
               {"seconds", number(iteration.seconds)}};
  if (!iteration.note.empty()) json["note"] = iteration.note;
  return json;
}

void append_iteration(std::string& text, const Iteration& iteration) {
  const auto add = [&text](std::string_view key, auto value) {
    text += key;
    append(text, value);
  };
  add("{\"iteration\":", iteration.iteration);
  add(",\"value\":", iteration.value);
  add(",\"gradient_norm\":", iteration.gradient_norm);
  add(",\"step_norm\":", iteration.step_norm);
  add(",\"trust\":", iteration.trust);
  add(",\"predicted\":", iteration.predicted);
  add(",\"actual\":", iteration.actual);
  add(",\"ratio\":", iteration.ratio);
  add(",\"slope\":", iteration.slope);
  add(",\"curvature\":", iteration.curvature);
  add(",\"lambda_min\":", iteration.lambda_min);
  text += ",\"events\":[";
  const char* separator = "\"";
  for (const Event event : iteration.events.list()) {
    text.append(separator).append(to_string(event)).append("\"");
    separator = ",\"";
  }
  add("],\"rejected\":", iteration.rejected);
  add(",\"evaluations\":", iteration.evaluations);
  add(",\"seconds\":", iteration.seconds);
  if (!iteration.note.empty()) text.append(",\"note\":").append(json_text(Json(iteration.note)));
  text += "}\n";
}

Json run_json(const Result& result, bool with_trace) {
  Json trace = Json::array();
  if (with_trace) {
    for (const Iteration& iteration : result.trace) trace.push_back(iteration_json(iteration));
  }
  Json json = {{"schema", "quadric/run/1"},
               {"solver", result.solver},
               {"status", to_string(result.status)},
               {"converged", result.converged()},
               {"x", by_name(result.names, result.x)},
               {"value", number(result.value)},
               {"gradient_norm", number(result.gradient_norm)},
               {"critical_point", certificate_json(result.critical_point, result.names)},
               {"reason", result.reason},
               {"provider",
                {{"gradient", result.provider.first},
                 {"hessian", result.provider.second},
                 {"method", result.provider.method}}},
               {"iterations", result.iterations},
               {"counts", counts_json(result.counts)},
               {"seconds", number(result.seconds)},
               {"trace", std::move(trace)}};
  if (!result.choice.empty()) json["choice"] = result.choice;
  return json;
}

Json explanation_json(const Explanation& explanation) {
  Json causes = Json::array();
  for (const Cause& cause : explanation.causes) {
    Json evidence = Json::object();
    for (const Evidence& one : cause.evidence) evidence[one.name] = number(one.value);
    Json object = {{"cause", to_string(cause.kind)},
                   {"sentence", cause.sentence},
                   {"evidence", std::move(evidence)},
                   {"variables", cause.variables}};
    if (cause.first_iteration >= 0)
      object["iterations"] = {cause.first_iteration, std::max(cause.first_iteration, cause.last_iteration)};
    object["advice"] = cause.advice;
    causes.push_back(std::move(object));
  }
  return causes;
}

std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const Result& result) { return json_text(run_json(result), 2); }

}  // namespace quadric
