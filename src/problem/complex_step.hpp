#pragma once

#include <cmath>
#include <compare>
#include <complex>

#include "quadric/base/types.hpp"

namespace quadric {

/// A complex number as a scalar of generic functions: the derivative of f at x is Im f(x + ih) / h for a tiny
/// h, without the cancellation of differences (Squire & Trapp, SIAM Rev. 40 (1998) 110). It is ordered by its
/// real part, as the number that it stands for. Functions without a complex continuation in <complex> are
/// absent.
class ComplexStep {
 public:
  using Number = std::complex<double>;

  ComplexStep() = default;
  ComplexStep(double x) : z_(x) {}  // NOLINT: a number is one
  explicit ComplexStep(const Number& z) : z_(z) {}
  const Number& number() const noexcept { return z_; }

  friend ComplexStep operator-(const ComplexStep& a) { return ComplexStep(-a.z_); }
  friend ComplexStep operator+(const ComplexStep& a, const ComplexStep& b) {
    return ComplexStep(a.z_ + b.z_);
  }
  friend ComplexStep operator-(const ComplexStep& a, const ComplexStep& b) {
    return ComplexStep(a.z_ - b.z_);
  }
  friend ComplexStep operator*(const ComplexStep& a, const ComplexStep& b) {
    return ComplexStep(a.z_ * b.z_);
  }
  friend ComplexStep operator/(const ComplexStep& a, const ComplexStep& b) {
    return ComplexStep(a.z_ / b.z_);
  }
  friend bool operator==(const ComplexStep& a, const ComplexStep& b) { return a.z_.real() == b.z_.real(); }
  friend std::partial_ordering operator<=>(const ComplexStep& a, const ComplexStep& b) {
    return a.z_.real() <=> b.z_.real();
  }

  // clang-format off
  friend ComplexStep abs(const ComplexStep& a) { return a.z_.real() < 0.0 ? -a : a; }
  friend ComplexStep sqrt(const ComplexStep& a) { return ComplexStep(std::sqrt(a.z_)); }
  friend ComplexStep exp(const ComplexStep& a) { return ComplexStep(std::exp(a.z_)); }
  friend ComplexStep log(const ComplexStep& a) { return ComplexStep(std::log(a.z_)); }
  friend ComplexStep log10(const ComplexStep& a) { return ComplexStep(std::log10(a.z_)); }
  friend ComplexStep sin(const ComplexStep& a) { return ComplexStep(std::sin(a.z_)); }
  friend ComplexStep cos(const ComplexStep& a) { return ComplexStep(std::cos(a.z_)); }
  friend ComplexStep tan(const ComplexStep& a) { return ComplexStep(std::tan(a.z_)); }
  friend ComplexStep asin(const ComplexStep& a) { return ComplexStep(std::asin(a.z_)); }
  friend ComplexStep acos(const ComplexStep& a) { return ComplexStep(std::acos(a.z_)); }
  friend ComplexStep atan(const ComplexStep& a) { return ComplexStep(std::atan(a.z_)); }
  friend ComplexStep sinh(const ComplexStep& a) { return ComplexStep(std::sinh(a.z_)); }
  friend ComplexStep cosh(const ComplexStep& a) { return ComplexStep(std::cosh(a.z_)); }
  friend ComplexStep tanh(const ComplexStep& a) { return ComplexStep(std::tanh(a.z_)); }
  friend ComplexStep asinh(const ComplexStep& a) { return ComplexStep(std::asinh(a.z_)); }
  friend ComplexStep acosh(const ComplexStep& a) { return ComplexStep(std::acosh(a.z_)); }
  friend ComplexStep atanh(const ComplexStep& a) { return ComplexStep(std::atanh(a.z_)); }
  friend ComplexStep pow(const ComplexStep& a, double p) { return ComplexStep(std::pow(a.z_, p)); }
  friend ComplexStep pow(double base, const ComplexStep& b) { return ComplexStep(std::pow(base, b.z_)); }
  friend ComplexStep pow(const ComplexStep& a, const ComplexStep& b) { return ComplexStep(std::pow(a.z_, b.z_)); }
  // clang-format on
  /// By multiplications: a logarithm would lose the derivative of a negative base.
  friend ComplexStep pow(const ComplexStep& a, int n) {
    if (n < 0) return ComplexStep(1.0) / pow(a, -n);
    ComplexStep result(1.0), square = a;
    for (; n > 0; n /= 2) {
      if (n % 2 != 0) result = result * square;
      square = square * square;
    }
    return result;
  }

 private:
  Number z_ = 0.0;
};

/// Small enough that its square vanishes beside any value.
inline constexpr double complex_step = 1e-100;

/// The Jacobian (m × n) of `f(variables, i)`, i < m, by complex steps; `values` (m) are the real parts, which
/// tell whether the continuation is that of the function. What f throws passes.
template <class F>
void complex_step_jacobian(const F& f, Index m, const Vector& x, Vector& values, Matrix& J) {
  VectorOf<ComplexStep> variables(x.size());
  for (Index j = 0; j < x.size(); ++j) variables[j] = x[j];
  values.resize(m);
  J.resize(m, x.size());
  for (Index j = 0; j < x.size(); ++j) {
    variables[j] = ComplexStep(ComplexStep::Number(x[j], complex_step));
    for (Index i = 0; i < m; ++i) {
      const ComplexStep::Number z = f(static_cast<const VectorOf<ComplexStep>&>(variables), i).number();
      values[i] = z.real();
      J(i, j) = z.imag() / complex_step;
    }
    variables[j] = x[j];
  }
}

}  // namespace quadric
