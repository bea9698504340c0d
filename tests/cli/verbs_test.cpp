#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"

namespace quadric::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using nlohmann::json;

const std::string rosenbrock = "100*(y-x^2)^2+(1-x)^2";
const std::string double_well = "(x^2-1)^2/4+y^2/2";

json read_json(const std::string& path) { return json::parse(read_text(path)); }

std::string nist(const std::string& name) { return QUADRIC_SOURCE_DIR "/examples/data/nist/" + name; }

void expect_run_keys(const json& object) {
  for (const char* key : {"solver", "status", "converged", "x", "value", "gradient_norm", "critical_point",
                          "counts", "seconds", "trace"}) {
    EXPECT_TRUE(object.contains(key)) << key;
  }
  for (const char* key : {"kind", "index", "lambda_min", "lambda_max"}) {
    EXPECT_TRUE(object.at("critical_point").contains(key)) << key;
  }
}

// Certified values of NIST's Misra1a.
TEST(Fit, FindsTheCertifiedParametersAndTheirErrors) {
  const TemporaryFolder folder;
  const Outcome outcome = run({"fit", nist("Misra1a.csv"), "--model", "b1*(1-exp(-b2*x))", "--start",
                               "b1=500,b2=1e-4", "--json", folder.path("fit.json")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("gauss-newton"), HasSubstr("converged"), HasSubstr("238.9421"),
                                 HasSubstr("standard error"), HasSubstr("minimum")));
  const json object = read_json(folder.path("fit.json"));
  expect_run_keys(object);
  EXPECT_EQ(object["schema"], "quadric/run/1");
  EXPECT_NEAR(object["x"]["b1"], 2.3894212918E+02, 1e-6);
  EXPECT_NEAR(object["x"]["b2"], 5.5015643181E-04, 1e-12);
  const json& fit = object["fit"];
  EXPECT_NEAR(fit["standard_error"]["b1"], 2.7070075241E+00, 1e-7);
  EXPECT_NEAR(fit["standard_error"]["b2"], 7.2668688436E-06, 1e-12);
  EXPECT_NEAR(fit["residual_standard_deviation"], 1.0187876330E-01, 1e-9);
  EXPECT_NEAR(fit["residual_sum_of_squares"], 1.2455138894E-01, 1e-9);
  EXPECT_EQ(fit["degrees_of_freedom"], 12);
  EXPECT_EQ(fit["observations"], 14);
  EXPECT_GT(fit["r_squared"], 0.999);
  const double linear = fit["interval_95"]["linear"]["b1"][1],
               profile = fit["interval_95"]["profile"]["b1"][1];
  EXPECT_NEAR(linear, 238.94212918 + 2.178812829667228 * 2.7070075241, 1e-5);  // Student's t, 12 degrees
  EXPECT_GT(profile, linear);                                                  // the sum of squares is skew
  EXPECT_LT(profile, 250.0);
  EXPECT_TRUE(fit["undetermined"].empty());
  EXPECT_GT(fit["bates_watts"]["intrinsic"], 0.0);
  EXPECT_NEAR(fit["correlation"]["b1"]["b2"], -0.999, 1e-3);
}

TEST(Fit, LetsOutliersCountLess) {
  const TemporaryFolder folder;
  const std::string data = folder.path("line.csv");
  std::ofstream(data) << "x,y\n0,1.01\n1,2.98\n2,5.02\n3,7\n4,59\n5,10.99\n6,13.01\n";
  const auto slope = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"fit",     data,      "--model", "a+b*x",
                                          "--start", "a=0,b=0", "--json",  folder.path("fit.json")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
    return read_json(folder.path("fit.json"))["x"]["b"].get<double>();
  };
  EXPECT_GT(slope({}), 3.0);
  for (const char* loss : {"huber:0.05", "soft-l1:0.02", "cauchy:0.1"})
    EXPECT_NEAR(slope({"--loss", loss}), 2.0, 0.02) << loss;
  EXPECT_EQ(read_json(folder.path("fit.json"))["fit"]["loss"], "cauchy:0.1");
  for (const char* wrong : {"huber", "huber:0", "huber:x", "tuckey:1"}) {
    const Outcome outcome = run({"fit", data, "--model", "a+b*x", "--start", "a=0,b=0", "--loss", wrong});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--loss"));
  }
}

