#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "suites/problems.hpp"

/// Objectives that are no sum of squares; their minima are closed forms, derived beside each.
namespace quadric::suites {

namespace {

double real(Index i) { return static_cast<double>(i); }

/// log Σₖ exp(aₖᵀy) − āᵀy + ½ μ ‖y‖² with y = x − 1 and ā the mean of the aₖ: at y = 0 all terms are equal,
/// so that the gradient is zero, and f = log K.
constexpr Index terms = 7;
Objective log_sum_exp() {
  return [](const auto& x) {
    using std::exp, std::log;
    using T = ScalarOf<decltype(x)>;
    T sum(0.0), mean(0.0), square(0.0);
    for (Index k = 0; k < terms; ++k) {
      T product(0.0);
      for (Index j = 0; j < x.size(); ++j) product += 3.0 * std::sin(real(3 * k + j * j + 1)) * (x[j] - 1.0);
      sum += exp(product);
      mean += product / real(terms);
    }
    for (Index j = 0; j < x.size(); ++j) square += (x[j] - 1.0) * (x[j] - 1.0);
    return log(sum) - mean + 0.005 * square;
  };
}

/// Logistic regression with an intercept and a dummy variable a group: `successes` of `trials`. Saturated, so
/// that the fitted probabilities are the proportions.
constexpr std::array successes{3.0, 8.0, 1.0};
constexpr std::array trials{10.0, 12.0, 40.0};
Objective logistic_regression() {
  return [](const auto& w) {
    using std::exp, std::log;
    using T = ScalarOf<decltype(w)>;
    T sum(0.0);
    for (std::size_t group = 0; group < trials.size(); ++group) {
      const T score = group == 0 ? T(w[0]) : T(w[0] + w[static_cast<Index>(group)]);
      sum += trials[group] * log(1.0 + exp(score)) - successes[group] * score;
    }
    return sum;
  };
}
double log_odds(std::size_t group) { return std::log(successes[group] / (trials[group] - successes[group])); }
double logistic_minimum() {
  double sum = 0.0;
  for (std::size_t group = 0; group < trials.size(); ++group) {
    const double p = successes[group] / trials[group];
    sum -= successes[group] * std::log(p) + (trials[group] - successes[group]) * std::log1p(-p);
  }
  return sum;
}

Objective styblinski_tang() {
  return [](const auto& x) {
    ScalarOf<decltype(x)> sum(0.0);
    for (Index j = 0; j < x.size(); ++j)
      sum += 0.5 * (x[j] * x[j] * x[j] * x[j] - 16.0 * x[j] * x[j] + 5.0 * x[j]);
    return sum;
  };
}
/// The roots of 4x³ − 32x + 5 by Viète's formula: `which` 0 is the highest, 1 the lowest, 2 the middle one, a
/// maximum.
double styblinski_root(int which) {
  const double amplitude = std::sqrt(32.0 / 3.0);
  const double angle = std::acos(-5.0 / 4.0 / 2.0 / std::pow(8.0 / 3.0, 1.5)) / 3.0;
  return amplitude * std::cos(angle - 2.0 * std::numbers::pi * static_cast<double>(which) / 3.0);
}
double styblinski_value(double x) { return 0.5 * (x * x * x * x - 16.0 * x * x + 5.0 * x); }
std::vector<double> styblinski_minima(int n) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const int which : {0, 1, 2}) {
    const double x = styblinski_root(which);
    if (6.0 * x * x < 8.0) continue;
    low = std::min(low, styblinski_value(x));
    high = std::max(high, styblinski_value(x));
  }
  std::vector<double> minima;
  for (int k = 0; k <= n; ++k)
    minima.push_back(static_cast<double>(n - k) * low + static_cast<double>(k) * high);
  return minima;
}

Objective himmelblau() {
  return [](const auto& x) {
    const auto a = x[0] * x[0] + x[1] - 11.0;
    const auto b = x[0] + x[1] * x[1] - 7.0;
    return a * a + b * b;
  };
}

