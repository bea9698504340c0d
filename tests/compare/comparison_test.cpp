#include "quadric/compare/comparison.hpp"

#include <atomic>
#include <cmath>
#include <limits>
#include <sstream>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/back_ends.hpp"
#include "quadric/solvers/ceres_solver.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

namespace quadric {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const auto rosenbrock = [](const auto& x) {
  auto a = 1.0 - x[0];
  auto b = x[1] - x[0] * x[0];
  return a * a + 100.0 * b * b;
};

/// A saddle at (0, 0), on whose ridge y = 0 leads to it; minima −1 at (0, ±√2).
const auto ridge = [](const auto& x) {
  auto y = x[1] * x[1];
  return x[0] * x[0] - y + 0.25 * y * y;
};

Case case_of(const std::string& name, Objective f, const Point& from, std::vector<double> minima = {}) {
  return {
      .problem = name, .start = "x0", .function = std::move(f), .from = from, .minima = std::move(minima)};
}

std::vector<Case> a_few() {
  std::vector<Case> cases = suite("saddles");
  cases.erase(cases.begin() + 24, cases.end());
  std::vector<Case> more = suite("mgh");
  more.erase(more.begin() + 12, more.end());
  cases.insert(cases.end(), more.begin(), more.end());
  return cases;
}

std::vector<Solver> every_solver(const Overrides& limits) {
  std::vector<Solver> solvers;
  for (const std::string& name : solver_names()) solvers.push_back(solver_named(name, limits));
  return solvers;
}

void expect_same(double a, double b, const std::string& what) {
  EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << what << ": " << a << " and " << b;
}

TEST(Compare, GivesTheSameBitsForAnyNumberOfThreads) {
  const std::vector<Solver> solvers = every_solver({.max_evaluations = 400});
  const Comparison alone = compare(a_few(), solvers), together = compare(a_few(), solvers, {.threads = 4});
  EXPECT_EQ(together.threads, 4);
  ASSERT_EQ(alone.runs.size(), together.runs.size());
  for (std::size_t i = 0; i < alone.runs.size(); ++i) {
    const ComparedRun &a = alone.runs[i], &b = together.runs[i];
    SCOPED_TRACE(a.problem + " from " + a.start + ", " + a.solver);
    ASSERT_EQ(a.solver, b.solver);
    EXPECT_EQ(a.problem + a.start, b.problem + b.start);
    EXPECT_EQ(a.result.status, b.result.status);
    EXPECT_EQ(a.result.x, b.result.x);
    EXPECT_EQ(a.result.counts.total(), b.result.counts.total());
    EXPECT_EQ(a.false_claims, b.false_claims);
    expect_same(a.error, b.error, "error");
    ASSERT_EQ(a.result.trace.size(), b.result.trace.size());
    for (std::size_t k = 0; k < a.result.trace.size(); ++k) {
      expect_same(a.result.trace[k].value, b.result.trace[k].value, "value");
      EXPECT_EQ(a.result.trace[k].evaluations, b.result.trace[k].evaluations);
    }
  }
}

/// A library is cut within an iteration too: none goes on for more than a few evaluations, of which our
/// certificate takes some.
TEST(Compare, EndsEverySolverSoonAfterItsLimitOfEvaluations) {
  const Comparison runs =
      compare({case_of("valley", rosenbrock, {-1.2, 1.0})}, every_solver({.max_evaluations = 15}));
  ASSERT_GE(runs.runs.size(), 10U);
  for (const ComparedRun& run : runs.runs) {
    EXPECT_LE(run.result.counts.total(), 15 + 25) << run.solver;
    if (!run.result.converged()) {
      EXPECT_EQ(run.result.status, Status::IterationLimit) << run.solver << ": " << run.result.reason;
      EXPECT_THAT(run.result.reason, HasSubstr("15 evaluations")) << run.solver;
    }
  }
}

/// L-BFGS on the ridge sees nothing of the saddle that it runs into: it calls that a solution, is shown the
/// truth, and ends in a minimum. A solver of ours never claims it.
TEST(Compare, CountsASaddleThatIsCalledASuccess) {
  const Comparison runs = compare({case_of("ridge", ridge, {1.0, 0.0}, {-1.0})},
                                  {Newton{}, Lbfgs{}, CeresSolver{.strategy = CeresSolver::Strategy::Lbfgs}});
  ASSERT_EQ(runs.runs.size(), 3U);
  for (const ComparedRun& run : runs.runs)
    EXPECT_TRUE(is_solved(run)) << run.solver << ": " << run.result.reason;
  EXPECT_EQ(runs.runs[0].false_claims, 0);
  EXPECT_EQ(runs.runs[1].false_claims, 0);
  EXPECT_EQ(runs.runs[2].false_claims, 1);
  EXPECT_EQ(runs.summaries()[2].false_successes, 1);
  EXPECT_THAT(runs.table(), HasSubstr("in 1 it called a saddle"));
}

TEST(Compare, HasNoFalseSuccessOfOursOnTheSaddles) {
  std::vector<Case> cases = suite("saddles");
  const Comparison runs =
      compare(cases, {Newton{}, Newton{.saddle_free = true}, Lbfgs{.stop = {.max_evaluations = 500}},
                      GradientDescent{.stop = {.max_evaluations = 500}}});
  for (const SolverSummary& summary : runs.summaries()) {
    EXPECT_EQ(summary.runs, static_cast<Index>(cases.size()));
    EXPECT_EQ(summary.false_successes, 0) << summary.solver;
  }
}

ComparedRun run_of(const std::string& problem, std::size_t item, const std::string& solver, double value,
                   double start, Index evaluations) {
  ComparedRun run{.problem = problem, .start = "x0", .solver = solver, .result = {}, .item = item};
  run.digits = std::numeric_limits<double>::quiet_NaN();
  run.result.value = value;
  run.result.status = Status::Converged;
  run.result.counts.values = evaluations;
  run.result.trace = {{.value = start}, {.value = value, .evaluations = evaluations}};
  return run;
}

TEST(SolvedAt, IsRelativeToTheValueOrToTheFallWhereThatIsZero) {
  const auto flat = [](double low) { return [low](const Vector& x) { return low + x.squaredNorm(); }; };
  // Runs that stay at their starts, 9e-6 above the minimum 4, and 100 above 0.
  const Solver one = GradientDescent{.stop = {.max_iterations = 0}};
  const Comparison runs = compare({case_of("four", Objective(flat(4.0)), {0.003, 0.0}, {4.0}),
                                   case_of("zero", Objective(flat(0.0)), {10.0, 0.0}, {0.0})},
                                  {one}, {.tolerances = {1e-3, 1e-6, 1e-9}});
  ASSERT_EQ(runs.runs.size(), 2U);
  EXPECT_NEAR(runs.runs[0].error, 2.25e-6, 1e-12);  // 9e-6 above 4
  EXPECT_TRUE(is_solved_at(runs.runs[0], 2.3e-6));
  EXPECT_FALSE(is_solved_at(runs.runs[0], 2.2e-6));
  EXPECT_EQ(runs.runs[1].error, 1.0);
  EXPECT_EQ(runs.summaries()[0].solved_at, (std::vector<Index>{1, 0, 0}));
}

TEST(SolvedAt, TakesTheBestOfAllWhereNoMinimumIsKnown) {
  const Comparison runs = compare({case_of("valley", rosenbrock, {-1.2, 1.0})},
                                  {Newton{}, GradientDescent{.stop = {.max_evaluations = 20}}});
  EXPECT_TRUE(is_solved_at(runs.runs[0], 1e-9));
  EXPECT_FALSE(is_solved_at(runs.runs[1], 1e-3));
}

/// Two problems: A takes 10 and 40 evaluations, B 20 and 10.
TEST(Summary, HasGeometricMeansOfTheRatiosToTheBest) {
  Comparison runs{.cases = {case_of("p", rosenbrock, {1.0, 1.0}), case_of("q", rosenbrock, {1.0, 1.0})}};
  runs.runs = {run_of("p", 0, "A", 0.0, 1.0, 10), run_of("p", 0, "B", 0.0, 1.0, 20),
               run_of("q", 1, "A", 0.0, 1.0, 40), run_of("q", 1, "B", 0.0, 1.0, 10)};
  const auto summaries = runs.summaries();
  EXPECT_NEAR(summaries[0].evaluations_ratio, 2.0, 1e-12);             // √(1 · 4)
  EXPECT_NEAR(summaries[1].evaluations_ratio, std::sqrt(2.0), 1e-12);  // √(2 · 1)
  EXPECT_EQ(summaries[0].evaluations, 50);
  EXPECT_THAT(runs.advice().front(), HasSubstr("take B"));
  EXPECT_EQ(runs.advice().size(), 1U);
  EXPECT_EQ(runs.weaknesses(),
            (std::vector<std::string>{"B solves all of its 2 runs.", "A solves all of its 2 runs."}));
}

TEST(Compare, KeepsWhatWasRunBeforeAStop) {
  std::stop_source stop;
  int begun = 0;
  CompareOptions options{.token = stop.get_token()};
  options.observers = [&](const Case&, const Solver&) -> Observers {
    if (++begun == 2) stop.request_stop();
    return {};
  };
  const Comparison runs =
      compare({case_of("a", rosenbrock, {-1.2, 1.0}), case_of("b", rosenbrock, {0.0, 0.0})},
              {Newton{}, Lbfgs{}}, options);
  ASSERT_EQ(runs.runs.size(), 2U);
  EXPECT_TRUE(runs.runs[0].result.converged());
  EXPECT_EQ(runs.runs[1].result.status, Status::StoppedByUser);
  EXPECT_TRUE(runs.interrupted);
  EXPECT_FALSE(runs.all_solved());
  EXPECT_THAT(runs.table(), HasSubstr("Interrupted"));
}

TEST(Compare, LeavesSolversOutThatTakeNoBounds) {
  if (!has_back_end("liblbfgs")) GTEST_SKIP() << "built without liblbfgs";
  const Problem bounded = Problem(Objective(rosenbrock)).with_bounds(Bounds::at_most({0.5, 2.0}));
  const Comparison runs = compare(bounded, {-1.2, 1.0}, {LiblbfgsSolver{}, Newton{}});
  ASSERT_EQ(runs.runs.size(), 1U);
  EXPECT_THAT(runs.runs[0].solver, HasSubstr("newton"));
}

TEST(Compare, ThinsLongTracesAndKeepsTheirEnds) {
  const Comparison runs =
      compare(Objective(rosenbrock), {-1.2, 1.0},
              {GradientDescent{.stop = {.max_iterations = 3000, .gradient_tolerance = 0.0}}});
  const Result& result = runs.runs[0].result;
  ASSERT_GT(result.iterations, 1000);
  EXPECT_LT(result.trace.size(), 700U);
  EXPECT_EQ(runs.runs[0].path.size(), result.trace.size());
  EXPECT_EQ(result.trace.front().iteration, 0);
  EXPECT_EQ(result.trace[99].iteration, 99);
  EXPECT_EQ(result.trace.back().iteration, result.iterations);
}

TEST(Compare, TellsHowManyRunsAreDone) {
  for (const int threads : {1, 3}) {
    std::vector<std::size_t> told;
    compare({case_of("valley", rosenbrock, {-1.2, 1.0}), case_of("ridge", ridge, {1.0, 0.5})},
            {Newton{}, Lbfgs{}}, {.threads = threads, .progress = [&](std::size_t done, std::size_t all) {
                                    EXPECT_EQ(all, 4U);
                                    told.push_back(done);
                                  }});
    EXPECT_EQ(told, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
  }
}

TEST(Outputs, LeaveTheTracesOutOfTheJsonWhereAskedTo) {
  const Comparison runs = compare(Objective(rosenbrock), {-1.2, 1.0}, {Newton{}});
  auto whole = nlohmann::json::parse(runs.to_json());
  auto short_one = nlohmann::json::parse(runs.to_json(Comparison::Traces::LeftOut));
  EXPECT_EQ(whole["traces"], true);
  EXPECT_EQ(whole["runs"][0]["trace"].size(), runs.runs[0].result.trace.size());
  EXPECT_EQ(short_one["traces"], false);
  EXPECT_TRUE(short_one["runs"][0]["trace"].is_array() && short_one["runs"][0]["trace"].empty());
  // Nothing else differs.
  whole["traces"] = false;
  whole["runs"][0]["trace"] = nlohmann::json::array();
  EXPECT_EQ(whole, short_one);
}

TEST(Outputs, SpeakOfOneRunAsOne) {
  const Comparison runs = compare({case_of("valley", rosenbrock, {-1.2, 1.0}, {0.0})},
                                  {Newton{}, GradientDescent{.stop = {.max_iterations = 3}}});
  EXPECT_THAT(runs.advice().at(0), HasSubstr("take newton: it solved 1 of 1 with the fewest evaluations"));
  EXPECT_EQ(runs.weaknesses().at(0), "newton solves its one run.");
  EXPECT_THAT(runs.weaknesses().at(1), HasSubstr("gradient-descent fails in its one run: 1 iteration limit"));
  std::istringstream lines(runs.table());
  for (std::string line; std::getline(lines, line);) EXPECT_FALSE(line.ends_with(' ')) << line;
}

TEST(Compare, RefusesOptionsOutOfRange) {
  const auto f = Objective(rosenbrock);
  EXPECT_THROW(compare(f, {1.0, 2.0}, {Newton{}}, {.threads = -1}), Misuse);
  EXPECT_THROW(compare(f, {1.0, 2.0}, {Newton{}}, {.tolerances = {0.0}}), Misuse);
}

TEST(Outputs, AgreeWithEachOther) {
  const Comparison runs = compare({case_of("valley | <b>", rosenbrock, {-1.2, 1.0}, {0.0})},
                                  {Newton{}, GradientDescent{.stop = {.max_iterations = 3}}});
  const auto json = nlohmann::json::parse(runs.to_json());
  EXPECT_EQ(json["schema"], "quadric/comparison/1");
  EXPECT_EQ(json["solvers"][0]["name"], "newton");
  EXPECT_EQ(json["solvers"][0]["solved"], 1);
  EXPECT_EQ(json["solvers"][1]["failures"]["iteration_limit"], 1);
  EXPECT_EQ(json["runs"][0]["outcome"], "solved");
  EXPECT_EQ(json["runs"][0]["solved_at"], (std::vector<bool>{true, true, true}));
  EXPECT_EQ(json["runs"][1]["outcome"], "iteration_limit");
  const std::string markdown = runs.markdown();
  EXPECT_THAT(markdown, AllOf(HasSubstr("| newton | 1 | 1 | 1 | 1 | 1 | 0 | 0 |"), HasSubstr("## Failures"),
                              HasSubstr("| gradient-descent | 1 |"), HasSubstr("valley \\| <b>")));
}

}  // namespace
}  // namespace quadric
