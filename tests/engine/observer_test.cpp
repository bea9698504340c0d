#include "quadric/engine/observer.hpp"

#include <array>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "quadric/engine/log.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

using testing::IsEmpty;

const auto rosenbrock = [](const auto& x) {
  return std::array{std::sqrt(2.0) * (1.0 - x[0]), std::sqrt(200.0) * (x[1] - x[0] * x[0])};
};
const Point start{-1.2, 1.0};

std::vector<Solver> solvers() {
  return {Newton{}, Newton{.step = LineSearch{}}, GaussNewton{}, GaussNewton{.step = LineSearch{}},
          GradientDescent{.stop = {.max_iterations = 50}}};
}

// Keeps what it was told, in order.
struct Recorder : Observer {
  void started(const RunInfo& run) override {
    calls.emplace_back("started");
    info = run;
  }
  bool iterated(const Iteration& iteration, const Vector& x) override {
    calls.emplace_back("iterated");
    iterations.push_back(iteration);
    points.push_back(x);
    return iteration.iteration != stop_at;
  }
  void finished(const Result& result) override {
    calls.emplace_back("finished");
    last = result;
  }
  std::vector<std::string> calls;
  RunInfo info;
  std::vector<Iteration> iterations;
  std::vector<Vector> points;
  Result last;
  Index stop_at = -1;
};

TEST(Observer, WithoutOneARunIsSilent) {
  const auto saddle = [](const auto& x) { return std::array{x[0] * x[0] - 1.0, 1.0 * x[1]}; };
  const auto nowhere = [](const Vector& x) {
    return Vector(Vector::Constant(2, std::log(-1.0 - x[0] * x[0])));
  };
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  for (const Solver& solver : solvers()) {
    least_squares(rosenbrock, start, solver);
    least_squares(saddle, {0.0, 1.0}, solver);
    least_squares(nowhere, {0.0, 1.0}, solver);
  }
  EXPECT_THAT(testing::internal::GetCapturedStdout(), IsEmpty());
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
}