TEST(Fit, LeavesProfilesOutWhereTheyTakeLong) {
  const TemporaryFolder folder;
  const std::string data = folder.path("many.csv");
  std::ofstream file(data);
  file << "x,y\n";
  for (int i = 0; i < 40000; ++i) file << 0.001 * i << "," << 1.0 + 0.002 * i + 0.1 * (i % 7) << "\n";
  file.close();
  const auto fit = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"fit",     data,          "--model", "a+b*x+c*x^2",
                                          "--start", "a=0,b=0,c=0", "--json",  folder.path("fit.json")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
    return outcome.out;
  };
  EXPECT_THAT(fit({}), HasSubstr("--intervals profile"));
  EXPECT_TRUE(read_json(folder.path("fit.json"))["fit"]["interval_95"]["profile"].empty());
  EXPECT_THAT(fit({"--intervals", "profile"}), Not(HasSubstr("--intervals profile")));
  const json intervals = read_json(folder.path("fit.json"))["fit"]["interval_95"];
  EXPECT_NEAR(intervals["profile"]["b"][0], intervals["linear"]["b"][0], 1e-8);  // the model is linear
}

TEST(Fit, NamesWhatTheDataDoNotDetermine) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run({"fit", nist("Misra1a.csv"), "--model", "b1*c*(1-exp(-b2*x))", "--start", "b1=400,b2=1e-4,c=1",
           "--intervals", "linear", "--json", folder.path("fit.json")});
  EXPECT_EQ(outcome.exit_code, 1);  // no point is a minimum where one direction is flat
  EXPECT_THAT(outcome.out, HasSubstr("not determined by the data: changing b1"));
  const json fit = read_json(folder.path("fit.json"))["fit"];
  ASSERT_EQ(fit["undetermined"].size(), 1U);
  const json& combination = fit["undetermined"][0]["combination"];
  EXPECT_EQ(combination.size(), 2U);
  EXPECT_LT(combination["b1"].get<double>() * combination["c"].get<double>(), 0.0);
  EXPECT_TRUE(fit["standard_error"]["c"].is_null());
  EXPECT_NEAR(fit["standard_error"]["b2"], 7.2668688436E-06, 1e-11);
  EXPECT_TRUE(fit["interval_95"]["profile"].empty());
  EXPECT_EQ(fit["degrees_of_freedom"], 12);
}

