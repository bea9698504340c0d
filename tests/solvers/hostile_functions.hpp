#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"
#include "quadric/derivatives/dual.hpp"

#include "linalg/random_matrices.hpp"

/// Functions as users write them on a bad day: a smooth shape, put together at random, with something that
/// goes wrong in a region, at scattered points, or from some call on.
namespace quadric::hostile {

/// What the function would be. In y, which is x moved, stretched and sheared.
enum class Shape {
  Bowl,
  Indefinite,
  Rosenbrock,
  Logarithms,
  Exponentials,
  Wells,
  Kinks,
  Stairs,
  Constant,
  Roots,
  Quartics,
  Hills,
  Waves,
  Falling,
  Valley,
  count
};

/// What goes wrong.
enum class Trouble {
  None,
  NanRegion,
  PlusInfinity,
  MinusInfinity,
  Cliff,
  Noise,
  NanDust,           ///< NaN at points that look random
  Throws,            ///< a std::exception in a region
  ThrowsOddly,       ///< something else in a region
  FailsForGood,      ///< throws from some call on
  Huge,              ///< values near overflow
  Tiny,              ///< values near underflow
  WrongGradient,     ///< the gradient supplied is not that of the values
  NanHessian,        ///< the Hessian supplied has NaN entries in a region
  InfiniteGradient,  ///< the gradient supplied is infinite in a region
  count
};

/// Where derivatives come from.
enum class Source { Automatic, Differences, Gradient, Hessian, count };

inline const char* name_of(Shape shape) {
  static constexpr const char* names[] = {
      "bowl",     "indefinite", "Rosenbrock", "logarithms", "exponentials", "wells",   "kinks", "stairs",
      "constant", "roots",      "quartics",   "hills",      "waves",        "falling", "valley"};
  return names[static_cast<std::size_t>(shape)];
}
inline const char* name_of(Trouble trouble) {
  static constexpr const char* names[] = {
      "none",  "NaN region", "+infinity",      "-infinity",          "cliff",
      "noise", "NaN dust",   "throws",         "throws oddly",       "fails for good",
      "huge",  "tiny",       "wrong gradient", "NaN in the Hessian", "infinite gradient"};
  return names[static_cast<std::size_t>(trouble)];
}
inline const char* name_of(Source source) {
  static constexpr const char* names[] = {"automatic", "differences", "gradient", "gradient and Hessian"};
  return names[static_cast<std::size_t>(source)];
}

template <class E>
E draw(random::Source& source) {
  return static_cast<E>(source.integer(0, static_cast<Index>(E::count) - 1));
}

/// In [0, 1), from the bits of x: the same at every evaluation, and unlike its neighbours.
inline double scatter(const Vector& x, std::uint64_t salt) {
  std::uint64_t h = salt;
  for (const double entry : x) {
    h ^= std::bit_cast<std::uint64_t>(entry);
    h += 0x9e3779b97f4a7c15ULL;
    h = (h ^ (h >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ (h >> 27U)) * 0x94d049bb133111ebULL;
    h ^= h >> 31U;
  }
  return static_cast<double>(h >> 11U) * 0x1p-53;
}

/// What happened during evaluations; shared by the copies of a function.
struct Seen {
  Index calls = 0;
  Index troubles = 0;
};

/// Everything that a seed decides of a function; f itself is a `Function` or a `ResidualFunction`.
struct Plan {
  explicit Plan(unsigned given) : seed(given), random(given) {
    // Seeds that follow each other are drawn apart first.
    for (int i = 0; i < 16; ++i) random.number();
    n = random.integer(1, 12);
    shape = draw<Shape>(random);
    trouble = draw<Trouble>(random);
    source = draw<Source>(random);
    const bool needs_gradient = trouble == Trouble::WrongGradient || trouble == Trouble::InfiniteGradient;
    if (needs_gradient && source < Source::Gradient) source = Source::Gradient;
    if (trouble == Trouble::NanHessian) source = Source::Hessian;
    center = 3.0 * random.vector(n);
    stretch = Vector::NullaryExpr(n, [this](Index) { return std::abs(random.spread(1.0)); });
    weights = Vector::NullaryExpr(n, [this](Index) { return std::abs(random.spread(2.0)); });
    signs = Vector::NullaryExpr(n, [this](Index) { return random.number() < -0.3 ? -1.0 : 1.0; });
    shear = random.integer(0, 1) == 0 ? 0.0 : 0.5 * random.number();
    level = std::pow(10.0, -7.0 + 5.0 * random.number());
    share = 0.25 + 0.25 * random.number();
    jump = random.spread(3.0);
    amplitude = trouble == Trouble::Huge ? 1e300 : trouble == Trouble::Tiny ? 1e-300 : 1.0;
    last_call = random.integer(1, 200);
    move();
  }

  /// Another start, and the region between it and the center, or around that.
  void move() {
    const double size = std::abs(random.spread(1.0));
    start = center + size * random.vector(n).cwiseQuotient(stretch);
    const Vector way = center - start;
    is_ball = random.integer(0, 1) == 0;
    region_center = start + (0.8 + 0.6 * random.number()) * way;
    const double distance = (region_center - start).norm();
    region_radius = (0.5 + 0.45 * random.number()) * distance;
    region_normal = way + 0.3 * way.norm() * random.vector(n);
  }

  std::string describe() const {
    return "seed " + std::to_string(seed) + ": " + name_of(shape) + " of " + std::to_string(n) +
           " variables, trouble: " + name_of(trouble) + (is_ball ? " (ball)" : " (half-space)") +
           ", derivatives: " + name_of(source);
  }

  /// Whether x lies where trouble is. Compares only, so that a tape records which side x was on.
  template <class X>
  bool in_region(const X& x) const {
    using T = ScalarOf<X>;
    T sum(0.0);
    for (Index j = 0; j < n; ++j) {
      const T d = x[j] - region_center[j];
      sum += is_ball ? T(d * d) : T(region_normal[j] * d);
    }
    return is_ball ? sum < region_radius * region_radius : sum > 0.0;
  }

  template <class X>
  std::vector<ScalarOf<X>> y_of(const X& x) const {
    using T = ScalarOf<X>;
    std::vector<T> y;
    for (Index j = 0; j < n; ++j) {
      T entry = stretch[j] * (x[j] - center[j]);
      if (j + 1 < n) entry += shear * stretch[j + 1] * (x[j + 1] - center[j + 1]);
      y.push_back(entry);
    }
    return y;
  }

  unsigned seed;
  random::Source random;
  Index n = 1;
  Shape shape = Shape::Bowl;
  Trouble trouble = Trouble::None;
  Source source = Source::Automatic;
  Vector center, stretch, weights, signs, start;
  double shear = 0.0, level = 0.0, share = 0.0, jump = 0.0, amplitude = 1.0;
  Index last_call = 0;
  bool is_ball = true;
  Vector region_center, region_normal;
  double region_radius = 0.0;
};

/// Far more calls than the limits of a run allow: a hang, which ends as a `Misuse` since that passes through.
inline constexpr Index too_many_calls = 5'000'000;

/// What trouble makes of one number at x.
template <class X>
ScalarOf<X> spoiled(const Plan& plan, Seen& seen, const X& x, const ScalarOf<X>& value) {
  using T = ScalarOf<X>;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (++seen.calls > too_many_calls) misuse("the run does not end");
  const auto here = [&] {
    Vector values(plan.n);
    for (Index j = 0; j < plan.n; ++j) values[j] = value_of(x[j]);
    return values;
  };
  switch (plan.trouble) {
    case Trouble::Noise:
      ++seen.troubles;
      return T(value * (1.0 + plan.level * (2.0 * scatter(here(), plan.seed) - 1.0)));
    case Trouble::NanDust:
      if (scatter(here(), plan.seed) >= plan.share) return value;
      ++seen.troubles;
      return T(value * std::numeric_limits<double>::quiet_NaN());
    case Trouble::FailsForGood:
      if (seen.calls <= plan.last_call) return value;
      ++seen.troubles;
      throw std::runtime_error("the licence expired");
    case Trouble::Huge:
    case Trouble::Tiny:
      ++seen.troubles;
      return T(plan.amplitude * value);
    default:
      break;
  }
  if (!plan.in_region(x)) return value;
  switch (plan.trouble) {
    case Trouble::NanRegion:
      ++seen.troubles;
      return T(value * std::numeric_limits<double>::quiet_NaN());
    case Trouble::PlusInfinity:
      ++seen.troubles;
      return T(infinity);
    case Trouble::MinusInfinity:
      ++seen.troubles;
      return T(-infinity);
    case Trouble::Cliff:
      ++seen.troubles;
      return T(value + plan.jump);
    case Trouble::Throws:
      ++seen.troubles;
      throw std::runtime_error("out of the table");
    case Trouble::ThrowsOddly:
      ++seen.troubles;
      throw 42;  // NOLINT: users do
    default:
      return value;
  }
}

/// The objective of a plan.
class Function {
 public:
  Function(const Plan& plan, std::shared_ptr<Seen> seen) : plan_(plan), seen_(std::move(seen)) {}

  template <class X>
  ScalarOf<X> operator()(const X& x) const {
    return spoiled(plan_, *seen_, x, smooth(x));
  }

  /// What it would be without trouble.
  template <class X>
  ScalarOf<X> smooth(const X& x) const {
    using T = ScalarOf<X>;
    const std::vector<T> y = plan_.y_of(x);
    T sum(0.0);
    for (std::size_t j = 0; j < y.size(); ++j) {
      const bool is_last = j + 1 == y.size();
      sum += term(y[j], is_last ? y[j] : y[j + 1], is_last, static_cast<Index>(j));
    }
    return sum;
  }

 private:
  template <class T>
  T term(const T& y, const T& next, bool is_last, Index j) const {
    using std::abs, std::cos, std::exp, std::floor, std::log, std::sqrt;
    const double w = plan_.weights[j];
    switch (plan_.shape) {
      case Shape::Bowl:
        return T(w * y * y);
      case Shape::Indefinite:
        return T(plan_.signs[j] * w * y * y + 0.1 * y * y * y * y);
      case Shape::Rosenbrock: {
        const T a = 1.0 - y;
        if (is_last) return T(a * a);
        const T b = next - y * y;
        return T(a * a + 100.0 * b * b);
      }
      case Shape::Logarithms:
        return T(y - log(y + 1.0));
      case Shape::Exponentials:
        return T(exp(y) - y);
      case Shape::Wells: {
        const T a = y * y - 1.0;
        return T(0.25 * a * a);
      }
      case Shape::Kinks:
        return T(w * abs(y));
      case Shape::Stairs:
        return T(floor(4.0 * y * y));
      case Shape::Constant:
        return T(3.0);
      case Shape::Roots:
        return T(y - 2.0 * sqrt(y + 1.0));
      case Shape::Quartics:
        return T(w * y * y * y * y);
      case Shape::Hills:
        return T(-1.0 / (1.0 + y * y));
      case Shape::Waves:
        return T(0.1 * y * y + cos(3.0 * y));
      case Shape::Falling:
        return T(-plan_.signs[j] * y);
      default:
        return T(exp(-1.0 * y));
    }
  }

  Plan plan_;
  std::shared_ptr<Seen> seen_;
};

/// The residuals of a plan, n or n + 1 of them; trouble comes to the first.
class ResidualFunction {
 public:
  ResidualFunction(const Plan& plan, std::shared_ptr<Seen> seen) : plan_(plan), seen_(std::move(seen)) {}

  template <class X>
  std::vector<ScalarOf<X>> operator()(const X& x) const {
    std::vector<ScalarOf<X>> r = smooth(x);
    r.front() = spoiled(plan_, *seen_, x, r.front());
    return r;
  }

  template <class X>
  std::vector<ScalarOf<X>> smooth(const X& x) const {
    using std::abs, std::cos, std::exp, std::floor, std::log, std::sqrt;
    using T = ScalarOf<X>;
    const std::vector<T> y = plan_.y_of(x);
    std::vector<T> r;
    for (std::size_t j = 0; j < y.size(); ++j) {
      const double w = plan_.weights[static_cast<Index>(j)];
      switch (plan_.shape) {
        case Shape::Rosenbrock:
          r.push_back(j + 1 < y.size() ? T(10.0 * (y[j + 1] - y[j] * y[j])) : T(1.0 - y[0]));
          break;
        case Shape::Logarithms:
          r.push_back(log(y[j] + 1.0));
          break;
        case Shape::Exponentials:
        case Shape::Valley:
          r.push_back(T(exp(y[j]) - (plan_.shape == Shape::Valley ? 0.0 : 1.0)));
          break;
        case Shape::Wells:
        case Shape::Indefinite:
          r.push_back(T(y[j] * y[j] - 1.0));
          break;
        case Shape::Kinks:
          r.push_back(T(abs(y[j]) + 0.1));
          break;
        case Shape::Stairs:
          r.push_back(floor(4.0 * y[j]));
          break;
        case Shape::Constant:
          r.push_back(T(1.0));
          break;
        case Shape::Roots:
          r.push_back(T(sqrt(y[j] + 1.0) - 1.0));
          break;
        case Shape::Quartics:
          r.push_back(T(y[j] * y[j]));
          break;
        case Shape::Hills:
          r.push_back(T(y[j] / (1.0 + y[j] * y[j])));
          break;
        case Shape::Waves:
          r.push_back(T(y[j] + cos(3.0 * y[j])));
          break;
        default:
          r.push_back(T(w * y[j]));
      }
    }
    if (plan_.seed % 2 == 0) r.push_back(T(y[0] - 0.5));
    return r;
  }

 private:
  Plan plan_;
  std::shared_ptr<Seen> seen_;
};

}  // namespace quadric::hostile
