#pragma once

#include <algorithm>
#include <cmath>
#include <compare>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

#include <Eigen/Core>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/elementary.hpp"
#include "quadric/derivatives/tape.hpp"

namespace quadric {

/// A number that writes every operation on it to the tape of its thread while a `Recording` is open: the
/// scalar with which a generic function is run once to be differentiated as a whole. What does not depend on
/// the variables is computed at once and leaves no trace.
///
/// A plain value type with the operators and functions of <cmath>. Comparisons and tests answer by the value
/// and leave a guard; `value_of` gives the value away and makes the tape good for this point only.
class Recorded {
 public:
  Recorded() = default;
  template <class S>
  requires std::is_arithmetic_v<S> Recorded(S value)  // NOLINT: a number is a recorded number
      : value_(static_cast<double>(value)) {}
  /// The result of a node of the open tape.
  Recorded(double value, Operand node) : value_(value), node_(node) {}

  bool is_constant() const noexcept { return node_ < 0; }
  /// How the open tape refers to this number.
  Operand operand() const;

  /// The result of an operation.
  static Recorded apply(Operation operation, double value, const Recorded& a);
  static Recorded apply(Operation operation, double value, const Recorded& a, const Recorded& b);
  /// Leaves a guard and returns the answer.
  static bool ask(Predicate predicate, bool answer, const Recorded& a);
  static bool ask(Predicate predicate, bool answer, const Recorded& a, const Recorded& b);

  friend double value_of(const Recorded& x);
  /// The value, for those who see to it that the tape learns of its use.
  double peek() const noexcept { return value_; }

  friend Recorded operator+(const Recorded& a) { return a; }
  friend Recorded operator-(const Recorded& a) { return apply(Operation::Negate, -a.value_, a); }
  friend Recorded operator+(const Recorded& a, const Recorded& b) {
    return apply(Operation::Add, a.value_ + b.value_, a, b);
  }
  friend Recorded operator-(const Recorded& a, const Recorded& b) {
    return apply(Operation::Subtract, a.value_ - b.value_, a, b);
  }
  friend Recorded operator*(const Recorded& a, const Recorded& b) {
    return apply(Operation::Multiply, a.value_ * b.value_, a, b);
  }
  friend Recorded operator/(const Recorded& a, const Recorded& b) {
    return apply(Operation::Divide, a.value_ / b.value_, a, b);
  }
  Recorded& operator+=(const Recorded& b) { return *this = *this + b; }
  Recorded& operator-=(const Recorded& b) { return *this = *this - b; }
  Recorded& operator*=(const Recorded& b) { return *this = *this * b; }
  Recorded& operator/=(const Recorded& b) { return *this = *this / b; }

  friend bool operator==(const Recorded& a, const Recorded& b) {
    return ask(Predicate::Equal, a.value_ == b.value_, a, b);
  }
  friend bool operator<(const Recorded& a, const Recorded& b) {
    return ask(Predicate::Less, a.value_ < b.value_, a, b);
  }
  friend bool operator>(const Recorded& a, const Recorded& b) { return b < a; }
  friend bool operator<=(const Recorded& a, const Recorded& b) {
    return ask(Predicate::LessOrEqual, a.value_ <= b.value_, a, b);
  }
  friend bool operator>=(const Recorded& a, const Recorded& b) { return b <= a; }

  /// Prints the value only.
  template <class Stream>
  requires requires(Stream& out) { out.precision(); }
  friend Stream& operator<<(Stream& out, const Recorded& x) {
    out << x.value_;
    return out;
  }

 private:
  double value_ = 0.0;
  Operand node_ = -1;
};

/// Opens a tape for this thread until it goes out of scope; recordings may be nested.
class Recording {
 public:
  explicit Recording(Tape& tape) : outer_(std::exchange(open_, &tape)) {}
  ~Recording() { open_ = outer_; }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  static Tape& tape() { return *open_; }

