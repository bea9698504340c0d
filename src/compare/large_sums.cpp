#include <algorithm>
#include <cmath>
#include <numbers>

#include "compare/large.hpp"

/// Functions of any size that are no sums of vanishing terms, under the names of the CUTE collection
/// (Bongartz, Conn, Gould & Toint, ACM TOMS 21 (1995) 123–160), which has the formulas and the starts.
namespace quadric::large {

namespace {

/// The coefficients of Dixon & Maany (1988): of xᵢ², of xᵢ²(xᵢ₊₁ + xᵢ₊₁²)², of xᵢ²xᵢ₊ₘ⁴ and of xᵢxᵢ₊₂ₘ, where
/// n = 3m; the first and the last are multiplied by (i/n)ᵏ.
struct DixonMaany {
  double alpha, beta, gamma, delta;
  int power;
};

KnownFunction dixon_maany(const std::string& name, const DixonMaany& c, Index n) {
  const Index m = n / 3;
  return {.name = name,
          .f =
              [c](const auto& x) {
                const Index size = x.size(), third = size / 3;
                ScalarOf<decltype(x)> sum(1.0);
                for (Index i = 0; i < size; ++i) {
                  const double weight = std::pow(real(i + 1) / real(size), c.power);
                  sum += c.alpha * weight * square(x[i]);
                  if (c.beta != 0.0 && i + 1 < size) {
                    sum += c.beta * square(x[i] * (x[i + 1] + x[i + 1] * x[i + 1]));
                  }
                  if (i < 2 * third) sum += c.gamma * square(x[i] * x[i + third] * x[i + third]);
                  if (i < third) sum += c.delta * weight * x[i] * x[i + 2 * third];
                }
                return sum;
              },
          .start = Vector::Constant(3 * m, 2.0),
          .minima = {1.0}};
}
KnownFunction dixon_maany_a(Index n) { return dixon_maany("Dixon-Maany A", {1.0, 0.0, 0.125, 0.125, 0}, n); }
/// The condition is n².
KnownFunction dixon_maany_j(Index n) {
  return dixon_maany("Dixon-Maany J", {1.0, 0.0625, 0.0625, 0.0625, 2}, n);
}

KnownFunction engval1(Index n) {
  return {.name = "Engval1",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 1 < x.size(); ++i) {
                  sum += square(x[i] * x[i] + x[i + 1] * x[i + 1]) - 4.0 * x[i] + 3.0;
                }
                return sum;
              },
          .start = Vector::Constant(n, 2.0)};
}

/// One term fewer than variables, none of which needs more than one of its two: the minima are curves.
KnownFunction cosine(Index n) {
  return {.name = "Cosine",
          .f =
              [](const auto& x) {
                using std::cos;
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 1 < x.size(); ++i) sum += cos(x[i] * x[i] - 0.5 * x[i + 1]);
                return sum;
              },
          .start = Vector::Ones(n),
          .minima = {-real(n - 1)},
          .degenerate = true};
}

KnownFunction edensch(Index n) {
  return {.name = "Edensch",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(16.0);
                for (Index i = 0; i + 1 < x.size(); ++i) {
                  sum += fourth(x[i] - 2.0) + square((x[i] - 2.0) * x[i + 1]) + square(x[i + 1] + 1.0);
                }
                return sum;
              },
          .start = Vector::Zero(n)};
}

/// A band and a full last row.
KnownFunction bdqrtic(Index n) {
  return {.name = "Bdqrtic",
          .f =
              [](const auto& x) {
                const Index last = x.size() - 1;
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 4 < x.size(); ++i) {
                  sum += square(3.0 - 4.0 * x[i]) +
                         square(square(x[i]) + 2.0 * square(x[i + 1]) + 3.0 * square(x[i + 2]) +
                                4.0 * square(x[i + 3]) + 5.0 * square(x[last]));
                }
                return sum;
              },
          .start = Vector::Ones(n)};
}

KnownFunction freuroth(Index n) {
  Vector start = Vector::Zero(n);
  start.head<2>() << 0.5, -2.0;
  return {.name = "Freuroth",
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                T sum(0.0);
                for (Index i = 0; i + 1 < x.size(); ++i) {
                  const T y = x[i + 1];
                  sum += square(x[i] - 13.0 + ((5.0 - y) * y - 2.0) * y) +
                         square(x[i] - 29.0 + ((1.0 + y) * y - 14.0) * y);
                }
                return sum;
              },
          .start = start};
}

KnownFunction cragglvy(Index n) {
  Vector start = Vector::Constant(n - n % 2, 2.0);
  start[0] = 1.0;
  return {.name = "Cragglvy",
          .f =
              [](const auto& x) {
                using std::exp, std::tan;
                using T = ScalarOf<decltype(x)>;
                T sum(0.0);
                for (Index i = 0; i + 3 < x.size(); i += 2) {
                  const T step = x[i + 2] - x[i + 3];
                  const T cube = (x[i + 1] - x[i + 2]) * square(x[i + 1] - x[i + 2]);
                  sum += fourth(exp(x[i]) - x[i + 1]) + 100.0 * square(cube) + fourth(tan(step) + step) +
                         square(fourth(x[i])) + square(x[i + 3] - 1.0);
                }
                return sum;
              },
          .start = start};
}

/// Every term has its minimum at the same points; x = π / (π + 1) is one.
KnownFunction schmvett(Index n) {
  return {.name = "Schmvett",
          .f =
              [](const auto& x) {
                using std::exp, std::sin;
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 2 < x.size(); ++i) {
                  sum -= 1.0 / (1.0 + square(x[i] - x[i + 1])) +
                         sin(0.5 * (std::numbers::pi * x[i + 1] + x[i + 2])) +
                         exp(-square((x[i] + x[i + 2]) / x[i + 1] - 2.0));
                }
                return sum;
              },
          .start = Vector::Constant(n, 0.5),
          .minima = {-3.0 * real(n - 2)}};
}

/// q⁴ − 20 q² − q/10 of sums q of eleven neighbours, started close to the saddle q = 0. The sums are as many
/// as the variables and independent, so that the lowest value of the quartic is reached in every term; a sum
/// that ends at its other well costs 0.63.
KnownFunction curly10(Index n) {
  double best = std::sqrt(10.0);
  for (int k = 0; k < 4; ++k) {
    best -= (4.0 * best * best * best - 40.0 * best - 0.1) / (12.0 * best * best - 40.0);
  }
  const double lowest = best * (best * (best * best - 20.0) - 0.1);
  return {.name = "Curly 10",
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                T sum(0.0);
                for (Index i = 0; i < x.size(); ++i) {
                  T q = x[i];
                  for (Index j = i + 1; j < std::min(i + 11, x.size()); ++j) q += x[j];
                  sum += q * (q * (q * q - 20.0) - 0.1);
                }
                return sum;
              },
          .start = 1e-4 / real(n + 1) * Vector::LinSpaced(n, 1.0, real(n)),
          .minima = {real(n) * lowest}};
}

}  // namespace

std::vector<KnownFunction> sums(Index n) {
  std::vector<KnownFunction> list;
  for (auto* make : {dixon_maany_a, dixon_maany_j, engval1, cosine, edensch, bdqrtic, freuroth, cragglvy,
                     schmvett, curly10}) {
    list.push_back(make(n));
  }
  return list;
}

}  // namespace quadric::large
