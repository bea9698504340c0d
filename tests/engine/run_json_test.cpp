#include "engine/run_json.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quadric/engine/json.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

using testing::ElementsAre;
using Json = nlohmann::ordered_json;

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

Result solved() {
  const auto bowl = [](const auto& x) { return (x[0] - 0.1) * (x[0] - 0.1) + 3.0 * x[1] * x[1]; };
  return Solver(Newton{}).run(Problem(Objective(bowl)).with_names({"b1", "rate"}), Point{1.0, 1.0});
}

TEST(RunJson, HasTheKeysOfTheContract) {
  const Json json = run_json(solved());
  EXPECT_THAT(keys(json), ElementsAre("schema", "solver", "status", "converged", "x", "value",
                                      "gradient_norm", "critical_point", "reason", "provider", "iterations",
                                      "counts", "seconds", "trace"));
  EXPECT_THAT(keys(json["critical_point"]),
              ElementsAre("kind", "index", "index_is_bound", "lambda_min", "lambda_max", "nullity", "order",
                          "tolerance", "error_bound", "doubt", "direction", "held", "fades", "multipliers",
                          "reason"));
  EXPECT_THAT(keys(json["counts"]), ElementsAre("values", "gradients", "hessians", "products", "total"));
  EXPECT_THAT(keys(json["provider"]), ElementsAre("gradient", "hessian", "method"));
  EXPECT_THAT(
      keys(json["trace"][0]),
      ElementsAre("iteration", "value", "gradient_norm", "step_norm", "trust", "predicted", "actual", "ratio",
                  "slope", "curvature", "lambda_min", "events", "rejected", "evaluations", "seconds"));
}

TEST(RunJson, NamesEveryEventDifferently) {
  const std::vector<std::string> names = event_names();
  Events all;
  for (const std::string& name : names) {
    const auto event = event_named(name);
    ASSERT_TRUE(event.has_value()) << name;
    EXPECT_FALSE(all.has(*event)) << name;
    all.add(*event);
  }
  EXPECT_EQ(all.list().size(), names.size());
  EXPECT_FALSE(event_named("unknown").has_value());
}

/// Two writers of one object: they must agree in every key, in their order, and in every bit.
TEST(RunJson, OfALineIsTheSameAsText) {
  std::mt19937_64 bits(7);
  for (int k = 0; k < 2000; ++k) {
    const auto any = [&bits] { return std::bit_cast<double>(bits()); };
    Iteration line{.iteration = k,
                   .value = any(),
                   .gradient_norm = any(),
                   .step_norm = any(),
                   .actual = 3.0,
                   .ratio = -0.0,
                   .slope = any(),
                   .curvature = 1e22,
                   .seconds = 1e-5 * k};
    line.evaluations = static_cast<Index>(bits() >> 1);
    if (k % 3 == 1) line.events = {Event::Rejected};
    if (k % 3 == 2) line.events = {Event::Saddle, Event::Escaped, Event::ChangedModel};
    if (k % 2 == 1) line.note = "a \"quoted\" note\n\\ ‖g‖ \x01 \xff";
    std::string text;
    append_iteration(text, line);
    const Json read = Json::parse(text), tree = Json::parse(json_text(iteration_json(line)));
    ASSERT_EQ(read, tree);
    ASSERT_EQ(keys(read), keys(tree));
    ASSERT_TRUE(read["actual"].is_number_float() && std::signbit(read["ratio"].get<double>()));
    if (!std::isfinite(line.value)) continue;
    ASSERT_EQ(read["value"].get<double>(), line.value);
  }
}

