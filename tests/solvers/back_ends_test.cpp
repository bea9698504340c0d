#include "quadric/solvers/back_ends.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/minimize.hpp"

namespace quadric {
namespace {

using testing::HasSubstr;

struct BackEnd {
  std::string library, solver;
  bool bounds;
};

/// Those of this build. That all of them are there where the packages are is for the build to see to.
std::vector<BackEnd> back_ends() {
  std::vector<BackEnd> list;
  for (const BackEnd& one : std::vector<BackEnd>{{"minpack", "minpack-lmder", false},
                                                 {"gsl", "gsl-lm", false},
                                                 {"gsl", "gsl-geodesic", false},
                                                 {"gsl", "gsl-dogleg", false},
                                                 {"gsl", "gsl-double-dogleg", false},
                                                 {"gsl", "gsl-subspace", false},
                                                 {"nlopt", "nlopt-lbfgs", true},
                                                 {"nlopt", "nlopt-truncated-newton", true},
                                                 {"nlopt", "nlopt-variable-metric", true},
                                                 {"nlopt", "nlopt-mma", true},
                                                 {"nlopt", "nlopt-slsqp", true},
                                                 {"liblbfgs", "liblbfgs", false},
                                                 {"ipopt", "ipopt", true}}) {
    if (has_back_end(one.library)) list.push_back(one);
  }
  return list;
}

const auto rosenbrock = [](const auto& x) { return std::array{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]}; };
/// f = (x² − 1)²/4 + y²/2: minima at (±1, 0), a saddle at the origin.
const auto double_well = [](const auto& x) {
  return std::array{(x[0] * x[0] - 1.0) / std::sqrt(2.0), 1.0 * x[1]};
};

class EveryBackEnd : public testing::TestWithParam<BackEnd> {
 protected:
  static Solver solver(const Overrides& overrides = {}) { return solver_named(GetParam().solver, overrides); }
};

INSTANTIATE_TEST_SUITE_P(BackEnds, EveryBackEnd, testing::ValuesIn(back_ends()), [](const auto& back_end) {
  std::string name = back_end.param.solver;
  for (char& letter : name) letter = letter == '-' ? '_' : letter;
  return name;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EveryBackEnd);

TEST_P(EveryBackEnd, SolvesRosenbrockWithoutAWord) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const Result result = least_squares(rosenbrock, {-1.2, 1.0}, solver());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_LE((result.x - Vector::Ones(2)).norm(), 1e-5) << result.summary();
  EXPECT_EQ(result.critical_point.kind, CriticalKind::Minimum);
  EXPECT_TRUE(result.solver.starts_with(GetParam().library)) << result.solver;
  ASSERT_EQ(static_cast<Index>(result.trace.size()), result.iterations + 1);
  EXPECT_DOUBLE_EQ(result.trace.front().value, 12.1);
  for (std::size_t k = 1; k < result.trace.size(); ++k) {
    EXPECT_EQ(result.trace[k].iteration, static_cast<Index>(k));
    EXPECT_GT(result.trace[k].step_norm, 0.0);
    EXPECT_GE(result.trace[k].evaluations, result.trace[k - 1].evaluations);
  }
}

TEST_P(EveryBackEnd, LeavesTheSaddleOfTheDoubleWell) {
  for (const Point& start : {Point{0.0, 0.0}, Point{0.0, 1.0}, Point{1e-8, 1.0}}) {
    const Result result = least_squares(double_well, start, solver());
    EXPECT_TRUE(result.converged()) << result.summary();
    EXPECT_NEAR(std::abs(result.x[0]), 1.0, 1e-5) << result.summary();
    EXPECT_NEAR(result.x[1], 0.0, 1e-5) << result.summary();
  }
}

TEST_P(EveryBackEnd, NamesTheSaddleWhereItIsToldToStay) {
  const Result result = least_squares(double_well, {0.0, 0.0}, solver({.at_saddle = AtSaddle::Stop}));
  EXPECT_EQ(result.status, Status::SaddlePoint) << result.summary();
  EXPECT_EQ(result.critical_point.index, 1);
}

TEST_P(EveryBackEnd, KeepsLimitsAndListens) {
  const Result limited = least_squares(rosenbrock, {-1.2, 1.0}, solver({.max_iterations = 2}));
  EXPECT_LE(limited.iterations, 3);
  if (!limited.converged()) {
    EXPECT_EQ(limited.status, Status::IterationLimit) << limited.summary();
  }
  Index told = 0;
  const Result stopped = least_squares(rosenbrock, {-1.2, 1.0}, solver(), [&](const Iteration& line) {
    ++told;
    return line.iteration < 1;
  });
  EXPECT_EQ(told, stopped.iterations + 1);
  EXPECT_LE(stopped.iterations, 2);
  EXPECT_THROW(least_squares(rosenbrock, {-1.2, 1.0}, solver(),
                             [](const Iteration& line) -> bool {
                               if (line.iteration == 1) throw std::domain_error("observer");
                               return true;
                             }),
               std::domain_error);
}

/// log x is not a number left of 0, where long steps lead.
TEST_P(EveryBackEnd, NeverEndsWorseThanItStartedNorBeyondWhatItCanEvaluate) {
  const auto logarithm = [](const auto& x) {
    using std::log;
    return std::array{log(x[0]) - 1.0, 0.1 * (x[0] - 2.0), x[1] * x[0]};
  };
  for (const double start : {0.01, 0.5, 30.0}) {
    const Result result = least_squares(logarithm, {start, 1.0}, solver());
    EXPECT_TRUE(result.x.allFinite() && std::isfinite(result.value)) << result.summary();
    EXPECT_LE(result.value, result.trace.front().value * (1.0 + 1e-14)) << result.summary();
    EXPECT_GT(result.x[0], 0.0);
  }
  const auto nowhere = [](const auto& x) {
    return std::array{x[0] * std::numeric_limits<double>::quiet_NaN(), 1.0 * x[1]};
  };
  EXPECT_EQ(least_squares(nowhere, {1.0, 1.0}, solver()).status, Status::EvaluationFailed);
}

/// One column of the Jacobian has the other sign: no step that it leads to makes progress.
TEST_P(EveryBackEnd, SeesWhatHeldItBack) {
  const auto value = [](const Vector& x) -> Vector {
    return (Vector(3) << x[0] - 1.0, x[1] - 2.0, 0.5 * x[0] * x[1]).finished();
  };
  const auto jacobian = [](const Vector& x) {
    Matrix J(3, 2);
    J << 1.0, 0.0, 0.0, -1.0, 0.5 * x[1], -0.5 * x[0];
    return J;
  };
  const Result result = least_squares(analytic_residuals(value, jacobian), {0.5, 5.0}, solver());
  ASSERT_FALSE(result.converged()) << result.summary();
  const Explanation explanation = result.explain();
  EXPECT_TRUE(explanation.probed);
  ASSERT_FALSE(explanation.causes.empty());
  EXPECT_EQ(explanation.causes.front().kind, CauseKind::WrongGradient) << explanation;
}

TEST_P(EveryBackEnd, LetsMisusePass) {
  Index calls = 0;
  const auto wrong = [&calls](const Vector& x) -> Vector {
    if (++calls > 8) throw Misuse("the owner's mistake");
    return (Vector(2) << 10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]).finished();
  };
  EXPECT_THROW(least_squares(wrong, {-1.2, 1.0}, solver()), Misuse);
}

