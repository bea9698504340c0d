#include "quadric/engine/log.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/json.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// ½‖r‖² is Rosenbrock's function and the double well (x² − 1)²/4 + y²/2, whose saddle is the origin.
const auto rosenbrock = [](const auto& x) {
  return std::array{std::sqrt(2.0) * (1.0 - x[0]), std::sqrt(200.0) * (x[1] - x[0] * x[0])};
};
const auto double_well = [](const auto& x) {
  return std::array{std::sqrt(0.5) * (x[0] * x[0] - 1.0), 1.0 * x[1]};
};

const std::string head = "iter          value";

// A logger that writes its messages, one a line, into a string.
class Log {
 public:
  explicit Log(spdlog::level::level_enum level = spdlog::level::info)
      : logger(std::make_shared<spdlog::logger>("test",
                                                std::make_shared<spdlog::sinks::ostream_sink_st>(text_))) {
    logger->set_pattern("%l|%v");
    logger->set_level(level);
  }
  std::string text() const { return text_.str(); }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    std::istringstream in(text());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  std::ptrdiff_t count(const std::string& part) const {
    const auto all = lines();
    return std::ranges::count_if(all, [&](const std::string& line) { return line.find(part) != line.npos; });
  }

 private:
  std::ostringstream text_;

 public:
  std::shared_ptr<spdlog::logger> logger;
};

// Width on a terminal: every character here is one column, of one or more bytes.
std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t column_of(const std::string& line, const std::string& part) {
  return columns(line.substr(0, line.find(part)));
}

Iteration step(Index number, Events events = {}) {
  return {.iteration = number,
          .value = 1.0,
          .gradient_norm = 1.0,
          .step_norm = 0.5,
          .trust = 1.0,
          .predicted = -0.1,
          .actual = -0.1,
          .ratio = 1.0,
          .slope = -0.2,
          .curvature = 0.2,
          .events = events};
}

// What a fresh observer logs of one iteration.
std::string log_of(const Iteration& iteration) {
  Log log;
  LogIterations(log.logger).iterated(iteration, Vector::Zero(1));
  return log.text();
}

TEST(LogIterations, SaysWhoRunsEachStepAndHowItEnded) {
  Log log;
  const Result r = least_squares(rosenbrock, {-1.2, 1.0}, GaussNewton{}, LogIterations{log.logger});
  const auto lines = log.lines();
  EXPECT_EQ(lines.front(), "info|gauss-newton (trust region): 2 variables, derivatives automatic");
  EXPECT_EQ(log.count(head), 1);
  EXPECT_THAT(log.text(), AllOf(ContainsRegex("    0           24.2       233 "), HasSubstr("up 50 %"),
                                HasSubstr("gauss-newton (trust region): converged after"),
                                HasSubstr("info|  certificate: minimum, λ ∈ [0.39936")));
  EXPECT_EQ(lines.size(), 3 + r.trace.size() + 4);  // who, legend, head; rows; summary
}

TEST(LogIterations, AlignsItsColumnsInAboutATerminalsWidth) {
  Log log;
  LogIterations observer(log.logger);
  Iteration wide = step(99999, {Event::Saddle, Event::Escaped, Event::NegativeCurvature});
  wide.value = wide.gradient_norm = wide.step_norm = wide.trust = wide.ratio = 1.23456789e-101;
  wide.note = "at a saddle";
  observer.iterated(step(1), Vector::Zero(1));
  observer.iterated(wide, Vector::Zero(1));
  const auto lines = log.lines();
  EXPECT_EQ(column_of(lines[1], "up 50 %"), column_of(lines[0], "bend"));
  EXPECT_EQ(column_of(lines[2], "saddle"), column_of(lines[0], "events"));
  for (const std::string& line : lines) EXPECT_LE(columns(line.substr(line.find("|") + 1)), 110U) << line;
}

TEST(LogIterations, RepeatsTheHeadOfALongTable) {
  Log log;
  LogIterations observer(log.logger);
  for (Index i = 0; i < 96; ++i) observer.iterated(step(i), Vector::Zero(1));
  EXPECT_EQ(log.count(head), 4);
}

