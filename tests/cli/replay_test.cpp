#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/run_program.hpp"

/// Traces told again, and compared; the progress of a run on a terminal.
namespace quadric {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Outcome;
using testing::run;

constexpr const char* well = "(x^2-1)^2/4+y^2/2";

class Traces : public ::testing::Test {
 protected:
  std::string trace_of(const std::string& start, const std::vector<std::string>& more = {}) {
    const std::string file = folder_.path("trace" + std::to_string(++made_) + ".jsonl");
    std::vector<std::string> arguments = {"minimize", "--function", well, "--start", start, "--trace", file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    log_ = run(arguments).err;
    return file;
  }
  testing::TemporaryFolder folder_;
  std::string log_;  ///< of the last run
  int made_ = 0;
};

TEST_F(Traces, AreToldAsTheLogToldThem) {
  const std::string file = trace_of("x=0,y=1", {"--log-level", "info"});
  const Outcome told = run({"replay", file});
  EXPECT_EQ(told.exit_code, 0) << told.err;
  EXPECT_EQ(told.err, "");
  // Each line of the log's table and each of its sentences, in their order.
  std::istringstream log(log_), replay(told.out);
  int found = 0;
  for (std::string line; std::getline(log, line);) {
    if (!line.starts_with("  iteration ") && !line.starts_with("    ")) continue;
    ++found;
    std::string other;
    while (other != line && std::getline(replay, other)) {
    }
    EXPECT_EQ(other, line);
  }
  EXPECT_GE(found, 5);
  EXPECT_THAT(told.out, HasSubstr("saddle"));
  EXPECT_THAT(told.out, Not(HasSubstr("predicted")));
  EXPECT_THAT(run({"replay", file, "--log-level", "debug"}).out, HasSubstr("predicted"));
  EXPECT_EQ(run({"replay", file, "--log-level", "off"}).out, "");
}

TEST_F(Traces, AreExplained) {
  const std::string json = folder_.path("run.json"), again = folder_.path("again.json");
  const Outcome run_itself = run(
      {"minimize", "--function", "(x-1)^2+abs(y)+y^2", "--start", "x=3,y=2", "--explain", "--json", json});
  EXPECT_EQ(run_itself.exit_code, 1) << run_itself.out;
  EXPECT_THAT(run_itself.out, HasSubstr("what held it back:\n  1. non_smooth: "));
  EXPECT_THAT(run_itself.out, HasSubstr("to try: "));
  const auto written = nlohmann::json::parse(testing::read_text(json));
  EXPECT_EQ(written.at("explanation").at(0).at("cause"), "non_smooth");
  EXPECT_EQ(written.at("explanation").at(0).at("variables").at(0), "y");

  const std::string limited = folder_.path("limited.json");
  run({"minimize", "--function", well, "--start", "x=3,y=1", "--max-iterations", "2", "--json", limited});
  const Outcome told = run({"replay", limited, "--explain", "--json", again});
  EXPECT_THAT(told.out, HasSubstr("why it stopped: iteration_limit after 2 iterations"));
  EXPECT_THAT(told.out, HasSubstr("1. tiny_limit: "));
  const auto replayed = nlohmann::json::parse(testing::read_text(again));
  EXPECT_EQ(replayed.at("runs").at(0).at("explanation").at(0).at("cause"), "tiny_limit");
  // A trace alone does not know how the run ended.
  EXPECT_THAT(run({"replay", trace_of("x=3,y=1"), "--explain"}).out, HasSubstr("does not say why"));
}

TEST_F(Traces, OfAKilledRunAreToldWithANote) {
  const std::string whole = testing::read_text(trace_of("x=0.5,y=1"));
  const std::string cut = folder_.file("cut.jsonl", whole.substr(0, whole.find('\n') + 30));
  const std::string json = folder_.path("replay.json");
  const Outcome told = run({"replay", cut, "--json", json});
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_THAT(told.out, HasSubstr("breaks off"));
  const auto object = nlohmann::json::parse(testing::read_text(json));
  EXPECT_EQ(object.at("schema"), "quadric/trace/1");
  EXPECT_EQ(object.at("cut_short"), true);
  EXPECT_EQ(object.at("runs").at(0).at("trace").size(), 1U);
}

TEST_F(Traces, ThatAreMalformedAreRefusedByTheirLine) {
  const std::string bad = folder_.file("bad.jsonl", "{\"iteration\":0}\n{oops}\n{\"iteration\":1}\n");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"replay", bad}, std::vector<std::string>{"diff", bad, bad}}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("bad.jsonl', line 2: this is not JSON"));
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_THAT(run({"replay", folder_.path("none")}).err, HasSubstr("No such file"));
  EXPECT_THAT(run({"replay", bad, "--log-level", "loud"}).err, HasSubstr("no level 'loud'"));
}

