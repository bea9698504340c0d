#include <exception>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "solvers/hostile_cases.hpp"

/// What holds of every run, whatever the user's function does.
namespace quadric::hostile {
namespace {

/// How often each thing happened.
struct Tally {
  std::map<std::string, int> statuses;
  int troubled = 0;  ///< runs that met their trouble
  int probed = 0;    ///< minima with their surroundings looked at
  int moved = 0;     ///< runs whose answer is below the start
};

void check_case(unsigned seed, Tally& tally) {
  Case given = case_of(seed);
  std::vector<Vector> points;
  std::optional<Result> result;
  SCOPED_TRACE(given.plan.describe() + ", solver: " + given.solver.name());
  try {
    result = given.solver.run(
        given.problem, given.plan.start,
        {make_observer([&points](const Iteration&, const Vector& x) { points.push_back(x); })});
  } catch (const std::exception& error) {
    ADD_FAILURE() << "the run threw: " << error.what();
  } catch (...) {
    ADD_FAILURE() << "the run threw something odd";
  }
  if (!result) return;
  SCOPED_TRACE(result->summary());
  ++tally.statuses[std::string(to_string(result->status))];
  tally.troubled += given.seen->troubles > 0 ? 1 : 0;
  tally.moved += result->value < given.start_value ? 1 : 0;
  check_answer(given, *result, points);
  check_status(*result);
  if (result->converged() && check_minimum(given, *result)) ++tally.probed;
}

TEST(HostileFunctions, NeverSpoilTheAnswer) {
  Tally tally;
  for (unsigned seed = 1; seed <= 1000; ++seed) check_case(seed, tally);
  check_case(7087, tally);  // steps below the rounding of f that add up to more
  // That the functions are hostile, and yet not hopeless.
  EXPECT_GE(tally.troubled, 500);
  EXPECT_GE(tally.moved, 700);
  EXPECT_GE(tally.probed, 100);
  for (const Status status : {Status::Converged, Status::UndecidedCurvature, Status::Stalled,
                              Status::Unbounded, Status::IterationLimit, Status::EvaluationFailed}) {
    EXPECT_GE(tally.statuses[std::string(to_string(status))], 5) << to_string(status);
  }
}

}  // namespace
}  // namespace quadric::hostile