TEST(LogIterations, SaysHowTheFunctionBent) {
  const auto bend_of = [](double actual, Events events = {}) {
    Iteration iteration = step(1, events);
    iteration.actual = actual;
    return log_of(iteration);
  };
  EXPECT_THAT(bend_of(-0.1), HasSubstr(" up 50 % "));
  EXPECT_THAT(bend_of(-0.244), HasSubstr(" down 122 % "));
  EXPECT_THAT(bend_of(-0.2), HasSubstr(" flat "));
  EXPECT_THAT(bend_of(1e-17, {Event::Polished}), AllOf(Not(HasSubstr("up ")), HasSubstr("gradient judges")));
}

TEST(LogIterations, AFallByMoreThanTheSlopePromisedProvesNegativeCurvature) {
  Iteration iteration = step(1);
  iteration.actual = -0.244;  // a convex function falls by 0.2 at most
  EXPECT_THAT(log_of(iteration),
              AllOf(HasSubstr("f fell by 1.22 times what its slope promised"), HasSubstr("saddle")));
}

TEST(LogIterations, NamesTheCurvatureAcrossTheStep) {
  Iteration iteration = step(1);
  iteration.lambda_min = -3.0;
  EXPECT_THAT(log_of(iteration),
              HasSubstr("down across it (lowest curvature -3); a saddle or ridge is near"));
  iteration.lambda_min = -1e-18;  // rounding
  EXPECT_THAT(log_of(iteration), Not(HasSubstr("saddle")));
}

TEST(LogIterations, SaysOnceWhatGoesOnForLong) {
  Log log;
  LogIterations observer(log.logger);
  Index number = 0;
  const auto run = [&](int times, Events events) {
    for (int i = 0; i < times; ++i) {
      Iteration iteration = step(++number, events);
      if (events.has(Event::NegativeCurvature)) iteration.curvature = -0.25;
      if (events.has(Event::NonFinite)) iteration.note = "the value is nan at x = (0)";
      observer.iterated(iteration, Vector::Zero(1));
    }
  };
  run(5, {Event::NegativeCurvature, Event::NonFinite});
  run(2, {});  // too short to be over
  run(5, {Event::NegativeCurvature, Event::HardCase});
  run(4, {Event::Polished});
  run(1, {Event::NegativeCurvature});
  EXPECT_EQ(
      log.count(
          "the quadric bends down along the step (curvature -1): f falls faster than its slope promises; a "
          "saddle or ridge is near"),
      2);
  EXPECT_EQ(log.count("no negative curvature was met since iteration 12"), 1);
  EXPECT_EQ(
      log.count("a trial point could not be used: the value is nan at x = (0); a shorter step was taken"), 1);
  EXPECT_EQ(log.count("hard case: "), 1);
  EXPECT_EQ(log.count("below the rounding of f"), 1);
}

TEST(LogIterations, SaysWhatOnlyTheEndShows) {
  Log stopped;
  const Result saddle = least_squares(double_well, {0.0, 1.0}, GaussNewton{.at_saddle = AtSaddle::Stop},
                                      LogIterations{stopped.logger});
  EXPECT_EQ(saddle.status, Status::SaddlePoint);
  EXPECT_EQ(stopped.count("the run ends at a saddle or maximum, not a minimum: saddle of index 1"), 1);

  Log flat;
  const Result valley =
      minimize([](const auto& x) { return x[0] * x[0]; }, {1.0, 0.0}, Newton{}, LogIterations{flat.logger});
  EXPECT_EQ(valley.status, Status::UndecidedCurvature);
  EXPECT_EQ(flat.count("the run ends where the curvature is zero along some direction"), 1);

  Log cut;  // the last point lies on the ridge, and no iteration told of it
  least_squares(double_well, {0.1, 1.0}, GaussNewton{.stop = {.max_iterations = 0}},
                LogIterations{cut.logger});
  EXPECT_EQ(cut.count("at the last point f bends down along some direction"), 1);
}

