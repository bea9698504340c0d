#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"

/// `quadric fit` with --fix, --tie, --log-scale and --logit.
namespace quadric::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using nlohmann::json;

const std::string misra = QUADRIC_SOURCE_DIR "/examples/data/nist/Misra1a.csv";
/// Certified by NIST: b1, b2 and their standard deviations.
constexpr double b1 = 2.3894212918E+02, b2 = 5.5015643181E-04, error1 = 2.7070075241E+00,
                 error2 = 7.2668688436E-06;

struct Fitted {
  Outcome outcome;
  json object;
  const json& fit() const { return object.at("fit"); }
  double x(const std::string& name) const { return object.at("x").at(name).get<double>(); }
  double error(const std::string& name) const { return fit().at("standard_error").at(name).get<double>(); }
  Fitted(const std::string& model, const std::string& start, const std::vector<std::string>& more,
         int exit_code = 0) {
    const TemporaryFolder folder;
    std::vector<std::string> all = {"fit",     misra, "--model", model,
                                    "--start", start, "--json",  folder.path("fit.json")};
    all.insert(all.end(), more.begin(), more.end());
    outcome = run(all);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    object = json::parse(read_text(folder.path("fit.json")));
  }
};

const std::string model = "b1*(1-exp(-b2*x))";
const std::string longer = "b1*(1-exp(-b2*x*c))+d";

TEST(FitParameters, AreFixedAtTheirStartOrAtAValue) {
  const Fitted found(longer, "b1=500,b2=1e-4,c=1", {"--fix", "c, d=0"});
  EXPECT_NEAR(found.x("b1"), b1, 1e-7);
  EXPECT_NEAR(found.error("b1"), error1, 1e-6);
  EXPECT_EQ(found.x("c"), 1.0);
  EXPECT_EQ(found.fit()["fixed"], json({{"c", 1.0}, {"d", 0.0}}));
  EXPECT_TRUE(found.fit()["standard_error"]["c"].is_null());
  EXPECT_EQ(found.fit()["degrees_of_freedom"], 12);
  EXPECT_THAT(found.outcome.out, AllOf(HasSubstr("c = 1 is fixed, d = 0 is fixed"), HasSubstr("fixed\n")));
}

/// A reparametrization: what the model has is tied to what the start has.
TEST(FitParameters, AreTiedToOthersThatTheModelNeedNotHave) {
  const Fitted found(model, "b1=500,u=-9", {"--tie", "b2=exp(u)", "--tie", "half=log(2)/b2"});
  EXPECT_NEAR(found.x("b2"), b2, 1e-12);
  EXPECT_NEAR(found.error("b2"), error2, 1e-11);
  EXPECT_NEAR(found.error("u"), error2 / b2, 1e-7);
  EXPECT_NEAR(found.error("half"), std::log(2.0) / (b2 * b2) * error2, 1e-4);
  EXPECT_EQ(found.fit()["tied"], json({{"b2", "exp(u)"}, {"half", "log(2)/b2"}}));
  const json& profile = found.fit()["interval_95"]["profile"];
  EXPECT_NEAR(profile["half"][0].get<double>(), std::log(2.0) / profile["b2"][1].get<double>(), 1e-4);
}

TEST(FitParameters, AreSeenOnAScaleAndReportedOnTheirOwn) {
  const Fitted plain(model, "b1=500,b2=1e-4", {});
  const Fitted found(model, "b1=500,b2=1e-4", {"--log-scale", "b2", "--logit", "b1=0:1000"});
  EXPECT_NEAR(found.x("b1"), b1, 1e-7);
  EXPECT_NEAR(found.x("b2"), b2, 1e-13);
  EXPECT_NEAR(found.error("b2"), error2, 1e-12);
  EXPECT_EQ(found.fit()["scale"], json({{"b1", "logit 0:1000"}, {"b2", "log"}}));
  const json &intervals = found.fit()["interval_95"], &of_plain = plain.fit()["interval_95"];
  for (const std::string kind : {"linear", "profile"}) {
    for (const std::string name : {"b1", "b2"}) {
      const double low = of_plain[kind][name][0].get<double>();
      EXPECT_NEAR(intervals[kind][name][0].get<double>(), low, 1e-6 * low) << kind << " " << name;
    }
  }
  const double reach = (intervals["linear"]["b2"][1].get<double>() - b2) / b2;
  EXPECT_NEAR(intervals["scaled"]["b2"][1].get<double>(), b2 * std::exp(reach), 1e-6 * b2);
  EXPECT_NEAR(found.fit()["bates_watts"]["parameter_effects"].get<double>(),
              plain.fit()["bates_watts"]["parameter_effects"].get<double>(), 1e-6);
  EXPECT_TRUE(plain.fit()["scale"].empty());
  EXPECT_FALSE(plain.fit()["interval_95"].contains("scaled"));
  EXPECT_THAT(found.outcome.out,
              AllOf(HasSubstr("the solver found logit(b1), log(b2)"), HasSubstr("linear on its log scale")));
  EXPECT_THAT(plain.outcome.out, Not(HasSubstr("scale")));
}

TEST(FitParameters, HaveBoxesOfTheirOwnWhateverTheScale) {
  const Fitted found(
      longer, "b1=500,b2=1e-4,c=1,d=0",
      {"--fix", "c,d", "--log-scale", "b1,b2", "--starts", "6", "--box", "b1=100:1000,b2=1e-5:1e-2"});
  const json& best = found.object["multistart"]["points"][0];
  EXPECT_EQ(best["x"], found.object["x"]);
  EXPECT_NEAR(best["x"]["b2"].get<double>(), b2, 1e-10);
  EXPECT_EQ(best["x"]["c"], 1.0);
}

TEST(FitParameters, ThatTheDataLeaveOpenAreNamedWithWhatFollows) {
  const Fitted found("b1*(1-exp(-b2*c*x))", "b1=240,b2=5e-4,c=1",
                     {"--tie", "twice=2*c", "--intervals", "linear"}, 1);
  const json& undetermined = found.fit()["undetermined"];
  ASSERT_EQ(undetermined.size(), 1U);
  const json& combination = undetermined[0]["combination"];
  EXPECT_EQ(combination.size(), 2U);
  EXPECT_NEAR(undetermined[0]["tied"]["twice"].get<double>(), 2.0 * combination["c"].get<double>(), 1e-9);
  EXPECT_THAT(found.outcome.out, HasSubstr("and so twice = 2*c by"));
}

}  // namespace
}  // namespace quadric::testing
