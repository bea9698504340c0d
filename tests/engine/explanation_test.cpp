#include "quadric/engine/explanation.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/probe.hpp"
#include "quadric/engine/read_trace.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/problem/problem.hpp"

#include "engine/run_json.hpp"

/// The rules one by one, on records made by hand. What they say of real runs is in suites/explanation_test.
namespace quadric {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Vector pair(double a, double b) {
  Vector v(2);
  v << a, b;
  return v;
}

/// Ended at its minimum after a few iterations.
Result sound_result() {
  Result result{.x = pair(1.0, 2.0), .value = 0.5, .gradient_norm = 1e-14, .status = Status::Converged};
  result.critical_point.kind = CriticalKind::Minimum;
  result.critical_point.lambda_min = 1.0;
  result.critical_point.lambda_max = 10.0;
  result.critical_point.direction = pair(1.0, 0.0);
  result.reason = "the gradient is zero within the tolerance";
  result.names = {"a", "b"};
  result.iterations = 4;
  for (Index i = 0; i <= 4; ++i) {
    Iteration line{.iteration = i, .value = 0.5 + std::pow(0.01, static_cast<double>(i))};
    line.gradient_norm = std::pow(0.1, static_cast<double>(i));
    result.trace.push_back(line);
  }
  return result;
}

Result stalled_result() {
  Result result = sound_result();
  result.status = Status::Stalled;
  result.reason = "no step makes measurable progress, but the gradient is not zero";
  result.critical_point.kind = CriticalKind::NotCritical;
  return result;
}

Cause first_cause(const Result& result) {
  const Explanation explanation = result.explain();
  EXPECT_FALSE(explanation.causes.empty()) << explanation;
  return explanation.causes.empty() ? Cause{.sentence = "none"} : explanation.causes.front();
}

/// A look at eight points that showed nothing.
Probe look() {
  Probe probe;
  probe.points = 8;
  return probe;
}
Probe look_at_noise(double noise) {
  Probe probe = look();
  probe.noise = noise;
  probe.rounding = 1e-16;
  return probe;
}
Probe conditioned(double condition, double scaled_condition, double unit_ratio) {
  Probe probe;
  probe.condition = condition;
  probe.scaled_condition = scaled_condition;
  probe.longest = 0;
  probe.shortest = 1;
  probe.unit_ratio = unit_ratio;
  return probe;
}

Result with(Result result, const Probe& probe) {
  result.probe = std::make_shared<Probe>(probe);
  return result;
}

TEST(Explanation, OfAMinimumHasNoCause) {
  const Explanation explanation = sound_result().explain();
  EXPECT_TRUE(explanation.causes.empty());
  EXPECT_TRUE(explanation.solved);
  EXPECT_THAT(explanation.text(), HasSubstr("nothing held it back"));
  EXPECT_THAT(explanation.text(), HasSubstr("minimum, λ ∈ [1, 10]"));
}

TEST(Explanation, SaysWhereNothingIsKnown) {
  EXPECT_THAT(stalled_result().explain().text(), HasSubstr("is not known"));
}

TEST(Explanation, NamesTheVariableOfAWrongGradient) {
  Probe probe = look();
  probe.gradient = {.claimed = 3.0, .measured = -3.0, .error = 1e-9, .contradicts = true, .variable = 1};
  const Cause cause = first_cause(with(stalled_result(), probe));
  EXPECT_EQ(to_string(cause.kind), "wrong_gradient");
  EXPECT_THAT(cause.variables, ElementsAre("b"));
  EXPECT_THAT(cause.sentence, HasSubstr("∂f/∂b = 3 where f itself shows -3"));
  EXPECT_EQ(cause.evidence.at(1).value, -3.0);
}

TEST(Explanation, PutsAWrongGradientBeforeWhatFollowsFromIt) {
  Probe probe = look_at_noise(1e-3);
  probe.gradient = {.claimed = 3.0, .measured = 1.0, .error = 1e-3, .contradicts = true};
  const Explanation explanation = with(stalled_result(), probe).explain();
  ASSERT_EQ(explanation.causes.size(), 2U);
  EXPECT_EQ(explanation.causes[1].kind, CauseKind::Noise);
}

TEST(Explanation, NamesAFlippedSignOfAHessian) {
  Probe probe = look();
  probe.hessian = {.claimed = -2.0, .measured = 2.0, .error = 1e-8, .contradicts = true, .variable = 0};
  const Cause cause = first_cause(with(stalled_result(), probe));
  EXPECT_EQ(to_string(cause.kind), "wrong_hessian");
  EXPECT_THAT(cause.sentence, HasSubstr("with the other sign"));
}

TEST(Explanation, SpeaksOfNoiseOnlyWhereItHeldARunBack) {
  const Probe noisy = look_at_noise(1e-8);
  EXPECT_EQ(first_cause(with(stalled_result(), noisy)).kind, CauseKind::Noise);
  EXPECT_TRUE(with(sound_result(), noisy).explain().causes.empty());
}

TEST(Explanation, NamesAKink) {
  Probe probe = look();
  probe.kink = {.before = -1.0, .after = 2.0, .width = 1e-6, .found = true, .variable = 1};
  const Cause cause = first_cause(with(stalled_result(), probe));
  EXPECT_EQ(to_string(cause.kind), "non_smooth");
  EXPECT_THAT(cause.variables, ElementsAre("b"));
}

TEST(Explanation, NamesPointsThatFailed) {
  Result result = stalled_result();
  result.status = Status::EvaluationFailed;
  result.reason = "no shorter step could be evaluated: the value is nan at x = (1, 2)";
  for (std::size_t i = 2; i < 5; ++i) result.trace[i].events.add(Event::NonFinite);
  const Cause cause = first_cause(result);
  EXPECT_EQ(to_string(cause.kind), "non_finite");
  EXPECT_EQ(cause.first_iteration, 2);
  EXPECT_EQ(cause.last_iteration, 4);
  result = sound_result();  // it got around them
  result.trace[1].events.add(Event::NonFinite);
  EXPECT_TRUE(result.explain().causes.empty());
}

TEST(Explanation, NamesTheVariableThatRunsAway) {
  Result result = stalled_result();
  result.status = Status::Unbounded;
  result.x = pair(3.0, 1e60);
  const Cause cause = first_cause(result);
  EXPECT_EQ(to_string(cause.kind), "unbounded");
  EXPECT_THAT(cause.variables, ElementsAre("b"));
}

TEST(Explanation, TellsOfASaddleAtTheStart) {
  Result result = sound_result();
  result.trace[1].events = {Event::Saddle, Event::Escaped};
  result.trace[1].note = "at a saddle of index 1";
  const Cause cause = first_cause(result);
  EXPECT_EQ(to_string(cause.kind), "start_at_saddle");
  EXPECT_THAT(cause.sentence, HasSubstr("at a saddle of index 1"));
  result.trace[1].events = {};
  result.trace[3].events = {Event::Saddle, Event::Escaped};  // on the way, not at the start
  EXPECT_TRUE(result.explain().causes.empty());
}

TEST(Explanation, TellsWhichBoundHolds) {
  Result result = sound_result();
  result.critical_point.multipliers = pair(0.0, -4.0);
  result.critical_point.held = 1;
  const Cause cause = first_cause(result);
  EXPECT_EQ(to_string(cause.kind), "bound_blocked");
  EXPECT_THAT(cause.sentence, HasSubstr("b at its upper one"));
}

TEST(Explanation, NamesWhatDataDoNotTellApart) {
  Result result = stalled_result();
  result.status = Status::UndecidedCurvature;
  result.critical_point.kind = CriticalKind::Degenerate;
  result.critical_point.nullity = 1;
  result.critical_point.direction = pair(0.6, -0.8);
  const Cause cause = first_cause(result);
  EXPECT_EQ(to_string(cause.kind), "rank_deficient");
  EXPECT_THAT(cause.variables, ElementsAre("b", "a"));
}

TEST(Explanation, TellsUnitsFromAValley) {
  Result result = stalled_result();
  result.iterations = 900;
  const Cause units = first_cause(with(result, conditioned(1e12, 3.0, 1e6)));
  EXPECT_EQ(to_string(units.kind), "bad_scaling");
  EXPECT_THAT(units.variables, ElementsAre("a", "b"));
  const Cause valley = first_cause(with(result, conditioned(1e12, 1e12, 1.0)));
  EXPECT_EQ(to_string(valley.kind), "flat_valley");
}

TEST(Explanation, TellsALimitFromWhatMadeItFelt) {
  Result result = stalled_result();
  result.status = Status::IterationLimit;
  result.reason = "the limit of 4 iterations was reached";
  EXPECT_EQ(to_string(first_cause(result).kind), "tiny_limit");
  EXPECT_THAT(first_cause(result).advice, HasSubstr("raise the limit"));
  result.iterations = 10000;
  const Probe valley = conditioned(1e9, 1e9, 1.0);
  const Explanation explanation = with(result, valley).explain();
  ASSERT_EQ(explanation.causes.size(), 2U);
  EXPECT_EQ(explanation.causes[0].kind, CauseKind::FlatValley);
  EXPECT_EQ(explanation.causes[1].kind, CauseKind::TinyLimit);
}

TEST(Explanation, OfATraceDoesNotKnowTheEnd) {
  RecordedRun run;
  run.trace = stalled_result().trace;
  const Explanation explanation = explain(run);
  EXPECT_THAT(explanation.ending, HasSubstr("does not say why"));
  EXPECT_TRUE(explanation.causes.empty()) << explanation;
}

TEST(Explanation, IsWrittenAsAList) {
  Result result = sound_result();
  result.critical_point.multipliers = pair(0.0, -4.0);
  const auto json = explanation_json(result.explain());
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0]["cause"], "bound_blocked");
  EXPECT_EQ(json[0]["evidence"]["∂f/∂b"], -4.0);
  EXPECT_EQ(json[0]["variables"][0], "b");
}

TEST(Explanation, RefusesAProblemOfAnotherSize) {
  const Problem problem = Problem(Objective([](const Vector& x) {
                            return x.squaredNorm();
                          })).with_bounds(Bounds::at_least({0.0}));
  EXPECT_THROW(explain(sound_result(), problem), Misuse);
}

}  // namespace
}  // namespace quadric
