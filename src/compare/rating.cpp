#include "compare/rating.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/SparseCore>

namespace quadric {

namespace {

constexpr double most_digits = 16.0;
/// Values of f that differ relatively by less than this belong to equivalent points.
constexpr double equivalent_values = 1e-8;
constexpr double infinity = std::numeric_limits<double>::infinity();

double right_digits(const Vector& x, const Vector& certified) {
  if (certified.size() == 0) return std::numeric_limits<double>::quiet_NaN();
  double worst = 0.0;
  for (Index j = 0; j < x.size(); ++j) {
    const double size = certified[j] == 0.0 ? 1.0 : std::abs(certified[j]);
    worst = std::max(worst, std::abs(x[j] - certified[j]) / size);
  }
  if (worst == 0.0) return most_digits;
  return std::clamp(-std::log10(worst), 0.0, most_digits);
}

double value_at(const Problem& problem, const Vector& x) {
  return x.size() == 0 ? std::numeric_limits<double>::quiet_NaN() : problem.objective().value(x);
}

/// What a move of every variable by `equal_points` of itself can change f by at a minimum: ½ ε² Σ |Hᵢⱼ xᵢ
/// xⱼ|.
double resolution(const Objective& f, const Vector& x) {
  Vector g;
  SparseMatrix lower;
  f.sparse_hessian(x, g, lower);
  double sum = 0.0;
  for (Index j = 0; j < lower.outerSize(); ++j) {
    for (SparseMatrix::InnerIterator entry(lower, j); entry; ++entry) {
      sum += (entry.row() == j ? 0.5 : 1.0) * std::abs(entry.value() * x[entry.row()] * x[j]);
    }
  }
  return equal_points * equal_points * sum;
}

double nearest_of(const std::vector<double>& minima, double value) {
  return *std::min_element(minima.begin(), minima.end(),
                           [value](double a, double b) { return std::abs(value - a) < std::abs(value - b); });
}

/// Compares the value reached with the known minima.
void rate_value(ComparedRun& run, const Case& item) {
  if (item.minima.empty()) return;
  const double value = run.result.value, nearest = nearest_of(item.minima, value);
  run.above_minimum = value - nearest;
  const double distance = std::abs(run.above_minimum);
  run.reached_minimum =
      value < item.minima.front() || distance <= equal_zeros ||
      distance <= equal_values * std::abs(nearest) ||
      (run.result.converged() && distance <= resolution(item.function.objective(), run.result.x));
}

bool is_at_degenerate_minimum(const ComparedRun& run) {
  return run.degenerate && run.result.status == Status::UndecidedCurvature &&
         run.result.critical_point.kind == CriticalKind::Degenerate;
}

double parameter_error(const ComparedRun& run) {
  return run.digits >= most_digits ? 0.0 : std::pow(10.0, -run.digits);
}

double value_error(const ComparedRun& run, const std::vector<double>& minima) {
  const double value = run.result.value;
  if (!std::isfinite(value) || minima.empty()) return infinity;
  const double nearest = nearest_of(minima, value), distance = std::abs(value - nearest);
  if (value < minima.front() || distance <= equal_zeros) return 0.0;
  const double scale = nearest != 0.0 ? std::abs(nearest) : start_value(run) - nearest;
  return scale > 0.0 ? distance / scale : infinity;
}

}  // namespace

bool is_equivalent(const ComparedRun& run) {
  return std::abs(run.result.value - run.certified_value) <= equivalent_values * run.certified_value;
}

double start_value(const ComparedRun& run) {
  return run.result.trace.empty() ? std::numeric_limits<double>::quiet_NaN() : run.result.trace.front().value;
}

void rate(ComparedRun& run, const Case& item) {
  run.digits = right_digits(run.result.x, item.certified);
  run.certified_value = value_at(item.function, item.certified);
  run.degenerate = item.degenerate;
  rate_value(run, item);
}

void rate_errors(std::vector<ComparedRun>& runs, const std::vector<Case>& cases) {
  std::vector<double> lowest(cases.size(), infinity);
  for (const ComparedRun& run : runs) {
    if (std::isfinite(run.result.value)) lowest[run.item] = std::min(lowest[run.item], run.result.value);
  }
  for (ComparedRun& run : runs) {
    const Case& item = cases[run.item];
    if (!std::isnan(run.digits)) {
      run.error = parameter_error(run);
    } else {
      run.error = value_error(run, item.minima.empty() ? std::vector<double>{lowest[run.item]} : item.minima);
    }
  }
}

std::vector<double> lowest_values(const Comparison& comparison) {
  std::vector<double> lowest(comparison.cases.size(), infinity);
  for (std::size_t i = 0; i < lowest.size(); ++i) {
    const Case& item = comparison.cases[i];
    if (!item.minima.empty()) lowest[i] = item.minima.front();
  }
  for (const ComparedRun& run : comparison.runs) {
    double& value = lowest[run.item];
    if (std::isfinite(run.certified_value)) value = std::min(value, run.certified_value);
    if (std::isfinite(run.result.value)) value = std::min(value, run.result.value);
  }
  return lowest;
}

bool is_solved(const ComparedRun& run) {
  if (!std::isnan(run.digits)) return run.digits >= solved_digits;
  if (std::isnan(run.above_minimum)) return run.result.converged();
  return run.reached_minimum && (run.result.converged() || is_at_degenerate_minimum(run));
}

bool converged_elsewhere(const ComparedRun& run) { return run.result.converged() && !is_solved(run); }

std::string outcome(const ComparedRun& run) {
  if (is_solved(run)) return "solved";
  return run.result.converged() ? "converged_elsewhere" : std::string(to_string(run.result.status));
}

}  // namespace quadric
