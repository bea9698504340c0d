#pragma once

#include <array>
#include <cmath>
#include <complex>
#include <initializer_list>
#include <vector>

/// Derivatives found without dual numbers, to check them against, and the list of functions that are checked.
namespace quadric::reference {

/// f'(x) = Im f(x + ih) / h: no subtraction, hence full accuracy (Squire & Trapp, SIAM Review 40, 1998).
template <class F>
double complex_step(const F& f, double x) {
  constexpr double h = 1e-150;
  return f(std::complex<double>(x, h)).imag() / h;
}

/// f'(x) by the central difference of 8 points, error O(h⁸) (Fornberg, Math. Comp. 51, 1988).
template <class F>
long double first_difference(const F& f, long double x, long double h) {
  const auto pair = [&](int k) { return f(x + k * h) - f(x - k * h); };
  return (pair(1) * 4.0L / 5 - pair(2) / 5.0L + pair(3) * 4.0L / 105 - pair(4) / 280.0L) / h;
}

/// f''(x) by the central difference of 9 points, error O(h⁸) (Fornberg 1988).
template <class F>
long double second_difference(const F& f, long double x, long double h) {
  const auto pair = [&](int k) { return f(x + k * h) + f(x - k * h); };
  return (pair(1) * 8.0L / 5 - pair(2) / 5.0L + pair(3) * 8.0L / 315 - pair(4) / 560.0L -
          f(x) * 205.0L / 72) /
         (h * h);
}

/// One function: how to call it on any scalar, where to look, and how far the nearest singularity or kink is
/// at least from each point (the differences stay within a small part of it).
template <class F>
struct Unary {
  const char* name;
  F f;
  std::vector<double> points;
  double reach = 1.0;
};
template <class F>
Unary(const char*, F, std::vector<double>, double = 1.0) -> Unary<F>;

#define QUADRIC_UNARY(function) \
#function, [](const auto& x) { \
    using std::function;         \
    return function(x);          \
  }
#define QUADRIC_BINARY(function) \
#function, [](const auto& x, const auto& y) { \
    using std::function;                        \
    return function(x, y);                      \
  }

/// Calls `visit` with every analytic function that std::complex knows, for the complex step.
template <class Visit>
void for_each_complex_function(const Visit& visit) {
  visit(Unary{QUADRIC_UNARY(sqrt), {0.01, 0.5, 2.0, 900.0}, 0.01});
  visit(Unary{QUADRIC_UNARY(exp), {-30.0, -1.0, 0.0, 0.7, 12.0}});
  visit(Unary{QUADRIC_UNARY(log), {0.02, 0.9, 1.0, 3.0, 1e4}, 0.02});
  visit(Unary{QUADRIC_UNARY(log10), {0.02, 1.0, 50.0}, 0.02});
  visit(Unary{QUADRIC_UNARY(sin), {-2.0, 0.0, 0.3, 3.0, 20.0}});
  visit(Unary{QUADRIC_UNARY(cos), {-2.0, 0.0, 0.3, 3.0, 20.0}});
  visit(Unary{QUADRIC_UNARY(tan), {-1.4, 0.0, 0.6, 1.5}, 0.07});
  visit(Unary{QUADRIC_UNARY(asin), {-0.99, -0.3, 0.0, 0.7, 0.999}, 0.001});
  visit(Unary{QUADRIC_UNARY(acos), {-0.99, -0.3, 0.0, 0.7, 0.999}, 0.001});
  visit(Unary{QUADRIC_UNARY(atan), {-40.0, -0.5, 0.0, 1.0, 7.0}});
  visit(Unary{QUADRIC_UNARY(sinh), {-5.0, 0.0, 0.2, 4.0}});
  visit(Unary{QUADRIC_UNARY(cosh), {-5.0, 0.0, 0.2, 4.0}});
  visit(Unary{QUADRIC_UNARY(tanh), {-3.0, 0.0, 0.2, 4.0}});
  visit(Unary{QUADRIC_UNARY(asinh), {-50.0, -0.5, 0.0, 3.0}});
  visit(Unary{QUADRIC_UNARY(acosh), {1.01, 1.5, 30.0}, 0.01});
  visit(Unary{QUADRIC_UNARY(atanh), {-0.98, -0.2, 0.0, 0.6}, 0.02});
  visit(Unary{"pow(x, 2.5)",
              [](const auto& x) {
                using std::pow;
                return pow(x, 2.5);
              },
              {0.03, 1.0, 40.0},
              0.03});
  visit(Unary{"pow(1.7, x)",
              [](const auto& x) {
                using std::pow;
                return pow(1.7, x);
              },
              {-3.0, 0.0, 8.0}});
  visit(Unary{"(2 - x) / (1 + x * x) - 3 / x",
              [](const auto& x) { return (2.0 - x) / (1.0 + x * x) - 3.0 / x; },
              {-4.0, 0.3, 1.0},
              0.3});
}

