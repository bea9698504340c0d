#include "solvers/step_controls/more_thuente.hpp"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

namespace quadric {
namespace {

/// A function of one variable and its derivative.
struct Line {
  std::function<double(double)> value, slope;
};

struct Found {
  Index trials = 0;
  double length = 0.0;
};

/// Searches from the length `first`; φ is missing from `end` on.
Found search(const Line& line, double mu, double eta, double first, double end = 1e300) {
  MoreThuente wanted(mu, eta);
  wanted.start(first * line.slope(0.0));
  Found found;
  while (found.trials < 100) {
    ++found.trials;
    found.length = first * wanted.length();
    if (found.length >= end) {
      wanted.tell_missing();
    } else if (wanted.tell(line.value(found.length) - line.value(0.0), first * line.slope(found.length))) {
      break;
    }
  }
  return found;
}

/// The first two functions of Moré & Thuente (1994), equations 5.1 and 5.2.
const Line first_function = {[](double a) { return -a / (a * a + 2.0); },
                             [](double a) { return (a * a - 2.0) / ((a * a + 2.0) * (a * a + 2.0)); }};
const Line second_function = {
    [](double a) { return std::pow(a + 0.004, 5.0) - 2.0 * std::pow(a + 0.004, 4.0); },
    [](double a) { return 5.0 * std::pow(a + 0.004, 4.0) - 8.0 * std::pow(a + 0.004, 3.0); }};

/// Tables I and II of the paper.
TEST(MoreThuente, NeedsAsManyTrialsAsPublished) {
  EXPECT_EQ(search(first_function, 1e-3, 0.1, 1e-3).trials, 6);
  EXPECT_EQ(search(first_function, 1e-3, 0.1, 1e-1).trials, 3);
  EXPECT_EQ(search(first_function, 1e-3, 0.1, 1e1).trials, 1);
  EXPECT_EQ(search(first_function, 1e-3, 0.1, 1e3).trials, 4);
  EXPECT_EQ(search(second_function, 0.1, 0.1, 1e-3).trials, 12);
  EXPECT_EQ(search(second_function, 0.1, 0.1, 1e-1).trials, 8);
  EXPECT_EQ(search(second_function, 0.1, 0.1, 1e1).trials, 8);
  EXPECT_EQ(search(second_function, 0.1, 0.1, 1e3).trials, 11);
  EXPECT_NEAR(search(second_function, 0.1, 0.1, 1e1).length, 1.6, 0.01);
}

TEST(MoreThuente, MeetsBothConditions) {
  for (const Line& line : {first_function, second_function}) {
    for (const double first : {1e-5, 1e-2, 0.3, 2.0, 50.0, 1e4}) {
      const double t = search(line, 1e-4, 0.05, first).length;
      EXPECT_LE(line.value(t) - line.value(0.0), 1e-4 * t * line.slope(0.0)) << first;
      EXPECT_LE(std::abs(line.slope(t)), 0.05 * std::abs(line.slope(0.0))) << first;
    }
  }
}

TEST(MoreThuente, StaysClearOfWhereTheFunctionIsMissing) {
  const Line line = {[](double a) { return -a; }, [](double) { return -1.0; }};
  for (const double end : {0.9, 1e-3, 3.0, 40.0}) {
    const Found found = search(line, 1e-4, 0.1, 1.0, end);
    EXPECT_LT(found.length, end);
    EXPECT_GE(found.length, 0.25 * end);
    EXPECT_LE(found.trials, 12);
  }
}

TEST(MoreThuente, GivesUpWhereNoStepGains) {
  MoreThuente wanted(1e-4, 0.9);
  wanted.start(-1.0);
  Index trials = 1;
  while (!wanted.hopeless() && trials < 1000) {
    EXPECT_FALSE(wanted.tell(1.0, -1.0));
    ++trials;
  }
  EXPECT_LT(trials, 1000);
  EXPECT_LT(wanted.length(), 1e-6);
}

}  // namespace
}  // namespace quadric
