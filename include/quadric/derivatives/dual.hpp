#pragma once

#include <array>
#include <cmath>
#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>

#include "quadric/derivatives/lanes.hpp"

/// Forward-mode differentiation, first order. A dual number carries a value and its derivatives along N
/// directions through every operation by the chain rule (Griewank & Walther, Evaluating Derivatives, 2nd ed.
/// 2008, ch. 3).

namespace quadric {

template <class T, int N>
struct Dual;
template <class T, int N>
struct SecondDual;

namespace detail {

template <class X>
inline constexpr bool is_dual = false;
template <class T, int N>
inline constexpr bool is_dual<Dual<T, N>> = true;
template <class T, int N>
inline constexpr bool is_dual<SecondDual<T, N>> = true;

}  // namespace detail

/// A number that carries derivatives: `Dual` or `SecondDual`, of any nesting.
template <class D>
concept Differentiable = detail::is_dual<D>;

/// A number without derivatives beside a dual number over T: it costs no derivative work.
template <class S, class T>
concept ConstantFor = std::is_arithmetic_v<S> || std::same_as<S, T>;

/// `condition ? a : b`, as a function so that a type of several lanes can blend by a mask.
template <class T>
constexpr T select(bool condition, const T& a, const T& b) {
  return condition ? a : b;
}

/// The plain number inside, at any nesting; the only way from a dual number to one without derivatives.
template <class S>
requires std::is_arithmetic_v<S>
constexpr S value_of(S x) { return x; }
template <Differentiable D>
constexpr auto value_of(const D& x) {
  return value_of(x.value);
}

/// A function of K arguments at one point, to second order: its value, its K first derivatives, and a
/// callable that returns the K(K+1)/2 second ones (packed lower triangle, row by row), asked only when they
/// are needed.
template <class T, std::size_t K, class Second>
struct Partials {
  T value;
  std::array<T, K> first;
  Second second;
};
template <class T, std::size_t K, class Second>
constexpr Partials<T, K, Second> partials(const T& value, const std::array<T, K>& first,
                                          const Second& second) {
  return {value, first, second};
}

namespace detail {

/// Chooses the constructor that leaves the parts to be written by the caller.
struct Unset {};

/// The constant `s` in the cheapest type that combines with T.
template <class T, class S>
constexpr auto constant(const S& s) {
  if constexpr (std::is_arithmetic_v<T>) {
    return static_cast<T>(s);
  } else if constexpr (std::is_arithmetic_v<S>) {
    return static_cast<double>(s);
  } else {
    return s;
  }
}

/// a b
struct PlainProduct {
  template <class A, class B>
  [[gnu::always_inline]] constexpr auto operator()(const A& a, const B& b) const {
    return a * b;
  }
};

/// a b, but exactly 0 where b is 0 even if a is infinite or not a number, at every level of nesting.
struct GuardedProduct {
  template <class A, class B>
  constexpr auto operator()(const A& a, const B& b) const {
    if constexpr (!std::same_as<A, B>) {
      return lane_by_lane(*this, a, b);
    } else if constexpr (Differentiable<A>) {
      return A::multiply(*this, a, b);
    } else {
      return select(b == A(0), A(0), A(a * b));
    }
  }
};

inline bool all_finite(double x) { return std::isfinite(x); }
template <class T, std::size_t K>
bool all_finite(const std::array<T, K>& parts) {
  bool finite = true;
  for (const T& part : parts) finite = finite && all_finite(part);
  return finite;
}
template <class T, int N>
bool all_finite(const Dual<T, N>& x) {
  return all_finite(x.value) && all_finite(x.gradient);
}
template <class T, int N>
bool all_finite(const SecondDual<T, N>& x) {
  return all_finite(x.value) && all_finite(x.gradient) && all_finite(x.hessian);
}

/// What is linear or reads only the value, once for every kind D of dual number over T.
template <class D, class T>
struct DualOperators {
  friend constexpr D operator+(const D& a) { return a; }
  friend constexpr D operator-(const D& a) { return D::map(std::negate<>{}, a); }
  friend constexpr D operator+(const D& a, const D& b) { return D::map(std::plus<>{}, a, b); }
  friend constexpr D operator-(const D& a, const D& b) { return D::map(std::minus<>{}, a, b); }
  friend constexpr D operator*(const D& a, const D& b) { return D::multiply(PlainProduct{}, a, b); }
  friend constexpr D operator/(const D& a, const D& b) { return D::divide(a, b); }

