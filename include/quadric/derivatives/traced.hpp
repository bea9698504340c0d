#pragma once

#include <cmath>
#include <compare>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>

#include <Eigen/Core>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/second_dual.hpp"

/// A scalar that finds the elementary operation where a derivative ceases to be finite: slow, for diagnosis.
namespace quadric {

class Traced;

/// The first operation of an evaluation whose value or derivatives were not finite though those of its
/// arguments were.
struct NonFiniteOperation {
  std::string text;  ///< "sqrt(0): its first derivative is inf"; empty where there was none
  bool found() const noexcept { return !text.empty(); }
};

namespace detail {

/// Where the operations of this thread are recorded.
NonFiniteOperation& non_finite_operation();

}  // namespace detail

/// A number with its first and second derivative along one direction, which after every operation looks
/// whether they are still finite. The formulas are those of `SecondDual`; only the names are given here.
class Traced {
 public:
  using Number = SecondDual<double, 1>;

  Traced() = default;
  template <class S>
  requires std::is_arithmetic_v<S> Traced(S s) : number_(static_cast<double>(s)) {}  // NOLINT: a constant
  explicit Traced(const Number& number) : number_(number) {}
  /// The value x that moves with speed `rate` along the direction.
  static Traced variable(double x, double rate) {
    return Traced(Number(x, {rate}, std::array<double, 1>{0.0}));
  }

  const Number& number() const noexcept { return number_; }

  friend Traced operator+(const Traced& a) { return a; }
  friend Traced operator-(const Traced& a) { return Traced(-a.number_); }
  friend Traced operator+(const Traced& a, const Traced& b);
  friend Traced operator-(const Traced& a, const Traced& b);
  friend Traced operator*(const Traced& a, const Traced& b);
  friend Traced operator/(const Traced& a, const Traced& b);
  friend Traced& operator+=(Traced& a, const Traced& b) { return a = a + b; }
  friend Traced& operator-=(Traced& a, const Traced& b) { return a = a - b; }
  friend Traced& operator*=(Traced& a, const Traced& b) { return a = a * b; }
  friend Traced& operator/=(Traced& a, const Traced& b) { return a = a / b; }
  friend bool operator==(const Traced& a, const Traced& b) { return a.number_ == b.number_; }
  friend std::partial_ordering operator<=>(const Traced& a, const Traced& b) {
    return a.number_ <=> b.number_;
  }

