#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>

#include "quadric/derivatives/dual.hpp"
#include "quadric/derivatives/polygamma.hpp"

/// The elementary functions as tables of partial derivatives (Griewank & Walther 2008, ch. 2): each is
/// written once, for any scalar T, as its value and its first and second derivatives at one point. Who has a
/// chain rule to apply, a dual number, several lanes of one, or a recording, calls the entry on its own T.
///
/// T brings arithmetic among itself and with double, the functions of <cmath> that an entry names, and
/// comparisons. A comparison may return a mask instead of bool: a mask has `&&`, and T has
/// `select(mask, a, b)`, both found by argument-dependent lookup. No entry branches on a T.

namespace quadric {

/// The bell exp(-x²), to full relative accuracy in the tail: the rounding error of x² is carried along.
inline double bell(double x) {
  const double square = x * x;
  if (!(square < 750.0)) return std::exp(-square);
  return std::exp(-square) * (1.0 - std::fma(x, x, -square));
}

}  // namespace quadric

/// One table: every elementary function of a scalar T with its derivatives. The names of <cmath> stand for
/// those of T, whether it is double or itself a dual number.
namespace quadric::partials_of {

using std::abs, std::acos, std::acosh, std::asin, std::asinh, std::atan, std::atan2, std::atanh, std::cbrt,
    std::cos, std::cosh, std::erf, std::erfc, std::exp, std::exp2, std::expm1, std::fma, std::hypot,
    std::isnormal, std::lgamma, std::log, std::log10, std::log1p, std::log2, std::pow, std::sin, std::sinh,
    std::sqrt, std::tan, std::tanh, std::tgamma;

/// A second derivative at hand, where it costs nothing to have it ready.
template <class T>
struct Ready {
  T second;
  constexpr std::array<T, 1> operator()() const { return {second}; }
};

/// As `select(condition, a(), b())`, where a plain condition evaluates one side only.
template <class Mask, class A, class B>
constexpr auto select_evaluated(const Mask& condition, const A& a, const B& b) {
  if constexpr (std::same_as<Mask, bool>) {
    return condition ? a() : b();
  } else {
    return select(condition, a(), b());
  }
}

/// The partials of a function of one argument; `second` is a callable, or the number itself.
template <class T, std::invocable Second>
constexpr auto unary(const T& value, const T& first, const Second& second) {
  return partials(value, std::array<T, 1>{first}, [second] { return std::array<T, 1>{second()}; });
}

template <class T>
constexpr auto unary(const T& value, const T& first, const T& second) {
  return partials(value, std::array<T, 1>{first}, Ready<T>{second});
}

/// Up to here x^n is a product, wrong by at most some 4 units in the last place; beyond, the libraries' pow
/// is better.
constexpr long long largest_multiplied_power = 8;

constexpr auto absolute = []<class T>(const T& x) {
  return unary<T>(abs(x), select(x > 0.0, T(1), select(x < 0.0, T(-1), T(0))), [] { return T(0); });
};
constexpr auto square = []<class T>(const T& x) { return unary<T>(x * x, 2.0 * x, [] { return T(2); }); };
constexpr auto square_root = []<class T>(const T& x) {
  const T root = sqrt(x), first = 0.5 / root;
  return unary<T>(root, first, [=] { return -0.5 * first / x; });
};
constexpr auto cube_root = []<class T>(const T& x) {
  const T root = cbrt(x), first = 1.0 / (3.0 * root * root);
  return unary<T>(root, first, [=] { return (-2.0 / 3.0) * first / x; });
};

constexpr auto exponential = []<class T>(const T& x) {
  const T e = exp(x);
  return unary<T>(e, e, [=] { return e; });
};
constexpr auto exponential_base_2 = []<class T>(const T& x) {
  constexpr double ln2 = std::numbers::ln2;
  const T e = exp2(x), first = ln2 * e;
  return unary<T>(e, first, [=] { return ln2 * first; });
};
constexpr auto exponential_minus_1 = []<class T>(const T& x) {
  const T e = exp(x);
  return unary<T>(expm1(x), e, [=] { return e; });
};
constexpr auto logarithm = []<class T>(const T& x) {
  const T inverse = 1.0 / x;
  return unary<T>(log(x), inverse, [=] { return -inverse * inverse; });
};
constexpr auto logarithm_base_2 = []<class T>(const T& x) {
  const T first = std::numbers::log2e / x;
  return unary<T>(log2(x), first, [=] { return -first / x; });
};
constexpr auto logarithm_base_10 = []<class T>(const T& x) {
  const T first = std::numbers::log10e / x;
  return unary<T>(log10(x), first, [=] { return -first / x; });
};
constexpr auto logarithm_of_1_plus = []<class T>(const T& x) {
  const T inverse = 1.0 / (1.0 + x);
  return unary<T>(log1p(x), inverse, [=] { return -inverse * inverse; });
};

constexpr auto sine = []<class T>(const T& x) {
  const T s = sin(x);
  return unary<T>(s, cos(x), [=] { return -s; });
};
constexpr auto cosine = []<class T>(const T& x) {
  const T c = cos(x);
  return unary<T>(c, -sin(x), [=] { return -c; });
};
constexpr auto tangent = []<class T>(const T& x) {
  const T t = tan(x), first = 1.0 + t * t;
  return unary<T>(t, first, [=] { return 2.0 * t * first; });
};
constexpr auto arc_sine = []<class T>(const T& x) {
  const T inverse = 1.0 / ((1.0 - x) * (1.0 + x)), first = sqrt(inverse);
  return unary<T>(asin(x), first, [=] { return x * first * inverse; });
};
constexpr auto arc_cosine = []<class T>(const T& x) {
  const T inverse = 1.0 / ((1.0 - x) * (1.0 + x)), first = -sqrt(inverse);
  return unary<T>(acos(x), first, [=] { return x * first * inverse; });
};
constexpr auto arc_tangent = []<class T>(const T& x) {
  const T first = 1.0 / (1.0 + x * x);
  return unary<T>(atan(x), first, [=] { return -2.0 * (x * first) * first; });
};

constexpr auto hyperbolic_sine = []<class T>(const T& x) {
  const T s = sinh(x);
  return unary<T>(s, cosh(x), [=] { return s; });
};
constexpr auto hyperbolic_cosine = []<class T>(const T& x) {
  const T c = cosh(x);
  return unary<T>(c, sinh(x), [=] { return c; });
};
constexpr auto hyperbolic_tangent = []<class T>(const T& x) {
  const T t = tanh(x), secant = 1.0 / cosh(x), first = secant * secant;
  return unary<T>(t, first, [=] { return -2.0 * t * first; });
};
constexpr auto area_sine = []<class T>(const T& x) {
  const T first = 1.0 / hypot(x, 1.0);
  return unary<T>(asinh(x), first, [=] { return -(x * first) * first * first; });
};
constexpr auto area_cosine = []<class T>(const T& x) {
  const T first = 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0));
  return unary<T>(acosh(x), first, [=] { return -(x * first) * first * first; });
};
constexpr auto area_tangent = []<class T>(const T& x) {
  const T first = 1.0 / ((1.0 - x) * (1.0 + x));
  return unary<T>(atanh(x), first, [=] { return 2.0 * x * first * first; });
};