TEST(Minimize, StaysWithinBounds) {
  const TemporaryFolder folder;
  const Outcome outcome = run({"minimize", "--function", rosenbrock, "--start", "x=-1.2,y=1", "--bounds",
                               "x=:0.5, y=-2:", "--json", folder.path("run.json")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("with 1 variable held by bounds"));
  const json object = read_json(folder.path("run.json"));
  EXPECT_EQ(object["x"]["x"], 0.5);
  EXPECT_NEAR(object["x"]["y"], 0.25, 1e-12);
  EXPECT_EQ(object["critical_point"]["held"], 1);
  EXPECT_EQ(object["critical_point"]["multipliers"].size(), 1U);
  EXPECT_NEAR(object["critical_point"]["multipliers"]["x"], -1.0, 1e-12);
}

// With b1 at 200 the other parameter is that of a fit of one parameter; b1 then has no error of its own.
TEST(Fit, StaysWithinBounds) {
  const TemporaryFolder folder;
  const std::vector<std::string> common = {"fit", nist("Misra1a.csv"), "--response", "y"};
  const auto fit = [&](std::vector<std::string> more, const std::string& file) {
    more.insert(more.begin(), common.begin(), common.end());
    more.insert(more.end(), {"--json", folder.path(file)});
    const Outcome outcome = run(more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
    return read_json(folder.path(file));
  };
  const json bounded = fit(
      {"--model", "b1*(1-exp(-b2*x))", "--start", "b1=150,b2=1e-4", "--bounds", "b1=0:200"}, "bounded.json");
  const json single = fit({"--model", "200*(1-exp(-b2*x))", "--start", "b2=1e-4"}, "single.json");
  EXPECT_EQ(bounded["x"]["b1"], 200.0);
  EXPECT_NEAR(bounded["x"]["b2"], single["x"]["b2"], 1e-12);
  EXPECT_TRUE(bounded["fit"]["standard_error"]["b1"].is_null());
  EXPECT_NEAR(bounded["fit"]["standard_error"]["b2"], single["fit"]["standard_error"]["b2"], 1e-12);
  EXPECT_EQ(bounded["fit"]["degrees_of_freedom"], 13);
}

TEST(Minimize, GoesOnFromACheckpointWithItsSolver) {
  const TemporaryFolder folder;
  const std::vector<std::string> common = {"minimize", "--function", rosenbrock, "--start", "x=-1.2,y=1"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), common.begin(), common.end());
    return run(more);
  };
  EXPECT_EQ(with({"--solver", "lbfgs", "--json", folder.path("whole.json")}).exit_code, 0);
  EXPECT_EQ(with({"--solver", "lbfgs", "--max-iterations", "7", "--checkpoint", folder.path("state.json")})
                .exit_code,
            1);
  const Outcome resumed =
      with({"--resume", folder.path("state.json"), "--json", folder.path("resumed.json")});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.out, AllOf(HasSubstr("lbfgs"), HasSubstr("the checkpoint is of a run of it")));
  const json whole = read_json(folder.path("whole.json")), again = read_json(folder.path("resumed.json"));
  EXPECT_EQ(again["x"], whole["x"]);
  EXPECT_EQ(again["counts"], whole["counts"]);
  const Outcome other = with({"--resume", folder.path("state.json"), "--solver", "newton"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("lbfgs"));
}

// A line through data in closed form: y = 1 + 2x is exact, whatever the weights; log(z) = 0.5 x likewise.
TEST(Fit, TakesTheLastColumnOrTheResponseAskedFor) {
  const TemporaryFolder folder;
  const std::string csv = folder.file("line.csv", "x,sigma,z\n0,1,1\n1,2,3\n2,1,5\n3,4,7\n");
  const Outcome last =
      run({"fit", csv, "--model", "a+b*x", "--start", "a=0,b=0", "--json", folder.path("a.json")});
  EXPECT_THAT(last.out, StartsWith("response: z, the last column"));
  EXPECT_NEAR(read_json(folder.path("a.json"))["x"]["b"], 2.0, 1e-9);

  run({"fit", csv, "--model", "a+b*x", "--start", "a=0,b=0", "--response", "2*z+x", "--weights", "1/sigma^2",
       "--json", folder.path("b.json")});
  EXPECT_NEAR(read_json(folder.path("b.json"))["x"]["b"], 5.0, 1e-9);
}

// The weighted mean in closed form: Σ w y / Σ w = (1·1 + 3·5) / 4.
TEST(Fit, WeighsByAColumn) {
  const TemporaryFolder folder;
  const std::string csv = folder.file("mean.csv", "w,y\n1,1\n3,5\n");
  const Outcome outcome = run({"fit", csv, "--model", "mean", "--start", "mean=0", "--weights", "w", "--json",
                               folder.path("m.json")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NEAR(read_json(folder.path("m.json"))["x"]["mean"], 4.0, 1e-12);
}

TEST(Minimize, FindsAndCertifiesTheMinimum) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run({"minimize", "--function", rosenbrock, "--start", "x=-1.2,y=1", "--json", folder.path("run.json")});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("newton"), HasSubstr("converged"), HasSubstr("chosen because"),
                                 HasSubstr("certificate: minimum, λ ∈ [0.399361, 1001.6")));
  const json object = read_json(folder.path("run.json"));
  expect_run_keys(object);
  EXPECT_EQ(object["schema"], "quadric/run/1");
  EXPECT_EQ(object["status"], "converged");
  EXPECT_EQ(object["converged"], true);
  EXPECT_NEAR(object["x"]["x"], 1.0, 1e-9);
  EXPECT_NEAR(object["x"]["y"], 1.0, 1e-9);
  EXPECT_EQ(object["critical_point"]["kind"], "minimum");
  EXPECT_FALSE(object.contains("fit"));
}

