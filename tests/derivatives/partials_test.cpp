#include "quadric/derivatives/partials.hpp"

#include <array>
#include <cmath>
#include <cstddef>

#include <gtest/gtest.h>

namespace masked {

/// What comparisons of a scalar return that has no truth value of its own, like several lanes or a recording.
struct Mask {
  explicit Mask(bool lanes) : set(lanes) {}
  explicit operator bool() const = delete;
  friend Mask operator&&(Mask a, Mask b) { return Mask(a.set & b.set); }
  bool set;
};

/// A scalar that no expression can branch on: its comparisons return masks.
struct Scalar {
  Scalar() = default;
  explicit Scalar(double number) : x(number) {}
  friend Scalar operator-(Scalar a) { return Scalar(-a.x); }
  friend Scalar operator+(Scalar a, Scalar b) { return Scalar(a.x + b.x); }
  friend Scalar operator-(Scalar a, Scalar b) { return Scalar(a.x - b.x); }
  friend Scalar operator*(Scalar a, Scalar b) { return Scalar(a.x * b.x); }
  friend Scalar operator/(Scalar a, Scalar b) { return Scalar(a.x / b.x); }
  friend Scalar operator+(Scalar a, double b) { return Scalar(a.x + b); }
  friend Scalar operator+(double a, Scalar b) { return Scalar(a + b.x); }
  friend Scalar operator-(Scalar a, double b) { return Scalar(a.x - b); }
  friend Scalar operator-(double a, Scalar b) { return Scalar(a - b.x); }
  friend Scalar operator*(Scalar a, double b) { return Scalar(a.x * b); }
  friend Scalar operator*(double a, Scalar b) { return Scalar(a * b.x); }
  friend Scalar operator/(double a, Scalar b) { return Scalar(a / b.x); }
  Scalar& operator*=(Scalar b) { return *this = *this * b; }
  Scalar& operator+=(Scalar b) { return *this = *this + b; }
  friend Mask operator==(Scalar a, Scalar b) { return Mask(a.x == b.x); }
  friend Mask operator==(Scalar a, double b) { return Mask(a.x == b); }
  friend Mask operator>(Scalar a, double b) { return Mask(a.x > b); }
  friend Mask operator<(Scalar a, double b) { return Mask(a.x < b); }
  friend Mask isnormal(Scalar a) { return Mask(std::isnormal(a.x)); }
  friend Scalar select(Mask mask, Scalar a, Scalar b) { return mask.set ? a : b; }
  friend Scalar pow(Scalar a, Scalar b) { return Scalar(std::pow(a.x, b.x)); }
  friend Scalar pow(Scalar a, double b) { return Scalar(std::pow(a.x, b)); }
  friend Scalar pow(double a, Scalar b) { return Scalar(std::pow(a, b.x)); }
  friend Scalar hypot(Scalar a, Scalar b) { return Scalar(std::hypot(a.x, b.x)); }
  friend Scalar hypot(Scalar a, double b) { return Scalar(std::hypot(a.x, b)); }
  friend Scalar hypot(Scalar a, Scalar b, Scalar c) { return Scalar(std::hypot(a.x, b.x, c.x)); }
  friend Scalar atan2(Scalar a, Scalar b) { return Scalar(std::atan2(a.x, b.x)); }
  friend Scalar polygamma(int n, Scalar a) { return Scalar(quadric::polygamma(n, a.x)); }
  friend Scalar bell(Scalar a) { return Scalar(quadric::bell(a.x)); }
#define QUADRIC_TEST_FUNCTION(name) \
  friend Scalar name(Scalar a) { return Scalar(std::name(a.x)); }
  QUADRIC_TEST_FUNCTION(abs)
  QUADRIC_TEST_FUNCTION(sqrt)
  QUADRIC_TEST_FUNCTION(cbrt)
  QUADRIC_TEST_FUNCTION(exp)
  QUADRIC_TEST_FUNCTION(exp2)
  QUADRIC_TEST_FUNCTION(expm1)
  QUADRIC_TEST_FUNCTION(log)
  QUADRIC_TEST_FUNCTION(log2)
  QUADRIC_TEST_FUNCTION(log10)
  QUADRIC_TEST_FUNCTION(log1p)
  QUADRIC_TEST_FUNCTION(sin)
  QUADRIC_TEST_FUNCTION(cos)
  QUADRIC_TEST_FUNCTION(tan)
  QUADRIC_TEST_FUNCTION(asin)
  QUADRIC_TEST_FUNCTION(acos)
  QUADRIC_TEST_FUNCTION(atan)
  QUADRIC_TEST_FUNCTION(sinh)
  QUADRIC_TEST_FUNCTION(cosh)
  QUADRIC_TEST_FUNCTION(tanh)
  QUADRIC_TEST_FUNCTION(asinh)
  QUADRIC_TEST_FUNCTION(acosh)
  QUADRIC_TEST_FUNCTION(atanh)
  QUADRIC_TEST_FUNCTION(erf)
  QUADRIC_TEST_FUNCTION(erfc)
  QUADRIC_TEST_FUNCTION(tgamma)
  QUADRIC_TEST_FUNCTION(lgamma)
#undef QUADRIC_TEST_FUNCTION

  double x = 0.0;
};

}  // namespace masked

namespace {

namespace table = quadric::partials_of;

void expect_same(double plain, double masked) {
  EXPECT_TRUE(plain == masked || (plain != plain && masked != masked)) << plain << " and " << masked;
}

/// An entry gives the same numbers whether comparisons give a bool or a mask.
template <class Entry, class... X>
void expect_same_partials(const Entry& entry, X... x) {
  const auto plain = entry(x...);
  const auto masked = entry(masked::Scalar(x)...);
  expect_same(plain.value, masked.value.x);
  for (std::size_t k = 0; k < plain.first.size(); ++k) expect_same(plain.first[k], masked.first[k].x);
  const auto second = plain.second();
  const auto masked_second = masked.second();
  for (std::size_t k = 0; k < second.size(); ++k) expect_same(second[k], masked_second[k].x);
}

constexpr std::array arguments{-1.5, -0.25, 0.0, 1e-310, 0.4, 1.0, 2.5};

TEST(Partials, OfOneArgumentNeedNoTruthOfAComparison) {
  const auto expect = [](const auto&... entry) {
    for (const double x : arguments) (expect_same_partials(entry, x), ...);
  };
  expect(table::absolute, table::square, table::square_root, table::cube_root, table::exponential,
         table::exponential_base_2, table::exponential_minus_1, table::logarithm, table::logarithm_base_2,
         table::logarithm_base_10, table::logarithm_of_1_plus, table::sine, table::cosine, table::tangent,
         table::arc_sine, table::arc_cosine, table::arc_tangent, table::hyperbolic_sine,
         table::hyperbolic_cosine, table::hyperbolic_tangent, table::area_sine, table::area_cosine,
         table::area_tangent, table::gaussian_bell, table::error_function,
         table::complementary_error_function, table::gamma, table::logarithm_of_gamma,
         table::polygamma_of_order(1), table::whole_power(-3), table::whole_power(0), table::whole_power(5),
         table::whole_power(11), table::real_power(0.5), table::real_power(2.0),
         table::power_of_constant(0.0), table::power_of_constant(3.0));
}

TEST(Partials, OfSeveralArgumentsNeedNoTruthOfAComparison) {
  for (const double x : arguments) {
    for (const double y : arguments) {
      expect_same_partials(table::power, x, y);
      expect_same_partials(table::angle, x, y);
      expect_same_partials(table::length, x, y);
      expect_same_partials(table::length, x, y, 0.5);
    }
  }
}

}  // namespace
