#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/matrix_free_newton.hpp"
#include "quadric/solvers/newton.hpp"
#include "quadric/solvers/variable_projection.hpp"

#include "suites/counting.hpp"
#include "suites/problems.hpp"

/// Every solver on every problem, from every start: what must hold of any run, and what each solver must
/// solve.
namespace quadric::suites {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// A run that a solver need not bring to a minimum, and why.
struct Exception {
  std::string problem;
  std::string why;
};

struct TestedSolver {
  std::string name;
  Solver solver;
  bool second_order = true;
  std::vector<Exception> exceptions = {};  ///< of a solver with curvature: everything else is solved
  std::vector<std::string> solves = {};    ///< of a first-order solver, within its limit of iterations
};

const std::string symmetric_start =
    "the start lies in the symmetric subspace x0 = x4, x2 = x5, which exact derivatives never leave, and "
    "where f falls towards infinity";

const std::string flat_step =
    "undamped Gauss-Newton steps are nearly orthogonal to the gradient where J loses rank";
const std::string flat_valley = "the gradient counts as zero where f is still 1e-9 above its minimum";
const std::string no_diagonal =
    "the variables differ in scale by many powers of ten, and no diagonal was given that tells";
const std::string beyond_secants =
    "what is left to gain lies along curvatures so small that ten pairs of gradients do not show them";
const std::vector<std::string> well_conditioned = {"Beale",
                                                   "Jennrich-Sampson",
                                                   "Brown-Dennis",
                                                   "Variably dimensioned 10",
                                                   "Broyden tridiagonal 10",
                                                   "Broyden banded 10",
                                                   "Linear full rank 5",
                                                   "Discrete integral equation 10",
                                                   "logistic regression",
                                                   "Styblinski-Tang 4",
                                                   "Himmelblau",
                                                   "ball barrier",
                                                   "double well",
                                                   "double well, residuals",
                                                   "monkey saddle",
                                                   "Morse index 1",
                                                   "Morse index 3",
                                                   "Morse index 6"};

/// What needs to learn curvature on the way besides.
const std::vector<std::string> curved_valleys = {
    "Rosenbrock",      "Freudenstein-Roth",      "Helical valley", "Wood",        "Bard",
    "Kowalik-Osborne", "Extended Rosenbrock 10", "Penalty I 4",    "Chebyquad 8", "log-sum-exp",
    "softplus"};

std::vector<std::string> joined(std::vector<std::string> names, const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

const std::vector<TestedSolver>& solvers() {
  static const std::vector<TestedSolver> list = {
      {.name = "newton", .solver = Newton{}, .exceptions = {{"Biggs EXP6", symmetric_start}}},
      {.name = "newton-line-search", .solver = Newton{.step = LineSearch{}}},
      {.name = "newton-cubic",
       .solver = Newton{.step = CubicRegularization{}},
       .exceptions = {{"Biggs EXP6", symmetric_start}, {"Watson 12", flat_valley}}},
      {.name = "newton-saddle-free", .solver = Newton{.saddle_free = true}},
      {.name = "newton-matrix-free",
       .solver = MatrixFreeNewton{},
       .exceptions = {{"Powell badly scaled", no_diagonal}, {"Meyer", no_diagonal}}},
      {.name = "newton-matrix-free-line-search",
       .solver = MatrixFreeNewton{.step = LineSearch{}},
       .exceptions = {{"Powell badly scaled", no_diagonal}, {"Meyer", no_diagonal}}},
      {.name = "gauss-newton", .solver = GaussNewton{}},
      {.name = "gauss-newton-hybrid", .solver = GaussNewton{.hybrid = true}},
      {.name = "gauss-newton-damped",
       .solver = GaussNewton{.step = Damping{}},
       .exceptions = {{"Watson 12", flat_valley}}},
      {.name = "gauss-newton-dogleg", .solver = GaussNewton{.within = GaussNewtonStep::Dogleg}},
      {.name = "gauss-newton-double-dogleg", .solver = GaussNewton{.within = GaussNewtonStep::DoubleDogleg}},
      {.name = "gauss-newton-geodesic",
       .solver = GaussNewton{.geodesic = true},
       .exceptions = {{"Watson 12", flat_valley}}},
      {.name = "gauss-newton-line-search",
       .solver = GaussNewton{.step = LineSearch{}},
       .exceptions = {{"Gulf research", flat_step}, {"Biggs EXP6", flat_step}, {"Penalty II 10", flat_step}}},
      {.name = "variable-projection",
       .solver = VariableProjection{},
       .exceptions = {{"Biggs EXP6", symmetric_start}}},
      {.name = "gradient-descent",
       .solver = GradientDescent{.stop = {.max_iterations = 1500}},
       .second_order = false,
       .solves = well_conditioned},
      {.name = "gradient-descent-trust-region",
       .solver = GradientDescent{.step = TrustRegion{}, .stop = {.max_iterations = 1500}},
       .second_order = false,
       .solves = well_conditioned},
      {.name = "gradient-descent-bb",
       .solver = GradientDescent{.length = DescentLength::BarzilaiBorwein, .stop = {.max_iterations = 1500}},
       .second_order = false,
       .solves = joined(well_conditioned, curved_valleys)},
      {.name = "conjugate-gradients",
       .solver = ConjugateGradients{.stop = {.max_iterations = 1500}},
       .second_order = false,
       .solves = joined(joined(well_conditioned, curved_valleys), {"entropy", "rotated quadratic"})},
      {.name = "lbfgs",
       .solver = Lbfgs{.stop = {.max_iterations = 1500}},
       .exceptions = {{"Watson 9", beyond_secants},
                      {"Watson 12", beyond_secants},
                      {"ill-scaled quadratic", beyond_secants}}},
      {.name = "lbfgs-trust-region",
       .solver = Lbfgs{.step = TrustRegion{}, .stop = {.max_iterations = 1500}},
       .second_order = false,
       .solves = well_conditioned},
  };
  return list;
}

const std::vector<TestProblem>& problems() {
  static const std::vector<TestProblem> list = test_problems();
  return list;
}

/// How far f is above the nearest of the known minima, and whether that counts as reached.
struct Gap {
  double distance = std::numeric_limits<double>::infinity();
  std::size_t minimum = 0;
  bool reached = false;
};

/// Reached: to a relative change of x of 1e-10.
Gap gap_of(const TestProblem& problem, const Result& result) {
  Gap gap;
  const double value = result.value;
  const Vector size = result.x.cwiseAbs();
  for (std::size_t k = 0; k < problem.minima.size(); ++k) {
    if (std::abs(value - problem.minima[k]) >= std::abs(gap.distance)) continue;
    gap = {.distance = value - problem.minima[k], .minimum = k};
  }
  const double resolution =
      1e-20 * size.dot(hessian(problem.problem.objective(), result.x).cwiseAbs() * size);
  gap.reached = std::abs(gap.distance) <= 1e-6 * std::abs(problem.minima[gap.minimum]) + 1e-12 + resolution;
  return gap;
}

/// ∂f/∂xⱼ from values alone by differences of fourth order, and what is not known of it.
struct Slope {
  double value;
  double error;
};

Slope differenced_slope(const Objective& f, Vector x, Index j) {
  const double at = x[j], largest = x.cwiseAbs().maxCoeff();
  const double size = std::abs(at) > 1e-8 * largest ? std::abs(at) : std::max(1e-3 * largest, 1e-3);
  const auto estimate = [&](double h) {
    const auto value = [&](double t) {
      x[j] = at + t;
      return f.value(x);
    };
    return (8.0 * (value(h) - value(-h)) - (value(2.0 * h) - value(-2.0 * h))) / (12.0 * h);
  };
  const double h = 1e-3 * size;
  const double coarse = estimate(h), fine = estimate(0.25 * h);
  x[j] = at;
  return {.value = fine, .error = 2.0 * std::abs(fine - coarse) + 64.0 * epsilon * std::abs(f.value(x)) / h};
}

class Table {
 public:
  void add(const TestProblem& problem, std::size_t start, const TestedSolver& solver, const Result& result) {
    const Gap gap = gap_of(problem, result);
    std::ostringstream row;
    row << std::left << std::setw(30) << problem.name << std::setw(3) << start + 1 << std::setw(31)
        << solver.name << std::setw(21) << to_string(result.status) << std::right << std::setw(10)
        << std::setprecision(2) << std::scientific << gap.distance << " from minimum " << gap.minimum + 1
        << std::setw(7) << result.iterations << " iterations" << std::setw(7) << result.counts.total()
        << " evaluations  " << to_string(result.critical_point.kind) << '\n';
    rows_ += row.str();
  }
  ~Table() { std::cout << rows_; }

 private:
  std::string rows_;
};

Table& table() {
  static Table rows;
  return rows;
}

void check_certificate(const TestProblem& problem, const Result& result) {
  EXPECT_EQ(to_string(result.critical_point.kind), "minimum");
  EXPECT_TRUE(result.critical_point.order == 4 || result.critical_point.lambda_min > 0.0);
  EXPECT_EQ(result.critical_point.index, 0);
  const Objective& f = problem.problem.objective();
  const double least = 1e-2 * std::max(1.0, result.x.norm());
  const Vector scale = hessian(f, result.x).cwiseAbs() * result.x.cwiseAbs().cwiseMax(least);
  for (Index j = 0; j < result.x.size(); ++j) {
    const Slope slope = differenced_slope(f, result.x, j);
    EXPECT_LE(std::abs(slope.value), 1e-6 * scale[j] + slope.error) << "entry " << j << " of the gradient";
  }
}

void check_answer(const TestProblem& problem, const Result& result) {
  const Gap gap = gap_of(problem, result);
  EXPECT_TRUE(gap.reached) << "f is " << gap.distance << " above the nearest known minimum";
  if (!problem.minimizer || gap.minimum != 0 || !gap.reached) return;
  for (Index j = 0; j < result.x.size(); ++j) {
    EXPECT_NEAR(result.x[j], (*problem.minimizer)[j], 1e-5 * std::abs((*problem.minimizer)[j]) + 1e-5)
        << "entry " << j;
  }
}

void check_every_run(const TestProblem& problem, const Vector& start, const CountingProblem& counting,
                     const Result& result) {
  const Objective& f = problem.problem.objective();
  ASSERT_TRUE(result.x.allFinite());
  ASSERT_TRUE(std::isfinite(result.value));
  const double recomputed = f.value(result.x);
  EXPECT_NEAR(result.value, recomputed, 64.0 * epsilon * std::abs(recomputed));
  EXPECT_LE(result.value, f.value(start));
  EXPECT_TRUE(counting.agrees(result.counts))
      << "reported " << result.counts.values << " values, " << result.counts.gradients << " gradients, "
      << result.counts.hessians << " Hessians, " << result.counts.products << " products; seen "
      << counting.seen->values << ", " << counting.seen->gradients << ", " << counting.seen->hessians << ", "
      << counting.seen->products;
  EXPECT_EQ(static_cast<Index>(result.trace.size()), result.iterations + 1);
  EXPECT_NEAR(result.gradient_norm, gradient(f, result.x).norm(), 1e-8 * gradient(f, start).norm() + 1e-12);
  EXPECT_FALSE(result.reason.empty());
  if (result.converged()) check_certificate(problem, result);
}

bool is_listed(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool must_solve(const TestedSolver& solver, const TestProblem& problem) {
  if (!solver.second_order) return is_listed(solver.solves, problem.name);
  return std::none_of(solver.exceptions.begin(), solver.exceptions.end(),
                      [&](const Exception& exception) { return exception.problem == problem.name; });
}

void check_outcome(const TestedSolver& solver, const TestProblem& problem, const Result& result) {
  if (result.converged()) check_answer(problem, result);
  if (!must_solve(solver, problem)) return;
  if (problem.singular || (problem.singular_too && !result.converged())) {
    const bool by_higher_orders = result.converged() && result.critical_point.order == 4;
    EXPECT_EQ(to_string(result.status), by_higher_orders ? "converged" : "undecided_curvature")
        << result.summary();
    EXPECT_LT(gap_of(problem, result).distance, 1e-12);
  } else {
    EXPECT_EQ(to_string(result.status), "converged") << result.summary();
  }
}

class EverySolver : public testing::TestWithParam<std::tuple<std::size_t, std::size_t>> {};

TEST_P(EverySolver, SolvesEveryProblem) {
  const TestedSolver& solver = solvers()[std::get<0>(GetParam())];
  const TestProblem& problem = problems()[std::get<1>(GetParam())];
  if (solver.solver.needs_residuals() && !problem.problem.residuals()) {
    EXPECT_THROW(solver.solver.run(problem.problem, problem.starts.front()), Misuse);
    return;
  }
  for (std::size_t k = 0; k < problem.starts.size(); ++k) {
    SCOPED_TRACE(problem.name + " from start " + std::to_string(k + 1) + " by " + solver.name);
    const CountingProblem counting = counted(problem.problem);
    const Result result = solver.solver.run(counting.problem, problem.starts[k]);
    table().add(problem, k, solver, result);
    check_every_run(problem, problem.starts[k], counting, result);
    check_outcome(solver, problem, result);
  }
}

std::string test_name(const testing::TestParamInfo<EverySolver::ParamType>& parameters) {
  std::string name =
      solvers()[std::get<0>(parameters.param)].name + "_" + problems()[std::get<1>(parameters.param)].name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(TwoLists, EverySolver,
                         testing::Combine(testing::Range<std::size_t>(0, solvers().size()),
                                          testing::Range<std::size_t>(0, problems().size())),
                         test_name);

TEST(ExceptionLists, NameProblemsThatExist) {
  std::vector<std::string> names;
  for (const TestProblem& problem : problems()) names.push_back(problem.name);
  for (const TestedSolver& solver : solvers()) {
    for (const Exception& exception : solver.exceptions) EXPECT_TRUE(is_listed(names, exception.problem));
    for (const std::string& name : solver.solves) EXPECT_TRUE(is_listed(names, name)) << name;
  }
}

TEST(PublishedMinima, AreAttainedAtThePublishedMinimizers) {
  for (const TestProblem& problem : problems()) {
    if (!problem.minimizer) continue;
    const double minimum = problem.minima.front();
    EXPECT_NEAR(problem.problem.objective().value(*problem.minimizer), minimum,
                1e-6 * std::abs(minimum) + 1e-9)
        << problem.name;
  }
}

TEST(DoubleWell, EndsInAWellFromItsRidge) {
  for (const TestProblem& problem : problems()) {
    if (problem.name != "double well" && problem.name != "double well, residuals") continue;
    for (const TestedSolver& solver : solvers()) {
      if (solver.solver.needs_residuals() && !problem.problem.residuals()) continue;
      for (const Vector& start : problem.starts) {
        const Result result = solver.solver.run(problem.problem, start);
        EXPECT_EQ(to_string(result.status), "converged") << result.summary();
        EXPECT_NEAR(std::abs(result.x[0]), 1.0, 1e-8) << result.summary();
        EXPECT_NEAR(result.x[1], 0.0, 1e-8) << result.summary();
      }
    }
  }
}

}  // namespace
}  // namespace quadric::suites