constexpr auto gaussian_bell = []<class T>(const T& x) {
  const T b = bell(x);
  return unary<T>(b, -2.0 * x * b, [=] { return (4.0 * x * x - 2.0) * b; });
};
constexpr auto error_function = []<class T>(const T& x) {
  const T first = (2.0 * std::numbers::inv_sqrtpi) * bell(x);
  return unary<T>(erf(x), first, [=] { return -2.0 * x * first; });
};
constexpr auto complementary_error_function = []<class T>(const T& x) {
  const T first = (-2.0 * std::numbers::inv_sqrtpi) * bell(x);
  return unary<T>(erfc(x), first, [=] { return -2.0 * x * first; });
};
constexpr auto gamma = []<class T>(const T& x) {
  const T value = tgamma(x), psi = polygamma(0, x);
  return unary<T>(value, value * psi, [=] { return value * (psi * psi + polygamma(1, x)); });
};
constexpr auto logarithm_of_gamma = []<class T>(const T& x) {
  return unary<T>(lgamma(x), polygamma(0, x), [=] { return polygamma(1, x); });
};
constexpr auto polygamma_of_order = [](int n) {
  return [n]<class T>(const T& x) {
    return unary<T>(polygamma(n, x), polygamma(n + 1, x), [=] { return polygamma(n + 2, x); });
  };
};

/// x^(p-1) from power = x^p: the quotient, except where one of them is 0, subnormal or not finite.
template <class T, class P>
T lower_power(const T& x, const T& power, const P& p) {
  return select_evaluated(
      isnormal(power) && isnormal(x), [&] { return T(power / x); }, [&] { return T(pow(x, p - 1.0)); });
}
/// x^n for n >= 0: by multiplications where those are exact enough.
template <class T>
T natural_power(const T& x, long long n) {
  if (n > largest_multiplied_power) return pow(x, static_cast<double>(n));
  T result(1);
  T factor = x;  // x^1, x^2, x^4, ...
  for (; n > 0; n /= 2) {
    if (n % 2 != 0) result *= factor;
    if (n > 1) factor *= factor;
  }
  return result;
}