TEST(LogIterations, EverySolverNamesTheSaddleOfTheDoubleWell) {
  const std::vector<Solver> solvers = {Newton{},
                                       Newton{.step = LineSearch{}},
                                       GaussNewton{},
                                       GaussNewton{.step = LineSearch{}},
                                       GradientDescent{},
                                       GradientDescent{.length = DescentLength::BarzilaiBorwein},
                                       ConjugateGradients{},
                                       Lbfgs{}};
  for (const Solver& solver : solvers) {
    for (const Point& start : {Point{0.0, 0.0}, Point{0.0, 1.0}, Point{1e-8, 1.0}}) {
      Log log;
      const Result r = least_squares(double_well, start, solver, LogIterations{log.logger});
      EXPECT_EQ(r.status, Status::Converged) << solver.name() << " from " << start[0] << ", " << start[1];
      EXPECT_NEAR(r.value, 0.0, 1e-12) << solver.name();
      EXPECT_THAT(log.text(), HasSubstr("saddle"))
          << solver.name() << " from " << start[0] << ", " << start[1];
    }
  }
}

TEST(LogIterations, SaysThatNoCurvatureHoldsAStep) {
  const auto wave = [](const auto& x) {
    using std::cos;
    return 2.0 + cos(x[0]);
  };
  for (const auto length : {DescentLength::Cauchy, DescentLength::BarzilaiBorwein}) {
    Log log;
    minimize(wave, {0.02}, GradientDescent{.length = length}, LogIterations{log.logger});
    EXPECT_EQ(log.count("and the step doubles the last one"), 1) << log.text();
    EXPECT_GE(log.count("long step"), 1);
  }
}

TEST(LogIterations, WhereverNegativeCurvatureIsMetTheSaddleIsNamed) {
  const std::vector<Solver> solvers = {Newton{}, Newton{.step = LineSearch{}}, GaussNewton{},
                                       GradientDescent{}};
  int met_by = 0;
  for (const Solver& solver : solvers) {
    for (const Point& start : {Point{-1.2, 1.0}, Point{0.0, 2.0}}) {
      Log log;
      const Result r = least_squares(rosenbrock, start, solver, LogIterations{log.logger});
      const bool met = std::ranges::any_of(r.trace, [](const Iteration& iteration) {
        return iteration.events.has(Event::NegativeCurvature) || iteration.lambda_min < 0.0;
      });
      met_by += met ? 1 : 0;
      EXPECT_TRUE(!met || log.count("saddle") > 0) << solver.name();
    }
  }
  EXPECT_GT(met_by, 0);
}

TEST(LogIterations, DebugShowsTheNumbersBehindEachRow) {
  Log log(spdlog::level::debug);
  const Result r = least_squares(rosenbrock, {-1.2, 1.0}, Newton{}, LogIterations{log.logger});
  EXPECT_EQ(log.count("debug|"), static_cast<std::ptrdiff_t>(r.trace.size()));
  EXPECT_THAT(log.text(), ContainsRegex("predicted -[0-9.]+, actual -[0-9.]+, slope -[0-9.]+"));
}

TEST(LogIterations, WritesNothingWhereTheLevelIsOff) {
  Log log(spdlog::level::warn);
  least_squares(rosenbrock, {-1.2, 1.0}, Newton{}, LogIterations{log.logger});
  EXPECT_THAT(log.text(), IsEmpty());
}

TEST(LogIterations, ASecondRunStartsAnew) {
  Log log;
  const auto observer = std::make_shared<LogIterations>(log.logger);
  for (int i = 0; i < 2; ++i) least_squares(double_well, {0.0, 1.0}, Newton{}, observer);
  EXPECT_EQ(log.count(head), 2);
  EXPECT_EQ(log.count("the quadric bends down along the step"), 2);
}

TEST(LogIterations, NeedsALogger) { EXPECT_THROW(LogIterations(nullptr), Misuse); }

