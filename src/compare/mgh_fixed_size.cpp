#include <array>
#include <cmath>
#include <numbers>

#include "quadric/problem/pointwise.hpp"

#include "compare/mgh.hpp"

/// The problems of Moré, Garbow & Hillstrom whose size is fixed and that need no table of data; the numbers
/// are theirs.
namespace quadric::mgh {

namespace {

Residuals rosenbrock() {  // 1
  return [](const auto& x) { return std::array{10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]}; };
}

Residuals freudenstein_roth() {  // 2
  return [](const auto& x) {
    return std::array{-13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1],
                      -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1]};
  };
}

Residuals powell_badly_scaled() {  // 3
  return [](const auto& x) {
    using std::exp;
    return std::array{1e4 * x[0] * x[1] - 1.0, exp(-x[0]) + exp(-x[1]) - 1.0001};
  };
}

Residuals brown_badly_scaled() {  // 4
  return [](const auto& x) { return std::array{x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0}; };
}

Residuals beale() {  // 5
  return pointwise(3, [](const auto& x, Index i) {
    const double y[] = {1.5, 2.25, 2.625};
    auto power = x[1];
    for (Index k = 0; k < i; ++k) power *= x[1];
    return y[i] - x[0] * (1.0 - power);
  });
}

Residuals jennrich_sampson() {  // 6
  return pointwise(10, [](const auto& x, Index k) {
    using std::exp;
    const auto i = static_cast<double>(k + 1);
    return 2.0 + 2.0 * i - (exp(i * x[0]) + exp(i * x[1]));
  });
}

Residuals helical_valley() {  // 7
  return [](const auto& x) {
    using std::atan, std::sqrt;
    using T = ScalarOf<decltype(x)>;
    const T turn = atan(x[1] / x[0]) / (2.0 * std::numbers::pi) + (x[0] < 0.0 ? 0.5 : 0.0);
    return std::array<T, 3>{10.0 * (x[2] - 10.0 * turn), 10.0 * (sqrt(x[0] * x[0] + x[1] * x[1]) - 1.0),
                            x[2]};
  };
}

Residuals gulf() {  // 11, with the residual as corrected by the authors' own code
  return pointwise(99, [](const auto& x, Index k) {
    using std::abs, std::exp, std::log, std::pow;
    const double t = static_cast<double>(k + 1) / 100.0;
    const double y = 25.0 + std::pow(-50.0 * std::log(t), 2.0 / 3.0);
    return exp(-pow(abs(y - x[1]), x[2]) / x[0]) - t;
  });
}

Residuals box() {  // 12
  return pointwise(10, [](const auto& x, Index k) {
    using std::exp;
    const double t = 0.1 * static_cast<double>(k + 1);
    return exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (std::exp(-t) - std::exp(-10.0 * t));
  });
}

Residuals powell_singular() {  // 13
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const T a = x[1] - 2.0 * x[2];
    const T b = x[0] - x[3];
    return std::array<T, 4>{x[0] + 10.0 * x[1], std::sqrt(5.0) * (x[2] - x[3]), a * a,
                            std::sqrt(10.0) * b * b};
  };
}

Residuals wood() {  // 14
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    return std::array<T, 6>{10.0 * (x[1] - x[0] * x[0]),
                            1.0 - x[0],
                            std::sqrt(90.0) * (x[3] - x[2] * x[2]),
                            1.0 - x[2],
                            std::sqrt(10.0) * (x[1] + x[3] - 2.0),
                            (x[1] - x[3]) / std::sqrt(10.0)};
  };
}

Residuals brown_dennis() {  // 16
  return pointwise(20, [](const auto& x, Index k) {
    const double t = static_cast<double>(k + 1) / 5.0;
    const auto a = x[0] + t * x[1] - std::exp(t);
    const auto b = x[2] + std::sin(t) * x[3] - std::cos(t);
    return a * a + b * b;
  });
}

Residuals biggs_exp6() {  // 18
  return pointwise(13, [](const auto& x, Index k) {
    using std::exp;
    const double t = 0.1 * static_cast<double>(k + 1);
    const double y = std::exp(-t) - 5.0 * std::exp(-10.0 * t) + 3.0 * std::exp(-4.0 * t);
    return x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4]) - y;
  });
}

