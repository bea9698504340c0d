#include "quadric/engine/trace_difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

using ::testing::HasSubstr;

const auto rosenbrock = [](const auto& x) {
  const auto a = 1.0 - x[0];
  const auto b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

std::vector<Iteration> newton_trace() { return minimize(rosenbrock, {-1.2, 1.0}, Newton{}).trace; }

/// Differences that are planted are found where they are, with the quantity that was changed.
struct Planted {
  const char* quantity;
  void (*plant)(Iteration&);
  const char* why;
};

TEST(TraceDifference, FindsWhatWasPlanted) {
  const Planted all[] = {
      {"step_norm", [](Iteration& i) { i.step_norm *= 1.5; }, "the directions differ"},
      {"slope", [](Iteration& i) { i.slope *= 1.5; }, "lead elsewhere"},
      {"curvature", [](Iteration& i) { i.curvature *= 1.5; }, "another B"},
      {"predicted", [](Iteration& i) { i.predicted *= 1.5; }, "another B"},
      {"actual", [](Iteration& i) { i.actual *= 1.5; }, "the functions differ"},
      {"gradient_norm", [](Iteration& i) { i.gradient_norm *= 1.5; }, "its gradient is not"},
      {"trust", [](Iteration& i) { i.trust *= 2.0; }, "step controls"},
      {"rejected", [](Iteration& i) { ++i.rejected; }, "rejected other trial steps"},
      {"events", [](Iteration& i) { i.events.add(Event::NonFinite); }, "none against non_finite"},
      {"evaluations", [](Iteration& i) { ++i.evaluations; }, "at another cost"},
  };
  const std::vector<Iteration> first = newton_trace();
  ASSERT_GT(first.size(), 6U);
  ASSERT_TRUE(first[5].events.empty());
  for (const Planted& planted : all) {
    SCOPED_TRACE(planted.quantity);
    std::vector<Iteration> second = first;
    planted.plant(second[5]);
    const TraceDifference found = trace_difference(first, second);
    ASSERT_TRUE(found.visible);
    EXPECT_EQ(found.visible->iteration, 5);
    EXPECT_EQ(found.visible->quantity, planted.quantity);
    EXPECT_THAT(found.visible->why, HasSubstr(planted.why));
    EXPECT_EQ(found.any->iteration, 5);
  }
}

TEST(TraceDifference, TellsDigitsFromDifferences) {
  const std::vector<Iteration> first = newton_trace();
  std::vector<Iteration> second = first;
  second[3].value *= 1.0 + 1e-12;
  EXPECT_FALSE(trace_difference(first, second).visible);
  EXPECT_EQ(trace_difference(first, second).any->iteration, 3);
  EXPECT_EQ(trace_difference(first, second, 0.0).visible, std::nullopt);  // below the rounding of f
  second[3].value *= 1.0 + 1e-9;
  EXPECT_FALSE(trace_difference(first, second).visible);
  EXPECT_EQ(trace_difference(first, second, 0.0).visible->quantity, "value");
  // What is left of f at the end is rounding of what it was.
  second = first;
  second.back().value = 3.0 * first.back().value + 1e-25;
  EXPECT_FALSE(trace_difference(first, second).visible);
}

TEST(TraceDifference, SeesNoneInTheSameRunTwice) {
  std::vector<Iteration> second = newton_trace();
  for (Iteration& iteration : second) iteration.seconds += 1.0;
  EXPECT_FALSE(trace_difference(newton_trace(), second).any);
}

TEST(TraceDifference, SaysThatOneGoesOn) {
  const std::vector<Iteration> whole = newton_trace();
  const std::vector<Iteration> part(whole.begin(), whole.begin() + 4);
  const TraceDifference found = trace_difference(part, whole);
  EXPECT_EQ(found.visible->quantity, "end");
  EXPECT_EQ(found.visible->iteration, 4);
  EXPECT_THAT(found.visible->why, HasSubstr("the first ends after iteration 3"));
  // A run that was resumed begins later.
  EXPECT_FALSE(trace_difference({whole.begin() + 2, whole.end()}, whole).any);
}

TEST(TraceDifference, NamesTheCauseBetweenRuns) {
  const std::vector<Iteration> newton = newton_trace();
  const auto elsewhere = minimize(rosenbrock, {-1.0, 1.0}, Newton{}).trace;
  EXPECT_EQ(trace_difference(newton, elsewhere).visible->iteration, 0);
  EXPECT_THAT(trace_difference(newton, elsewhere).visible->why, HasSubstr("starts or the functions"));

  const auto descent =
      minimize(rosenbrock, {-1.2, 1.0}, GradientDescent{.stop = {.max_iterations = 5}}).trace;
  EXPECT_EQ(trace_difference(newton, descent).visible->iteration, 1);

  // A smaller first radius that binds changes the first step, and is named as the cause.
  const auto small =
      minimize(rosenbrock, {-1.2, 1.0}, Newton{.step = TrustRegion{.initial_radius = 0.01}}).trace;
  EXPECT_EQ(trace_difference(newton, small).visible->iteration, 1);
  EXPECT_EQ(trace_difference(newton, small).visible->quantity, "trust");
}

TEST(TraceDifference, RefusesMisuse) {
  EXPECT_THROW(trace_difference(newton_trace(), newton_trace(), -1.0), Misuse);
  EXPECT_THROW(trace_difference({}, newton_trace()), Misuse);
  EXPECT_THROW(trace_difference({Iteration{.iteration = 0}}, {Iteration{.iteration = 1}}), Misuse);
}

}  // namespace
}  // namespace quadric
