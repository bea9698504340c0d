#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>

#include "quadric/base/misuse.hpp"
#include "quadric/curvature/analyzer.hpp"

#include "base/text.hpp"
#include "cli/assignments.hpp"
#include "cli/function_problem.hpp"
#include "cli/json_output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/verbs.hpp"
#include "engine/run_json.hpp"

namespace quadric::cli {

namespace {

/// A unit direction (n) and how the function bends along it.
struct Step {
  Vector direction;
  Bend bend;
};

/// What second derivatives say about a point.
struct Analysis {
  Assignments at;
  Provider provider;
  LocalModel model;
  CriticalPoint point = {};
  Vector eigenvalues = {};           ///< all, ascending; empty where the Hessian is not finite
  std::optional<Step> descent = {};  ///< along −∇f, where ∇f is not zero
  std::optional<Step> proving = {};  ///< along the direction of the certificate, where it has one
};

/// Of the two unit vectors of a line, the one whose largest part is positive; without negative zeros.
Vector oriented(const Vector& direction) {
  Index largest = 0;
  direction.cwiseAbs().maxCoeff(&largest);
  return ((direction[largest] < 0.0 ? -direction : direction).array() + 0.0).matrix();
}

Analysis analyze(const Problem& problem, const Assignments& at) {
  Analysis analysis{
      .at = at, .provider = problem.provider(), .model = local_model(problem.objective(), at.values)};
  const LocalModel& model = analysis.model;
  if (!std::isfinite(model.value)) {
    misuse("the value is " + text::number(model.value) + " at " + describe_point(at.names, at.values));
  }
  analysis.point = classify(problem.objective(), at.values);
  if (!model.gradient.allFinite() || !model.full_hessian().allFinite()) {
    analysis.point.kind = CriticalKind::Undecided;
    analysis.point.reason = "the derivatives are not finite";
    analysis.point.gradient_norm = model.gradient.norm();
    return analysis;
  }
  const CurvatureAnalyzer analyzer(model);
  analysis.eigenvalues = analyzer.eigenvalues();
  const auto along = [&](const Vector& direction) { return Step{direction, analyzer.along(direction)}; };
  const double length = model.gradient.stableNorm();
  if (length > 0.0) analysis.descent = along(-model.gradient / length);
  if (analysis.point.direction.size() > 0) analysis.proving = along(oriented(analysis.point.direction));
  return analysis;
}

std::string eigenvalue_line(const Vector& eigenvalues) {
  std::string line;
  for (Index j = 0; j < eigenvalues.size(); ++j)
    line += (j == 0 ? "" : ", ") + text::number(eigenvalues[j] + 0.0, 10);
  return line.empty() ? "not to be had" : line;
}

std::string step_line(const Analysis& analysis, const std::optional<Step>& step) {
  if (!step) return "";
  const std::string bottom = std::isinf(step->bend.step) ? "; the quadric has no bottom that way" : "";
  return " (" + describe_direction(analysis.at.names, step->direction) + "): " + step->bend.describe() +
         bottom + "\n";
}

std::string summary(const Analysis& analysis, const std::string& function) {
  const std::vector<std::string>& names = analysis.at.names;
  const LocalModel& model = analysis.model;
  std::string text = function + " at " + describe_point(names, model.x) + "\n";
  text += "  certificate: " + analysis.point.describe() + "\n";
  if (analysis.proving)
    text += "  direction: " + describe_direction(names, analysis.proving->direction) + "\n";
  text += "  eigenvalues: " + eigenvalue_line(analysis.eigenvalues) + "\n";
  text += "  value " + text::number(model.value, 10) + ", ‖gradient‖ " + text::number(model.gradient.norm()) +
          ", gradient " + text::point((model.gradient.array() + 0.0).matrix()) + "\n";
  text +=
      "  along -gradient" + (analysis.descent ? step_line(analysis, analysis.descent) : ": there is none\n");
  if (analysis.proving) text += "  along the direction" + step_line(analysis, analysis.proving);
  return text + "  derivatives: " + analysis.provider.describe();
}

nlohmann::ordered_json step_json(const std::vector<std::string>& names, const std::optional<Step>& step) {
  if (!step) return {};
  return {{"direction", by_name(names, step->direction)},
          {"slope", finite_or_null(step->bend.slope)},
          {"curvature", finite_or_null(step->bend.curvature)},
          {"step", finite_or_null(step->bend.step)}};
}

/// The certificate as in the object of a run.
nlohmann::ordered_json certificate_json(const Analysis& analysis) {
  Result holder;
  holder.names = analysis.at.names;
  holder.critical_point = analysis.point;
  return run_json(holder)["critical_point"];
}

nlohmann::ordered_json analysis_json(const Analysis& analysis, const std::string& function) {
  const std::vector<std::string>& names = analysis.at.names;
  nlohmann::ordered_json eigenvalues = nlohmann::ordered_json::array();
  for (const double value : analysis.eigenvalues) eigenvalues.push_back(finite_or_null(value));
  return {{"schema", "quadric/analysis/1"},
          {"function", function},
          {"at", by_name(names, analysis.model.x)},
          {"value", finite_or_null(analysis.model.value)},
          {"gradient", by_name(names, analysis.model.gradient)},
          {"gradient_norm", finite_or_null(analysis.model.gradient.norm())},
          {"critical_point", certificate_json(analysis)},
          {"eigenvalues", eigenvalues},
          {"steps",
           {{"steepest_descent", step_json(names, analysis.descent)},
            {"proving_direction", step_json(names, analysis.proving)}}},
          {"provider", {{"gradient", analysis.provider.first}, {"hessian", analysis.provider.second}}}};
}

}  // namespace

int run_verb(const AnalyzeCommand& command) {
  const auto logger = make_logger(command.output.log_level);
  const Assignments at = read_assignments("--at", command.at);
  const Problem problem = function_problem(command.function, at);
  require_writable({{"--json", command.output.json}});

  logger->info("{} over {}, derivatives {}", command.function, text::count(at.values.size(), "variable"),
               problem.provider().describe());
  const Analysis analysis = analyze(problem, at);
  print(summary(analysis, command.function));
  save(command.output.json, analysis_json(analysis, command.function));
  return analysis.point.kind == CriticalKind::Undecided ? ExitCode::not_solved : ExitCode::solved;
}

}  // namespace quadric::cli
