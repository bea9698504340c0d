#include "engine/causes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "quadric/engine/probe.hpp"

#include "base/text.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// f carries noise where it jumps by so many of its roundings; so many are usual where large terms cancel.
constexpr double noisy = 1e4;
/// A slope carries noise where it jumps by this share of its size: differences of good step do not.
constexpr double noisy_slope = 1e-7;
/// Units of variables, squared, are far apart where they make the condition worse by this factor: half of the
/// digits of a number.
constexpr double spoiling_units = 1e8;
/// A curvature this much below the largest one, whatever the units, leaves a step of steepest descent with
/// thousandths of the way, and Newton's with half of the digits.
constexpr double narrow_valley = 1e6;
/// The same between variables as they are, for a run that was slow.
constexpr double long_valley = 1e4;
/// So many iterations are many for any second-order method; most runs take a tenth.
constexpr Index many_iterations = 50;
/// A fall of f by less than this share of it may be rounding.
constexpr double few_roundings = 64.0 * epsilon;
/// A share of the iterations that is more than a mishap.
constexpr double often = 0.2;
/// The end of a run is its last so many iterations.
constexpr std::size_t lately = 10;
/// Of a unit vector: a variable has a part in it.
constexpr double has_part = 0.1;
constexpr std::size_t most_named = 4;

/// A cause and how much speaks for it: those with a higher weight come first. Measured contradictions weigh
/// most, then what the run itself met, then the shape of f, then limits.
struct Weighted {
  double weight = 0.0;
  Cause cause;
};
using Found = std::optional<Weighted>;

std::string number(double value) { return text::number(value, 3); }

class Rules {
 public:
  Rules(const Result& result, const Probe* probe, bool ended)
      : result_(result),
        point_(result.critical_point),
        probe_(probe != nullptr ? *probe : Probe{}),
        probed_(probe_.points > 0),
        ended_(ended),
        solved_(result.converged()) {}