/// x^n for a whole number n.
constexpr auto whole_power = [](long long n) {
  return [n]<class T>(const T& x) {
    const auto p = static_cast<double>(n);
    if (n >= 2) {
      const T lowest = natural_power(x, n - 2), lower = lowest * x;
      return unary<T>(lower * x, p * lower, p * (p - 1.0) * lowest);
    }
    if (n >= 0) return unary<T>(n == 0 ? T(1) : x, T(p), T(0));
    const T power = 1.0 / natural_power(x, -n), first = p * power / x;
    return unary<T>(power, first, (p - 1.0) * first / x);
  };
};
/// x^p, p without derivatives. The factors p and p - 1, where 0, win over an infinite power of 0.
constexpr auto real_power = [](double p) {
  return [p]<class T>(const T& x) {
    constexpr detail::GuardedProduct guarded;
    const T power = pow(x, p), lower = lower_power(x, power, p);
    const auto second = [=] { return guarded(lower_power(x, lower, p - 1.0), T(p * (p - 1.0))); };
    return unary<T>(power, guarded(lower, T(p)), second);
  };
};
/// base^y, the base without derivatives.
constexpr auto power_of_constant = [](double base) {
  return [base]<class T>(const T& y) {
    const T power = pow(base, y);
    const double rate = std::log(base);
    const auto scaled = [=](const T& part) {
      if (base != 0.0) return T(part * rate);
      return select(y > 0.0, T(0), T(part * rate));
    };
    const T first = scaled(power);
    return unary<T>(power, first, [=] { return scaled(first); });
  };
};
/// x^y. At x = 0 the logarithms lose against any positive power.
constexpr auto power = []<class T>(const T& x, const T& y) {
  constexpr detail::GuardedProduct guarded;
  const T value = pow(x, y), lower = lower_power(x, value, y), rate = log(x);
  const T by_y = select(x == 0.0 && y > 0.0, T(0), T(value * rate));
  const auto second = [=] {
    const T by_xx = guarded(lower_power(x, lower, T(y - 1.0)), T(y * (y - 1.0)));
    const T by_xy = select(x == 0.0 && y > 1.0, T(0), T(lower * (1.0 + y * rate)));
    const T by_yy = select(x == 0.0 && y > 0.0, T(0), T(by_y * rate));
    return std::array<T, 3>{by_xx, by_xy, by_yy};
  };
  return partials(value, std::array<T, 2>{guarded(lower, y), by_y}, second);
};

/// The angle of (x, y), with s and c its sine and cosine and r the radius.
constexpr auto angle = []<class T>(const T& y, const T& x) {
  const T r = hypot(x, y);
  const T inverse = select(r == 0.0, T(0), T(1.0 / r));
  const T s = select(r == 0.0, T(0), T(y / r)), c = select(r == 0.0, T(0), T(x / r));
  const auto second = [=] {
    const T twist = 2.0 * s * c * inverse * inverse;
    return std::array<T, 3>{-twist, (s - c) * (s + c) * inverse * inverse, twist};
  };
  return partials(T(atan2(y, x)), std::array<T, 2>{c * inverse, -s * inverse}, second);
};

template <class T, std::size_t K>
struct LengthCurvature {
  T r;
  std::array<T, K> u;

  std::array<T, K*(K + 1) / 2> operator()() const {
    const T inverse = select(r == 0.0, T(0), T(1.0 / r));
    std::array<T, K*(K + 1) / 2> packed{};
    for (std::size_t k = 0, at = 0; k < K; ++k, ++at) {
      for (std::size_t l = 0; l < k; ++l) packed[at++] = -u[k] * u[l] * inverse;
      for (std::size_t m = 0; m < K; ++m) {
        if (m != k) packed[at] += u[m] * u[m] * inverse;
      }
    }
    return packed;
  }
};
/// The length r of (x₁, …, x_K), with u = x / r: ∇r = u, ∇²r = (I - u uᵀ) / r, its diagonal Σ_{m≠k} u_m² / r.
constexpr auto length = []<class T, class... Rest>(const T& x, const Rest&... rest) {
  const T r = hypot(x, rest...);
  std::array u{x, rest...};
  for (T& component : u) component = select(r == 0.0, T(0), T(component / r));
  return partials(r, u, LengthCurvature<T, 1 + sizeof...(Rest)>{r, u});
};

}  // namespace quadric::partials_of