/// Calls `visit` with every function of one argument.
template <class Visit>
void for_each_unary_function(const Visit& visit) {
  for_each_complex_function(visit);
  visit(Unary{QUADRIC_UNARY(abs), {-3.0, 0.5}, 0.5});
  visit(Unary{QUADRIC_UNARY(fabs), {-3.0, 0.5}, 0.5});
  visit(Unary{QUADRIC_UNARY(cbrt), {-8.0, -0.1, 0.02, 1000.0}, 0.02});
  visit(Unary{QUADRIC_UNARY(exp2), {-20.0, 0.0, 0.5, 9.0}});
  visit(Unary{QUADRIC_UNARY(expm1), {-20.0, -1e-5, 0.0, 2.0}});
  visit(Unary{QUADRIC_UNARY(log2), {0.02, 1.0, 50.0}, 0.02});
  visit(Unary{QUADRIC_UNARY(log1p), {-0.95, -1e-6, 0.0, 12.0}, 0.05});
  visit(Unary{QUADRIC_UNARY(erf), {-2.0, 0.0, 0.4, 3.0}});
  visit(Unary{QUADRIC_UNARY(erfc), {-2.0, 0.0, 0.4, 3.0}});
  visit(Unary{QUADRIC_UNARY(tgamma), {-2.5, -0.4, 0.3, 1.0, 4.5, 12.0}, 0.3});
  visit(Unary{QUADRIC_UNARY(lgamma), {-2.5, -0.4, 0.3, 1.0, 4.5, 40.0}, 0.3});
  visit(Unary{QUADRIC_UNARY(floor), {-1.5, 2.3}, 0.3});
  visit(Unary{QUADRIC_UNARY(ceil), {-1.5, 2.3}, 0.3});
  visit(Unary{QUADRIC_UNARY(round), {-1.3, 2.2}, 0.2});
  visit(Unary{QUADRIC_UNARY(trunc), {-1.5, 2.3}, 0.3});
  visit(Unary{QUADRIC_UNARY(rint), {-1.3, 2.2}, 0.2});
  visit(Unary{QUADRIC_UNARY(nearbyint), {-1.3, 2.2}, 0.2});
  for (const int n : {-9, -3, -1, 0, 1, 2, 3, 7, 8, 9, 21}) {
    visit(Unary{"pow(x, int)",
                [n](const auto& x) {
                  using std::pow;
                  return pow(x, n);
                },
                {-1.5, 0.7, 1.3},
                0.1});
    visit(Unary{"pow(x, whole double)",
                [n](const auto& x) {
                  using std::pow;
                  return pow(x, static_cast<double>(n));
                },
                {-1.5, 0.7, 1.3},
                0.1});
  }
  visit(Unary{"ldexp(x, 3)",
              [](const auto& x) {
                using std::ldexp;
                return ldexp(x * x, 3);
              },
              {1.5}});
  visit(Unary{"scalbn(x, -2)",
              [](const auto& x) {
                using std::scalbn;
                return scalbn(x * x, -2);
              },
              {1.5}});
}

template <class F>
struct Binary {
  const char* name;
  F f;
  std::vector<std::array<double, 2>> points;
  double reach = 1.0;
};
template <class F>
Binary(const char*, F, std::vector<std::array<double, 2>>, double = 1.0) -> Binary<F>;

/// Calls `visit` with every function of two arguments.
template <class Visit>
void for_each_binary_function(const Visit& visit) {
  const std::vector<std::array<double, 2>> anywhere{{1.3, 0.7}, {-2.0, 0.9}, {0.8, -1.6}, {-1.1, -3.0}};
  visit(Binary{"+", [](const auto& x, const auto& y) { return x + y; }, anywhere});
  visit(Binary{"-", [](const auto& x, const auto& y) { return x - y; }, anywhere});
  visit(Binary{"*", [](const auto& x, const auto& y) { return x * y; }, anywhere});
  visit(Binary{"/", [](const auto& x, const auto& y) { return x / y; }, anywhere, 0.7});
  visit(Binary{QUADRIC_BINARY(pow), {{1.3, 0.7}, {0.2, 3.0}, {5.0, -1.5}, {0.9, 9.0}}, 0.1});
  visit(Binary{QUADRIC_BINARY(hypot), anywhere});
  visit(Binary{QUADRIC_BINARY(atan2), {{1.3, 0.7}, {-2.0, 0.9}, {0.8, -1.6}, {-1.1, -3.0}}, 0.7});
  visit(Binary{QUADRIC_BINARY(fmod), {{7.3, 2.1}, {-7.3, 2.1}, {7.3, -2.1}}, 0.1});
  visit(Binary{QUADRIC_BINARY(remainder), {{7.3, 2.1}, {-7.9, 2.1}, {7.9, -2.1}}, 0.1});
  visit(Binary{QUADRIC_BINARY(fmin), anywhere, 0.5});
  visit(Binary{QUADRIC_BINARY(fmax), anywhere, 0.5});
  visit(Binary{QUADRIC_BINARY(fdim), anywhere, 0.5});
  visit(Binary{QUADRIC_BINARY(min), anywhere, 0.5});
  visit(Binary{QUADRIC_BINARY(max), anywhere, 0.5});
  visit(Binary{QUADRIC_BINARY(copysign), anywhere, 0.5});
  visit(Binary{"fma(x, y, x)",
               [](const auto& x, const auto& y) {
                 using std::fma;
                 return fma(x, y, x);
               },
               anywhere});
  visit(Binary{"fma(x, 3, y)",
               [](const auto& x, const auto& y) {
                 using std::fma;
                 return fma(x, 3, y);
               },
               anywhere});
  visit(Binary{"hypot(x, 2, y)",
               [](const auto& x, const auto& y) {
                 using std::hypot;
                 return hypot(x, 2, y);
               },
               anywhere});
  visit(Binary{"hypot(x, y, x y)",
               [](const auto& x, const auto& y) {
                 using std::hypot;
                 return hypot(x, y, x * y);
               },
               anywhere});
  visit(Binary{"atan2(x, 2) hypot(3, y)",
               [](const auto& x, const auto& y) {
                 using std::atan2, std::hypot;
                 return atan2(x, 2) * hypot(3, y);
               },
               anywhere});
  visit(Binary{"atan2(-2, x) fmod(y, 0.37)",
               [](const auto& x, const auto& y) {
                 using std::atan2, std::fmod;
                 return atan2(-2, x) * fmod(y, 0.37);
               },
               anywhere, 0.04});
}

#undef QUADRIC_UNARY
#undef QUADRIC_BINARY

}  // namespace quadric::reference
