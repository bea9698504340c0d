#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "quadric/derivatives/dual.hpp"
#include "quadric/derivatives/partials.hpp"

/// The functions of <cmath> for dual numbers of either kind and any nesting, found by argument-dependent
/// lookup: `using std::exp; exp(x)`. Each is an entry of the table `partials_of`; the chain rule of the
/// number does the rest (Griewank & Walther 2008, ch. 2 and 13).
///
/// Where a derivative is infinite or undefined (sqrt at 0, log at 0, the exponent of a negative base), it
/// reaches only the directions along which the argument moves: a direction with derivative exactly 0 keeps
/// derivative 0. At kinks: abs, hypot and atan2 have derivative 0 at the origin; min and max take the first
/// argument's derivative when the two are equal; rounding has derivative 0 everywhere. Tests such as
/// isfinite, isnan and signbit read the value.

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
[[gnu::always_inline]] inline D apply(const F& f, const D& x) {
  return D::chain(f(x.value), std::array{&x});
}

/// f(x...) by the chain rule; only the arguments that are dual numbers take part in it.
template <class F, class... X>
requires(sizeof...(X) > 1) [[gnu::always_inline]] inline auto apply(const F& f, const X&... x) {
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
[[gnu::always_inline]] inline D abs(const D& x) {
  return detail::apply(partials_of::absolute, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D fabs(const D& x) {
  return detail::apply(partials_of::absolute, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D sqrt(const D& x) {
  return detail::apply(partials_of::square_root, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D cbrt(const D& x) {
  return detail::apply(partials_of::cube_root, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D exp(const D& x) {
  return detail::apply(partials_of::exponential, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D exp2(const D& x) {
  return detail::apply(partials_of::exponential_base_2, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D expm1(const D& x) {
  return detail::apply(partials_of::exponential_minus_1, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D log(const D& x) {
  return detail::apply(partials_of::logarithm, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D log2(const D& x) {
  return detail::apply(partials_of::logarithm_base_2, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D log10(const D& x) {
  return detail::apply(partials_of::logarithm_base_10, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D log1p(const D& x) {
  return detail::apply(partials_of::logarithm_of_1_plus, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D sin(const D& x) {
  return detail::apply(partials_of::sine, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D cos(const D& x) {
  return detail::apply(partials_of::cosine, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D tan(const D& x) {
  return detail::apply(partials_of::tangent, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D asin(const D& x) {
  return detail::apply(partials_of::arc_sine, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D acos(const D& x) {
  return detail::apply(partials_of::arc_cosine, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D atan(const D& x) {
  return detail::apply(partials_of::arc_tangent, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D sinh(const D& x) {
  return detail::apply(partials_of::hyperbolic_sine, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D cosh(const D& x) {
  return detail::apply(partials_of::hyperbolic_cosine, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D tanh(const D& x) {
  return detail::apply(partials_of::hyperbolic_tangent, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D asinh(const D& x) {
  return detail::apply(partials_of::area_sine, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D acosh(const D& x) {
  return detail::apply(partials_of::area_cosine, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D atanh(const D& x) {
  return detail::apply(partials_of::area_tangent, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D bell(const D& x) {
  return detail::apply(partials_of::gaussian_bell, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D erf(const D& x) {
  return detail::apply(partials_of::error_function, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D erfc(const D& x) {
  return detail::apply(partials_of::complementary_error_function, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D tgamma(const D& x) {
  return detail::apply(partials_of::gamma, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D lgamma(const D& x) {
  return detail::apply(partials_of::logarithm_of_gamma, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D polygamma(int n, const D& x) {
  return detail::apply(partials_of::polygamma_of_order(n), x);
}

/// x²
template <Differentiable D>
constexpr D sq(const D& x) {
  return D::chain(detail::PlainProduct{}, partials_of::square(x.value), std::array{&x});
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
[[gnu::always_inline]] inline D ldexp(const D& x, int exponent) {
  using std::ldexp;
  return D::map([exponent](const typename D::Scalar& part) { return ldexp(part, exponent); }, x);
}
template <Differentiable D>
[[gnu::always_inline]] inline D scalbn(const D& x, int exponent) {
  return ldexp(x, exponent);
}

template <Differentiable D>
[[gnu::always_inline]] inline D floor(const D& x) {
  return D(std::floor(value_of(x)));
}
template <Differentiable D>
[[gnu::always_inline]] inline D ceil(const D& x) {
  return D(std::ceil(value_of(x)));
}
template <Differentiable D>
[[gnu::always_inline]] inline D round(const D& x) {
  return D(std::round(value_of(x)));
}
template <Differentiable D>
[[gnu::always_inline]] inline D trunc(const D& x) {
  return D(std::trunc(value_of(x)));
}
template <Differentiable D>
[[gnu::always_inline]] inline D rint(const D& x) {
  return D(std::rint(value_of(x)));
}
template <Differentiable D>
[[gnu::always_inline]] inline D nearbyint(const D& x) {
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