Vector point(std::initializer_list<double> x) { return Point(x); }

}  // namespace

std::vector<KnownProblem> problems_of_fixed_size() {
  return {
      {.number = 1,
       .name = "Rosenbrock",
       .residuals = rosenbrock(),
       .start = point({-1.2, 1.0}),
       .minima = {0.0},
       .minimizer = point({1.0, 1.0})},
      {.number = 2,
       .name = "Freudenstein-Roth",
       .residuals = freudenstein_roth(),
       .start = point({0.5, -2.0}),
       .minima = {0.0, half(48.98425367924001)},
       .note = "global minimum at (5, 4); local one at (11.4128, -0.8968)"},
      {.number = 3,
       .name = "Powell badly scaled",
       .residuals = powell_badly_scaled(),
       .start = point({0.0, 1.0}),
       .minima = {0.0},
       .minimizer = point({1.0981593296998e-5, 9.1061467398665})},
      {.number = 4,
       .name = "Brown badly scaled",
       .residuals = brown_badly_scaled(),
       .start = point({1.0, 1.0}),
       .minima = {0.0},
       .minimizer = point({1e6, 2e-6})},
      {.number = 5,
       .name = "Beale",
       .residuals = beale(),
       .start = point({1.0, 1.0}),
       .minima = {0.0},
       .minimizer = point({3.0, 0.5}),
       .note = "f also falls towards 0.226 at infinity, where x1 tends to 1"},
      {.number = 6,
       .name = "Jennrich-Sampson",
       .residuals = jennrich_sampson(),
       .start = point({0.3, 0.4}),
       .minima = {half(124.36218235561)},
       .minimizer = point({0.257825213670, 0.257825213670})},
      {.number = 7,
       .name = "Helical valley",
       .residuals = helical_valley(),
       .start = point({-1.0, 0.0, 0.0}),
       .minima = {0.0},
       .minimizer = point({1.0, 0.0, 0.0}),
       .note = "discontinuous across x0 = 0 where x1 < 0"},
      {.number = 11,
       .name = "Gulf research",
       .residuals = gulf(),
       .start = point({5.0, 2.5, 0.15}),
       .minima = {0.0},
       .minimizer = point({50.0, 25.0, 1.5})},
      {.number = 12,
       .name = "Box three-dimensional",
       .residuals = box(),
       .start = point({0.0, 10.0, 20.0}),
       .minima = {0.0},
       .singular_too = true,
       .note = "zero at (1, 10, 1), (10, 1, -1) and, singular, wherever x0 = x1 and x2 = 0"},
      {.number = 13,
       .name = "Powell singular",
       .residuals = powell_singular(),
       .start = point({3.0, -1.0, 0.0, 1.0}),
       .minima = {0.0},
       .minimizer = point({0.0, 0.0, 0.0, 0.0}),
       .singular = true},
      {.number = 14,
       .name = "Wood",
       .residuals = wood(),
       .start = point({-3.0, -1.0, -3.0, -1.0}),
       .minima = {0.0},
       .minimizer = point({1.0, 1.0, 1.0, 1.0}),
       .note = "a saddle of f = 3.9 (ours) near (-1, 1, -1, 1)"},
      {.number = 16,
       .name = "Brown-Dennis",
       .residuals = brown_dennis(),
       .start = point({25.0, 5.0, -5.0, -1.0}),
       .minima = {half(85822.20162635)},
       .minimizer = point({-11.594439904762, 13.203630051265, -0.40343948776868, 0.23677877445571})},
      {.number = 18,
       .name = "Biggs EXP6",
       .residuals = biggs_exp6(),
       .start = point({1.0, 2.0, 1.0, 1.0, 1.0, 1.0}),
       .minima = {0.0, half(5.65564992556e-3)},
       .note = "zero at (1, 10, 1, 5, 4, 3) and its permutations; 0.3064 / 2 where all decay is lost"},
  };
}

}  // namespace quadric::mgh