TEST(Minimize, TakesEverySolverOfGeneralObjectives) {
  for (const std::string solver : {"newton", "newton-line-search", "gradient-descent", "gradient-descent-bb",
                                   "conjugate-gradients", "lbfgs", "ceres-lbfgs", "ceres-bfgs",
                                   "ceres-conjugate-gradients", "newton-cubic", "newton-matrix-free"}) {
    const Outcome outcome =
        run({"minimize", "--function", "(x-1)^2+2*(y+3)^2", "--start", "x=4,y=5", "--solver", solver});
    EXPECT_EQ(outcome.exit_code, 0) << solver << outcome.out << outcome.err;
  }
}

TEST(Minimize, LeavesASaddleUnlessAskedToStop) {
  const std::vector<std::string> command = {"minimize", "--function", double_well,       "--start",
                                            "x=0,y=1",  "--solver",   "gradient-descent"};
  const Outcome left = run(command);
  EXPECT_EQ(left.exit_code, 0);
  EXPECT_THAT(left.out, HasSubstr("minimum"));

  std::vector<std::string> stopping = command;
  stopping.push_back("--stop-at-saddle");
  const Outcome stopped = run(stopping);
  EXPECT_EQ(stopped.exit_code, 1);
  EXPECT_THAT(stopped.out, AllOf(HasSubstr("saddle_point"), HasSubstr("saddle of index 1")));
}

TEST(Minimize, SaysWhatItDidNotSolve) {
  const TemporaryFolder folder;
  const Outcome outcome = run({"minimize", "--function", rosenbrock, "--start", "x=-1.2,y=1",
                               "--max-iterations", "2", "--json", folder.path("run.json")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("iteration_limit"));
  EXPECT_EQ(read_json(folder.path("run.json"))["status"], "iteration_limit");

  const Outcome unbounded = run({"minimize", "--function", "-x^2", "--start", "x=1"});
  EXPECT_EQ(unbounded.exit_code, 1);
  EXPECT_THAT(unbounded.out, HasSubstr("unbounded"));
}

TEST(Minimize, KeepsTheLimitOfTimeAndOfTheSolver) {
  const TemporaryFolder folder;
  const auto status = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"minimize",         "--function", "x^2+1e12*y^2",
                                          "--start",          "x=1e12,y=1", "--solver",
                                          "gradient-descent", "--json",     folder.path("run.json")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(run(arguments).exit_code, 1);
    return read_json(folder.path("run.json"));
  };
  EXPECT_EQ(status({"--max-seconds", "0.05", "--max-iterations", "100000000"})["status"], "time_limit");
  EXPECT_EQ(status({"--max-seconds", "600"})["iterations"], 10000)
      << "the limit that gradient descent itself has";
}

TEST(Minimize, StopsAtCtrlC) {
  const TemporaryFolder folder;
  Program program({"minimize", "--function", "x^2+1e12*y^2", "--start", "x=1e12,y=1", "--solver",
                   "gradient-descent", "--max-iterations", "1000000000", "--log-level", "info", "--json",
                   folder.path("run.json")});
  for (int i = 0; i < 2000 && program.err().size() < 1000; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  program.interrupt();
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("stopped_by_user"), HasSubstr("interrupted by Ctrl-C")));
  EXPECT_EQ(read_json(folder.path("run.json"))["status"], "stopped_by_user");
}