TEST(RunJson, TellsTheRun) {
  const Result r = solved();
  const Json json = run_json(r);
  EXPECT_EQ(json["schema"], "quadric/run/1");
  EXPECT_EQ(json["solver"], r.solver);
  EXPECT_EQ(json["status"], "converged");
  EXPECT_EQ(json["converged"], true);
  EXPECT_EQ(json["x"]["b1"].get<double>(), r.x[0]);
  EXPECT_EQ(json["x"]["rate"].get<double>(), r.x[1]);
  EXPECT_EQ(json["critical_point"]["kind"], "minimum");
  EXPECT_NEAR(json["critical_point"]["lambda_min"].get<double>(), 2.0, 1e-12);
  EXPECT_NEAR(json["critical_point"]["lambda_max"].get<double>(), 6.0, 1e-12);
  EXPECT_THAT(keys(json["critical_point"]["direction"]), ElementsAre("b1", "rate"));
  EXPECT_EQ(json["provider"]["gradient"], "automatic");
  EXPECT_EQ(json["counts"]["total"].get<Index>(), r.counts.total());
  EXPECT_EQ(json["trace"].size(), r.trace.size());
  EXPECT_EQ(json["trace"].back()["iteration"].get<Index>(), r.iterations);
  EXPECT_EQ(Json::parse(to_json(r)).dump(), json.dump());
}

TEST(RunJson, NumbersComeBackBitForBit) {
  std::mt19937_64 random(20240612);
  Result r;
  r.x.resize(2000);
  for (double& x : r.x) {
    do x = std::bit_cast<double>(random());
    while (!std::isfinite(x));
  }
  r.x[0] = -0.0;
  r.x[1] = std::numeric_limits<double>::denorm_min();
  r.x[2] = std::numeric_limits<double>::max();
  const Json x = Json::parse(to_json(r))["x"];  // without names: x0, x1, …
  ASSERT_EQ(x.size(), 2000U);
  for (Index i = 0; i < r.x.size(); ++i) {
    const double back = x[std::string("x").append(std::to_string(i))].get<double>();
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(r.x[i])) << i;
  }
}

TEST(RunJson, WhatIsNotFiniteIsNull) {
  Result r;
  r.x = Point{std::nan(""), infinity, -infinity};
  r.value = std::nan("");
  r.gradient_norm = infinity;
  r.critical_point.kind = CriticalKind::NotCritical;
  r.critical_point.lambda_max = infinity;
  r.trace.push_back({.value = -infinity});
  const Json json = Json::parse(to_json(r));
  for (const auto& x : json["x"]) EXPECT_TRUE(x.is_null());
  EXPECT_TRUE(json["value"].is_null());
  EXPECT_TRUE(json["gradient_norm"].is_null());
  EXPECT_TRUE(json["critical_point"]["lambda_max"].is_null());
  EXPECT_EQ(json["critical_point"]["lambda_min"], 0.0);
  EXPECT_TRUE(json["trace"][0]["value"].is_null());
  EXPECT_TRUE(json["trace"][0]["lambda_min"].is_null());
}

TEST(RunJson, ACertificateWithoutSpectrumSaysSo) {
  const auto nowhere = [](const Vector&) { return std::nan(""); };
  const Json json = Json::parse(to_json(minimize(nowhere, {1.0}, Newton{})));
  EXPECT_EQ(json["status"], "evaluation_failed");
  EXPECT_EQ(json["critical_point"]["kind"], "undecided");
  EXPECT_TRUE(json["critical_point"]["lambda_min"].is_null());
  EXPECT_EQ(json["critical_point"]["direction"].dump(), "{}");
  EXPECT_EQ(json["trace"].dump(), "[]");
}

TEST(RunJson, IterationNamesItsEvents) {
  const Json json = iteration_json({.iteration = 7,
                                    .events = {Event::Rejected, Event::NegativeCurvature},
                                    .rejected = 2,
                                    .note = "a \"note\"\n"});
  EXPECT_EQ(json["events"].dump(), R"(["negative_curvature","rejected"])");
  EXPECT_EQ(json["rejected"], 2);
  EXPECT_EQ(Json::parse(json_text(json))["note"], "a \"note\"\n");
  EXPECT_EQ(json_text(json).find('\n'), std::string::npos);
}

TEST(RunJson, StrangeTextDoesNotBreakIt) {
  Result r = solved();
  r.names = {"na\"me\n", "\xFF\xFE"};
  r.reason = "the function threw: \xC3(";
  EXPECT_EQ(Json::parse(to_json(r))["x"]["na\"me\n"].get<double>(), r.x[0]);
}

TEST(RunJson, TakesManyVariables) {
  Result r;
  r.x = Vector::Ones(300000);  // looking every name up among the others would take minutes
  EXPECT_EQ(run_json(r)["x"].size(), 300000U);
}

}  // namespace
}  // namespace quadric
