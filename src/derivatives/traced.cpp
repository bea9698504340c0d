#include "quadric/derivatives/traced.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "quadric/derivatives/elementary.hpp"

#include "base/text.hpp"

namespace quadric {

namespace {

using Number = Traced::Number;

/// "sqrt(0)", "1 / 0".
std::string describe(std::string_view name, std::initializer_list<const Number*> arguments) {
  const bool is_function = std::isalpha(static_cast<unsigned char>(name.front())) != 0;
  std::string text;
  if (is_function) text.append(name).append("(");
  bool first = true;
  for (const auto* argument : arguments) {
    const std::string number = text::number(argument->value);
    if (!first && is_function) text.append(", ");
    if (!first && !is_function) text.append(" ").append(name).append(" ");
    const bool bracket = !is_function && !first && number.front() == '-';
    text.append(bracket ? "(" : "").append(number).append(bracket ? ")" : "");
    first = false;
  }
  if (is_function) text.append(")");
  return text;
}

/// Records `result` unless it is finite, an argument is not, or another operation was before.
void record(const char* name, const Number& result, std::initializer_list<const Number*> arguments) {
  if (detail::all_finite(result)) [[likely]]
    return;
  NonFiniteOperation& operation = detail::non_finite_operation();
  if (operation.found()) return;
  if (!std::all_of(arguments.begin(), arguments.end(), [](const auto* a) { return detail::all_finite(*a); }))
    return;
  operation.text = describe(name, arguments);
  if (!std::isfinite(result.value)) {
    operation.text += ": its value is " + text::number(result.value);
  } else if (!std::isfinite(result.gradient[0])) {
    operation.text += ": its first derivative is " + text::number(result.gradient[0]);
  } else {
    operation.text += ": its second derivative is " + text::number(result.hessian[0]);
  }
}

/// f of the numbers, recorded under a name.
template <class F, class... X>
Traced traced(const char* name, const F& f, const X&... x) {
  const Number result = f(x.number()...);
  record(name, result, {&x.number()...});
  return Traced(result);
}

}  // namespace

NonFiniteOperation& detail::non_finite_operation() {
  thread_local NonFiniteOperation operation;
  return operation;
}

// clang-format off
Traced operator+(const Traced& a, const Traced& b) { return traced("+", std::plus<>{}, a, b); }
Traced operator-(const Traced& a, const Traced& b) { return traced("-", std::minus<>{}, a, b); }
Traced operator*(const Traced& a, const Traced& b) { return traced("*", std::multiplies<>{}, a, b); }
Traced operator/(const Traced& a, const Traced& b) { return traced("/", std::divides<>{}, a, b); }

Traced abs(const Traced& x) { return traced("abs", [](const auto& a) { return abs(a); }, x); }
Traced sqrt(const Traced& x) { return traced("sqrt", [](const auto& a) { return sqrt(a); }, x); }
Traced cbrt(const Traced& x) { return traced("cbrt", [](const auto& a) { return cbrt(a); }, x); }
Traced exp(const Traced& x) { return traced("exp", [](const auto& a) { return exp(a); }, x); }
Traced exp2(const Traced& x) { return traced("exp2", [](const auto& a) { return exp2(a); }, x); }
Traced expm1(const Traced& x) { return traced("expm1", [](const auto& a) { return expm1(a); }, x); }
Traced log(const Traced& x) { return traced("log", [](const auto& a) { return log(a); }, x); }
Traced log2(const Traced& x) { return traced("log2", [](const auto& a) { return log2(a); }, x); }
Traced log10(const Traced& x) { return traced("log10", [](const auto& a) { return log10(a); }, x); }
Traced log1p(const Traced& x) { return traced("log1p", [](const auto& a) { return log1p(a); }, x); }
Traced sin(const Traced& x) { return traced("sin", [](const auto& a) { return sin(a); }, x); }
Traced cos(const Traced& x) { return traced("cos", [](const auto& a) { return cos(a); }, x); }
Traced tan(const Traced& x) { return traced("tan", [](const auto& a) { return tan(a); }, x); }
Traced asin(const Traced& x) { return traced("asin", [](const auto& a) { return asin(a); }, x); }
Traced acos(const Traced& x) { return traced("acos", [](const auto& a) { return acos(a); }, x); }
Traced atan(const Traced& x) { return traced("atan", [](const auto& a) { return atan(a); }, x); }
Traced sinh(const Traced& x) { return traced("sinh", [](const auto& a) { return sinh(a); }, x); }
Traced cosh(const Traced& x) { return traced("cosh", [](const auto& a) { return cosh(a); }, x); }
Traced tanh(const Traced& x) { return traced("tanh", [](const auto& a) { return tanh(a); }, x); }
Traced asinh(const Traced& x) { return traced("asinh", [](const auto& a) { return asinh(a); }, x); }
Traced acosh(const Traced& x) { return traced("acosh", [](const auto& a) { return acosh(a); }, x); }
Traced atanh(const Traced& x) { return traced("atanh", [](const auto& a) { return atanh(a); }, x); }
Traced bell(const Traced& x) { return traced("bell", [](const auto& a) { return bell(a); }, x); }
Traced erf(const Traced& x) { return traced("erf", [](const auto& a) { return erf(a); }, x); }
Traced erfc(const Traced& x) { return traced("erfc", [](const auto& a) { return erfc(a); }, x); }
Traced tgamma(const Traced& x) { return traced("tgamma", [](const auto& a) { return tgamma(a); }, x); }
Traced lgamma(const Traced& x) { return traced("lgamma", [](const auto& a) { return lgamma(a); }, x); }
Traced sq(const Traced& x) { return traced("sq", [](const auto& a) { return sq(a); }, x); }

Traced polygamma(int n, const Traced& x) { return traced("polygamma", [n](const auto& a) { return polygamma(n, a); }, x); }
Traced pow(const Traced& x, const Traced& y) { return traced("pow", [](const auto& a, const auto& b) { return pow(a, b); }, x, y); }
Traced atan2(const Traced& y, const Traced& x) { return traced("atan2", [](const auto& a, const auto& b) { return atan2(a, b); }, y, x); }
Traced hypot(const Traced& x, const Traced& y) { return traced("hypot", [](const auto& a, const auto& b) { return hypot(a, b); }, x, y); }
Traced hypot(const Traced& x, const Traced& y, const Traced& z) { return traced("hypot", [](const auto& a, const auto& b, const auto& c) { return hypot(a, b, c); }, x, y, z); }
Traced fmod(const Traced& x, const Traced& y) { return traced("fmod", [](const auto& a, const auto& b) { return fmod(a, b); }, x, y); }
Traced remainder(const Traced& x, const Traced& y) { return traced("remainder", [](const auto& a, const auto& b) { return remainder(a, b); }, x, y); }
Traced fma(const Traced& x, const Traced& y, const Traced& z) { return traced("fma", [](const auto& a, const auto& b, const auto& c) { return fma(a, b, c); }, x, y, z); }
Traced fmax(const Traced& x, const Traced& y) { return Traced(fmax(x.number(), y.number())); }
Traced fmin(const Traced& x, const Traced& y) { return Traced(fmin(x.number(), y.number())); }
Traced fdim(const Traced& x, const Traced& y) { return Traced(fdim(x.number(), y.number())); }
Traced copysign(const Traced& x, const Traced& y) { return Traced(copysign(x.number(), y.number())); }
Traced ldexp(const Traced& x, int exponent) { return Traced(ldexp(x.number(), exponent)); }
Traced detail::whole_power(const Traced& x, long long n) {
  return traced("pow", [n](const auto& a, const auto&) { return pow(a, n); }, x, Traced(static_cast<double>(n)));
}
Traced detail::real_power(const Traced& x, double p) {
  return traced("pow", [p](const auto& a, const auto&) { return pow(a, p); }, x, Traced(p));
}
Traced detail::power_of_constant(double base, const Traced& y) {
  return traced("pow", [base](const auto&, const auto& b) { return pow(base, b); }, Traced(base), y);
}
// clang-format on

}  // namespace quadric