TEST(Analyze, CertifiesASaddle) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run({"analyze", "--function", double_well, "--at", "x=0,y=0", "--json", folder.path("analysis.json")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("saddle of index 1"), HasSubstr("λ ∈ [-1, 1]"),
                                 HasSubstr("eigenvalues: -1, 1\n"), HasSubstr("direction: x\n")));
  const json object = read_json(folder.path("analysis.json"));
  EXPECT_EQ(object["schema"], "quadric/analysis/1");
  EXPECT_EQ(object["at"], (json{{"x", 0.0}, {"y", 0.0}}));
  EXPECT_EQ(object["value"], 0.25);
  EXPECT_EQ(object["gradient"], (json{{"x", 0.0}, {"y", 0.0}}));
  EXPECT_EQ(object["gradient_norm"], 0.0);
  EXPECT_EQ(object["eigenvalues"], json::parse("[-1, 1]"));
  EXPECT_EQ(object["critical_point"]["kind"], "saddle");
  EXPECT_EQ(object["critical_point"]["index"], 1);
  EXPECT_EQ(object["critical_point"]["lambda_min"], -1.0);
  EXPECT_EQ(object["critical_point"]["lambda_max"], 1.0);
  EXPECT_TRUE(object["steps"]["steepest_descent"].is_null());
  EXPECT_EQ(object["steps"]["proving_direction"]["curvature"], -1.0);
  EXPECT_TRUE(object["steps"]["proving_direction"]["step"].is_null()) << "no finite step is best";
}

// x y bends down along (1, -1)/√2; its gradient at (2, 0) is (0, 2), and along it the function is straight.
TEST(Analyze, NamesDirectionsAndSteps) {
  EXPECT_THAT(
      run({"analyze", "--function", "x*y", "--at", "x=0,y=0"}).out,
      AnyOf(HasSubstr("direction: 0.707 x - 0.707 y\n"), HasSubstr("direction: -0.707 x + 0.707 y\n")));
  const Outcome slope = run({"analyze", "--function", "x*y", "--at", "x=2,y=0"});
  EXPECT_EQ(slope.exit_code, 0);
  EXPECT_THAT(slope.out,
              AllOf(HasSubstr("not a critical point"), HasSubstr("along -gradient (-y): slope -2")));
  // 3x² from x = 2: slope −12 along −gradient, curvature 6, and the step 2 that leads to the minimum.
  EXPECT_THAT(run({"analyze", "--function", "3*x^2", "--at", "x=2"}).out,
              HasSubstr("along -gradient (-x): slope -12, curvature 6: bends up, the best step is 2"));
}

TEST(Analyze, IsOpenWhereDerivativesAreNotFinite) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run({"analyze", "--function", "x^1.5", "--at", "x=0", "--json", folder.path("a.json")});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("undecided"));
  EXPECT_EQ(read_json(folder.path("a.json"))["critical_point"]["kind"], "undecided");
}

TEST(Compare, SolvesTheNistSuite) {
  const TemporaryFolder folder;
  const Outcome outcome = run({"compare", "--suite", "nist", "--solvers", "gauss-newton", "--data",
                               QUADRIC_SOURCE_DIR "/examples/data", "--json", folder.path("nist.json")});
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Misra1a"), HasSubstr("of 54"), HasSubstr("false successes")));
  const json object = read_json(folder.path("nist.json"));
  EXPECT_EQ(object["schema"], "quadric/comparison/1");
  ASSERT_EQ(object["runs"].size(), 54U);
  int right = 0;
  for (const json& run : object["runs"]) {
    expect_run_keys(run);
    right += run["solved"].get<bool>() ? 1 : 0;
  }
  EXPECT_GE(right, 50);
  EXPECT_EQ(outcome.exit_code, right == 54 ? 0 : 1);
}

TEST(Compare, KnowsTheMinimaOfTheMghSuite) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run({"compare", "--suite", "mgh", "--solvers", "newton", "--json", folder.path("mgh.json")});
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Freudenstein-Roth"), HasSubstr("f - f*"), HasSubstr("of 123")));
  const json object = read_json(folder.path("mgh.json"));
  ASSERT_EQ(object["runs"].size(), 123U);
  for (const json& one : object["runs"]) {
    expect_run_keys(one);
    EXPECT_TRUE(one["digits"].is_null());
    if (!one["solved"].get<bool>()) continue;
    EXPECT_LE(one["above_minimum"].get<double>(), 0.05) << one["problem"];  // 1e-6 of Brown and Dennis' 42911
  }
  EXPECT_EQ(outcome.exit_code, 1);
}

