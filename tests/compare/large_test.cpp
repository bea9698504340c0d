#include "compare/large.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <map>
#include <numbers>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/comparison.hpp"
#include "quadric/problem/derivatives.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

/// The suite `large`: whether the functions are the published ones, and what Newton makes of them.
namespace quadric {
namespace {

using large::KnownFunction;

KnownFunction function_named(const std::string& name, Index n) {
  for (KnownFunction& function : large::known_functions(n)) {
    if (function.name == name) return function;
  }
  throw std::out_of_range(name);
}

TEST(Large, AreManyAndNamedOnce) {
  std::set<std::string> names;
  for (const KnownFunction& function : large::known_functions(40)) names.insert(function.name);
  EXPECT_EQ(names.size(), large::known_functions(40).size());
  EXPECT_GE(names.size(), 25U);
  EXPECT_EQ(suite("large").size(), names.size());
}

TEST(Large, HaveAboutAsManyVariablesAsAsked) {
  for (const Index n : {16, 17, 41, 1000}) {
    for (const KnownFunction& function : large::known_functions(n)) {
      EXPECT_LE(function.start.size(), n) << function.name;
      EXPECT_GE(function.start.size(), n <= 41 ? n / 2 : n - n / 8) << function.name;
      EXPECT_TRUE(std::isfinite(function.f.value(function.start))) << function.name;
    }
  }
  EXPECT_THROW(large_suite(15), Misuse);
}

/// Values at the starts, where all terms but those at the ends are equal: by hand.
TEST(Large, ValuesAtTheStartsAreThoseByHand) {
  constexpr Index n = 240;
  const double e = std::numbers::e;
  double powers = 0.0;
  for (Index i = 1; i <= n; ++i) powers += std::pow(2.0 - large::real(i), 4);
  const std::map<std::string, double> table = {
      {"Extended Rosenbrock", 24.2 * n / 2},
      {"Chained Rosenbrock", 24.2 * n / 2 + (n / 2 - 1) * 100.0 * 2.2 * 2.2},
      {"Broyden tridiagonal", (n - 2) + 4.0 + 9.0},
      {"Liarwhd", 585.0 * n},
      {"Woods", 19192.0 * n / 4},
      {"Nondquar", 4.0 + (n - 2)},
      {"Fletchcr", 100.0 * (n - 1)},
      {"Tridia", n * (n + 1) / 2 - 1.0},
      {"Dqdrtic", 1809.0 * (n - 2)},
      {"Arwhead", 3.0 * (n - 1)},
      {"Tquartic", 0.81},
      {"Sinquad", 0.6561},
      {"Quartc", powers},
      {"Dixon-Maany A", 1.0 + 9.5 * n},
      {"Engval1", 59.0 * (n - 1)},
      {"Cosine", std::cos(0.5) * (n - 1)},
      {"Edensch", 16.0 + 17.0 * (n - 1)},
      {"Bdqrtic", 226.0 * (n - 4)},
      {"Freuroth", 400.5 + 1186.0 + 1010.0 * (n - 3)},
      {"Cragglvy", std::pow(e - 2.0, 4) + 2.0 + (n / 2 - 2) * (std::pow(e * e - 2.0, 4) + 256.0 + 1.0)},
      {"Schmvett", -(n - 2) * (2.0 + std::sin((std::numbers::pi + 1.0) / 4.0))},
  };
  for (const auto& [name, value] : table) {
    const KnownFunction function = function_named(name, n);
    EXPECT_NEAR(function.f.value(function.start) / value, 1.0, 1e-13) << name;
  }
}

TEST(Large, GradientsAgreeWithDifferencesOfValues) {
  for (const KnownFunction& function : large::known_functions(60)) {
    SCOPED_TRACE(function.name);
    Vector g, x = function.start;
    const double value = function.f.gradient(x, g);
    EXPECT_NEAR(value, function.f.value(x), 1e-13 * std::abs(value));
    for (Index i = 0; i < x.size(); ++i) {
      // Differences of fourth order; what is cut off and what is rounded are both below the tolerance.
      const double h = 2e-4, here = x[i];
      const auto at = [&](double shift) {
        x[i] = here + shift;
        return function.f.value(x);
      };
      const double slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
      x[i] = here;
      EXPECT_NEAR(g[i], slope, 3e-6 * g.lpNorm<Eigen::Infinity>() + 1e-14 * std::abs(value) / h) << i;
    }
  }
}

/// The smallest eigenvalue of the Hessian, from differences of gradients.
double lowest_curvature(const Objective& f, const Vector& at) {
  const Index n = at.size();
  Matrix H(n, n);
  Vector x = at, ahead, behind;
  for (Index i = 0; i < n; ++i) {
    const double h = 1e-5 * std::max(1.0, std::abs(at[i]));
    x[i] = at[i] + h;
    f.gradient(x, ahead);
    x[i] = at[i] - h;
    f.gradient(x, behind);
    x[i] = at[i];
    H.col(i) = (ahead - behind) / (2.0 * h);
  }
  const Matrix symmetric = 0.5 * (H + H.transpose());
  return Eigen::SelfAdjointEigenSolver<Matrix>(symmetric, Eigen::EigenvaluesOnly).eigenvalues()[0];
}

/// Newton ends in the minimum that is known, and where it says it converged elsewhere there is a minimum too.
/// Which way it takes on Cosine is a matter of size and first radius: some lead into curved valleys to
/// infinity.
TEST(Large, AreSolvedByNewton) {
  const std::set<std::string> several_minima = {"Chained Rosenbrock", "Cosine", "Curly 10"};
  const Comparison comparison = compare(large_suite(120), {Newton{}});
  std::cout << comparison << "\n";
  for (const ComparedRun& run : comparison.runs) {
    SCOPED_TRACE(run.problem);
    if (!several_minima.contains(run.problem)) {
      // Where the minimum is degenerate its value is all that is asked for.
      EXPECT_TRUE(run.degenerate ? run.reached_minimum : is_solved(run)) << run.result.summary();
    }
    if (!run.result.converged()) continue;
    const KnownFunction function = function_named(run.problem, 120);
    if (!function.minima.empty()) {
      EXPECT_GE(run.result.value, function.minima.front() - 1e-10 * std::abs(function.minima.front()));
    }
    Vector g, g0;
    function.f.gradient(run.result.x, g);
    function.f.gradient(function.start, g0);
    EXPECT_LE(g.lpNorm<Eigen::Infinity>(), 1e-6 * g0.lpNorm<Eigen::Infinity>());
    EXPECT_GT(lowest_curvature(function.f, run.result.x), 0.0);
  }
}

/// As the CUTE collection and its successors print them, to the digits printed.
TEST(Large, MinimaAreThePublishedOnes) {
  struct Published {
    std::string name;
    Index n;
    double value, last_digit;
  };
  const std::vector<Published> table = {
      {"Engval1", 1000, 1108.195, 1e-3},         {"Bdqrtic", 1000, 3983.818, 1e-3},
      {"Freuroth", 1000, 121470.0, 10.0},        {"Cragglvy", 1000, 336.423, 1e-3},
      {"Edensch", 2000, 12003.28, 1e-2},         {"Curly 10", 1000, -100316.3, 1e-1},
      {"Schmvett", 1000, -2994.0, 1e-6},         {"Minimal surface, plane", 900, 9.0, 1e-6},
      {"Broyden tridiagonal", 1000, 0.0, 1e-12},
  };
  for (const Published& published : table) {
    const KnownFunction function = function_named(published.name, published.n);
    const Result result = minimize(function.f, function.start, Newton{});
    EXPECT_TRUE(result.converged()) << published.name << "\n" << result.summary();
    EXPECT_NEAR(result.value, published.value, published.last_digit) << published.name;
  }
}

}  // namespace
}  // namespace quadric