  template <ConstantFor<T> S>
  friend constexpr D operator+(const D& a, const S& s) {
    D sum = a;
    sum.value += constant<T>(s);
    return sum;
  }
  template <ConstantFor<T> S>
  friend constexpr D operator+(const S& s, const D& a) {
    return a + s;
  }
  template <ConstantFor<T> S>
  friend constexpr D operator-(const D& a, const S& s) {
    D difference = a;
    difference.value -= constant<T>(s);
    return difference;
  }
  template <ConstantFor<T> S>
  friend constexpr D operator-(const S& s, const D& a) {
    D difference = -a;
    difference.value = constant<T>(s) - a.value;
    return difference;
  }
  template <ConstantFor<T> S>
  friend constexpr D operator*(const D& a, const S& s) {
    return D::map([c = constant<T>(s)](const auto& part) { return part * c; }, a);
  }
  template <ConstantFor<T> S>
  friend constexpr D operator*(const S& s, const D& a) {
    return a * s;
  }
  template <ConstantFor<T> S>
  friend constexpr D operator/(const D& a, const S& s) {
    D quotient = a * (1.0 / constant<T>(s));
    quotient.value = a.value / constant<T>(s);
    return quotient;
  }
  template <ConstantFor<T> S>
  friend constexpr D operator/(const S& s, const D& a) {
    const T inverse = 1.0 / a.value;
    const T quotient = constant<T>(s) / a.value;
    const T slope = -quotient * inverse;
    const auto second = [&] { return std::array<T, 1>{-2.0 * slope * inverse}; };
    return D::chain(PlainProduct{}, partials(quotient, std::array{slope}, second), std::array{&a});
  }

  friend constexpr D& operator+=(D& a, const D& b) { return a = a + b; }
  friend constexpr D& operator-=(D& a, const D& b) { return a = a - b; }
  friend constexpr D& operator*=(D& a, const D& b) { return a = a * b; }
  friend constexpr D& operator/=(D& a, const D& b) { return a = a / b; }
  template <ConstantFor<T> S>
  friend constexpr D& operator+=(D& a, const S& s) {
    a.value += constant<T>(s);
    return a;
  }
  template <ConstantFor<T> S>
  friend constexpr D& operator-=(D& a, const S& s) {
    a.value -= constant<T>(s);
    return a;
  }
  template <ConstantFor<T> S>
  friend constexpr D& operator*=(D& a, const S& s) {
    return a = a * s;
  }
  template <ConstantFor<T> S>
  friend constexpr D& operator/=(D& a, const S& s) {
    return a = a / s;
  }

  friend constexpr bool operator==(const D& a, const D& b) { return a.value == b.value; }
  friend constexpr std::partial_ordering operator<=>(const D& a, const D& b) { return a.value <=> b.value; }
  template <ConstantFor<T> S>
  friend constexpr bool operator==(const D& a, const S& s) {
    return a.value == constant<T>(s);
  }
  template <ConstantFor<T> S>
  friend constexpr std::partial_ordering operator<=>(const D& a, const S& s) {
    return a.value <=> constant<T>(s);
  }

  /// Prints the value only.
  template <class Stream>
  requires requires(Stream& out) { out.precision(); }
  friend Stream& operator<<(Stream& out, const D& x) {
    out << x.value;
    return out;
  }
};

}  // namespace detail

/// A value and its derivatives along N directions: `x + Σ gradient[i] εᵢ` with `εᵢ εⱼ = 0`. T is double or
/// itself a dual number: in `Dual<Dual<double, N>, 1>` the value carries N first derivatives, and
/// `gradient[0]` the derivatives of those along one more direction, which is a Hessian-vector product.
///
/// A plain value type: every operation returns a number, never an expression that refers to its operands.
/// Numbers without derivatives convert to it implicitly; back only by `value_of`. Comparisons compare values.
/// Quotients multiply derivatives by the inverse of the denominator: it must not be subnormal.
template <class T, int N>
struct Dual : detail::DualOperators<Dual<T, N>, T> {
  static_assert(N > 0, "A dual number needs at least one direction: Dual<T, N> with N >= 1.");
  using Scalar = T;
  static constexpr int directions = N;

  std::array<T, N> gradient;
  T value;

