#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"

namespace quadric::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using nlohmann::json;

const std::string himmelblau = "(x^2+y-11)^2+(x+y^2-7)^2";

std::vector<std::string> minimize_with(std::vector<std::string> more) {
  std::vector<std::string> all = {"minimize", "--function", himmelblau, "--start", "x=0,y=1"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// A wave y = 2 sin(3 x), nearly, at x = 0, 0.1, … 4.9.
std::string wave() {
  std::string text = "x,y\n";
  for (int i = 0; i < 50; ++i) {
    const double x = 0.1 * i;
    // A small error that repeats, so that residuals are left.
    text +=
        std::to_string(x) + "," + std::to_string(2.0 * std::sin(3.0 * x) + 0.001 * (i * 7 % 5 - 2)) + "\n";
  }
  return text;
}

/// What does not depend on the clock.
json without_times(json object) {
  object.erase("seconds");
  for (auto& iteration : object.at("trace")) iteration.erase("seconds");
  return object;
}

TEST(MinimizeFromManyStarts, ListsTheDistinctMinimaBestFirst) {
  const TemporaryFolder folder;
  const std::string file = folder.path("run.json");
  const Outcome outcome = run(minimize_with({"--starts", "30", "--box", "x=-5:5,y=-5:5", "--json", file}));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("30 starts, 4 critical points"), HasSubstr("x = 3, y = 2"),
                    HasSubstr("x = -2.805118087, y = 3.131312518"), HasSubstr("minimum, λ ∈ [")));
  const json object = json::parse(read_text(file));
  const json& points = object.at("multistart").at("points");
  ASSERT_EQ(points.size(), 4U);
  int runs = 0;
  for (const json& point : points) {
    runs += point.at("starts").get<int>();
    EXPECT_EQ(point.at("critical_point").at("kind"), "minimum");
    EXPECT_GE(point.at("value").get<double>(), points[0].at("value").get<double>());
  }
  EXPECT_EQ(runs + static_cast<int>(object.at("multistart").at("failures").size()), 30);
  EXPECT_EQ(object.at("x"), points[0].at("x"));
  EXPECT_EQ(object.at("schema"), "quadric/run/1");
}

TEST(MinimizeFromManyStarts, GivesTheSameForAnyNumberOfThreads) {
  const TemporaryFolder folder;
  const auto by = [&](const std::string& threads) {
    const std::string file = folder.path(threads + ".json");
    run(minimize_with({"--starts", "12", "--box", "x=-5:5,y=-5:5", "--threads", threads, "--json", file}));
    return without_times(json::parse(read_text(file)));
  };
  EXPECT_EQ(by("3"), by("1"));
}

TEST(MinimizeFromManyStarts, DrawsOtherStartsFromAnotherSeed) {
  const auto by = [](const std::string& seed) {
    return run(minimize_with({"--starts", "3", "--box", "x=-5:5,y=-5:5", "--seed", seed})).out;
  };
  EXPECT_THAT(by("1"), Not(::testing::Eq(by("2"))));
}

/// From b2 = 9 alone the fit ends in another minimum.
TEST(FitFromManyStarts, HasTheStatisticsOfTheBest) {
  const TemporaryFolder folder;
  const std::string data = folder.file("wave.csv", wave()), file = folder.path("fit.json");
  const std::vector<std::string> fit = {"fit",     data,        "--model", "b1*sin(b2*x)",
                                        "--start", "b1=1,b2=9", "--json",  file};
  run(fit);
  const double alone = json::parse(read_text(file)).at("value").get<double>();
  std::vector<std::string> many = fit;
  for (const char* more : {"--starts", "40", "--box", "b1=0.5:3,b2=0.5:10"}) many.emplace_back(more);
  const Outcome outcome = run(many);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
  const json object = json::parse(read_text(file));
  EXPECT_LT(object.at("value").get<double>(), 1e-3 * alone);
  EXPECT_NEAR(object.at("x").at("b1").get<double>(), 2.0, 1e-2);
  EXPECT_NEAR(object.at("x").at("b2").get<double>(), 3.0, 1e-2);
  const json& points = object.at("multistart").at("points");
  EXPECT_GT(points.size(), 1U);
  EXPECT_EQ(points[0].at("x"), object.at("x"));
  EXPECT_EQ(points[0].at("value"), object.at("value"));
  EXPECT_LT(object.at("fit").at("standard_error").at("b2").get<double>(), 1e-3);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("40 starts, "), HasSubstr("the best of them:")));
}

TEST(MinimizeFromManyStarts, KeepsNamesThatTheBoxLeavesOut) {
  const TemporaryFolder folder;
  const std::string file = folder.path("run.json");
  // Along y nothing pulls: it stays where it starts.
  run({"minimize", "--function", "(x-1)^2+0*y^2", "--start", "x=0,y=7", "--starts", "5", "--box", "x=-3:3",
       "--json", file});
  const json points = json::parse(read_text(file)).at("multistart").at("points");
  ASSERT_FALSE(points.empty());
  for (const json& point : points) EXPECT_EQ(point.at("x").at("y"), 7.0);
}

TEST(FromManyStarts, MisuseIsNamed) {
  const auto error = [](std::vector<std::string> more) {
    const Outcome outcome = run(minimize_with(std::move(more)));
    EXPECT_EQ(outcome.exit_code, 2);
    return outcome.err;
  };
  EXPECT_THAT(error({"--starts", "0"}), HasSubstr("--starts: '0' is not at least 1"));
  EXPECT_THAT(error({"--starts", "5"}), HasSubstr("--starts: lacks a box"));
  EXPECT_THAT(error({"--box", "x=0:1"}), HasSubstr("--box: goes with --starts"));
  EXPECT_THAT(error({"--threads", "2"}), HasSubstr("--threads: goes with --starts"));
  EXPECT_THAT(error({"--seed", "2"}), HasSubstr("--seed: goes with --starts"));
  EXPECT_THAT(error({"--starts", "5", "--box", "z=0:1"}), HasSubstr("--box: there is no 'z'"));
  EXPECT_THAT(error({"--starts", "5", "--box", "x=0:"}), HasSubstr("--box: 'x' has an open side"));
  EXPECT_THAT(error({"--starts", "5", "--box", "x=2:1"}), HasSubstr("--box: no number is between"));
  EXPECT_THAT(error({"--starts", "5", "--box", "x=0:1", "--threads", "0"}), HasSubstr("--threads: '0'"));
}

}  // namespace
}  // namespace quadric::testing