 private:
  Number number_;
};

inline double value_of(const Traced& x) { return x.number().value; }

// The functions of derivatives/elementary.hpp, each under its name.
Traced abs(const Traced& x);
Traced sqrt(const Traced& x);
Traced cbrt(const Traced& x);
Traced exp(const Traced& x);
Traced exp2(const Traced& x);
Traced expm1(const Traced& x);
Traced log(const Traced& x);
Traced log2(const Traced& x);
Traced log10(const Traced& x);
Traced log1p(const Traced& x);
Traced sin(const Traced& x);
Traced cos(const Traced& x);
Traced tan(const Traced& x);
Traced asin(const Traced& x);
Traced acos(const Traced& x);
Traced atan(const Traced& x);
Traced sinh(const Traced& x);
Traced cosh(const Traced& x);
Traced tanh(const Traced& x);
Traced asinh(const Traced& x);
Traced acosh(const Traced& x);
Traced atanh(const Traced& x);
Traced bell(const Traced& x);
Traced erf(const Traced& x);
Traced erfc(const Traced& x);
Traced tgamma(const Traced& x);
Traced lgamma(const Traced& x);
Traced sq(const Traced& x);
inline Traced fabs(const Traced& x) { return abs(x); }
Traced polygamma(int n, const Traced& x);
Traced pow(const Traced& x, const Traced& y);
Traced atan2(const Traced& y, const Traced& x);
Traced hypot(const Traced& x, const Traced& y);
Traced hypot(const Traced& x, const Traced& y, const Traced& z);
Traced fmod(const Traced& x, const Traced& y);
Traced remainder(const Traced& x, const Traced& y);
Traced fma(const Traced& x, const Traced& y, const Traced& z);
namespace detail {
Traced whole_power(const Traced& x, long long n);
Traced real_power(const Traced& x, double p);
Traced power_of_constant(double base, const Traced& y);
}  // namespace detail
template <class S>
requires std::is_arithmetic_v<S> Traced pow(const Traced& x, S p) {
  if constexpr (std::integral<S>) {
    return detail::whole_power(x, static_cast<long long>(p));
  } else {
    return detail::real_power(x, static_cast<double>(p));
  }
}
template <class S>
requires std::is_arithmetic_v<S> Traced pow(S base, const Traced& y) {
  return detail::power_of_constant(static_cast<double>(base), y);
}
inline Traced max(const Traced& x, const Traced& y) { return x < y ? y : x; }
inline Traced min(const Traced& x, const Traced& y) { return y < x ? y : x; }
Traced fmax(const Traced& x, const Traced& y);
Traced fmin(const Traced& x, const Traced& y);
Traced fdim(const Traced& x, const Traced& y);
Traced copysign(const Traced& x, const Traced& y);
Traced ldexp(const Traced& x, int exponent);
inline Traced scalbn(const Traced& x, int exponent) { return ldexp(x, exponent); }
inline Traced floor(const Traced& x) { return std::floor(value_of(x)); }
inline Traced ceil(const Traced& x) { return std::ceil(value_of(x)); }
inline Traced round(const Traced& x) { return std::round(value_of(x)); }
inline Traced trunc(const Traced& x) { return std::trunc(value_of(x)); }
inline Traced rint(const Traced& x) { return std::rint(value_of(x)); }
inline Traced nearbyint(const Traced& x) { return std::nearbyint(value_of(x)); }
inline bool isfinite(const Traced& x) { return std::isfinite(value_of(x)); }
inline bool isnan(const Traced& x) { return std::isnan(value_of(x)); }
inline bool isinf(const Traced& x) { return std::isinf(value_of(x)); }
inline bool isnormal(const Traced& x) { return std::isnormal(value_of(x)); }
inline bool signbit(const Traced& x) { return std::signbit(value_of(x)); }

}  // namespace quadric

template <>
struct std::numeric_limits<quadric::Traced> : std::numeric_limits<double> {};

namespace Eigen {

template <>
struct NumTraits<quadric::Traced> : NumTraits<double> {
  using Real = quadric::Traced;
  using NonInteger = quadric::Traced;
  using Nested = quadric::Traced;
  enum { RequireInitialization = 1 };
};
template <class S, class Operation>
requires std::is_arithmetic_v<S>
struct ScalarBinaryOpTraits<quadric::Traced, S, Operation> {
  using ReturnType = quadric::Traced;
};
template <class S, class Operation>
requires std::is_arithmetic_v<S>
struct ScalarBinaryOpTraits<S, quadric::Traced, Operation> {
  using ReturnType = quadric::Traced;
};

}  // namespace Eigen

namespace quadric {

/// Evaluates a generic callable with every variable moving at a speed of its own and says, in words, the
/// first elementary operation whose value or derivatives were not finite though its arguments were: "log(-1):
/// its value is nan". Empty where there is none. What f throws passes. Threads do not disturb each other.
template <class F>
std::string explain_non_finite(const F& f, const Vector& x) {
  VectorOf<Traced> variables(x.size());
  for (Index j = 0; j < x.size(); ++j) {
    variables[j] = Traced::variable(x[j], 1.0 + 0.1 / static_cast<double>(j + 1));
  }
  detail::non_finite_operation() = {};
  static_cast<void>(f(static_cast<const VectorOf<Traced>&>(variables)));
  return detail::non_finite_operation().text;
}

}  // namespace quadric
