#include "compare/contours.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace quadric {
namespace {

/// f on the points (j, i) of a grid of n a side.
template <class F>
Matrix on_grid(Index n, const F& f) {
  Matrix values(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) values(i, j) = f(static_cast<double>(j), static_cast<double>(i));
  return values;
}

TEST(ContourLines, OfABowlAreOneCircle) {
  const Matrix values = on_grid(21, [](double x, double y) { return std::hypot(x - 10.0, y - 10.0); });
  const auto lines = contour_lines(values, 6.0);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].front(), lines[0].back());
  EXPECT_GT(lines[0].size(), 20U);
  for (const auto& [x, y] : lines[0]) EXPECT_NEAR(std::hypot(x - 10.0, y - 10.0), 6.0, 0.03);
}

TEST(ContourLines, OfASlopeIsOneOpenLineFromSideToSide) {
  const auto lines = contour_lines(on_grid(5, [](double x, double y) { return x + 0.5 * y; }), 2.25);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].front(), lines[0].back());
  for (const auto& [x, y] : lines[0]) EXPECT_NEAR(x + 0.5 * y, 2.25, 1e-12);
  const double ends = std::min(lines[0].front().second, lines[0].back().second);
  EXPECT_EQ(ends, 0.0);
  EXPECT_EQ(std::max(lines[0].front().second, lines[0].back().second), 4.0);
}

/// xy = ±c has two branches, which do not meet in the cell with the saddle.
TEST(ContourLines, OfASaddleAreTwoBranches) {
  const Matrix values = on_grid(8, [](double x, double y) { return (x - 3.5) * (y - 3.5); });
  for (const double level : {0.2, -0.2}) {
    const auto lines = contour_lines(values, level);
    ASSERT_EQ(lines.size(), 2U) << level;
    for (const auto& line : lines) {
      const bool right = line.front().first > 3.5;
      for (const auto& [x, y] : line) EXPECT_EQ(x > 3.5, right);
    }
  }
}

TEST(ContourLines, LeaveOutWhatIsNotFinite) {
  Matrix values = on_grid(9, [](double x, double) { return x; });
  values(4, 4) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(contour_lines(values, 3.5).size(), 2U);
  EXPECT_EQ(contour_lines(values, 6.5).size(), 1U);
  EXPECT_TRUE(contour_lines(values, 100.0).empty());
}

/// (x² − 1)² + y²: minima at (±1, 0), a saddle at (0, 0).
TEST(Landscape, MarksMinimaAndSaddles) {
  const Objective f = [](const auto& x) {
    auto a = x[0] * x[0] - 1.0;
    return a * a + x[1] * x[1];
  };
  const Landscape map = landscape(f, {Vector{{-1.0, 0.5}}, Vector{{1.0, -0.5}}});
  EXPECT_EQ(map.left, -1.5);
  EXPECT_EQ(map.top, 0.75);
  ASSERT_EQ(map.landmarks.size(), 3U);
  for (const Landmark& mark : map.landmarks) {
    EXPECT_NEAR(mark.y, 0.0, 1e-9);
    EXPECT_NEAR(std::abs(mark.x), mark.kind == CriticalKind::Saddle ? 0.0 : 1.0, 1e-9);
  }
  EXPECT_EQ(std::count_if(map.landmarks.begin(), map.landmarks.end(),
                          [](const Landmark& mark) { return mark.kind == CriticalKind::Minimum; }),
            2);
  EXPECT_GE(map.contours.size(), 10U);
}

TEST(Landscape, HasSpaceAboutASinglePoint) {
  const Objective f = [](const auto& x) { return x[0] * x[0] + x[1] * x[1]; };
  const Landscape map = landscape(f, {Vector{{2.0, 0.0}}});
  EXPECT_LT(map.left, 2.0);
  EXPECT_GT(map.right, 2.0);
  EXPECT_LT(map.bottom, 0.0);
}

}  // namespace
}  // namespace quadric