/// In u = x + y and v = x − y this is sin u + u/2 + v² − 2v + 1: minima at v = 1, u = −2π/3 + 2πk, one each
/// 2π, each π lower than the next.
Objective mc_cormick() {
  return [](const auto& x) {
    using std::sin;
    const auto v = x[0] - x[1];
    return sin(x[0] + x[1]) + v * v - 1.5 * x[0] + 2.5 * x[1] + 1.0;
  };
}
std::vector<double> mc_cormick_minima() {
  std::vector<double> minima{-0.5 * std::sqrt(3.0) - std::numbers::pi / 3.0};
  for (int k = 1; k <= 5; ++k) {
    minima.push_back(minima[0] + k * std::numbers::pi);
    minima.push_back(minima[0] - k * std::numbers::pi);
  }
  return minima;
}

/// Σ (cⱼxⱼ − log xⱼ), not a number outside x > 0; the minimum Σ (1 + log cⱼ) is at xⱼ = 1/cⱼ.
const Vector& barrier_costs() {
  static const Vector costs = Point{1e-3, 0.1, 1.0, 20.0, 1e3};
  return costs;
}
Objective log_barrier() {
  return [](const auto& x) {
    using std::log;
    ScalarOf<decltype(x)> sum(0.0);
    for (Index j = 0; j < x.size(); ++j) sum += barrier_costs()[j] * x[j] - log(x[j]);
    return sum;
  };
}

/// cᵀx − log(1 − ‖x‖²): along −c/‖c‖ the minimum is at t = (√(1 + ‖c‖²) − 1) / ‖c‖.
const Vector& ball_costs() {
  static const Vector costs = Point{300.0, -20.0, 1.0};
  return costs;
}
Objective ball_barrier() {
  return [](const auto& x) {
    using std::log;
    using T = ScalarOf<decltype(x)>;
    T linear(0.0), inside(1.0);
    for (Index j = 0; j < x.size(); ++j) {
      linear += ball_costs()[j] * x[j];
      inside -= x[j] * x[j];
    }
    return linear - log(inside);
  };
}
double ball_radius() {
  const double c = ball_costs().norm();
  return c / (std::sqrt(1.0 + c * c) + 1.0);
}

/// Σ (xⱼ log(xⱼ/wⱼ)) with the soft constraint ½ μ (Σ xⱼ − s)², s chosen so that xⱼ = wⱼ θ with θ = 1 solves
/// it: 1 + μ (Σ wⱼ − s) = 0. The minimum is ½/μ.
Objective entropy() {
  return [](const auto& x) {
    using std::log;
    using T = ScalarOf<decltype(x)>;
    T sum(0.0), total(0.0);
    double weights = 0.0;
    for (Index j = 0; j < x.size(); ++j) {
      const double w = std::pow(10.0, real(j) - 2.0);
      sum += x[j] * log(x[j] / w);
      total += x[j];
      weights += w;
    }
    const double mu = 2.0;
    const T excess = total - (weights + 1.0 / mu);
    return sum + 0.5 * mu * excess * excess;
  };
}

/// Σ (log(1 + exp(xⱼ)) − aⱼ xⱼ): at the log odds of aⱼ the minimum is the entropy of the proportions aⱼ.
const Vector& proportions() {
  static const Vector a = Point{0.5, 0.9, 0.01, 0.999};
  return a;
}
Objective softplus() {
  return [](const auto& x) {
    using std::exp, std::log;
    ScalarOf<decltype(x)> sum(0.0);
    for (Index j = 0; j < x.size(); ++j) sum += log(1.0 + exp(x[j])) - proportions()[j] * x[j];
    return sum;
  };
}

/// ½ Σ 10²⁽ʲ⁻⁴⁾ (xⱼ − 1)² + 1.
Objective ill_scaled_quadratic() {
  return [](const auto& x) {
    ScalarOf<decltype(x)> sum(1.0);
    for (Index j = 0; j < x.size(); ++j) {
      sum += 0.5 * std::pow(10.0, 2.0 * (real(j) - 4.0)) * (x[j] - 1.0) * (x[j] - 1.0);
    }
    return sum;
  };
}