TEST_F(Traces, ThatPartAreComparedWithTheCause) {
  const std::string first = trace_of("x=0.5,y=1"), again = trace_of("x=0.5,y=1");
  const Outcome same = run({"diff", first, again});
  EXPECT_EQ(same.exit_code, 0) << same.err;
  EXPECT_THAT(same.out, HasSubstr("the same in every bit"));

  const std::string elsewhere = trace_of("x=0.25,y=1");
  const std::string json = folder_.path("difference.json");
  const Outcome apart = run({"diff", first, elsewhere, "--json", json});
  EXPECT_EQ(apart.exit_code, 1);
  EXPECT_THAT(apart.out, HasSubstr("they differ at the start: value is"));
  EXPECT_THAT(apart.out, HasSubstr("the starts or the functions are not the same"));
  const auto object = nlohmann::json::parse(testing::read_text(json));
  EXPECT_EQ(object.at("same"), false);
  EXPECT_EQ(object.at("visible").at("iteration"), 0);
  EXPECT_EQ(object.at("visible").at("quantity"), "value");

  const Outcome shorter = run({"diff", first, trace_of("x=0.5,y=1", {"--max-iterations", "1"})});
  EXPECT_EQ(shorter.exit_code, 1);
  EXPECT_THAT(shorter.out, HasSubstr("the second ends after iteration 1"));
  EXPECT_EQ(run({"diff", first, elsewhere, "--tolerance", "-1"}).exit_code, 2);
}

TEST_F(Traces, TellOfProgressOnATerminalOnly) {
  std::vector<std::string> arguments = {"minimize", "--function", well, "--start", "x=0.5,y=1", "--progress"};
  EXPECT_EQ(run(arguments).err, "");
  if (std::system("command -v script >/dev/null") != 0) GTEST_SKIP() << "there is no script(1)";
  const std::string seen = folder_.path("seen");
  const std::string command = std::string("script -qec \"") + QUADRIC_PROGRAM + " minimize --function '" +
                              well + "' --start x=0.5,y=1 --progress\" '" + seen + "' >/dev/null </dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string screen = testing::read_text(seen);
  EXPECT_THAT(screen, HasSubstr("\r\033[K[....................] iteration 0  f "));
  // It is wiped out before the report.
  const auto report = screen.find("converged after");
  ASSERT_NE(report, std::string::npos);
  EXPECT_LT(screen.find("\r\033[K", screen.find("iteration 0")), report);
}

TEST_F(Traces, OfManyRunsProgressIsHowManyAreDone) {
  std::vector<std::string> arguments = {"compare",   "--function", well,           "--start",
                                        "x=0.5,y=1", "--solvers",  "newton,lbfgs", "--progress"};
  EXPECT_EQ(run(arguments).err, "");
  if (std::system("command -v script >/dev/null") != 0) GTEST_SKIP() << "there is no script(1)";
  const std::string seen = folder_.path("seen");
  const std::string command = std::string("script -qec \"") + QUADRIC_PROGRAM + " compare --function '" +
                              well + "' --start x=0.5,y=1 --solvers newton,lbfgs --progress\" '" + seen +
                              "' >/dev/null </dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string screen = testing::read_text(seen);
  EXPECT_THAT(screen, HasSubstr("\r\033[K[....................] 0 of 2 runs  "));
  const auto report = screen.find("One run after the other");
  ASSERT_NE(report, std::string::npos);
  EXPECT_LT(screen.find("\r\033[K", screen.find("of 2 runs")), report);
}

}  // namespace
}  // namespace quadric
