#include "quadric/problem/derivative_check.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "suites/problems.hpp"

/// The checker on all problems of the suites: correct derivatives raise no alarm, planted mistakes do.
namespace quadric::suites {
namespace {

constexpr Index most_variables = 20;

std::vector<TestProblem> small_problems() {
  std::vector<TestProblem> small;
  for (TestProblem& candidate : test_problems()) {
    if (candidate.starts.front().size() <= most_variables) small.push_back(std::move(candidate));
  }
  return small;
}

TEST(DerivativeCheckOnSuites, CorrectDerivativesRaiseNoAlarm) {
  std::size_t checks = 0, alarms = 0, entries = 0, open = 0;
  for (const TestProblem& problem : small_problems()) {
    for (const Vector& start : problem.starts) {
      std::vector<DerivativeCheck> found{check_derivatives(problem.problem.objective(), start)};
      if (problem.problem.residuals())
        found.push_back(check_derivatives(*problem.problem.residuals(), start));
      for (const DerivativeCheck& check : found) {
        ++checks;
        alarms += check.failed() ? 1 : 0;
        entries += check.entries.size();
        open += check.count(Agreement::NotDecided);
        EXPECT_FALSE(check.failed()) << problem.name << "\n" << check;
      }
    }
  }
  std::cout << checks << " checks of correct derivatives: " << alarms << " false alarms, " << open << " of "
            << entries << " entries not decided\n";
  EXPECT_GE(checks, 50U);
  EXPECT_LE(open, entries / 200);
}

/// A mistake in a gradient and a Hessian that were right.
struct Fault {
  const char* name;
  bool in_gradient;
  /// Spoils entry (i, j); of a gradient i is 0.
  std::function<void(Matrix& derivative, Index i, Index j)> plant;
};

void exchange(double& a, double& b) { std::swap(a, b); }

const std::vector<Fault>& faults() {
  static const std::vector<Fault> all = {
      {"gradient: sign of an entry", true, [](Matrix& g, Index, Index j) { g(0, j) = -g(0, j); }},
      {"gradient: sign of all", true, [](Matrix& g, Index, Index) { g = -g; }},
      {"gradient: an entry twice", true, [](Matrix& g, Index, Index j) { g(0, j) *= 2.0; }},
      {"gradient: all half", true, [](Matrix& g, Index, Index) { g *= 0.5; }},
      {"gradient: an entry missing", true, [](Matrix& g, Index, Index j) { g(0, j) = 0.0; }},
      {"gradient: an entry by 1 %", true, [](Matrix& g, Index, Index j) { g(0, j) *= 1.01; }},
      {"gradient: an entry by 1e-4", true, [](Matrix& g, Index, Index j) { g(0, j) *= 1.0 + 1e-4; }},
      {"gradient: two entries swapped", true,
       [](Matrix& g, Index, Index j) { exchange(g(0, j), g(0, (j + 1) % g.cols())); }},
      {"Hessian: all twice", false, [](Matrix& H, Index, Index) { H *= 2.0; }},
      {"Hessian: an entry by 1e-4", false,
       [](Matrix& H, Index i, Index j) { H(i, j) = H(j, i) = H(i, j) * (1.0 + 1e-4); }},
      {"Hessian: an entry missing", false, [](Matrix& H, Index i, Index j) { H(i, j) = H(j, i) = 0.0; }},
      {"Hessian: an entry of one triangle", false,
       [](Matrix& H, Index i, Index j) { H(i, j) += 1e-3 * H(i, j); }},
  };
  return all;
}

/// The objective with a fault at (i, j).
Objective spoiled(const Objective& right, const Fault& fault, Index i, Index j) {
  SuppliedObjective pieces;
  pieces.value = [right](const Vector& x) { return right.value(x); };
  pieces.gradient = [=](const Vector& x) -> Vector {
    Vector g;
    right.gradient(x, g);
    if (!fault.in_gradient) return g;
    Matrix row = g.transpose();
    fault.plant(row, 0, j);
    return row.transpose();
  };
  pieces.hessian = [=](const Vector& x) -> Matrix {
    Vector g;
    Matrix H;
    right.hessian(x, g, H);
    if (!fault.in_gradient) fault.plant(H, i, j);
    return H;
  };
  return pieces;
}

/// The largest share of an entry that a fault changes, so that one that changes nothing is not planted.
double change(const Fault& fault, const Matrix& right, Index i, Index j) {
  Matrix wrong = right;
  fault.plant(wrong, i, j);
  double largest = 0.0;
  for (Index k = 0; k < right.size(); ++k) {
    const double size = std::max(std::abs(right.reshaped()[k]), std::abs(wrong.reshaped()[k]));
    if (size > 0.0) largest = std::max(largest, std::abs(right.reshaped()[k] - wrong.reshaped()[k]) / size);
  }
  return largest;
}

/// Whether the check says that an entry is wrong which the fault spoiled, or that the Hessian is asymmetric.
bool names_place(const DerivativeCheck& check, const Fault& fault, Index i, Index j) {
  for (const CheckedEntry& entry : check.entries) {
    if (entry.agreement != Agreement::Wrong || entry.column != j) continue;
    if (fault.in_gradient && entry.part == DerivativePart::Gradient) return true;
    if (!fault.in_gradient && entry.part == DerivativePart::Hessian && entry.row == i) return true;
  }
  return false;
}

TEST(DerivativeCheckOnSuites, FindsPlantedMistakes) {
  std::mt19937 random(7);
  std::size_t planted_in_all = 0, found_in_all = 0;
  for (const Fault& fault : faults()) {
    std::size_t planted = 0, found = 0, open = 0, passed = 0;
    for (const TestProblem& problem : small_problems()) {
      const Objective right = problem.problem.objective();
      for (Vector x : problem.starts) {
        // Beside the start, where not every other entry is zero.
        for (double& c : x) c += 0.02 * (c == 0.0 ? 1.0 : std::abs(c)) * (random() % 2 == 0 ? 1.0 : -1.0);
        Vector g;
        Matrix H;
        if (!std::isfinite(right.hessian(x, g, H)) || !g.allFinite() || !H.allFinite()) continue;
        const Index n = x.size();
        const Index j = static_cast<Index>(random() % static_cast<unsigned>(n));
        Index i = static_cast<Index>(random() % static_cast<unsigned>(n));
        if (fault.name == std::string("Hessian: an entry of one triangle") && i == j) i = (j + 1) % n;
        if (change(fault, fault.in_gradient ? Matrix(g.transpose()) : H, i, j) < 5e-5) continue;
        if (!fault.in_gradient && std::abs(H(i, j)) < 1e-12 * H.row(i).cwiseAbs().maxCoeff()) continue;
        CheckOptions options;
        options.points = 1;
        const DerivativeCheck check = check_derivatives(spoiled(right, fault, i, j), x, options);
        ++planted;
        found += names_place(check, fault, i, j) ? 1 : 0;
        open += !check.failed() && !check.passed() ? 1 : 0;
        passed += check.passed() ? 1 : 0;
        EXPECT_FALSE(check.passed()) << problem.name << ": " << fault.name;
      }
    }
    std::cout << std::left << std::setw(36) << fault.name << " planted " << planted << ", found " << found
              << ", not decided " << open << ", passed " << passed << "\n";
    EXPECT_GT(planted, 10U) << fault.name;
    EXPECT_GE(static_cast<double>(found), 0.95 * static_cast<double>(planted)) << fault.name;
    planted_in_all += planted;
    found_in_all += found;
  }
  std::cout << "found " << found_in_all << " of " << planted_in_all << "\n";
}

}  // namespace
}  // namespace quadric::suites
