#include "quadric/engine/read_trace.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/json.hpp"
#include "quadric/engine/log.hpp"
#include "quadric/engine/trace_difference.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

using ::testing::HasSubstr;

const auto well = [](const auto& x) {
  const auto a = x[0] * x[0] - 1.0;
  return 0.25 * a * a + 0.5 * x[1] * x[1];
};

class ReadTrace : public ::testing::Test {
 protected:
  std::string file(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }
  std::string complaint(const std::string& text) const {
    try {
      read_trace(file(text));
    } catch (const Misuse& error) {
      return error.what();
    }
    return "none";
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string path_ = ::testing::TempDir() + "quadric_read_trace_" +
                      ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".jsonl";
};

TEST_F(ReadTrace, GivesBackTheBitsOfTheRun) {
  const Result result = minimize(well, {0.0, 1.0}, Newton{}, TraceFile(path_));
  const RecordedTrace read = read_trace(path_);
  ASSERT_EQ(read.runs.size(), 1U);
  EXPECT_FALSE(read.cut_short);
  ASSERT_EQ(read.runs.front().trace.size(), result.trace.size());
  EXPECT_FALSE(trace_difference(read.runs.front().trace, result.trace).any);
  for (std::size_t i = 0; i < result.trace.size(); ++i) {
    const Iteration &now = read.runs.front().trace[i], &then = result.trace[i];
    EXPECT_EQ(now.events.list(), then.events.list());
    EXPECT_EQ(now.note, then.note);
    EXPECT_EQ(now.bend(), then.bend());
  }
}

TEST_F(ReadTrace, ReadsTheTraceInAResult) {
  const Result result = minimize(well, {0.5, 1.0}, Newton{});
  const RecordedTrace read = read_trace(file(to_json(result)));
  ASSERT_EQ(read.runs.size(), 1U);
  EXPECT_EQ(read.runs.front().solver, result.solver);
  EXPECT_EQ(read.runs.front().status, "converged");
  EXPECT_FALSE(trace_difference(read.runs.front().trace, result.trace).any);
}

TEST_F(ReadTrace, BeginsAnotherRunWhereIterationsStartOver) {
  const RecordedTrace read = read_trace(
      file("{\"iteration\":0,\"value\":3}\n{\"iteration\":1,\"value\":2}\n{\"iteration\":0,\"value\":9}\n"));
  ASSERT_EQ(read.runs.size(), 2U);
  EXPECT_EQ(read.runs[0].trace.size(), 2U);
  EXPECT_EQ(read.runs[1].trace.front().value, 9.0);
}

TEST_F(ReadTrace, LeavesOutALastLineThatBreaksOff) {
  const RecordedTrace read = read_trace(file("{\"iteration\":0,\"value\":3}\n{\"iteration\":1,\"val"));
  EXPECT_TRUE(read.cut_short);
  EXPECT_EQ(read.runs.front().trace.size(), 1U);
  // One that only lacks its line end is whole.
  EXPECT_FALSE(read_trace(file("{\"iteration\":0,\"value\":3}")).cut_short);
}

TEST_F(ReadTrace, NamesTheLineThatIsWrong) {
  const std::string good = "{\"iteration\":0,\"value\":3}\n";
  EXPECT_THAT(complaint(good + "{\"iteration\":1,\"val\n" + good), HasSubstr("line 2: this is not JSON"));
  EXPECT_THAT(complaint(good + "\n[1]\n"), HasSubstr("line 3: array instead of an object"));
  EXPECT_THAT(complaint(good + "{\"value\":1}\n"), HasSubstr("line 2: there is no 'iteration'"));
  EXPECT_THAT(complaint("{\"iteration\":-1}\n"),
              HasSubstr("line 1: 'iteration' is -1, not a number of times"));
  EXPECT_THAT(complaint("{\"iteration\":1,\"value\":\"2\"}\n"), HasSubstr("'value' is \"2\", not a number"));
  EXPECT_THAT(complaint("{\"iteration\":1,\"events\":\"saddle\"}\n"), HasSubstr("not a list"));
  EXPECT_THAT(complaint("{\"iteration\":1,\"events\":[\"sadle\"]}\n"),
              HasSubstr("line 1: there is no event 'sadle'; did you mean 'saddle'?"));
  EXPECT_THAT(complaint("{\"trace\":[{\"iteration\":0},{}]}"), HasSubstr("entry 1 of 'trace'"));
}

TEST_F(ReadTrace, RefusesFilesWithoutARun) {
  EXPECT_THAT(complaint(""), HasSubstr("holds no iteration"));
  EXPECT_THAT(complaint("{\"iter"), HasSubstr("holds no iteration"));
  std::filesystem::remove(path_);
  try {
    read_trace(path_);
    FAIL() << "a file that is not there was read";
  } catch (const Misuse& error) {
    EXPECT_THAT(error.what(), HasSubstr("No such file"));
    EXPECT_THAT(error.what(), HasSubstr(path_));
  }
}

}  // namespace
}  // namespace quadric
