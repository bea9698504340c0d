#pragma once

#include <array>
#include <cmath>
#include <iterator>
#include <random>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/dual.hpp"

/// Smooth functions put together at random, callable with any scalar, to differentiate in every way.
namespace quadric::reference {

/// A straight-line program over n variables whose intermediate values stay of moderate size.
class RandomFunction {
 public:
  RandomFunction(Index variables, int steps, unsigned seed) : variables_(variables) {
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t limit) {
      return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    std::uniform_real_distribution<double> constant(-2.0, 2.0);
    for (int k = 0; k < steps; ++k) {
      const std::size_t known = static_cast<std::size_t>(variables) + steps_.size();
      steps_.push_back({below(kinds), below(known), below(known), constant(random)});
    }
  }

  template <class X>
  ScalarOf<X> operator()(const X& x) const {
    std::vector<ScalarOf<X>> values;
    auto coordinate = std::begin(x);
    for (Index i = 0; i < variables_; ++i) values.push_back(*coordinate++);
    for (const Step& step : steps_) values.push_back(apply(step, values[step.a], values[step.b]));
    ScalarOf<X> sum = values.back();
    for (std::size_t k = static_cast<std::size_t>(variables_); k + 1 < values.size(); k += 3)
      sum += values[k];
    return sum;
  }

 private:
  static constexpr std::size_t kinds = 30;
  struct Step {
    std::size_t kind;
    std::size_t a;
    std::size_t b;
    double c;
  };

  template <class T>
  static T apply(const Step& step, const T& a, const T& b) {
    using std::abs, std::acos, std::asin, std::asinh, std::atan, std::atan2, std::cbrt, std::cos, std::cosh,
        std::erf, std::erfc, std::exp, std::expm1, std::fma, std::hypot, std::lgamma, std::log, std::log1p,
        std::log2, std::max, std::min, std::pow, std::sin, std::sinh, std::sqrt, std::tan, std::tanh,
        std::tgamma;
    const double c = step.c;
    switch (step.kind) {
      case 0:
        return T(a + b);
      case 1:
        return T(a - c * b);
      case 2:
        return T(sin(a) * b);
      case 3:
        return T(a * b / (4.0 + a * a + b * b));
      case 4:
        return T(a / (2.5 + cos(b)));
      case 5:
        return T(exp(sin(a)) - c);
      case 6:
        return T(log(1.5 + sin(a) * cos(b)));
      case 7:
        return T(sqrt(1.0 + a * a));
      case 8:
        return T(pow(1.0 + a * a, 0.3));
      case 9:
        return T(pow(sin(a), 3));
      case 10:
        return T(pow(1.2 + sin(a), sin(b)));
      case 11:
        return T(pow(2.0, sin(a)));
      case 12:
        return T(tanh(a + c));
      case 13:
        return T(atan2(a, 1.0 + b * b));
      case 14:
        return T(hypot(1.0 + a * a, b));
      case 15:
        return T(erf(a) - erfc(b));
      case 16:
        return T(asinh(a) + atan(b));
      case 17:
        return T(cbrt(3.0 + sin(a)));
      case 18:
        return T(max(sin(a), cos(b)));
      case 19:
        return T(min(sin(a), c));
      case 20:
        return T(c - log1p(a * a));
      case 21:
        return T(expm1(cos(a)));
      case 22:
        return T(tan(0.5 * sin(a)) * c);
      case 23:
        return T(asin(0.5 * sin(a)) + acos(0.4 * cos(b)));
      case 24:
        return T(sinh(sin(a)) * cosh(sin(b)));
      case 25:
        return T(lgamma(2.5 + sin(a)));
      case 26:
        return T(tgamma(2.5 + sin(a)));
      case 27:
        return T(-abs(a - c));
      case 28:
        return T(log2(3.0 + cos(a)) + 1.0 / (2.0 + sin(b)));
      default:
        return T(sin(a) * sin(a) - cos(b) * sin(a));
    }
  }

  Index variables_;
  std::vector<Step> steps_;
};

/// Σᵢ term(xᵢ, …, xᵢ₊ₖ₋₁) cᵢ over all i: one structure many times.
class RandomChain {
 public:
  RandomChain(Index width, int steps, unsigned seed) : width_(width), term_(width, steps, seed) {}

  template <class X>
  ScalarOf<X> operator()(const X& x) const {
    ScalarOf<X> sum(0.0);
    for (Index i = 0; i + width_ <= x.size(); ++i) {
      sum += (1.0 + 0.1 * static_cast<double>(i % 7)) * term_(x.segment(i, width_));
    }
    return sum;
  }

 private:
  Index width_;
  RandomFunction term_;
};

/// Layers of states in which each depends on itself and its neighbor in the layer before:
/// zᵢ ← zᵢ / 2 + tanh(step(zᵢ, zᵢ₋₁)). They share so much that they are no sum of small terms.
class RandomRecursion {
 public:
  RandomRecursion(int layers, int steps, unsigned seed) : layers_(layers), step_(2, steps, seed) {}

  template <class X>
  std::vector<ScalarOf<X>> operator()(const X& x) const {
    using std::tanh;
    using T = ScalarOf<X>;
    std::vector<T> z;
    for (Index i = 0; i < x.size(); ++i) z.push_back(x[i]);
    for (int layer = 0; layer < layers_; ++layer) {
      for (std::size_t i = z.size(); --i > 0;) {
        z[i] = T(0.5 * z[i] + tanh(step_(std::array<T, 2>{z[i], z[i - 1]})));
      }
    }
    return z;
  }

 private:
  int layers_;
  RandomFunction step_;
};

inline Vector random_point(Index n, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> coordinate(-1.5, 1.5);
  Vector x(n);
  for (double& entry : x) entry = coordinate(random);
  return x;
}

}  // namespace quadric::reference
