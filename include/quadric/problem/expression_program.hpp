#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "quadric/derivatives/dual.hpp"
#include "quadric/derivatives/second_dual.hpp"

/// The straight-line programs that bound expressions run: what `BoundExpression` is made of, not meant for
/// direct use.
///
/// A program has two parts. `prepare` computes, in double, what depends on the data alone; `evaluate`
/// computes the rest in the scalar T of the parameters. Equal sub-expressions are computed once, constant
/// ones not at all.
namespace quadric::expressions {

enum class Operation : std::uint8_t {
  // leaves of the tree
  Constant,
  Name,
  // arithmetic; both operands of the same scalar
  Negate,
  Add,
  Subtract,
  Multiply,
  Divide,
  Power,
  IntegerPower,
  // arithmetic of a T and a double
  Lift,
  AddDouble,
  SubtractDouble,
  SubtractFromDouble,
  MultiplyDouble,
  DivideByDouble,
  DivideDouble,
  PowerToDouble,
  PowerOfDouble,
  // functions of two arguments
  Atan2,
  Hypot,
  Minimum,
  Maximum,
  // functions of one argument
  Exp,
  Expm1,
  Log,
  Log10,
  Log2,
  Log1p,
  Sqrt,
  Cbrt,
  Sin,
  Cos,
  Tan,
  Asin,
  Acos,
  Atan,
  Sinh,
  Cosh,
  Tanh,
  Asinh,
  Acosh,
  Atanh,
  Abs,
  Erf,
  Erfc,
  Gamma,
  LogGamma,
};

/// Where an operand lies. The first two banks hold scalars T, the others doubles.
enum class Bank : std::uint8_t { Parameter, Scratch, Constant, Data, Prepared };

struct Operand {
  Bank bank = Bank::Constant;
  std::uint32_t index = 0;
  bool is_double() const noexcept { return bank >= Bank::Constant; }
  auto operator<=>(const Operand&) const = default;
};

struct Instruction {
  Operation operation = Operation::Constant;
  Operand a = {}, b = {};
  std::int32_t exponent = 0;  ///< of an IntegerPower
  std::uint32_t target = 0;   ///< slot of the scratch, or of the prepared values
};

struct Program {
  std::vector<double> constants;
  std::vector<Instruction> prepare;   ///< instruction k writes prepared value k
  std::vector<Instruction> evaluate;  ///< writes to `scratch_slots` slots, used again once free
  std::size_t scratch_slots = 0;
  Operand result;
  std::vector<std::string> parameters, data;
};

/// Throws `Misuse`: the scalar of this evaluation offers no such function.
[[noreturn]] void unsupported(Operation operation);
/// log|Γ(x)|, without the global sign that makes std::lgamma unsafe among threads.
double log_gamma(double x);
/// xⁿ, exact in sign for negative x.
double integer_power(double x, int n);

/// xⁿ for any scalar: the scalar's own pow(x, int) where it has one, else by repeated squaring.
template <class T>
T integer_power(const T& x, int n) {
  using std::pow;
  if (n == 0) return T(1.0);
  if (n == 1) return x;
  if (n == 2) return x * x;
  if (n == -1) return 1.0 / x;
  if constexpr (requires { T(pow(x, n)); }) {
    return pow(x, n);
  } else {
    if (n < 0) return 1.0 / (integer_power(x, -(n + 1)) * x);
    const T half = integer_power(x, n / 2);
    return n % 2 == 0 ? T(half * half) : T(half * half * x);
  }
}

template <class T>
T apply(Operation operation, const T& a) {
  using std::abs, std::acos, std::acosh, std::asin, std::asinh, std::atan, std::atanh, std::cbrt, std::cos,
      std::cosh;
  using std::erf, std::erfc, std::exp, std::expm1, std::lgamma, std::log, std::log10, std::log1p, std::log2,
      std::sin;
  using std::sinh, std::sqrt, std::tan, std::tanh, std::tgamma;
  // clang-format off
  switch (operation) {
    case Operation::Negate: return -a;
    case Operation::Exp: return exp(a);
    case Operation::Log: return log(a);
    case Operation::Sqrt: return sqrt(a);
    case Operation::Sin: return sin(a);
    case Operation::Cos: return cos(a);
    case Operation::Expm1: if constexpr (requires { T(expm1(a)); }) { return expm1(a); } break;
    case Operation::Log10: if constexpr (requires { T(log10(a)); }) { return log10(a); } break;
    case Operation::Log2: if constexpr (requires { T(log2(a)); }) { return log2(a); } break;
    case Operation::Log1p: if constexpr (requires { T(log1p(a)); }) { return log1p(a); } break;
    case Operation::Cbrt: if constexpr (requires { T(cbrt(a)); }) { return cbrt(a); } break;
    case Operation::Tan: if constexpr (requires { T(tan(a)); }) { return tan(a); } break;
    case Operation::Asin: if constexpr (requires { T(asin(a)); }) { return asin(a); } break;
    case Operation::Acos: if constexpr (requires { T(acos(a)); }) { return acos(a); } break;
    case Operation::Atan: if constexpr (requires { T(atan(a)); }) { return atan(a); } break;
    case Operation::Sinh: if constexpr (requires { T(sinh(a)); }) { return sinh(a); } break;
    case Operation::Cosh: if constexpr (requires { T(cosh(a)); }) { return cosh(a); } break;
    case Operation::Tanh: if constexpr (requires { T(tanh(a)); }) { return tanh(a); } break;
    case Operation::Asinh: if constexpr (requires { T(asinh(a)); }) { return asinh(a); } break;
    case Operation::Acosh: if constexpr (requires { T(acosh(a)); }) { return acosh(a); } break;
    case Operation::Atanh: if constexpr (requires { T(atanh(a)); }) { return atanh(a); } break;
    case Operation::Abs: if constexpr (requires { T(abs(a)); }) { return abs(a); } break;
    case Operation::Erf: if constexpr (requires { T(erf(a)); }) { return erf(a); } break;
    case Operation::Erfc: if constexpr (requires { T(erfc(a)); }) { return erfc(a); } break;
    case Operation::Gamma: if constexpr (requires { T(tgamma(a)); }) { return tgamma(a); } break;
    case Operation::LogGamma:
      if constexpr (std::is_same_v<T, double>) { return log_gamma(a); }
      else if constexpr (requires { T(lgamma(a)); }) { return lgamma(a); }
      break;
    default: break;
  }
  // clang-format on
  unsupported(operation);
}

/// The smaller of two; a NaN wins, so that it is seen.
template <class T>
const T& minimum(const T& a, const T& b) {
  return a < b || !(a == a) ? a : b;
}

template <class T>
const T& maximum(const T& a, const T& b) {
  return a > b || !(a == a) ? a : b;
}

template <class T>
T apply(Operation operation, const T& a, const T& b) {
  using std::atan2, std::hypot, std::pow, std::sqrt;
  switch (operation) {
    case Operation::Add:
      return a + b;
    case Operation::Subtract:
      return a - b;
    case Operation::Multiply:
      return a * b;
    case Operation::Divide:
      return a / b;
    case Operation::Power:
      return pow(a, b);
    case Operation::Minimum:
      return minimum(a, b);
    case Operation::Maximum:
      return maximum(a, b);
    case Operation::Hypot:
      if constexpr (requires { T(hypot(a, b)); }) {
        return hypot(a, b);
      } else {
        return sqrt(a * a + b * b);
      }
    case Operation::Atan2:
      if constexpr (requires { T(atan2(a, b)); }) return atan2(a, b);
      break;
    default:
      break;
  }
  unsupported(operation);
}

/// aᵇ and bᵃ for a scalar a and a double b: the scalar's own mixed powers where it has them.
template <class T>
T power_to_double(const T& a, double b) {
  using std::pow;
  if constexpr (requires { T(pow(a, b)); }) {
    return pow(a, b);
  } else {
    return pow(a, T(b));
  }
}

template <class T>
T power_of_double(double b, const T& a) {
  using std::pow;
  if constexpr (requires { T(pow(b, a)); }) {
    return pow(b, a);
  } else {
    return pow(T(b), a);
  }
}

/// Room for the intermediate values of one evaluation: on the stack for usual expressions, else on the heap.
template <class T>
class Scratch {
 public:
  explicit Scratch(std::size_t slots) {
    if (!(is_plain && slots <= inline_slots)) heap_.resize(slots, T(0.0));
    slots_ = heap_.empty() ? reinterpret_cast<T*>(inline_.data()) : heap_.data();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  T* data() noexcept { return slots_; }
  static void store(T* slot, T&& value) {
    if constexpr (is_plain) {
      std::construct_at(slot, std::move(value));
    } else {
      *slot = std::move(value);
    }
  }

 private:
  static constexpr bool is_plain = std::is_trivially_destructible_v<T>;
  static constexpr std::size_t inline_slots =
      is_plain ? std::clamp<std::size_t>(16384 / sizeof(T), 8, 64) : std::size_t{0};
  alignas(T) std::array<std::byte, std::max<std::size_t>(1, inline_slots * sizeof(T))> inline_;  // left unset
  std::vector<T> heap_;
  T* slots_;
};

/// Computes the values that depend on the data alone; `prepared` has room for one a prepare instruction.
void prepare(const Program& program, const double* data, double* prepared);

/// Runs the evaluate instructions; `scratch` has `scratch_slots` slots.
template <class T>
T evaluate(const Program& program, const T* parameters, const double* data, const double* prepared,
           T* scratch) {
  const std::array<const T*, 2> scalars{parameters, scratch};
  const std::array<const double*, 3> doubles{program.constants.data(), data, prepared};
  const auto scalar = [&](Operand at) -> const T& {
    return scalars[static_cast<std::size_t>(at.bank)][at.index];
  };
  const auto number = [&](Operand at) { return doubles[static_cast<std::size_t>(at.bank) - 2][at.index]; };
  const auto compute = [&](const Instruction& step) -> T {
    switch (step.operation) {
      case Operation::Add:
        return scalar(step.a) + scalar(step.b);
      case Operation::Subtract:
        return scalar(step.a) - scalar(step.b);
      case Operation::Multiply:
        return scalar(step.a) * scalar(step.b);
      case Operation::Divide:
        return scalar(step.a) / scalar(step.b);
      case Operation::IntegerPower:
        return integer_power(scalar(step.a), step.exponent);
      case Operation::Lift:
        return T(number(step.a));
      case Operation::AddDouble:
        return scalar(step.a) + number(step.b);
      case Operation::SubtractDouble:
        return scalar(step.a) - number(step.b);
      case Operation::SubtractFromDouble:
        return number(step.b) - scalar(step.a);
      case Operation::MultiplyDouble:
        return scalar(step.a) * number(step.b);
      case Operation::DivideByDouble:
        return scalar(step.a) / number(step.b);
      case Operation::DivideDouble:
        return number(step.b) / scalar(step.a);
      case Operation::PowerToDouble:
        return power_to_double(scalar(step.a), number(step.b));
      case Operation::PowerOfDouble:
        return power_of_double(number(step.b), scalar(step.a));
      case Operation::Power:
      case Operation::Atan2:
      case Operation::Hypot:
      case Operation::Minimum:
      case Operation::Maximum:
        return apply(step.operation, scalar(step.a), scalar(step.b));
      default:
        return apply(step.operation, scalar(step.a));
    }
  };
  for (const Instruction& step : program.evaluate) Scratch<T>::store(scratch + step.target, compute(step));
  return program.result.is_double() ? T(number(program.result)) : scalar(program.result);
}

// The scalars of quadric/derivatives/automatic.hpp are compiled once, in the library.
extern template Dual<double, 2> evaluate(const Program&, const Dual<double, 2>*, const double*, const double*,
                                         Dual<double, 2>*);
extern template Dual<double, 4> evaluate(const Program&, const Dual<double, 4>*, const double*, const double*,
                                         Dual<double, 4>*);
extern template Dual<double, 8> evaluate(const Program&, const Dual<double, 8>*, const double*, const double*,
                                         Dual<double, 8>*);
extern template SecondDual<double, 2> evaluate(const Program&, const SecondDual<double, 2>*, const double*,
                                               const double*, SecondDual<double, 2>*);
extern template SecondDual<double, 4> evaluate(const Program&, const SecondDual<double, 4>*, const double*,
                                               const double*, SecondDual<double, 4>*);
extern template SecondDual<double, 8> evaluate(const Program&, const SecondDual<double, 8>*, const double*,
                                               const double*, SecondDual<double, 8>*);
extern template Dual<Dual<double, 2>, 1> evaluate(const Program&, const Dual<Dual<double, 2>, 1>*,
                                                  const double*, const double*, Dual<Dual<double, 2>, 1>*);
extern template Dual<Dual<double, 4>, 1> evaluate(const Program&, const Dual<Dual<double, 4>, 1>*,
                                                  const double*, const double*, Dual<Dual<double, 4>, 1>*);
extern template Dual<Dual<double, 8>, 1> evaluate(const Program&, const Dual<Dual<double, 8>, 1>*,
                                                  const double*, const double*, Dual<Dual<double, 8>, 1>*);

}  // namespace quadric::expressions
