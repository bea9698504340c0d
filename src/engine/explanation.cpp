#include "quadric/engine/explanation.hpp"

#include <cmath>
#include <optional>
#include <string>

#include "quadric/base/misuse.hpp"
#include "quadric/base/status.hpp"
#include "quadric/engine/probe.hpp"
#include "quadric/engine/read_trace.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/problem/problem.hpp"

#include "base/text.hpp"
#include "engine/causes.hpp"
#include "engine/probing.hpp"

namespace quadric {

std::string_view to_string(CauseKind kind) {
  switch (kind) {
    case CauseKind::WrongGradient:
      return "wrong_gradient";
    case CauseKind::WrongHessian:
      return "wrong_hessian";
    case CauseKind::Noise:
      return "noise";
    case CauseKind::NonSmooth:
      return "non_smooth";
    case CauseKind::NonFinite:
      return "non_finite";
    case CauseKind::Unbounded:
      return "unbounded";
    case CauseKind::StartAtSaddle:
      return "start_at_saddle";
    case CauseKind::Saddle:
      return "saddle";
    case CauseKind::BoundBlocked:
      return "bound_blocked";
    case CauseKind::RankDeficient:
      return "rank_deficient";
    case CauseKind::BadScaling:
      return "bad_scaling";
    case CauseKind::FlatValley:
      return "flat_valley";
    case CauseKind::TinyLimit:
      return "tiny_limit";
  }
  return "unknown";
}

namespace {

std::string ending_of(const Result& result) {
  return std::string(to_string(result.status)) + " after " + text::count(result.iterations, "iteration") +
         ": " + result.reason;
}

/// Where the trace bent down, if anywhere.
std::string bends_of(const std::vector<Iteration>& trace) {
  Index first = -1, last = -1, count = 0;
  for (const Iteration& line : trace) {
    if (!line.events.has(Event::NegativeCurvature)) continue;
    if (count++ == 0) first = line.iteration;
    last = line.iteration;
  }
  if (count == 0) return "";
  return "; " + text::count(count, "step") + " on the way met negative curvature (iterations " +
         std::to_string(first) + " to " + std::to_string(last) + ")";
}

Explanation explained(const Result& result, const Probe* probe) {
  return {.ending = ending_of(result),
          .curvature = result.critical_point.describe() + bends_of(result.trace),
          .causes = find_causes(result, probe, true),
          .solved = result.converged(),
          .probed = probe != nullptr && probe->points > 0};
}

std::optional<Status> status_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Status::StoppedByUser); ++i)
    if (to_string(static_cast<Status>(i)) == name) return static_cast<Status>(i);
  return std::nullopt;
}

std::string evidence_line(const Cause& cause) {
  std::string line;
  for (const Evidence& one : cause.evidence) {
    if (std::isnan(one.value)) continue;
    line += (line.empty() ? "" : ", ") + one.name + " " + text::number(one.value, 4);
  }
  if (cause.first_iteration >= 0) {
    line += (line.empty() ? "iteration " : "; iteration ") + std::to_string(cause.first_iteration);
    if (cause.last_iteration > cause.first_iteration) line += " to " + std::to_string(cause.last_iteration);
  }
  return line;
}

}  // namespace

std::string Explanation::text() const {
  std::string text = "why it stopped: " + ending + "\n  the curvature there: " + curvature;
  if (causes.empty()) {
    text += solved ? "\n  nothing held it back"
            : probed
                ? "\n  what held it back is not known: the derivatives agree with f around the point, and f "
                  "is smooth there"
                : "\n  what held it back is not known";
    return text;
  }
  text += solved ? "\n  what to know about it:" : "\n  what held it back:";
  Index place = 0;
  for (const Cause& cause : causes) {
    text += "\n  " + std::to_string(++place) + ". " + std::string(to_string(cause.kind)) + ": " +
            cause.sentence + ".";
    const std::string evidence = evidence_line(cause);
    if (!evidence.empty()) text += "\n     evidence: " + evidence;
    text += "\n     to try: " + cause.advice;
  }
  return text;
}

std::ostream& operator<<(std::ostream& out, const Explanation& explanation) {
  return out << explanation.text();
}

Explanation Result::explain() const { return explained(*this, probe.get()); }

Explanation explain(const Result& result, const Problem& problem) {
  const Index n = result.x.size();
  if (n == 0) misuse("explain: the result has no point");
  require_size(problem.bounds(), n);
  Probe probe;
  Evaluator evaluator(problem);
  LocalModel exact;
  const bool small = n <= 200;
  const bool has_exact = small && evaluator.model(result.x, Curvature::Hessian, exact);
  if (has_exact) measure_conditioning(exact, probe);
  probe_function(evaluator, result.x, sizes_to_probe(result.x.cwiseAbs(), has_exact ? &exact : nullptr),
                 probe);
  return explained(result, &probe);
}

Explanation explain(const RecordedRun& run) {
  Result result;
  result.solver = run.solver;
  result.trace = run.trace;
  result.iterations = run.trace.empty() ? 0 : run.trace.back().iteration;
  result.value = run.trace.empty() ? Iteration::unknown : run.trace.back().value;
  result.gradient_norm = run.trace.empty() ? Iteration::unknown : run.trace.back().gradient_norm;
  result.reason = run.reason;
  result.names = run.names;
  if (run.critical_point) result.critical_point = *run.critical_point;
  const std::optional<Status> status = status_named(run.status);
  result.status = status.value_or(Status::StoppedByUser);
  Explanation explanation = explained(result, nullptr);
  if (!status) {
    explanation.ending =
        "the trace ends after " + text::count(result.iterations, "iteration") + ", and does not say why";
    explanation.causes = find_causes(result, nullptr, false);
  }
  if (!run.critical_point) {
    double lowest = Iteration::unknown;
    for (const Iteration& line : run.trace)
      if (std::isfinite(line.lambda_min)) lowest = line.lambda_min;
    explanation.curvature = (std::isnan(lowest) ? "the trace has no certificate"
                                                : "lowest curvature last known " + text::number(lowest, 4)) +
                            bends_of(run.trace);
  }
  return explanation;
}

}  // namespace quadric