TEST(Compare, LeavesSolversOutThatNeedResiduals) {
  const Outcome outcome = run({"compare", "--suite", "saddles", "--solvers", "newton,gauss-newton"});
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("monkey saddle"), HasSubstr("of 386"),
                                 testing::Not(HasSubstr("converged elsewhere"))));
  EXPECT_THAT(outcome.out, testing::Not(HasSubstr("gauss-newton")));
}

TEST(Compare, RunsTheSuiteLarge) {
  const Outcome outcome =
      run({"compare", "--suite", "large", "--solvers", "newton,lbfgs", "--max-iterations", "5"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Symmetric Dirichlet"), HasSubstr("Schmvett"), HasSubstr("of 28"),
                                 testing::Not(HasSubstr("converged elsewhere"))));
}

TEST(Compare, TakesLimitsAndLogs) {
  const Outcome outcome =
      run({"compare", "--suite", "nist", "--solvers", "gauss-newton,newton", "--data",
           QUADRIC_SOURCE_DIR "/examples/data", "--max-iterations", "1", "--log-level", "info"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("iteration_limit"));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("Misra1a from start 1"), HasSubstr("gauss-newton")));
}

TEST(Compare, TakesSeveralSuitesOfWhichStartsAndProblemsCanBeChosen) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run({"compare", "--suite", "mgh,saddles", "--starts", "x1,ridge", "--only", "Rosenbrock,monkey",
           "--solvers", "newton,lbfgs", "--json", folder.path("c.json"), "--markdown", folder.path("c.md"),
           "--tolerances", "1e-8,1e-4"});
  EXPECT_THAT(outcome.err, IsEmpty());
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("monkey saddle"), HasSubstr("Rosenbrock"), HasSubstr("@1e-4"),
                                 HasSubstr("On the suite mgh take"), testing::Not(HasSubstr("x10"))));
  const json object = read_json(folder.path("c.json"));
  EXPECT_EQ(object["tolerances"], (std::vector<double>{1e-4, 1e-8}));
  EXPECT_EQ(object["solvers"].size(), 2U);
  for (const json& one : object["runs"]) {
    EXPECT_EQ(one["start"], one["suite"] == "mgh" ? "x1" : "ridge");
    EXPECT_FALSE(one["false_success"].get<bool>());
  }
  EXPECT_THAT(read_text(folder.path("c.md")), HasSubstr("| newton |"));
}

TEST(Compare, TakesProblemsOfOnesOwn) {
  const TemporaryFolder folder;
  const std::string list =
      folder.file("mine.json", R"({"problems": [{"name": "bowl", "function": "(a-1)^2+(b+2)^2",
      "start": {"a": 0, "b": 0}, "minima": [0]}]})");
  const Outcome outcome =
      run({"compare", "--function", rosenbrock, "--start", "x=-1.2,y=1", "--problems", list, "--library",
           QUADRIC_PROBLEM_LIBRARY, "--solvers", "newton", "--threads", "2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr(rosenbrock), HasSubstr("bowl"), HasSubstr("Rosenbrock in C"),
                                 HasSubstr("On 2 threads: times are not to be compared")));
  const Outcome fit =
      run({"compare", "--data", QUADRIC_SOURCE_DIR "/examples/data/nist/Misra1a.csv", "--model",
           "b1*(1-exp(-b2*x))", "--start", "b1=500,b2=1e-4", "--solvers", "newton,gauss-newton"});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.out, AllOf(HasSubstr("gauss-newton"), HasSubstr("alone: their times can be compared")));
}

TEST(Compare, KeepsWhatWasRunWhenItIsInterrupted) {
  const TemporaryFolder folder;
  const std::string file = folder.path("c.json");
  Program program({"compare", "--suite", "nist", "--solvers", "gradient-descent,newton", "--max-evaluations",
                   "100000000", "--max-iterations", "100000000", "--max-seconds", "1000", "--log-level",
                   "info", "--json", file});
  for (int k = 0; k < 3000 && program.err().find("gradient-descent") == std::string::npos; ++k)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  program.interrupt();
  const Outcome outcome = program.wait();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("Interrupted: runs are missing"));
  const json object = read_json(file);
  EXPECT_TRUE(object["interrupted"].get<bool>());
  EXPECT_GE(object["runs"].size(), 1U);
  EXPECT_LT(object["runs"].size(), 108U);
}

