#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>
#include <type_traits>
#include <utility>

#include "quadric/derivatives/dual.hpp"
#include "quadric/derivatives/polygamma.hpp"
#include "quadric/derivatives/second_dual.hpp"

/// The functions of <cmath> for dual numbers of either kind and any nesting, found by argument-dependent
/// lookup: `using std::exp; exp(x)`. Each is written once, as its value and its first and second derivatives;
/// the chain rule of the number does the rest (Griewank & Walther 2008, ch. 2 and 13).
///
/// Where a derivative is infinite or undefined (sqrt at 0, log at 0, the exponent of a negative base), it
/// reaches only the directions along which the argument moves: a direction with derivative exactly 0 keeps
/// derivative 0. At kinks: abs, hypot and atan2 have derivative 0 at the origin; min and max take the first
/// argument's derivative when the two are equal; rounding has derivative 0 everywhere. Tests such as
/// isfinite, isnan and signbit read the value.

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
  return isnormal(power) && isnormal(x) ? T(power / x) : T(pow(x, p - 1.0));
}
/// x^n for n >= 0: by multiplications where those are exact enough.
template <class T>
T natural_power(const T& x, long long n) {
  if (n > largest_multiplied_power) return pow(x, static_cast<double>(n));
  T result(1);
  T square = x;
  for (; n > 0; n /= 2) {
    if (n % 2 != 0) result *= square;
    if (n > 1) square *= square;
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
      return base == 0.0 ? select(y > 0.0, T(0), T(part * rate)) : part * rate;
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

namespace quadric {

namespace detail {

/// The kind of number that a function of these arguments returns: the dual number among them.
template <class D, class... Rest>
struct Common {
  using Type = D;
};
template <class D, class X, class... Rest>
struct Common<D, X, Rest...>
    : Common<std::conditional_t<Differentiable<D> && ConstantFor<X, D>, D, X>, Rest...> {};
template <class... X>
using CommonDual = typename Common<X...>::Type;

/// The arguments can stand together in one call: one kind of dual number and constants.
template <class... X>
concept Together = Differentiable<CommonDual<X...>> &&
    ((std::same_as<X, CommonDual<X...>> || ConstantFor<X, typename CommonDual<X...>::Scalar>)&&...);

/// The value of an argument of a function that returns D, dual number or constant.
template <class D, class X>
constexpr typename D::Scalar argument(const X& x) {
  if constexpr (std::same_as<X, D>) {
    return x.value;
  } else {
    return typename D::Scalar(x);
  }
}
template <class D, class X>
constexpr const D* varying(const X& x) {
  if constexpr (std::same_as<X, D>) {
    return &x;
  } else {
    return nullptr;
  }
}

/// f(x) by the chain rule, f one of the table.
template <class D, class F>
D apply(const F& f, const D& x) {
  return D::chain(f(x.value), std::array{&x});
}

/// f(x...) by the chain rule; only the arguments that are dual numbers take part in it.
template <class F, class... X>
requires(sizeof...(X) > 1) auto apply(const F& f, const X&... x) {
  using D = CommonDual<X...>;
  using T = typename D::Scalar;
  constexpr std::size_t K = (std::size_t{std::same_as<X, D>} + ...);
  const auto all = f(argument<D>(x)...);
  if constexpr (K == sizeof...(X)) {
    return D::chain(all, std::array<const D*, K>{&x...});
  } else {
    constexpr std::array<bool, sizeof...(X)> varies{std::same_as<X, D>...};
    constexpr auto kept = [&varies] {
      std::array<std::size_t, K> indices{};
      for (std::size_t i = 0, k = 0; i < varies.size(); ++i) {
        if (varies[i]) indices[k++] = i;
      }
      return indices;
    }();
    const std::array<const D*, sizeof...(X)> arguments{varying<D>(x)...};
    std::array<const D*, K> kept_arguments{};
    std::array<T, K> first{};
    for (std::size_t k = 0; k < K; ++k) {
      kept_arguments[k] = arguments[kept[k]];
      first[k] = all.first[kept[k]];
    }
    const auto second = [&] {
      const auto all_second = all.second();
      std::array<T, K*(K + 1) / 2> packed{};
      for (std::size_t k = 0, at = 0; k < K; ++k) {
        for (std::size_t l = 0; l <= k; ++l) packed[at++] = all_second[kept[k] * (kept[k] + 1) / 2 + kept[l]];
      }
      return packed;
    };
    return D::chain(partials(all.value, first, second), kept_arguments);
  }
}

}  // namespace detail
template <Differentiable D>
D abs(const D& x) {
  return detail::apply(partials_of::absolute, x);
}
template <Differentiable D>
D fabs(const D& x) {
  return detail::apply(partials_of::absolute, x);
}
template <Differentiable D>
D sqrt(const D& x) {
  return detail::apply(partials_of::square_root, x);
}
template <Differentiable D>
D cbrt(const D& x) {
  return detail::apply(partials_of::cube_root, x);
}
template <Differentiable D>
D exp(const D& x) {
  return detail::apply(partials_of::exponential, x);
}
template <Differentiable D>
D exp2(const D& x) {
  return detail::apply(partials_of::exponential_base_2, x);
}
template <Differentiable D>
D expm1(const D& x) {
  return detail::apply(partials_of::exponential_minus_1, x);
}
template <Differentiable D>
D log(const D& x) {
  return detail::apply(partials_of::logarithm, x);
}
template <Differentiable D>
D log2(const D& x) {
  return detail::apply(partials_of::logarithm_base_2, x);
}
template <Differentiable D>
D log10(const D& x) {
  return detail::apply(partials_of::logarithm_base_10, x);
}
template <Differentiable D>
D log1p(const D& x) {
  return detail::apply(partials_of::logarithm_of_1_plus, x);
}
template <Differentiable D>
D sin(const D& x) {
  return detail::apply(partials_of::sine, x);
}
template <Differentiable D>
D cos(const D& x) {
  return detail::apply(partials_of::cosine, x);
}
template <Differentiable D>
D tan(const D& x) {
  return detail::apply(partials_of::tangent, x);
}
template <Differentiable D>
D asin(const D& x) {
  return detail::apply(partials_of::arc_sine, x);
}
template <Differentiable D>
D acos(const D& x) {
  return detail::apply(partials_of::arc_cosine, x);
}
template <Differentiable D>
D atan(const D& x) {
  return detail::apply(partials_of::arc_tangent, x);
}
template <Differentiable D>
D sinh(const D& x) {
  return detail::apply(partials_of::hyperbolic_sine, x);
}
template <Differentiable D>
D cosh(const D& x) {
  return detail::apply(partials_of::hyperbolic_cosine, x);
}
template <Differentiable D>
D tanh(const D& x) {
  return detail::apply(partials_of::hyperbolic_tangent, x);
}
template <Differentiable D>
D asinh(const D& x) {
  return detail::apply(partials_of::area_sine, x);
}
template <Differentiable D>
D acosh(const D& x) {
  return detail::apply(partials_of::area_cosine, x);
}
template <Differentiable D>
D atanh(const D& x) {
  return detail::apply(partials_of::area_tangent, x);
}
template <Differentiable D>
D bell(const D& x) {
  return detail::apply(partials_of::gaussian_bell, x);
}
template <Differentiable D>
D erf(const D& x) {
  return detail::apply(partials_of::error_function, x);
}
template <Differentiable D>
D erfc(const D& x) {
  return detail::apply(partials_of::complementary_error_function, x);
}
template <Differentiable D>
D tgamma(const D& x) {
  return detail::apply(partials_of::gamma, x);
}
template <Differentiable D>
D lgamma(const D& x) {
  return detail::apply(partials_of::logarithm_of_gamma, x);
}
template <Differentiable D>
D polygamma(int n, const D& x) {
  return detail::apply(partials_of::polygamma_of_order(n), x);
}

/// x²
template <Differentiable D>
constexpr D sq(const D& x) {
  using T = typename D::Scalar;
  const auto square = partials_of::unary<T>(x.value * x.value, 2.0 * x.value, [] { return T(2); });
  return D::chain(detail::PlainProduct{}, square, std::array{&x});
}
template <class S>
requires std::is_arithmetic_v<S>
constexpr S sq(S x) { return static_cast<S>(x * x); }

/// x^p. Whole exponents multiply where that is exact enough and never take a logarithm, so that a base of 0
/// or below has all its derivatives.
template <Differentiable D, class S>
requires std::is_arithmetic_v<S> D pow(const D& x, S p) {
  if constexpr (std::integral<S>) {
    return detail::apply(partials_of::whole_power(static_cast<long long>(p)), x);
  } else {
    const auto exponent = static_cast<double>(p);
    constexpr double limit = partials_of::largest_multiplied_power;
    if (std::abs(exponent) <= limit && exponent == std::trunc(exponent)) {
      return detail::apply(partials_of::whole_power(static_cast<long long>(exponent)), x);
    }
    return detail::apply(partials_of::real_power(exponent), x);
  }
}
/// base^y. A base of 0 has derivative 0 for y > 0; below 0 there is none, and it is not a number.
template <Differentiable D, class S>
requires std::is_arithmetic_v<S> D pow(S base, const D& y) {
  return detail::apply(partials_of::power_of_constant(static_cast<double>(base)), y);
}
/// x^y. An exponent that stands still costs nothing in meaning: a negative x then keeps its derivatives.
template <class X, class Y>
requires detail::Together<X, Y> &&
    (!std::is_arithmetic_v<X> && !std::is_arithmetic_v<Y>)auto pow(const X& x, const Y& y) {
  return detail::apply(partials_of::power, x, y);
}

template <class Y, class X>
requires detail::Together<Y, X>
auto atan2(const Y& y, const X& x) { return detail::apply(partials_of::angle, y, x); }
template <class X, class Y>
requires detail::Together<X, Y>
auto hypot(const X& x, const Y& y) { return detail::apply(partials_of::length, x, y); }
template <class X, class Y, class Z>
requires detail::Together<X, Y, Z>
auto hypot(const X& x, const Y& y, const Z& z) { return detail::apply(partials_of::length, x, y, z); }

// What only selects, flips or shifts: the derivatives are those of the piece.

template <class X, class Y>
requires detail::Together<X, Y>
auto max(const X& x, const Y& y) {
  using D = detail::CommonDual<X, Y>;
  return x < y ? D(y) : D(x);
}
template <class X, class Y>
requires detail::Together<X, Y>
auto min(const X& x, const Y& y) {
  using D = detail::CommonDual<X, Y>;
  return y < x ? D(y) : D(x);
}
/// As max and min, but a number wins over one that is not.
template <class X, class Y>
requires detail::Together<X, Y>
auto fmax(const X& x, const Y& y) {
  using D = detail::CommonDual<X, Y>;
  return x < y || x != x ? D(y) : D(x);
}
template <class X, class Y>
requires detail::Together<X, Y>
auto fmin(const X& x, const Y& y) {
  using D = detail::CommonDual<X, Y>;
  return y < x || x != x ? D(y) : D(x);
}
/// x - y where positive, else 0 without derivatives.
template <class X, class Y>
requires detail::Together<X, Y>
auto fdim(const X& x, const Y& y) {
  using D = detail::CommonDual<X, Y>;
  return x <= y ? D(0.0) : D(x - y);
}
template <class X, class Y>
requires detail::Together<X, Y>
auto copysign(const X& x, const Y& y) {
  using D = detail::CommonDual<X, Y>;
  return std::signbit(value_of(x)) == std::signbit(value_of(y)) ? D(x) : D(-x);
}

namespace detail {

/// x - n y with the value `remainder`, exact where x - n y is not: n, a whole number, has no derivatives.
template <class X, class Y>
auto with_remainder(const X& x, const Y& y, const typename CommonDual<X, Y>::Scalar& remainder) {
  using D = CommonDual<X, Y>;
  const double divisor = value_of(y);
  D result = x - std::rint((value_of(x) - value_of(remainder)) / divisor) * y;
  result.value = remainder;
  return result;
}

}  // namespace detail

/// Derivative 1 by x and -trunc(x/y) by y.
template <class X, class Y>
requires detail::Together<X, Y>
auto fmod(const X& x, const Y& y) {
  using std::fmod;
  using D = detail::CommonDual<X, Y>;
  return detail::with_remainder(x, y, fmod(detail::argument<D>(x), detail::argument<D>(y)));
}
/// Derivative 1 by x and minus the whole number nearest to x/y by y.
template <class X, class Y>
requires detail::Together<X, Y>
auto remainder(const X& x, const Y& y) {
  using std::remainder;
  using D = detail::CommonDual<X, Y>;
  return detail::with_remainder(x, y, remainder(detail::argument<D>(x), detail::argument<D>(y)));
}
/// xy + z, its value rounded once.
template <class X, class Y, class Z>
requires detail::Together<X, Y, Z>
auto fma(const X& x, const Y& y, const Z& z) {
  using std::fma;
  using D = detail::CommonDual<X, Y, Z>;
  D result = x * y + z;
  result.value = fma(detail::argument<D>(x), detail::argument<D>(y), detail::argument<D>(z));
  return result;
}
template <Differentiable D>
D ldexp(const D& x, int exponent) {
  using std::ldexp;
  return D::map([exponent](const auto& part) { return ldexp(part, exponent); }, x);
}
template <Differentiable D>
D scalbn(const D& x, int exponent) {
  return ldexp(x, exponent);
}

template <Differentiable D>
D floor(const D& x) {
  return D(std::floor(value_of(x)));
}
template <Differentiable D>
D ceil(const D& x) {
  return D(std::ceil(value_of(x)));
}
template <Differentiable D>
D round(const D& x) {
  return D(std::round(value_of(x)));
}
template <Differentiable D>
D trunc(const D& x) {
  return D(std::trunc(value_of(x)));
}
template <Differentiable D>
D rint(const D& x) {
  return D(std::rint(value_of(x)));
}
template <Differentiable D>
D nearbyint(const D& x) {
  return D(std::nearbyint(value_of(x)));
}

template <Differentiable D>
bool isfinite(const D& x) {
  return std::isfinite(value_of(x));
}
template <Differentiable D>
bool isnan(const D& x) {
  return std::isnan(value_of(x));
}
template <Differentiable D>
bool isinf(const D& x) {
  return std::isinf(value_of(x));
}
template <Differentiable D>
bool isnormal(const D& x) {
  return std::isnormal(value_of(x));
}
template <Differentiable D>
bool signbit(const D& x) {
  return std::signbit(value_of(x));
}

}  // namespace quadric
