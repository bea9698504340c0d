#include "engine/valley_floor.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "engine/plain_norm.hpp"

/// Valleys that bend: where the parabola through points of the floor leads, and runs along them.
namespace quadric {
namespace {

Vector vector(double a, double b) { return (Vector(2) << a, b).finished(); }

/// Arrives at `x` on the floor in the second iteration from `iteration`, after a step that left it.
void step_along(ValleyFloor& floor, Index iteration, const Vector& x, double value) {
  floor.arrived(iteration, x, value, 2.0);
  floor.arrived(iteration + 1, x, value, 1.0);
}

ValleyFloor after_three(const Vector& a, const Vector& b, const Vector& c) {
  ValleyFloor floor;
  floor.arrived(0, a, 4.0, 1.0);
  step_along(floor, 1, a, 3.0);
  step_along(floor, 3, b, 2.0);
  step_along(floor, 5, c, 1.0);
  return floor;
}

TEST(ValleyFloor, FollowsALineByTheLastDistance) {
  const auto ahead = after_three(vector(0, 0), vector(1, 2), vector(3, 6)).ahead(PlainNorm());
  ASSERT_TRUE(ahead);
  EXPECT_LE((ahead->x - vector(5, 10)).norm(), 1e-14);
  EXPECT_EQ(ahead->expected, -1.0);
}

/// Off a circle by the third order of the distance: eight times as little for half the distance, where a
/// tangent is four times as near.
TEST(ValleyFloor, LeavesACircleByTheThirdOrder) {
  const auto off = [](double angle) {
    const auto at = [&](double k) { return vector(std::cos(k * angle), std::sin(k * angle)); };
    return std::abs(after_three(at(0), at(1), at(2)).ahead(PlainNorm())->x.norm() - 1.0);
  };
  EXPECT_LE(off(0.1), 0.1 * 0.1 * 0.1);
  EXPECT_LE(off(0.05), off(0.1) / 7.0);
}

TEST(ValleyFloor, KnowsNoWayBeforeThreePointsOrOffTheFloor) {
  ValleyFloor floor;
  floor.arrived(0, vector(0, 0), 5.0, 1.0);
  for (int k = 0; k < 3; ++k) {
    EXPECT_FALSE(floor.ahead(PlainNorm())) << k;
    step_along(floor, 1 + 2 * k, vector(k, 0), 3.0 - k);
  }
  EXPECT_TRUE(floor.ahead(PlainNorm()));
  floor.arrived(7, vector(4, 0), 0.5, 3.0);  // the gradient rose
  EXPECT_FALSE(floor.ahead(PlainNorm()));
}

/// A gradient that only falls is that of a run that converges.
TEST(ValleyFloor, IsNotSeenWhereGradientsFall) {
  ValleyFloor floor;
  for (int k = 0; k < 9; ++k) floor.arrived(k, vector(k, 0), -k, std::pow(0.1, k));
  EXPECT_FALSE(floor.ahead(PlainNorm()));
}

TEST(ValleyFloor, GoesFartherAfterSuccessAndWaitsAfterFailure) {
  ValleyFloor floor = after_three(vector(0, 0), vector(1, 0), vector(2, 0));
  floor.tried(-1.0, -1.0);
  EXPECT_EQ(floor.ahead(PlainNorm())->x, vector(4, 0));
  floor.tried(1.0, -2.0);
  EXPECT_FALSE(floor.ahead(PlainNorm()));
  step_along(floor, 7, vector(3, 0), 0.5);
  EXPECT_FALSE(floor.ahead(PlainNorm()));
  step_along(floor, 9, vector(4, 0), 0.25);
  EXPECT_EQ(floor.ahead(PlainNorm())->x, vector(5, 0));
}

Index times(const Result& result, Event event) {
  return std::count_if(result.trace.begin(), result.trace.end(),
                       [event](const Iteration& line) { return line.events.has(event); });
}

/// Rosenbrock's valley, a hundred thousand times as steep across, and one along a circle: 726 and 546
/// Hessians where the floor is not followed.
TEST(ValleyFloor, ShortensTheWayAlongSteepValleys) {
  const auto parabola = [](const auto& x) {
    const auto off = x[1] - x[0] * x[0], to_go = 1.0 - x[0];
    return 1e7 * off * off + to_go * to_go;
  };
  const auto circle = [](const auto& x) {
    const auto off = x[0] * x[0] + x[1] * x[1] - 1.0;
    return 1e6 * off * off - x[0];
  };
  for (const Result& result :
       {minimize(parabola, {-1.2, 1.0}, Newton{}), minimize(circle, {-0.9, 0.5}, Newton{})}) {
    EXPECT_EQ(result.status, Status::Converged) << result.summary();
    EXPECT_GE(times(result, Event::Extrapolated), 3) << result.summary();
    EXPECT_LE(result.counts.hessians, 450) << result.summary();
  }
}

}  // namespace
}  // namespace quadric