/// Not chosen by anyone, and watched by logs that are off: still not a byte.
TEST(Observer, ThatIsSilentLeavesARunSilent) {
  const auto out = std::make_shared<spdlog::logger>("out", std::make_shared<spdlog::sinks::stdout_sink_mt>());
  const auto err = std::make_shared<spdlog::logger>("err", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  for (const auto& logger : {out, err}) logger->set_level(spdlog::level::off);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  least_squares(rosenbrock, start);
  minimize([](const auto& x) { return x[0] * x[0] * x[1] * x[1] - x[0]; }, start);  // unbounded
  for (const Solver& solver : solvers())
    least_squares(rosenbrock, start, solver, LogIterations(out), LogIterations(err));
  out->flush();
  err->flush();
  EXPECT_THAT(testing::internal::GetCapturedStdout(), IsEmpty());
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
}

TEST(Observer, IsToldOfTheStartEveryIterationAndTheEnd) {
  for (const Solver& solver : solvers()) {
    const auto recorder = std::make_shared<Recorder>();
    const Result r = least_squares(rosenbrock, start, solver, recorder);
    std::vector<std::string> expected(r.trace.size() + 2, "iterated");
    expected.front() = "started";
    expected.back() = "finished";
    EXPECT_EQ(recorder->calls, expected) << solver.name();
    EXPECT_EQ(recorder->info.solver, solver.name());
    EXPECT_EQ(recorder->info.provider.first, "automatic");
    EXPECT_EQ(recorder->info.names, (std::vector<std::string>{"x0", "x1"}));
    for (std::size_t i = 0; i < r.trace.size(); ++i) {
      EXPECT_EQ(recorder->iterations[i].iteration, static_cast<Index>(i));
      EXPECT_EQ(recorder->iterations[i].value, r.trace[i].value);
    }
    EXPECT_EQ(recorder->points.front(), start.vector());
    EXPECT_EQ(recorder->points.back(), r.x);
    EXPECT_EQ(recorder->last.status, r.status);
    EXPECT_EQ(recorder->last.trace.size(), r.trace.size());
  }
}

TEST(Observer, IsToldOfARunThatFailedAtItsStart) {
  const auto recorder = std::make_shared<Recorder>();
  const Result r = minimize([](const Vector&) { return std::nan(""); }, {1.0}, Newton{}, recorder);
  EXPECT_EQ(recorder->calls, (std::vector<std::string>{"started", "finished"}));
  EXPECT_EQ(recorder->last.status, Status::EvaluationFailed);
  EXPECT_EQ(r.x, Vector::Ones(1));
}

TEST(Observer, MayStopTheRunWhichKeepsItsBestPoint) {
  for (const Solver& solver : solvers()) {
    for (const Index stop_at : {0, 1, 4}) {
      const auto recorder = std::make_shared<Recorder>();
      recorder->stop_at = stop_at;
      const Result r = least_squares(rosenbrock, start, solver, recorder);
      if (r.converged() && r.iterations < stop_at) continue;  // Gauss-Newton's second step may be the last
      EXPECT_EQ(r.status, Status::StoppedByUser) << solver.name() << " at " << stop_at;
      EXPECT_EQ(r.iterations, stop_at) << solver.name();
      EXPECT_EQ(r.x, recorder->points.back());
      for (const Iteration& iteration : r.trace) EXPECT_LE(r.value, iteration.value);
      EXPECT_EQ(recorder->calls.back(), "finished");
      EXPECT_EQ(r.critical_point.kind, CriticalKind::NotCritical);
    }
  }
}

TEST(Observer, EachIsToldEvenWhenAnotherStops) {
  const auto first = std::make_shared<Recorder>();
  const auto second = std::make_shared<Recorder>();
  first->stop_at = 2;
  EXPECT_EQ(least_squares(rosenbrock, start, Newton{}, first, second).iterations, 2);
  EXPECT_EQ(first->calls, second->calls);
}

struct Thrower : Observer {
  explicit Thrower(int given) : where(given) {}
  void started(const RunInfo& /*run*/) override { throw_at(0); }
  bool iterated(const Iteration& /*iteration*/, const Vector& /*x*/) override { return throw_at(1); }
  void finished(const Result& /*result*/) override { throw_at(2); }
  bool throw_at(int place) const {
    if (place == where) throw std::runtime_error("mine");
    return true;
  }
  int where;
};

TEST(Observer, ExceptionsPassThrough) {
  for (const int where : {0, 1, 2}) {
    EXPECT_THROW(least_squares(rosenbrock, start, Newton{}, Thrower(where)), std::runtime_error) << where;
  }
  const auto throws_no_exception = [](const Iteration&) { throw 7; };
  EXPECT_THROW(least_squares(rosenbrock, start, Newton{}, throws_no_exception), int);
}

TEST(Observer, MayBeACallableOfAnyAcceptedForm) {
  int calls = 0;
  const auto run = [&](auto&& observer) {
    calls = 0;
    return least_squares(rosenbrock, start, Newton{}, std::forward<decltype(observer)>(observer));
  };
  const auto expect_all = [&](const Result& r) {
    EXPECT_EQ(calls, static_cast<int>(r.trace.size()));
    EXPECT_EQ(r.status, Status::Converged);
  };
  expect_all(run([&](const Iteration&) { ++calls; }));
  expect_all(run([&](const Iteration&, const Vector&) { ++calls; }));
  expect_all(run([&](const Iteration&) { return ++calls > 0; }));
  expect_all(run([&](const auto&) { ++calls; }));
  expect_all(run([&calls, own = 0](const Iteration&) mutable { calls = ++own; }));
  const auto named = [&](const Iteration&, const Vector& x) { return ++calls > 0 && x.allFinite(); };
  expect_all(run(named));

  EXPECT_EQ(run([&](const Iteration&) { return ++calls < 3; }).iterations, 2);
  EXPECT_EQ(run([&](const Iteration&, const Vector&) { return ++calls < 3; }).iterations, 2);
}

TEST(Observer, MayBeAnObjectOfAClass) {
  Recorder recorder;
  recorder.stop_at = 1;
  EXPECT_EQ(least_squares(rosenbrock, start, Newton{}, recorder).iterations, 1);
  EXPECT_THAT(recorder.calls, IsEmpty());  // a copy was told: who wants the answers keeps a shared pointer
  const std::shared_ptr<Observer> shared = std::make_shared<Recorder>(recorder);
  EXPECT_EQ(least_squares(rosenbrock, start, Newton{}, shared).iterations, 1);
}

}  // namespace
}  // namespace quadric