class TraceFiles : public testing::Test {
 protected:
  TraceFiles() { fs::create_directories(folder_); }
  ~TraceFiles() override { fs::remove_all(folder_); }
  static std::vector<nlohmann::ordered_json> read(const fs::path& path) {
    std::vector<nlohmann::ordered_json> objects;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) objects.push_back(nlohmann::ordered_json::parse(line));
    return objects;
  }
  const fs::path folder_ =
      fs::path(testing::TempDir()) /
      (std::string("quadric_trace_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(TraceFiles, HoldTheTraceOfTheResult) {
  const fs::path path = folder_ / "trace.jsonl";
  const auto trace = std::make_shared<TraceFile>(path);
  const Result r = least_squares(double_well, {0.0, 1.0}, GaussNewton{}, trace);
  EXPECT_THAT(trace->error(), IsEmpty());
  const auto lines = read(path);
  ASSERT_EQ(lines.size(), r.trace.size());
  const auto in_result = nlohmann::ordered_json::parse(to_json(r))["trace"];
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i].dump(), in_result[i].dump());
  EXPECT_TRUE(lines[0]["step_norm"].is_null());
  EXPECT_FALSE(lines[0].contains("note"));
  EXPECT_THAT(lines[2]["note"].get<std::string>(), HasSubstr("escaped"));
}

TEST_F(TraceFiles, GiveTheLastLineTheEventsOfTheEnd) {
  const fs::path path = folder_ / "trace.jsonl";
  for (int i = 0; i < 2; ++i) {  // the second run replaces the file of the first
    const Result r =
        least_squares(double_well, {0.0, 1.0}, GaussNewton{.at_saddle = AtSaddle::Stop}, TraceFile(path));
    const auto lines = read(path);
    ASSERT_EQ(lines.size(), r.trace.size());
    EXPECT_EQ(lines.back()["events"].dump(), R"(["saddle"])");
  }
}

TEST_F(TraceFiles, TakeOneRunAfterAnother) {
  const fs::path path = folder_ / "trace.jsonl";
  const auto trace = std::make_shared<TraceFile>(path);
  std::size_t expected = 0;
  for (int i = 0; i < 3; ++i) {
    expected +=
        least_squares(double_well, {0.0, 1.0}, GaussNewton{.at_saddle = AtSaddle::Stop}, trace).trace.size();
  }
  EXPECT_EQ(read(path).size(), expected);
}

TEST_F(TraceFiles, KeepWhatAnInterruptedRunHad) {
  const fs::path path = folder_ / "trace.jsonl";
  const auto look = [](const Iteration& iteration) {
    if (iteration.iteration == 3) throw std::runtime_error("interrupted");
  };
  EXPECT_THROW(least_squares(rosenbrock, {-1.2, 1.0}, Newton{}, TraceFile(path), look), std::runtime_error);
  EXPECT_EQ(read(path).size(), 4U);
}

TEST_F(TraceFiles, HoldTheLinesOfARunThatTakesItsTimeAtOnce) {
  const fs::path path = folder_ / "trace.jsonl";
  const auto look = [&](const Iteration& iteration) {
    const auto lines = static_cast<Index>(read(path).size());
    EXPECT_TRUE(iteration.iteration == 0 || lines == iteration.iteration + 1) << lines;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  least_squares(rosenbrock, {-1.2, 1.0}, Newton{.stop = {.max_iterations = 5}}, TraceFile(path), look);
  EXPECT_EQ(read(path).size(), 6U);
}

TEST_F(TraceFiles, RefuseAPathThatCanNotBeOpened) {
  for (const fs::path& path : {folder_ / "none" / "trace.jsonl", folder_}) {
    try {
      const TraceFile trace(path);
      ADD_FAILURE() << "opened " << path;
    } catch (const Misuse& error) {
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr("'" + path.string() + "'"), ContainsRegex("No such file|directory")));
    }
  }
}

TEST_F(TraceFiles, LetTheRunGoOnWhenTheDiskIsFull) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  const auto trace = std::make_shared<TraceFile>("/dev/full");
  const Result r = least_squares(rosenbrock, {-1.2, 1.0}, Newton{}, trace);
  EXPECT_EQ(r.status, Status::Converged);
  EXPECT_THAT(trace->error(), AllOf(HasSubstr("'/dev/full'"), HasSubstr("No space left")));
}

}  // namespace
}  // namespace quadric