  std::vector<Cause> apply() const {
    std::vector<Weighted> found;
    for (const auto rule : {&Rules::wrong_gradient, &Rules::noise, &Rules::non_smooth, &Rules::wrong_hessian,
                            &Rules::non_finite, &Rules::unbounded, &Rules::start_at_saddle, &Rules::saddle,
                            &Rules::bound_blocked, &Rules::rank_deficient, &Rules::bad_scaling,
                            &Rules::flat_valley, &Rules::tiny_limit}) {
      if (Found one = (this->*rule)()) found.push_back(std::move(*one));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Weighted& a, const Weighted& b) { return a.weight > b.weight; });
    std::vector<Cause> causes;
    for (Weighted& one : found) causes.push_back(std::move(one.cause));
    return causes;
  }

 private:
  std::string name(Index variable) const {
    const auto at = static_cast<std::size_t>(variable);
    return at < result_.names.size() ? result_.names[at] : text::numbered("x", variable);
  }

  /// The variables with a part in a unit vector, that with the largest part first.
  std::vector<std::string> parts(const Vector& direction) const {
    std::vector<Index> order;
    for (Index j = 0; j < direction.size(); ++j)
      if (std::abs(direction[j]) >= has_part) order.push_back(j);
    std::stable_sort(order.begin(), order.end(),
                     [&](Index a, Index b) { return std::abs(direction[a]) > std::abs(direction[b]); });
    if (order.size() > most_named) order.resize(most_named);
    std::vector<std::string> named;
    for (const Index j : order) named.push_back(name(j));
    return named;
  }

  Index last_iteration() const { return result_.trace.empty() ? -1 : result_.trace.back().iteration; }
  bool is_limited() const {
    return result_.status == Status::IterationLimit || result_.status == Status::TimeLimit;
  }
  bool took_long() const { return result_.iterations >= many_iterations; }
  /// The run went on until nothing was left to do, or for so long that something must have kept it.
  bool was_kept() const { return !solved_ && (!is_limited() || took_long()); }

  bool ended_with(Event event) const {
    return !result_.trace.empty() && result_.trace.back().events.has(event);
  }

  Found wrong_gradient() const {
    const bool audited = ended_with(Event::WrongDerivative) && !ended_with(Event::WrongHessian);
    // At a kink the gradient is one of several: there it may contradict values and be right beside it.
    const bool from_stall = ended_with(Event::Contradicted) && !probed_;
    if (!probe_.gradient.contradicts && !audited && !from_stall) return {};
    Cause cause{.kind = CauseKind::WrongGradient};
    const Probe::Comparison& seen = probe_.gradient;
    if (!seen.contradicts) {
      cause.sentence = "the derivatives are not those of the function: " + result_.reason;
    } else if (seen.variable >= 0) {
      cause.variables = {name(seen.variable)};
      cause.sentence = "the gradient contradicts the values of f: it has ∂f/∂" + name(seen.variable) + " = " +
                       number(seen.claimed) + " where f itself shows " + number(seen.measured);
      cause.evidence = {{"∂f/∂" + name(seen.variable) + " by the gradient", seen.claimed},
                        {"by the values of f", seen.measured},
                        {"error of the latter", seen.error}};
    } else {
      cause.sentence = "the gradient contradicts the values of f: along one direction its slope is " +
                       number(seen.claimed) + ", that of f " + number(seen.measured);
      cause.evidence = {{"slope by the gradient", seen.claimed},
                        {"slope by the values of f", seen.measured},
                        {"error of the latter", seen.error}};
    }
    cause.advice =
        "compare the gradient entry by entry with `check_derivatives` (`quadric check`), correct it, or "
        "leave "
        "it out: from a lambda on `const auto&` quadric takes exact derivatives by itself";
    return Weighted{110.0, std::move(cause)};
  }

  Found wrong_hessian() const {
    const Probe::Comparison& seen = probe_.hessian;
    if (!seen.contradicts && !ended_with(Event::WrongHessian)) return {};
    Cause cause{.kind = CauseKind::WrongHessian};
    if (seen.contradicts) {
      const std::string row = name(seen.variable);
      const bool flipped = std::abs(seen.claimed + seen.measured) <= 0.01 * std::abs(seen.measured);
      cause.variables = {row};
      cause.sentence = "the Hessian contradicts the gradient: along one direction its row of " + row +
                       " gives " + number(seen.claimed) + " where the gradient changes at the rate " +
                       number(seen.measured) + (flipped ? ", the same with the other sign" : "");
      cause.evidence = {{"row of " + row + " times the direction, by the Hessian", seen.claimed},
                        {"by differences of the gradient", seen.measured},
                        {"error of the latter", seen.error}};
    } else {
      cause.sentence = "the second derivatives are not those of the function: " + result_.reason;
    }
    cause.advice =
        "look for the entry with `check_derivatives` (`quadric check`), correct it, or leave the Hessian "
        "out: "
        "it is then differenced from the gradient";
    return Weighted{103.0, std::move(cause)};
  }

  Found noise() const {
    if (!was_kept()) return {};
    const bool differenced = result_.provider.first.find("differences") != std::string::npos;
    const bool of_value = probe_.noise > noisy * probe_.rounding;
    const bool of_slope = !differenced && probe_.noise_of_slope > noisy_slope;
    const bool stalled_by_it = !probed_ && ended_with(Event::Noisy);
    if (!of_value && !of_slope && !stalled_by_it) return {};
    Cause cause{.kind = CauseKind::Noise};
    if (of_value) {
      cause.sentence = "f carries noise of " + number(probe_.noise) +
                       " between points close by, where its "
                       "rounding would be " +
                       number(probe_.rounding) + ": smaller gains can not be seen";
    } else if (of_slope) {
      cause.sentence = "the gradient carries noise: its slope jumps by " + number(probe_.noise_of_slope) +
                       " of its size between points close by";
    } else {
      cause.sentence = "f or its gradient carries noise: " + result_.reason;
    }
    if (probed_)
      cause.evidence = {{"noise of f", probe_.noise},
                        {"rounding of f", probe_.rounding},
                        {"noise of the slope, relative", probe_.noise_of_slope}};
    cause.advice =
        "tighten what f computes inside (tolerances of inner solves, random numbers with a fixed seed, "
        "single "
        "precision), or take the point as it is and stop earlier: a gradient_tolerance of some " +
        number(std::sqrt(
            std::max(of_value ? probe_.noise / std::max(std::abs(result_.value), 1e-300) : 0.0, epsilon)));
    return Weighted{106.0, std::move(cause)};
  }

  Found non_smooth() const {
    if (!probe_.kink.found || solved_) return {};
    const Probe::Kink& kink = probe_.kink;
    Cause cause{.kind = CauseKind::NonSmooth};
    cause.variables = {name(kink.variable)};
    cause.sentence = "f has a kink here, most of all in " + name(kink.variable) +
                     ": across the point its slope jumps from " + number(kink.before) + " to " +
                     number(kink.after) + " over " + number(kink.width) +
                     " of the size of x, and no quadric fits both sides";
    cause.evidence = {{"slope before", kink.before}, {"slope after", kink.after}, {"width", kink.width}};
    cause.advice =
        "replace |t| by √(t² + δ²), max by a smooth maximum, or a jump by a ramp; sums of |rᵢ| are least "
        "squares "
        "with a loss (`Loss`)";
    return Weighted{104.0, std::move(cause)};
  }

  Found non_finite() const {
    const auto& trace = result_.trace;
    Index met = 0, first = -1, last = -1;
    for (const Iteration& line : trace) {
      if (!line.events.has(Event::NonFinite)) continue;
      ++met;
      if (first < 0) first = line.iteration;
      last = line.iteration;
    }
    const bool failed = result_.status == Status::EvaluationFailed && ended_;
    const bool at_the_end = met > 0 && last >= last_iteration() - 1;
    const double share = static_cast<double>(met) / std::max<double>(1.0, static_cast<double>(trace.size()));
    const bool around = probe_.failed > 0 && met > 0;
    if (!failed && (solved_ || !((met >= 2 && share >= often) || at_the_end || around))) return {};
    Cause cause{.kind = CauseKind::NonFinite, .first_iteration = first, .last_iteration = last};
    cause.sentence = failed ? "f can not be evaluated where the steps lead: " + result_.reason
                            : "f could not be evaluated at points that steps led to, and they had to be "
                              "shortened: the way ends at the border of where f is defined";
    for (auto line = trace.rbegin(); !failed && line != trace.rend(); ++line) {
      if (!line->events.has(Event::NonFinite) || line->note.empty()) continue;
      cause.sentence += " (" + line->note + ")";
      break;
    }
    cause.evidence = {{"iterations with a trial that failed", static_cast<double>(met)}};
    if (probed_)
      cause.evidence.push_back({"points around the last one that fail, of " + std::to_string(probe_.points),
                                static_cast<double>(probe_.failed)});
    cause.advice =
        "keep x where f is defined by bounds, or write f in variables that can not leave it (exp of a "
        "logarithm, a logistic); look for log, sqrt or a division that meets zero";
    const bool sure = failed || around;
    return Weighted{sure ? 105.0 : at_the_end && share >= often ? 95.0 : 71.0, std::move(cause)};
  }

  Found unbounded() const {
    const auto& trace = result_.trace;
    const bool said = ended_ && result_.status == Status::Unbounded;
    bool growing = false;
    if (!said && !solved_ && trace.size() > lately) {
      const Iteration &now = trace.back(), &then = trace[trace.size() - lately];
      growing = now.step_norm > 10.0 * then.step_norm && now.actual < 10.0 * then.actual && now.actual < 0.0;
    }
    if (!said && !growing) return {};
    Cause cause{.kind = CauseKind::Unbounded, .last_iteration = last_iteration()};
    cause.variables = runaways();
    const double start = trace.empty() ? result_.value : trace.front().value;
    cause.sentence = "f falls without limit: from " + number(start) + " to " + number(result_.value) +
                     ", in steps that still grow";
    if (!cause.variables.empty()) cause.sentence += ", as " + cause.variables.front() + " runs away";
    cause.evidence = {{"f at the start", start},
                      {"f at the end", result_.value},
                      {"length of the last step", trace.empty() ? Probe::unknown : trace.back().step_norm},
                      {"‖x‖", result_.x.stableNorm()}};
    cause.advice =
        "look for a sign, or a term that should hold this variable; bounds keep it where the model means "
        "something";
    return Weighted{said ? 120.0 : 80.0, std::move(cause)};
  }

  /// Variables whose magnitude is that of x.
  std::vector<std::string> runaways() const {
    const double length = result_.x.stableNorm();
    if (!(length > 0.0) || !std::isfinite(length)) return {};
    return parts(result_.x / length);
  }

  Found start_at_saddle() const {
    const auto& trace = result_.trace;
    const bool stayed = result_.iterations == 0 && !solved_ && point_.has_negative_curvature();
    // The first step away from a critical point, and before it none that gained.
    const auto away = std::find_if(trace.begin(), trace.end(), [](const Iteration& line) {
      return line.events.has(Event::Escaped) && line.iteration > 0;
    });
    const auto place = static_cast<std::size_t>(away - trace.begin());
    const bool left = away != trace.end() &&
                      trace[0].value - trace[place - 1].value <= few_roundings * std::abs(trace[0].value);
    if (!stayed && !left) return {};
    Cause cause{
        .kind = CauseKind::StartAtSaddle, .first_iteration = 0, .last_iteration = left ? away->iteration : 0};
    const bool flat = left && !away->events.has(Event::Saddle);
    cause.sentence = std::string("the start is ") +
                     (flat ? "a flat point" : "a saddle or a maximum, no minimum") +
                     ": the gradient vanishes there, and only curvature says where f falls";
    if (left) {
      cause.sentence += "; the run left it" + (away->note.empty() ? "" : " (" + away->note + ")");
      cause.evidence = {{"‖gradient‖ at the start", trace[0].gradient_norm},
                        {"f at the start", trace[0].value},
                        {"f after the step away", away->value},
                        {"length of that step", away->step_norm}};
    } else {
      cause.evidence = {{"‖gradient‖", result_.gradient_norm}, {"λmin", point_.lambda_min}};
      cause.variables = parts(point_.direction);
    }
    cause.advice =
        left ? "start elsewhere, off every symmetry of f: which of the ways down was taken is chance, "
               "and several starts (`multistart`) show the others"
             : "let the run leave the saddle (`AtSaddle::Escape`), or start elsewhere";
    // Of a run that failed later the start is not to blame, and what is to blame may have made it look
    // critical.
    return Weighted{solved_ || stayed ? 90.0 : 71.0, std::move(cause)};
  }

  Found saddle() const {
    const bool at_saddle = ended_ && !solved_ && point_.has_negative_curvature() && result_.iterations > 0;
    if (!at_saddle || is_limited()) return {};
    Cause cause{.kind = CauseKind::Saddle, .last_iteration = last_iteration()};
    cause.variables = parts(point_.direction);
    cause.sentence = "the point is a " + std::string(to_string(point_.kind)) + ", no minimum: curvature is " +
                     number(point_.lambda_min) + " along a direction";
    cause.evidence = {{"λmin", point_.lambda_min}, {"λmax", point_.lambda_max}};
    cause.advice = result_.status == Status::SaddlePoint
                       ? "let the run leave saddles (`AtSaddle::Escape`), or start off the ridge"
                       : "f does not fall where its Hessian says that it does: compare the Hessian with the "
                         "gradient by `check_derivatives` (`quadric check`)";
    return Weighted{66.0, std::move(cause)};
  }

  Found bound_blocked() const {
    const Vector& multipliers = point_.multipliers;
    if (multipliers.size() == 0 || multipliers.isZero(0.0)) return {};
    std::vector<Index> held;
    for (Index j = 0; j < multipliers.size(); ++j)
      if (multipliers[j] != 0.0) held.push_back(j);
    std::stable_sort(held.begin(), held.end(),
                     [&](Index a, Index b) { return std::abs(multipliers[a]) > std::abs(multipliers[b]); });
    Cause cause{.kind = CauseKind::BoundBlocked, .last_iteration = last_iteration()};
    for (const Index j : held) {
      if (cause.variables.size() == most_named) break;
      cause.variables.push_back(name(j));
      cause.evidence.push_back({"∂f/∂" + name(j), multipliers[j]});
    }
    const Index worst = held.front();
    const bool lower = multipliers[worst] > 0.0;
    cause.sentence = text::count(static_cast<Index>(held.size()), "variable") +
                     (held.size() == 1 ? " is" : " are") + " held by a bound, most firmly " + name(worst) +
                     " at its " + (lower ? "lower" : "upper") + " one: f would be lower beyond it, by " +
                     number(std::abs(multipliers[worst])) + " for a unit";
    for (const Iteration& line : result_.trace) {
      if (!line.events.has(Event::ReachedBound)) continue;
      cause.first_iteration = line.iteration;
      break;
    }
    cause.advice =
        "if the bound is not meant, move it: f falls beyond; if it is, this is the answer within it";
    return Weighted{solved_ ? 84.0 : was_kept() ? 67.0 : 30.0, std::move(cause)};
  }

  Found rank_deficient() const {
    const bool flat =
        point_.nullity > 0 && point_.order == 2 && !point_.has_negative_curvature() && !point_.fades;
    if (solved_ || !ended_ || !flat) return {};
    Cause cause{.kind = CauseKind::RankDeficient, .last_iteration = last_iteration()};
    cause.variables = parts(point_.direction);
    std::string combination;
    for (const std::string& one : cause.variables) combination += (combination.empty() ? "" : ", ") + one;
    cause.sentence =
        "f does not tell " +
        (cause.variables.size() == 1 ? combination + " at all" : "apart the values of " + combination) +
        ": its curvature is zero along " + text::count(point_.nullity, "direction") +
        (combination.empty() ? "" : ", one of them along ") + combination;
    cause.evidence = {{"zero curvatures", static_cast<double>(point_.nullity)},
                      {"λmin", point_.lambda_min},
                      {"λmax", point_.lambda_max}};
    cause.advice =
        "fix one of these variables, tie them, add data that tell them apart, or a small penalty (a prior) "
        "on "
        "them; the value of f is right as it is";
    return Weighted{is_limited() ? 50.0 : 75.0, std::move(cause)};
  }

  Found bad_scaling() const {
    const bool worse = probe_.condition >= spoiling_units * probe_.scaled_condition ||
                       (std::isinf(probe_.condition) && probe_.scaled_condition < narrow_valley);
    const bool apart = worse && probe_.unit_ratio * probe_.unit_ratio >= spoiling_units;
    if (!apart || (solved_ && !took_long())) return {};
    Cause cause{.kind = CauseKind::BadScaling, .last_iteration = last_iteration()};
    cause.variables = {name(probe_.longest), name(probe_.shortest)};
    cause.sentence = "the variables are in units that are far apart: f feels a change of " +
                     name(probe_.shortest) + " as much as one of " + name(probe_.longest) + " that is " +
                     number(probe_.unit_ratio) + " times larger";
    cause.evidence = {{"ratio of the units", probe_.unit_ratio},
                      {"condition number", probe_.condition},
                      {"condition number in units of each variable's curvature", probe_.scaled_condition}};
    cause.advice =
        "divide each variable by its typical size, so that all are about 1, or take a solver that does not "
        "depend on units (`Newton`, `GaussNewton`)";
    return Weighted{took_long() || was_kept() ? 72.0 : 40.0, std::move(cause)};
  }

  Found flat_valley() const {
    const bool fades = point_.fades || ended_with(Event::Crawled);
    const double spread = point_.lambda_min > 0.0 ? point_.lambda_max / point_.lambda_min : Probe::unknown;
    const bool narrow = probe_.scaled_condition >= narrow_valley;
    const bool slow = took_long() && (narrow || spread >= long_valley ||
                                      probe_.scaled_condition >= long_valley || point_.order != 2);
    if (!(slow || (!solved_ && (fades || narrow)))) return {};
    Cause cause{.kind = CauseKind::FlatValley, .last_iteration = last_iteration()};
    cause.variables = parts(point_.direction);
    cause.sentence = "the way leads along a valley: f hardly bends along it";
    if (std::isfinite(probe_.condition)) {
      cause.sentence += ", " + number(probe_.condition) + " times less than across it";
    } else if (std::isfinite(spread)) {
      cause.sentence += ", " + number(spread) + " times less than across it";
    }
    cause.sentence += " (ill-conditioning)";
    if (took_long()) cause.sentence += ", and it took " + text::count(result_.iterations, "iteration");
    cause.evidence = {{"λmin", point_.lambda_min},
                      {"λmax", point_.lambda_max},
                      {"condition number", probe_.condition},
                      {"condition number in units of each variable's curvature", probe_.scaled_condition},
                      {"iterations", static_cast<double>(result_.iterations)}};
    cause.advice =
        "with first-order methods change to `Newton` or `GaussNewton`, which take curvature into account; "
        "write f "
        "in variables along and across the valley; where nothing bends along it, hold it by a penalty or "
        "data";
    const double weight = took_long() ? 70.0 : was_kept() ? 62.0 : 35.0;
    return Weighted{weight, std::move(cause)};
  }

  Found tiny_limit() const {
    if (!ended_ || !is_limited()) return {};
    const auto& trace = result_.trace;
    Cause cause{.kind = CauseKind::TinyLimit, .last_iteration = last_iteration()};
    cause.sentence = "a limit ended the run on its way: " + result_.reason;
    if (trace.size() > 1) {
      const Iteration& then = trace[trace.size() - 1 - std::min(lately, trace.size() - 1)];
      cause.first_iteration = then.iteration;
      cause.evidence = {{"fall of f over the last iterations", then.value - trace.back().value},
                        {"‖gradient‖ then", then.gradient_norm},
                        {"‖gradient‖ now", trace.back().gradient_norm}};
    }
    cause.evidence.push_back({"iterations", static_cast<double>(result_.iterations)});
    cause.advice = took_long()
                       ? "see what slowed it before raising the limit"
                       : "raise the limit (`Stopping`, --max-iterations, --max-seconds), or go on from "
                         "this point";
    return Weighted{65.0, std::move(cause)};
  }

  const Result& result_;
  const CriticalPoint& point_;
  const Probe probe_;
  bool probed_;
  bool ended_;   ///< how the run ended is known
  bool solved_;  ///< at a certified minimum
};

}  // namespace

std::vector<Cause> find_causes(const Result& result, const Probe* probe, bool ended) {
  return Rules(result, probe, ended).apply();
}

}  // namespace quadric