TEST(Log, GoesToStderrOnly) {
  const std::vector<std::string> quiet = {"minimize", "--function", rosenbrock, "--start", "x=-1.2,y=1"};
  std::vector<std::string> loud = quiet;
  loud.insert(loud.end(), {"--log-level", "info"});
  const Outcome silent = run(quiet), logged = run(loud);
  EXPECT_THAT(silent.err, IsEmpty());
  EXPECT_THAT(logged.err, AllOf(HasSubstr("newton"), HasSubstr("‖")));
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  EXPECT_EQ(lines(silent.out), lines(logged.out)) << "the log leaves the report as it is";
  EXPECT_GT(lines(logged.err), 10);
}

TEST(Log, SaysWhichSolverWasChosenAndWhy) {
  std::vector<std::string> command = {"minimize",   "--function",  rosenbrock, "--start",
                                      "x=-1.2,y=1", "--log-level", "info"};
  const std::string sentence = "chosen: newton (trust region), because the problem is a general objective";
  EXPECT_THAT(run(command).err, StartsWith(sentence));
  command.insert(command.end(), {"--solver", "auto"});
  const Outcome outcome = run(command);
  EXPECT_THAT(outcome.err, StartsWith(sentence));
  EXPECT_THAT(outcome.out, HasSubstr("chosen because the problem is a general objective"));
  command.back() = "newton";
  EXPECT_THAT(run(command).err, testing::Not(HasSubstr("chosen")));
}