  /// Zero, without derivatives.
  [[gnu::always_inline]] constexpr Dual() : value{} { detail::clear<N>(gradient.data()); }
  template <ConstantFor<T> S>
  [[gnu::always_inline]] constexpr Dual(const S& s)
      : value(detail::constant<T>(s)) {  // NOLINT: a number is a dual number
    detail::clear<N>(gradient.data());
  }
  constexpr Dual(const T& x, const std::array<T, N>& slopes) : gradient(slopes), value(x) {}
  /// Copies in packs, as everything writes and reads: the compiler's own copy would be of other widths.
  [[gnu::always_inline]] constexpr Dual(const Dual& x) : value(x.value) {
    detail::transform<N>(std::identity{}, gradient.data(), x.gradient.data());
  }
  [[gnu::always_inline]] constexpr Dual& operator=(const Dual& x) {
    value = x.value;
    detail::transform<N>(std::identity{}, gradient.data(), x.gradient.data());
    return *this;
  }
  /// Leaves the parts unset; for results that are written at once.
  explicit constexpr Dual(detail::Unset) {}

  /// The independent variable number `direction`: derivative 1 along it, 0 along the others.
  static constexpr Dual variable(const T& x, int direction) {
    Dual result(x);
    for (int i = 0; i < N; ++i) result.gradient[static_cast<std::size_t>(i)] = T(i == direction ? 1 : 0);
    return result;
  }

  /// Applies f to every part alike: what is linear.
  template <class F, class... X>
  [[gnu::always_inline]] static constexpr Dual map(const F& f, const X&... x) {
    Dual result(detail::Unset{});
    result.value = f(x.value...);
    detail::transform<N>(f, result.gradient.data(), x.gradient.data()...);
    return result;
  }

  template <class Product>
  [[gnu::always_inline]] static constexpr Dual multiply(const Product& product, const Dual& a,
                                                        const Dual& b) {
    Dual result(detail::Unset{});
    result.value = product(a.value, b.value);
    detail::transform<N>(
        [&](const auto& ai, const auto& bi) { return product(a.value, bi) + product(ai, b.value); },
        result.gradient.data(), a.gradient.data(), b.gradient.data());
    return result;
  }

  /// q = a / b from q b = a:  q' = (a' - q b') / b.
  [[gnu::always_inline]] static constexpr Dual divide(const Dual& a, const Dual& b) {
    Dual q(detail::Unset{});
    q.value = a.value / b.value;
    const T inverse = 1.0 / b.value;
    detail::transform<N>([&](const auto& ai, const auto& bi) { return (ai - q.value * bi) * inverse; },
                         q.gradient.data(), a.gradient.data(), b.gradient.data());
    return q;
  }

  /// f(x₁, …, x_K) by the chain rule:  f' = Σ f_k x_k'.
  template <class Product, std::size_t K, class Second>
  [[gnu::always_inline]] static constexpr Dual chain(const Product& product, const Partials<T, K, Second>& f,
                                                     const std::array<const Dual*, K>& x) {
    Dual result(detail::Unset{});
    result.value = f.value;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      detail::transform<N>([&](const auto&... xi) { return (product(f.first[I], xi) + ...); },
                           result.gradient.data(), x[I]->gradient.data()...);
    }
    (std::make_index_sequence<K>{});
    return result;
  }

  /// The same for any f: where a derivative of f is not finite, directions along which x stands still keep 0.
  template <std::size_t K, class Second>
  [[gnu::always_inline]] static Dual chain(const Partials<T, K, Second>& f,
                                           const std::array<const Dual*, K>& x) {
    Dual result = chain(detail::PlainProduct{}, f, x);
    if (!detail::all_finite(f.first)) [[unlikely]] {
      // The call sees copies: what it could see would have to stay in memory for the usual case too.
      const std::array<T, K> first = f.first;
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        const std::array<Dual, K> copies{*x[I]...};
        const Dual guarded = guarded_chain(first, copies);
        result.gradient = guarded.gradient;
      }
      (std::make_index_sequence<K>{});
    }
    return result;
  }

 private:
  template <std::size_t K>
  [[gnu::noinline, gnu::cold]] static Dual guarded_chain(const std::array<T, K>& first,
                                                         const std::array<Dual, K>& x) {
    constexpr detail::GuardedProduct product;
    Dual result;
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t k = 0; k < K; ++k) result.gradient[i] += product(first[k], x[k].gradient[i]);
    }
    return result;
  }
};

}  // namespace quadric

/// The limits of a dual number are those of its value.
template <quadric::Differentiable D>
struct std::numeric_limits<D> : std::numeric_limits<typename D::Scalar> {};