TEST_P(EveryBackEnd, TakesBoundsOrRefusesThem) {
  const Bounds bounds = Bounds::at_most({0.5, 5.0});
  if (!GetParam().bounds) {
    EXPECT_THROW(least_squares(rosenbrock, {-1.2, 1.0}, bounds, solver()), Misuse);
    return;
  }
  const Result result = least_squares(rosenbrock, {-1.2, 1.0}, bounds, solver());
  EXPECT_TRUE(bounds.contain(result.x)) << result.summary();
  EXPECT_NEAR(result.x[0], 0.5, 1e-4) << result.summary();
  EXPECT_NEAR(result.x[1], 0.25, 1e-4) << result.summary();
}

TEST(BackEnds, SayWhatIsMissing) {
  EXPECT_TRUE(has_back_end("ceres"));
  EXPECT_FALSE(has_back_end("matlab"));
  if (has_back_end("nlopt")) {
    EXPECT_THROW(Solver(NloptSolver{.function_tolerance = -1.0}), Misuse);
  } else {
    EXPECT_THROW(Solver(NloptSolver{}), Misuse);
  }
}

/// Sparse Hessians are handed over as they are.
TEST(Ipopt, SolvesALargeSparseProblem) {
  if (!has_back_end("ipopt")) GTEST_SKIP() << "this build has no Ipopt";
  const auto chain = [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum(0.0);
    for (Index i = 0; i + 1 < x.size(); ++i) {
      const T a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];
      sum += 100.0 * a * a + b * b;
    }
    return sum;
  };
  const Result result = minimize(chain, Vector::Constant(400, 0.9), IpoptSolver{});
  EXPECT_TRUE(result.converged()) << result.summary();
  EXPECT_LE((result.x - Vector::Ones(400)).norm(), 1e-5);
  EXPECT_GT(result.counts.hessians, 3);
}

}  // namespace
}  // namespace quadric
