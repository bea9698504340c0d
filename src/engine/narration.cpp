#include "engine/narration.hpp"

#include <cmath>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "base/text.hpp"

namespace quadric {

namespace {

constexpr auto row_format = "{:>5} {:>14} {:>9} {:>9} {:>9} {:>9} {:>10}  {:<14} {:>3}  {}";
/// f bends visibly where what happened differs from the slope's promise by more than this share, as in
/// `Iteration::bend`.
constexpr double visible_bend = 1e-3;
/// A difference of f below this share of f is rounding.
constexpr double rounding = 1e-13;
/// Negative curvature is over when it has not been met for this many iterations.
constexpr Index calm = 3;

std::string known(double value, int digits) {
  return std::isfinite(value) ? text::number(value, digits) : "-";
}

/// pᵀB p / pᵀp, where a step was taken.
double unit_curvature(const Iteration& iteration) {
  return iteration.curvature / iteration.step_norm / iteration.step_norm;
}

/// The bend in a word and the share of the slope's promise that was gained.
std::string short_bend(const Iteration& iteration) {
  const double slope = iteration.slope, actual = iteration.actual;
  if (!std::isfinite(slope) || !std::isfinite(actual) || iteration.events.has(Event::Polished)) return "-";
  if (slope == 0.0) return actual < 0.0 ? "down" : "flat";
  const double share = actual / slope;
  if (std::abs(share - 1.0) <= visible_bend) return "flat";
  return (share < 1.0 ? "up " : "down ") + text::number(100.0 * share, std::abs(share) < 10.0 ? 3 : 2) + " %";
}

/// Empty for a rejection, which has a column of its own.
std::string_view short_name(Event event) {
  switch (event) {
    case Event::NegativeCurvature:
      return "curv < 0";
    case Event::Saddle:
      return "saddle";
    case Event::Escaped:
      return "escaped";
    case Event::Degenerate:
      return "degenerate";
    case Event::NonFinite:
      return "non-finite";
    case Event::Rejected:
      return "";
    case Event::Polished:
      return "polish";
    case Event::HardCase:
      return "hard case";
    case Event::AsymmetricHessian:
      return "asymmetric";
    case Event::WrongDerivative:
      return "wrong derivative";
    case Event::WrongHessian:
      return "wrong Hessian";
    case Event::LongStep:
      return "long step";
    case Event::Summed:
      return "summed";
    case Event::Extrapolated:
      return "extrapolated";
    case Event::ReachedBound:
      return "bound";
    case Event::ChangedModel:
      return "other model";
    case Event::Contradicted:
      return "gradient contradicted";
    case Event::Noisy:
      return "noise";
    case Event::Crawled:
      return "crawl";
  }
  return "";
}

std::string short_events(const Events& events) {
  std::string names;
  for (const Event event : events.list()) {
    if (event == Event::NegativeCurvature && events.has(Event::Saddle)) continue;      // a saddle implies it
    if (event == Event::WrongDerivative && events.has(Event::WrongHessian)) continue;  // likewise
    const std::string_view name = short_name(event);
    if (!name.empty()) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  return names;
}

}  // namespace

std::string table_head() {
  return fmt::format(fmt::runtime(row_format), "iter", "value", "‖g‖", "step", "trust", "ratio", "curvature",
                     "bend", "rej", "events");
}

std::string table_legend() {
  return "  curvature: along the step; bend: share of the slope's promise that f gained along it (up: less, "
         "down: more)";
}

std::string table_row(const Iteration& iteration) {
  std::string row =
      fmt::format(fmt::runtime(row_format), iteration.iteration, known(iteration.value, 7),
                  known(iteration.gradient_norm, 3), known(iteration.step_norm, 3), known(iteration.trust, 3),
                  known(iteration.ratio, 3), known(unit_curvature(iteration), 3), short_bend(iteration),
                  iteration.rejected, short_events(iteration.events));
  return row.substr(0, row.find_last_not_of(' ') + 1);
}

std::string table_details(const Iteration& iteration) {
  const std::string bend = iteration.bend();
  return fmt::format("      predicted {}, actual {}, slope {}, pᵀBp {}, λmin {}{}{}; {}, {} s",
                     known(iteration.predicted, 6), known(iteration.actual, 6), known(iteration.slope, 6),
                     known(iteration.curvature, 6), known(iteration.lambda_min, 6), bend.empty() ? "" : "; ",
                     bend, text::count(iteration.evaluations, "evaluation"), known(iteration.seconds, 3));
}

Narrator::Evidence Narrator::evidence(const Iteration& now) {
  if (now.events.has(Event::NegativeCurvature)) return Evidence::Quadric;
  const double surplus = now.slope - now.actual;  // of the fall over the slope's promise; convex f has none
  if (surplus > visible_bend * std::abs(now.slope) && surplus > rounding * std::abs(now.value)) {
    return Evidence::Function;
  }
  const double along = unit_curvature(now);
  const double noise = std::isfinite(along) ? 1e-10 * std::abs(along) : 0.0;
  return now.lambda_min < -noise ? Evidence::LowestEigenvalue : Evidence::None;
}

std::string Narrator::describe(Evidence evidence, const Iteration& now) {
  switch (evidence) {
    case Evidence::Quadric:
      return "the quadric bends down along the step (curvature " + text::number(unit_curvature(now), 3) +
             "): f falls faster than its slope promises; a saddle or ridge is near";
    case Evidence::Function:
      return "f fell by " + text::number(now.actual / now.slope, 3) +
             " times what its slope promised: it bends down along the step; a saddle or ridge is near";
    case Evidence::LowestEigenvalue:
      return "the quadric bends up along the step, but down across it (lowest curvature " +
             text::number(now.lambda_min, 3) + "); a saddle or ridge is near";
    case Evidence::None:
      break;
  }
  return "";
}

void Narrator::tell_negative_curvature(const Iteration& now, std::vector<std::string>& sentences) {
  const Evidence met = evidence(now);
  if (met != Evidence::None) last_met_ = now.iteration;
  if (met > told_) {
    // The sentence on the saddle has just said it.
    if (!now.events.has(Event::Saddle)) sentences.push_back(describe(met, now));
    told_ = met;
    ever_told_ = true;
  } else if (told_ != Evidence::None && now.iteration >= last_met_ + calm) {
    sentences.push_back("no negative curvature was met since iteration " + std::to_string(last_met_) +
                        ": saddle or ridge are left behind");
    told_ = Evidence::None;
  }
}

std::vector<std::string> Narrator::tell(const Iteration& now) {
  std::vector<std::string> sentences;
  if (now.events.has(Event::Saddle)) {
    const bool named = now.note.find("saddle") != std::string::npos;
    sentences.push_back((named ? "a saddle, not a minimum: " : "negative curvature as at a saddle: ") +
                        now.note);
    ever_told_ = true;
  } else if (now.events.has(Event::Degenerate)) {
    sentences.push_back("the curvature is zero along some direction: " + now.note);
  }
  tell_negative_curvature(now, sentences);
  if (begins(now, Event::HardCase)) {
    sentences.emplace_back(
        "hard case: the gradient has no part along the lowest curvature, as on the axis of a saddle; the "
        "step adds one");
  }
  if (begins(now, Event::LongStep)) {
    sentences.emplace_back(
        "the curvature that the gradients show is zero or negative: f falls at least as fast as its slope "
        "says, and the step doubles the last one");
  }
  if (begins(now, Event::Summed)) {
    sentences.emplace_back(
        "steps shrink at a constant rate, as towards a point where the curvature vanishes or where the "
        "quadric "
        "misses some of it: what they add up to was taken as one");
  }
  if (begins(now, Event::Extrapolated)) {
    sentences.emplace_back(
        "the valley bends: the parabola through three points of its floor leads farther than the quadric");
  }
  if (now.events.has(Event::ChangedModel)) sentences.push_back(now.note);
  if (begins(now, Event::ReachedBound)) {
    sentences.emplace_back("the step ends on a bound: the variables there stay until f falls into the box");
  }
  if (begins(now, Event::NonFinite)) {
    sentences.push_back("a trial point could not be used" +
                        (now.events.has(Event::Escaped) || now.note.empty() ? "" : ": " + now.note) +
                        "; a shorter step was taken");
  }
  if (begins(now, Event::Polished)) {
    sentences.emplace_back("the gain is below the rounding of f: here the gradient judges the step");
  }
  for (std::string& sentence : sentences) {
    sentence.insert(0, "  iteration " + std::to_string(now.iteration) + ": ");
  }
  last_ = now.events;
  return sentences;
}

std::vector<std::string> Narrator::tell_end(const Result& result) {
  std::vector<std::string> sentences;
  if (result.trace.empty()) return sentences;
  const CriticalPoint& point = result.critical_point;
  const Iteration& end = result.trace.back();
  if (point.has_negative_curvature() && begins(end, Event::Saddle)) {
    sentences.push_back("  the run ends at a saddle or maximum, not a minimum: " + point.describe());
  } else if (begins(end, Event::Degenerate)) {
    sentences.push_back("  the run ends where the curvature is zero along some direction: " +
                        point.describe());
  } else if (point.index > 0 && !ever_told_) {
    sentences.push_back("  at the last point f bends down along some direction (lowest curvature " +
                        text::number(point.lambda_min, 3) + "); a saddle or ridge is near");
  }
  return sentences;
}

}  // namespace quadric