 private:
  static inline thread_local constinit Tape* open_ = nullptr;
  Tape* outer_;
};

inline Operand Recorded::operand() const {
  return is_constant() ? Recording::tape().constant(value_) : node_;
}
inline Recorded Recorded::apply(Operation operation, double value, const Recorded& a) {
  if (a.is_constant()) return value;
  return {value, Recording::tape().append(operation, a.node_)};
}
inline Recorded Recorded::apply(Operation operation, double value, const Recorded& a, const Recorded& b) {
  if (a.is_constant() && b.is_constant()) return value;
  const Operand left = a.operand(), right = b.operand();
  return {value, Recording::tape().append(operation, left, right)};
}
inline bool Recorded::ask(Predicate predicate, bool answer, const Recorded& a, const Recorded& b) {
  if (a.is_constant() && b.is_constant()) return answer;
  const Operand left = a.operand(), right = b.operand();
  Recording::tape().guards.push_back({predicate, left, right, answer});
  return answer;
}
inline bool Recorded::ask(Predicate predicate, bool answer, const Recorded& a) {
  return ask(predicate, answer, a, Recorded());
}
inline double value_of(const Recorded& x) {
  if (!x.is_constant()) Recording::tape().only_here = true;
  return x.value_;
}

namespace detail {

/// Arguments of a function of several, one of them recorded, the others numbers.
template <class... X>
concept RecordedTogether = (std::same_as<X, Recorded> || ...) &&
                           ((std::same_as<X, Recorded> || std::is_arithmetic_v<X>)&&...);

}  // namespace detail

template <std::same_as<Recorded> X>
bool isfinite(const X& x) {
  return Recorded::ask(Predicate::Finite, std::isfinite(x.peek()), x);
}
template <std::same_as<Recorded> X>
bool isnan(const X& x) {
  return Recorded::ask(Predicate::NotANumber, std::isnan(x.peek()), x);
}
template <std::same_as<Recorded> X>
bool isinf(const X& x) {
  return Recorded::ask(Predicate::Infinite, std::isinf(x.peek()), x);
}
template <std::same_as<Recorded> X>
bool isnormal(const X& x) {
  return Recorded::ask(Predicate::Normal, std::isnormal(x.peek()), x);
}
template <std::same_as<Recorded> X>
bool signbit(const X& x) {
  return Recorded::ask(Predicate::Negative, std::signbit(x.peek()), x);
}

// The functions of <cmath>; their derivatives stand in the table that the dual numbers use too.

template <std::same_as<Recorded> X>
Recorded abs(const X& x) {
  return Recorded::apply(Operation::Absolute, std::abs(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded fabs(const X& x) {
  return abs(x);
}
template <std::same_as<Recorded> X>
Recorded sqrt(const X& x) {
  return Recorded::apply(Operation::SquareRoot, std::sqrt(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded cbrt(const X& x) {
  return Recorded::apply(Operation::CubeRoot, std::cbrt(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded exp(const X& x) {
  return Recorded::apply(Operation::Exponential, std::exp(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded exp2(const X& x) {
  return Recorded::apply(Operation::Exponential2, std::exp2(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded expm1(const X& x) {
  return Recorded::apply(Operation::ExponentialMinus1, std::expm1(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded log(const X& x) {
  return Recorded::apply(Operation::Logarithm, std::log(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded log2(const X& x) {
  return Recorded::apply(Operation::Logarithm2, std::log2(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded log10(const X& x) {
  return Recorded::apply(Operation::Logarithm10, std::log10(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded log1p(const X& x) {
  return Recorded::apply(Operation::Logarithm1Plus, std::log1p(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded sin(const X& x) {
  return Recorded::apply(Operation::Sine, std::sin(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded cos(const X& x) {
  return Recorded::apply(Operation::Cosine, std::cos(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded tan(const X& x) {
  return Recorded::apply(Operation::Tangent, std::tan(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded asin(const X& x) {
  return Recorded::apply(Operation::ArcSine, std::asin(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded acos(const X& x) {
  return Recorded::apply(Operation::ArcCosine, std::acos(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded atan(const X& x) {
  return Recorded::apply(Operation::ArcTangent, std::atan(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded sinh(const X& x) {
  return Recorded::apply(Operation::HyperbolicSine, std::sinh(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded cosh(const X& x) {
  return Recorded::apply(Operation::HyperbolicCosine, std::cosh(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded tanh(const X& x) {
  return Recorded::apply(Operation::HyperbolicTangent, std::tanh(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded asinh(const X& x) {
  return Recorded::apply(Operation::AreaSine, std::asinh(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded acosh(const X& x) {
  return Recorded::apply(Operation::AreaCosine, std::acosh(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded atanh(const X& x) {
  return Recorded::apply(Operation::AreaTangent, std::atanh(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded bell(const X& x) {
  return Recorded::apply(Operation::Bell, bell(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded erf(const X& x) {
  return Recorded::apply(Operation::ErrorFunction, std::erf(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded erfc(const X& x) {
  return Recorded::apply(Operation::ComplementaryErrorFunction, std::erfc(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded tgamma(const X& x) {
  return Recorded::apply(Operation::Gamma, std::tgamma(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded lgamma(const X& x) {
  return Recorded::apply(Operation::LogarithmOfGamma, std::lgamma(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded polygamma(int n, const X& x) {
  return Recorded::apply(Operation::Polygamma, polygamma(n, x.peek()), x, Recorded(n));
}
template <std::same_as<Recorded> X>
Recorded floor(const X& x) {
  return Recorded::apply(Operation::Floor, std::floor(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded ceil(const X& x) {
  return Recorded::apply(Operation::Ceiling, std::ceil(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded round(const X& x) {
  return Recorded::apply(Operation::Round, std::round(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded trunc(const X& x) {
  return Recorded::apply(Operation::Truncate, std::trunc(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded rint(const X& x) {
  return Recorded::apply(Operation::RoundToEven, std::rint(x.peek()), x);
}
template <std::same_as<Recorded> X>
Recorded nearbyint(const X& x) {
  return rint(x);
}

/// x²
template <std::same_as<Recorded> X>
Recorded sq(const X& x) {
  return x * x;
}

/// x^p; whole exponents as for dual numbers: products where those are exact enough, never a logarithm.
template <class S>
requires std::is_arithmetic_v<S> Recorded pow(const Recorded& x, S p) {
  const auto exponent = static_cast<double>(p);
  constexpr double limit = partials_of::largest_multiplied_power;
  if (std::abs(exponent) <= limit && exponent == std::trunc(exponent)) {
    const Recorded power = partials_of::natural_power(x, static_cast<long long>(std::abs(exponent)));
    return exponent < 0.0 ? 1.0 / power : power;
  }
  return Recorded::apply(Operation::Power, std::pow(x.peek(), exponent), x, Recorded(exponent));
}
template <class X>
requires detail::RecordedTogether<X, Recorded> Recorded pow(const X& x, const Recorded& y) {
  return Recorded::apply(Operation::Power, std::pow(Recorded(x).peek(), y.peek()), Recorded(x), y);
}
template <class Y, class X>
requires detail::RecordedTogether<Y, X> Recorded atan2(const Y& y, const X& x) {
  const Recorded b(y), a(x);
  return Recorded::apply(Operation::Angle, std::atan2(b.peek(), a.peek()), b, a);
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded hypot(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return Recorded::apply(Operation::Length, std::hypot(a.peek(), b.peek()), a, b);
}
template <class X, class Y, class Z>
requires detail::RecordedTogether<X, Y, Z> Recorded hypot(const X& x, const Y& y, const Z& z) {
  return hypot(hypot(Recorded(x), Recorded(y)), Recorded(z));
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded max(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return Recorded::apply(Operation::Maximum, a.peek() < b.peek() ? b.peek() : a.peek(), a, b);
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded min(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return Recorded::apply(Operation::Minimum, b.peek() < a.peek() ? b.peek() : a.peek(), a, b);
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded fmax(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return isnan(a) ? b : isnan(b) ? a : max(a, b);
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded fmin(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return isnan(a) ? b : isnan(b) ? a : min(a, b);
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded fdim(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return a <= b ? Recorded(0.0) : a - b;
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded copysign(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return signbit(a) == signbit(b) ? a : -a;
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded fmod(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return Recorded::apply(Operation::Modulus, std::fmod(a.peek(), b.peek()), a, b);
}
template <class X, class Y>
requires detail::RecordedTogether<X, Y> Recorded remainder(const X& x, const Y& y) {
  const Recorded a(x), b(y);
  return Recorded::apply(Operation::Remainder, std::remainder(a.peek(), b.peek()), a, b);
}
template <class X, class Y, class Z>
requires detail::RecordedTogether<X, Y, Z> Recorded fma(const X& x, const Y& y, const Z& z) {
  return Recorded(x) * Recorded(y) + Recorded(z);
}
template <std::same_as<Recorded> X>
Recorded ldexp(const X& x, int exponent) {
  return x * std::ldexp(1.0, exponent);
}
template <std::same_as<Recorded> X>
Recorded scalbn(const X& x, int exponent) {
  return ldexp(x, exponent);
}

}  // namespace quadric

template <>
struct std::numeric_limits<quadric::Recorded> : std::numeric_limits<double> {};

template <>
struct Eigen::NumTraits<quadric::Recorded> : Eigen::NumTraits<double> {
  using Real = quadric::Recorded;
  using NonInteger = quadric::Recorded;
  using Nested = quadric::Recorded;
  enum { RequireInitialization = 1 };
};
template <class S, class Operation>
requires std::is_arithmetic_v<S>
struct Eigen::ScalarBinaryOpTraits<quadric::Recorded, S, Operation> {
  using ReturnType = quadric::Recorded;
};
template <class S, class Operation>
requires std::is_arithmetic_v<S>
struct Eigen::ScalarBinaryOpTraits<S, quadric::Recorded, Operation> {
  using ReturnType = quadric::Recorded;
};

namespace Eigen::internal {

/// As for dual numbers (eigen_support.hpp): large products with a matrix of constants entry by entry, since
/// Eigen 3.4's blocked kernel would accumulate them as plain numbers.
template <class Lhs, class Rhs>
requires(std::same_as<typename Lhs::Scalar, quadric::Recorded> !=
         std::same_as<typename Rhs::Scalar,
                      quadric::Recorded>) struct generic_product_impl<Lhs, Rhs, DenseShape, DenseShape,
                                                                      GemmProduct>
    : generic_product_impl<Lhs, Rhs, DenseShape, DenseShape, CoeffBasedProductMode> {
};
template <class Lhs, class Rhs>
requires(std::same_as<typename Lhs::Scalar, quadric::Recorded> &&
         !std::same_as<typename Rhs::Scalar,
                       quadric::Recorded>) struct generic_product_impl<Lhs, Rhs, DenseShape, DenseShape,
                                                                       GemvProduct>
    : generic_product_impl<Lhs, Rhs, DenseShape, DenseShape, CoeffBasedProductMode> {
};

}  // namespace Eigen::internal

namespace quadric {

/// Records one evaluation of a callable that takes a vector of any scalar, at x, and hands the tape and the
/// result to `finish`, which notes what the function returns.
template <class F, class Finish>
void record(const F& f, const Vector& x, Tape& tape, Finish&& finish) {
  VectorOf<Recorded> variables(x.size());
  for (Index i = 0; i < x.size(); ++i) variables[i] = Recorded(x[i], tape.append_variable());
  const Recording recording(tape);
  finish(f(std::as_const(variables)));
}

}  // namespace quadric
