#pragma once

#include <array>
#include <cmath>
#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <type_traits>

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
  template <class T>
  constexpr T operator()(const T& a, const T& b) const {
    return a * b;
  }
};

/// a b, but exactly 0 where b is 0 even if a is infinite or not a number, at every level of nesting.
struct GuardedProduct {
  template <class T>
  constexpr T operator()(const T& a, const T& b) const {
    if constexpr (Differentiable<T>) {
      return T::multiply(*this, a, b);
    } else {
      return select(b == T(0), T(0), a * b);
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
    return D::map([c = constant<T>(s)](const T& part) { return part * c; }, a);
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

  T value;
  std::array<T, N> gradient;

  /// Zero, without derivatives.
  constexpr Dual() : value{}, gradient{} {}
  template <ConstantFor<T> S>
  constexpr Dual(const S& s)
      : value(detail::constant<T>(s)), gradient{} {}  // NOLINT: a number is a dual number
  constexpr Dual(const T& x, const std::array<T, N>& slopes) : value(x), gradient(slopes) {}
  /// Leaves the parts unset; for results that are written at once.
  explicit constexpr Dual(detail::Unset) {}

  /// The independent variable number `direction`: derivative 1 along it, 0 along the others.
  static constexpr Dual variable(const T& x, int direction) {
    Dual result(x);
    result.gradient[static_cast<std::size_t>(direction)] = T(1);
    return result;
  }

  /// Applies f to every part alike: what is linear.
  template <class F, class... X>
  static constexpr Dual map(const F& f, const X&... x) {
    Dual result(detail::Unset{});
    result.value = f(x.value...);
    for (std::size_t i = 0; i < N; ++i) result.gradient[i] = f(x.gradient[i]...);
    return result;
  }

  template <class Product>
  static constexpr Dual multiply(const Product& product, const Dual& a, const Dual& b) {
    Dual result(detail::Unset{});
    result.value = product(a.value, b.value);
    for (std::size_t i = 0; i < N; ++i) {
      result.gradient[i] = product(a.value, b.gradient[i]) + product(a.gradient[i], b.value);
    }
    return result;
  }

  /// q = a / b from q b = a:  q' = (a' - q b') / b.
  static constexpr Dual divide(const Dual& a, const Dual& b) {
    Dual q(detail::Unset{});
    q.value = a.value / b.value;
    const T inverse = 1.0 / b.value;
    for (std::size_t i = 0; i < N; ++i) q.gradient[i] = (a.gradient[i] - q.value * b.gradient[i]) * inverse;
    return q;
  }

  /// f(x₁, …, x_K) by the chain rule:  f' = Σ f_k x_k'.
  template <class Product, std::size_t K, class Second>
  static constexpr Dual chain(const Product& product, const Partials<T, K, Second>& f,
                              const std::array<const Dual*, K>& x) {
    Dual result(detail::Unset{});
    result.value = f.value;
    for (std::size_t i = 0; i < N; ++i) {
      result.gradient[i] = product(f.first[0], x[0]->gradient[i]);
      for (std::size_t k = 1; k < K; ++k) result.gradient[i] += product(f.first[k], x[k]->gradient[i]);
    }
    return result;
  }

  /// The same for any f: where a derivative of f is not finite, directions along which x stands still keep 0.
  template <std::size_t K, class Second>
  static Dual chain(const Partials<T, K, Second>& f, const std::array<const Dual*, K>& x) {
    if (detail::all_finite(f.first)) [[likely]] {
      return chain(detail::PlainProduct{}, f, x);
    }
    return chain(detail::GuardedProduct{}, f, x);
  }
};

}  // namespace quadric

/// The limits of a dual number are those of its value.
template <quadric::Differentiable D>
struct std::numeric_limits<D> : std::numeric_limits<typename D::Scalar> {};
