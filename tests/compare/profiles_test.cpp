#include "quadric/compare/profiles.hpp"

#include <limits>

#include <gtest/gtest.h>

/// Profiles against tables that are computed by hand.
namespace quadric {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double absent = std::numeric_limits<double>::quiet_NaN();

Matrix table(std::initializer_list<std::initializer_list<double>> rows) {
  Matrix costs(static_cast<Index>(rows.size()), static_cast<Index>(rows.begin()->size()));
  Index i = 0;
  for (const auto& row : rows) {
    Index j = 0;
    for (const double cost : row) costs(i, j++) = cost;
    ++i;
  }
  return costs;
}

/// Ratios to the best: A 1, 1, never, 4; B 2, 1, 1, never; C 4, never, 3, 1.
TEST(PerformanceProfile, IsThatOfTheTable) {
  const auto curves =
      performance_profiles(table({{10, 20, 40}, {5, 5, never}, {never, 7, 21}, {8, never, 2}}));
  ASSERT_EQ(curves.size(), 3U);
  EXPECT_EQ(curves[0], (StepCurve{{1.0, 0.5}, {4.0, 0.75}}));
  EXPECT_EQ(curves[1], (StepCurve{{1.0, 0.5}, {2.0, 0.75}}));
  EXPECT_EQ(curves[2], (StepCurve{{1.0, 0.25}, {3.0, 0.5}, {4.0, 0.75}}));
}

TEST(PerformanceProfile, CountsProblemsThatNobodySolves) {
  const auto curves = performance_profiles(table({{never, never}, {3, 6}}));
  EXPECT_EQ(curves[0], (StepCurve{{1.0, 0.5}}));
  EXPECT_EQ(curves[1], (StepCurve{{2.0, 0.5}}));
}

/// The second solver ran on one problem only, and solved it.
TEST(PerformanceProfile, IsTheShareOfTheProblemsThatASolverRanOn) {
  const auto curves = performance_profiles(table({{4, absent}, {4, 2}}));
  EXPECT_EQ(curves[0], (StepCurve{{1.0, 0.5}, {2.0, 1.0}}));
  EXPECT_EQ(curves[1], (StepCurve{{1.0, 1.0}}));
}

TEST(PerformanceProfile, IsEmptyOfASolverThatSolvesNothing) {
  const auto curves = performance_profiles(table({{never, 1}}));
  EXPECT_TRUE(curves[0].empty());
  EXPECT_EQ(share_at(curves[0], 100.0), 0.0);
}

/// Of 1 and 4 variables: evaluations in units of 2 and 5.
TEST(DataProfile, IsThatOfTheTable) {
  const auto curves = data_profiles(table({{8, never}, {10, 35}}), Vector{{1.0, 4.0}});
  EXPECT_EQ(curves[0], (StepCurve{{2.0, 0.5}, {4.0, 1.0}}));
  EXPECT_EQ(curves[1], (StepCurve{{7.0, 0.5}}));
}

TEST(StepCurve, HoldsItsShareUntilTheNextStep) {
  const StepCurve curve = {{1.0, 0.25}, {3.0, 0.5}};
  EXPECT_EQ(share_at(curve, 0.9), 0.0);
  EXPECT_EQ(share_at(curve, 1.0), 0.25);
  EXPECT_EQ(share_at(curve, 2.9), 0.25);
  EXPECT_EQ(share_at(curve, 3.0), 0.5);
  EXPECT_EQ(share_at(curve, 1e9), 0.5);
}

}  // namespace
}  // namespace quadric