TEST(Compare, NamesWhatTheAutomaticChoiceRan) {
  const TemporaryFolder folder;
  const Outcome outcome = run({"compare", "--function", rosenbrock, "--start", "x=-1.2,y=1", "--solvers",
                               "auto,newton", "--no-traces", "--json", folder.path("c.json")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const json object = read_json(folder.path("c.json"));
  const json &automatic = object["runs"][0], &newton = object["runs"][1];
  EXPECT_EQ(automatic["solver"], "auto");
  EXPECT_EQ(automatic["chosen"], newton["solver"]);
  EXPECT_EQ(automatic["counts"], newton["counts"]);
  EXPECT_THAT(automatic["choice"], HasSubstr("general objective"));
  EXPECT_FALSE(newton.contains("chosen") || newton.contains("choice"));
  EXPECT_EQ(object["traces"], false);
  EXPECT_TRUE(automatic["trace"].empty());
  EXPECT_EQ(run({"compare", "--function", rosenbrock, "--start", "x=-1.2,y=1", "--no-traces"}).exit_code, 2);
}

TEST(Trace, IsOneObjectALine) {
  const TemporaryFolder folder;
  const Outcome outcome = run({"minimize", "--function", rosenbrock, "--start", "x=-1.2,y=1", "--trace",
                               folder.path("t.jsonl"), "--json", folder.path("run.json")});
  EXPECT_EQ(outcome.exit_code, 0);
  std::istringstream lines(read_text(folder.path("t.jsonl")));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json object = json::parse(line);
    EXPECT_EQ(object["iteration"], count);
    for (const char* key : {"value", "gradient_norm", "step_norm", "trust", "predicted", "actual", "ratio",
                            "slope", "curvature", "lambda_min", "events", "evaluations", "seconds"}) {
      EXPECT_TRUE(object.contains(key)) << key;
    }
  }
  EXPECT_EQ(static_cast<std::size_t>(count), read_json(folder.path("run.json"))["trace"].size());
}

TEST(Help, ShowsExamplesAndExitsWithZero) {
  const Outcome all = run({"--help"});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_THAT(all.out,
              AllOf(HasSubstr("quadric fit data.csv"), HasSubstr("minimize"), HasSubstr("Exit code")));
  for (const std::string verb : {"fit", "minimize", "analyze", "compare"}) {
    const Outcome one = run({verb, "--help"});
    EXPECT_EQ(one.exit_code, 0);
    EXPECT_THAT(one.out, AllOf(HasSubstr("Examples:"), HasSubstr("quadric " + verb), HasSubstr("--json")));
    EXPECT_THAT(one.err, IsEmpty());
  }
  EXPECT_THAT(run({"fit", "--help"}).out, HasSubstr("else the last column"));
}

TEST(Version, SaysWhatTheProgramIs) {
  const Outcome outcome = run({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, AllOf(StartsWith("quadric "), HasSubstr("compiler: "), HasSubstr("build type: "),
                                 HasSubstr("instruction set: ")));
}

TEST(Check, FindsThatEveryProviderAgreesWithEveryOther) {
  const TemporaryFolder folder;
  const Outcome outcome = run({"check", "--function", "exp(-x)*y^2+atan(x*y)", "--at", "x=1,y=2", "--json",
                               folder.path("check.json")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("automatic against differences at 3 points: of 30 entries 30 agree"),
                    HasSubstr("nested automatic against complex step"), HasSubstr("all derivatives agree")));
  const json object = read_json(folder.path("check.json"));
  EXPECT_EQ(object["schema"], "quadric/check/1");
  EXPECT_EQ(object["agree"], true);
  EXPECT_EQ(object["at"]["y"], 2.0);
  ASSERT_EQ(object["checks"].size(), 6U);
  for (const json& check : object["checks"]) {
    EXPECT_EQ(check["wrong"], 0);
    EXPECT_EQ(check["points"].size(), 3U);
    EXPECT_TRUE(check["disagreeing"].empty());
  }
}

TEST(Check, SaysWhichSubExpressionHasNoDerivative) {
  const TemporaryFolder folder;
  const Outcome outcome =
      run({"check", "--function", "y*sqrt(x-1)", "--at", "x=1,y=2", "--json", folder.path("check.json")});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("in sqrt(x - 1) at x = 1: sqrt(0): its first derivative is inf"),
                                 HasSubstr("∂f/∂x"), HasSubstr("not all derivatives agree")));
  const json object = read_json(folder.path("check.json"));
  EXPECT_EQ(object["agree"], false);
  EXPECT_EQ(object["checks"][0]["disagreeing"][0]["agreement"], "not_finite");
  EXPECT_TRUE(object["checks"][0]["disagreeing"][0]["value"].is_null());
}

TEST(Check, DoesNotDecideAtAKink) {
  const Outcome outcome = run({"check", "--function", "abs(x)+y", "--at", "x=0,y=1"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("not decided"));
}

TEST(Check, GoesWithoutTheComplexStepWhereAFunctionHasNone) {
  const Outcome outcome = run({"check", "--function", "erf(x)*y", "--at", "x=0.3,y=2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("no complex step"), HasSubstr("'erf'")));
}

TEST(Check, TakesFits) {
  const Outcome outcome = run({"check", nist("Misra1a.csv"), "--model", "b1*(1-exp(-b2*x))", "--at",
                               "b1=500,b2=1e-4", "--weights", "1/(1+x)", "--points", "2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("at 2 points: of 68 entries 68 agree"));
  const TemporaryFolder folder;
  const std::string csv = folder.file("roots.csv", "x,y\n1,2\n4,5\n9,7\n");
  const Outcome infinite = run({"check", csv, "--model", "a*sqrt(x-c)", "--at", "a=1,c=1"});
  EXPECT_EQ(infinite.exit_code, 1);
  EXPECT_THAT(infinite.out, AllOf(HasSubstr("observation 1, in sqrt(x - c) at x = 1, c = 1: sqrt(0)"),
                                  HasSubstr("∂(observation 1)/∂c")));
}

TEST(Audit, LeavesARunWithRightDerivativesAsItIs) {
  const Outcome outcome = run({"minimize", "--function", rosenbrock, "--start", "x=-1.2,y=1", "--audit"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_THAT(outcome.out, Not(HasSubstr("audit")));
}

}  // namespace
}  // namespace quadric::testing
