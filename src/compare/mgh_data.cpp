#include <algorithm>
#include <array>
#include <cmath>

#include "quadric/problem/pointwise.hpp"

#include "compare/mgh.hpp"

/// The problems of Moré, Garbow & Hillstrom that fit a table of data; tables and numbers are theirs.
namespace quadric::mgh {

namespace {

constexpr std::array bard_data{0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39,
                               0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39};
constexpr std::array gaussian_data{0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989,
                                   0.3521, 0.2420, 0.1295, 0.0540, 0.0175, 0.0044, 0.0009};
constexpr std::array meyer_data{34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0,
                                8261.0,  7030.0,  6005.0,  5147.0,  4427.0,  3820.0,  3307.0,  2872.0};
constexpr std::array kowalik_y{0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627,
                               0.0456, 0.0342, 0.0323, 0.0235, 0.0246};
constexpr std::array kowalik_u{4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625};
constexpr std::array osborne1_data{0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818,
                                   0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558,
                                   0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438,
                                   0.431, 0.424, 0.420, 0.414, 0.411, 0.406};
constexpr std::array osborne2_data{
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
    0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
    0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
    0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054};

template <std::size_t N>
constexpr double at(const std::array<double, N>& data, Index i) {
  return data[static_cast<std::size_t>(i)];
}

Residuals bard() {  // 8
  return pointwise(15, [](const auto& x, Index k) {
    const double u = static_cast<double>(k + 1), v = 16.0 - u, w = std::min(u, v);
    return at(bard_data, k) - (x[0] + u / (v * x[1] + w * x[2]));
  });
}

Residuals gaussian() {  // 9
  return pointwise(15, [](const auto& x, Index k) {
    using std::exp;
    const auto distance = 0.5 * (7.0 - static_cast<double>(k)) - x[2];
    return x[0] * exp(-0.5 * x[1] * distance * distance) - at(gaussian_data, k);
  });
}

Residuals meyer() {  // 10
  return pointwise(16, [](const auto& x, Index k) {
    using std::exp;
    return x[0] * exp(x[1] / (50.0 + 5.0 * static_cast<double>(k) + x[2])) - at(meyer_data, k);
  });
}

Residuals kowalik_osborne() {  // 15
  return pointwise(11, [](const auto& x, Index k) {
    const double u = at(kowalik_u, k);
    return at(kowalik_y, k) - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3]);
  });
}

Residuals osborne1() {  // 17
  return pointwise(33, [](const auto& x, Index k) {
    using std::exp;
    const double t = 10.0 * static_cast<double>(k);
    return at(osborne1_data, k) - (x[0] + x[1] * exp(-t * x[3]) + x[2] * exp(-t * x[4]));
  });
}

Residuals osborne2() {  // 19
  return pointwise(65, [](const auto& x, Index k) {
    using std::exp;
    using T = ScalarOf<decltype(x)>;
    const double t = 0.1 * static_cast<double>(k);
    T model = x[0] * exp(-t * x[4]);
    for (Index peak = 1; peak < 4; ++peak) {
      const T distance = t - x[7 + peak];
      model += x[peak] * exp(-x[4 + peak] * distance * distance);
    }
    return at(osborne2_data, k) - model;
  });
}

Vector point(std::initializer_list<double> x) { return Point(x); }

}  // namespace

std::vector<KnownProblem> problems_with_data() {
  return {
      {.number = 8,
       .name = "Bard",
       .residuals = bard(),
       .start = point({1.0, 1.0, 1.0}),
       .minima = {half(8.2148773065789e-3)},
       .minimizer = point({0.08241055975623, 1.133036092245, 2.343695178719}),
       .note = "f also tends to 17.4286 / 2 where x1 and x2 go to minus infinity"},
      {.number = 9,
       .name = "Gaussian",
       .residuals = gaussian(),
       .start = point({0.4, 1.0, 0.0}),
       .minima = {half(1.127932769618e-8)},
       .minimizer = point({0.39895613783880, 1.0000190844878, 0.0})},
      {.number = 10,
       .name = "Meyer",
       .residuals = meyer(),
       .start = point({0.02, 4000.0, 250.0}),
       .minima = {half(87.945855170846)},
       .minimizer = point({5.6096364711e-3, 6181.3463463, 345.22363462})},
      {.number = 15,
       .name = "Kowalik-Osborne",
       .residuals = kowalik_osborne(),
       .start = point({0.25, 0.39, 0.415, 0.39}),
       .minima = {half(3.0750560384924e-4)},
       .minimizer = point({0.19280693458, 0.19128232873, 0.12305650693, 0.13606233068}),
       .note = "f also tends to 1.02734e-3 / 2 at infinity"},
      {.number = 17,
       .name = "Osborne 1",
       .residuals = osborne1(),
       .start = point({0.5, 1.5, -1.0, 0.01, 0.02}),
       .minima = {half(5.464894697483e-5)},
       .minimizer = point({0.37541005211, 1.9358469127, -1.4646871366, 0.012867534640, 0.022122699662})},
      {.number = 19,
       .name = "Osborne 2",
       .residuals = osborne2(),
       .start = point({1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5}),
       .minima = {half(4.013773629354e-2)}},
  };
}

}  // namespace quadric::mgh
