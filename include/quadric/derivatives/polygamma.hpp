#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

namespace quadric::detail {

/// The derivative of order n of π cot(πx): c = cot(πx) has c' = -π (1 + c²), so each is a polynomial in c.
template <int MaxOrder>
double cotangent_derivative(int n, double x) {
  const double c = 1.0 / std::tan(std::numbers::pi * (x - std::round(x)));
  std::array<double, MaxOrder + 3> p{0.0, 1.0};
  for (int order = 0; order < n; ++order) {
    std::array<double, MaxOrder + 3> derivative{};
    for (std::size_t k = 1; k < static_cast<std::size_t>(order) + 2; ++k) {
      const double slope = -std::numbers::pi * static_cast<double>(k) * p[k];
      derivative[k - 1] += slope;
      derivative[k + 1] += slope;
    }
    p = derivative;
  }
  double sum = 0.0;
  for (std::size_t k = static_cast<std::size_t>(n) + 2; k-- > 0;) sum = sum * c + p[k];
  return std::numbers::pi * sum;
}

}  // namespace quadric::detail

namespace quadric {

/// The polygamma function: the derivative of order n of the digamma function ψ(x) = (ln Γ(x))', for 0 <= n
/// <= 12. Not a number at the poles x = 0, -1, -2, … and for larger n.
///
/// Recurrence up to large x, then the asymptotic series; reflection for x < 0 (Abramowitz & Stegun, Handbook
/// of Mathematical Functions, 1964: 6.3.18 and 6.4.11, 6.4.6, 6.4.7). Error: a few units in the last place of
/// the largest term, which is absolute rather than relative next to the zeros of ψ.
inline double polygamma(int n, double x) {
  constexpr int max_order = 12;
  if (n < 0 || n > max_order || (x <= 0.0 && x == std::floor(x)))
    return std::numeric_limits<double>::quiet_NaN();
  const double parity = n % 2 == 0 ? 1.0 : -1.0;
  if (x < 0.0) return parity * polygamma(n, 1.0 - x) - detail::cotangent_derivative<max_order>(n, x);

  double factorial = 1.0;  // n!
  for (int k = 2; k <= n; ++k) factorial *= k;
  double shifted = 0.0;  // Σ n! / x^(n+1) over the steps of the recurrence
  for (; x < 15.0 + n; x += 1.0) shifted += factorial / std::pow(x, n + 1);

  // B_2k, k = 1, 2, …; the series stops far below one unit in the last place for x >= 15 + n.
  constexpr std::array<double, 10> bernoulli{1.0 / 6,        -1.0 / 30,      1.0 / 42, -1.0 / 30,
                                             5.0 / 66,       -691.0 / 2730., 7.0 / 6,  -3617.0 / 510.0,
                                             43867.0 / 798., -174611. / 330.};
  const double inverse = 1.0 / x;
  double series = 0.0;
  double ratio = n == 0 ? 1.0 : factorial;  // (2k+n-1)! / (2k)!, first for k = 0 without the factor 1/n
  ratio *= n == 0 ? 0.5 : (n + 1) / 2.0;    // k = 1:  (n+1)! / 2
  double power = inverse * inverse;
  for (std::size_t i = 0; i < bernoulli.size(); ++i) {
    series += bernoulli[i] * ratio * power;
    const double k2 = 2.0 * static_cast<double>(i + 1);
    ratio *= (k2 + n) * (k2 + n + 1.0) / ((k2 + 1.0) * (k2 + 2.0));
    power *= inverse * inverse;
  }
  if (n == 0) return std::log(x) - 0.5 * inverse - series - shifted;
  const double leading = factorial / n + 0.5 * factorial * inverse;
  return -parity * (std::pow(inverse, n) * (leading + series) + shifted);
}

}  // namespace quadric