/// ½ yᵀ diag(10ʲ) y with y a reflection of x − 1: condition 10⁵, in no variable's direction.
Objective rotated_quadratic() {
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    T along(0.0);
    double norm = 0.0;
    for (Index j = 0; j < n; ++j) {
      along += real(j + 1) * (x[j] - 1.0);
      norm += real(j + 1) * real(j + 1);
    }
    T sum(0.0);
    for (Index j = 0; j < n; ++j) {
      const T y = x[j] - 1.0 - 2.0 / norm * real(j + 1) * along;
      sum += 0.5 * std::pow(10.0, real(j)) * y * y;
    }
    return sum;
  };
}

Vector point(std::initializer_list<double> x) { return Point(x); }

}  // namespace

std::vector<TestProblem> general_objectives() {
  const Vector a = proportions();
  const double radius = ball_radius(), cost = ball_costs().norm();
  return {
      {.name = "log-sum-exp",
       .problem = log_sum_exp(),
       .starts = {Vector::Zero(5), Vector::Constant(5, -20.0)},
       .minima = {std::log(7.0)},
       .minimizer = Vector::Ones(5)},
      {.name = "logistic regression",
       .problem = logistic_regression(),
       .starts = {Vector::Zero(3)},
       .minima = {logistic_minimum()},
       .minimizer = point({log_odds(0), log_odds(1) - log_odds(0), log_odds(2) - log_odds(0)})},
      {.name = "Styblinski-Tang 4",
       .problem = styblinski_tang(),
       .starts = {Vector::Zero(4), point({1.0, -1.0, 4.0, -4.0})},
       .minima = styblinski_minima(4)},
      {.name = "Himmelblau",
       .problem = himmelblau(),
       .starts = {Vector::Zero(2), point({-4.0, 4.0})},
       .minima = {0.0}},
      {.name = "McCormick",
       .problem = mc_cormick(),
       .starts = {Vector::Zero(2), point({2.0, -3.0})},
       .minima = mc_cormick_minima(),
       .note = "unbounded over all its valleys; the first listed is the textbook's"},
      {.name = "log barrier",
       .problem = log_barrier(),
       .starts = {Vector::Ones(5)},
       .minima = {5.0 + barrier_costs().array().log().sum()},
       .minimizer = barrier_costs().cwiseInverse(),
       .note = "not a number outside x > 0"},
      {.name = "ball barrier",
       .problem = ball_barrier(),
       .starts = {Vector::Zero(3), point({0.99, 0.0, 0.0})},
       .minima = {-cost * radius - std::log1p(-radius * radius)},
       .minimizer = -radius / cost * ball_costs(),
       .note = "not a number outside the unit ball"},
      {.name = "entropy",
       .problem = entropy(),
       .starts = {Vector::Ones(5)},
       .minima = {0.25},
       .minimizer = point({0.01, 0.1, 1.0, 10.0, 100.0}),
       .note = "not a number outside x > 0"},
      {.name = "softplus",
       .problem = softplus(),
       .starts = {Vector::Constant(4, 10.0)},
       .minima = {-(a.array() * a.array().log() + (1.0 - a.array()) * (1.0 - a.array()).log()).sum()},
       .minimizer = (a.array() / (1.0 - a.array())).log().matrix()},
      {.name = "ill-scaled quadratic",
       .problem = ill_scaled_quadratic(),
       .starts = {Vector::Zero(9), Vector::Constant(9, -30.0)},
       .minima = {1.0},
       .minimizer = Vector::Ones(9)},
      {.name = "rotated quadratic",
       .problem = rotated_quadratic(),
       .starts = {Vector::Zero(6)},
       .minima = {0.0},
       .minimizer = Vector::Ones(6)},
  };
}

}  // namespace quadric::suites
