#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/automatic.hpp"
#include "quadric/problem/callables.hpp"
#include "quadric/problem/provider.hpp"

namespace quadric {

/// What stands behind an `Objective`: a scalar function with its derivatives. Outputs are resized by the
/// callee. Evaluations are const and may run on several threads when the user's function may.
class ObjectiveSource {
 public:
  virtual ~ObjectiveSource() = default;
  /// f(x).
  virtual double value(const Vector& x) const = 0;
  /// f(x) and ∇f(x) (n).
  virtual double gradient(const Vector& x, Vector& g) const = 0;
  /// f(x), ∇f(x) (n) and ∇²f(x) (n × n, as the source has it: symmetric where second derivatives are
  /// continuous).
  virtual double hessian(const Vector& x, Vector& g, Matrix& H) const = 0;
  /// ∇²f(x) v (n).
  virtual void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const = 0;
  virtual Provider provider() const = 0;
};

/// Pieces of a scalar function supplied by its owner; what is missing is differenced.
struct SuppliedObjective {
  std::function<double(const Vector&)> value;                                ///< required
  std::function<Vector(const Vector&)> gradient = {};                        ///< n
  std::function<Matrix(const Vector&)> hessian = {};                         ///< n × n
  std::function<Vector(const Vector&, const Vector&)> hessian_product = {};  ///< (x, v) → H(x) v
};

/// Makes a source from supplied pieces: analytic where given, central differences elsewhere (the Hessian as
/// the Jacobian of the gradient where a gradient is given). A piece that returns the wrong size throws
/// `Misuse`.
std::shared_ptr<const ObjectiveSource> make_source(SuppliedObjective pieces);

/// Source of a generic callable, differentiated by dual numbers.
template <callables::GenericScalar F>
class AutomaticObjective final : public ObjectiveSource {
 public:
  explicit AutomaticObjective(F f) : f_(std::move(f)) {}
  double value(const Vector& x) const override { return static_cast<double>(f_(x)); }
  double gradient(const Vector& x, Vector& g) const override { return automatic::gradient(f_, x, g); }
  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    return automatic::hessian(f_, x, g, H);
  }
  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    automatic::hessian_product(f_, x, v, Hv);
  }
  Provider provider() const override { return {.first = "automatic", .second = "automatic"}; }

 private:
  F f_;
};

/// Marks a callable to be differentiated by central differences even where automatic derivatives would do.
template <class F>
struct Differenced {
  F f;
};
template <class F>
Differenced<std::decay_t<F>> differenced(F&& f) {
  return {std::forward<F>(f)};
}

/// A scalar function with the derivatives that its owner has, for example
/// `analytic([](const Vector& x) {...}, [](const Vector& x) -> Vector {...})`.
inline SuppliedObjective analytic(std::function<double(const Vector&)> value,
                                  std::function<Vector(const Vector&)> gradient,
                                  std::function<Matrix(const Vector&)> hessian = {}) {
  return {.value = std::move(value), .gradient = std::move(gradient), .hessian = std::move(hessian)};
}

/// A function f: Rⁿ → R with derivatives: a value type, cheap to copy. Made from
///  - a generic callable `[](const auto& x) { ... }`: exact automatic derivatives;
///  - a callable on `const Vector&`: central differences;
///  - a class with `value(x)`, `gradient(x)` and, where it has them, `hessian(x)` and `hessian_product(x,
///  v)`;
///  - `analytic(value, gradient, hessian)` or another `SuppliedObjective`.
/// Evaluations are const, and as thread safe as the callable is; exceptions of the callable pass through.
class Objective {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Objective>) Objective(F&& f)
      : source_(source_of(std::forward<F>(f))) {}  // NOLINT: any function is an objective
  Objective(std::shared_ptr<const ObjectiveSource> source) : source_(std::move(source)) {}  // NOLINT

  double value(const Vector& x) const { return source_->value(x); }
  double gradient(const Vector& x, Vector& g) const { return source_->gradient(x, g); }
  double hessian(const Vector& x, Vector& g, Matrix& H) const { return source_->hessian(x, g, H); }
  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const {
    source_->hessian_product(x, v, Hv);
  }
  Provider provider() const { return source_->provider(); }

 private:
  template <class F>
  static std::shared_ptr<const ObjectiveSource> source_of(F&& f);

  std::shared_ptr<const ObjectiveSource> source_;
};

namespace detail {

template <class F>
inline constexpr bool is_differenced = false;
template <class F>
inline constexpr bool is_differenced<Differenced<F>> = true;

template <class F>
SuppliedObjective pieces_of_class(F&& f) {
  using Class = std::remove_cvref_t<F>;
  const auto shared = std::make_shared<const Class>(std::forward<F>(f));
  SuppliedObjective pieces{
      .value = [shared](const Vector& x) { return static_cast<double>(shared->value(x)); },
      .gradient = [shared](const Vector& x) -> Vector { return shared->gradient(x); }};
  if constexpr (callables::WithHessian<Class>) {
    pieces.hessian = [shared](const Vector& x) -> Matrix { return shared->hessian(x); };
  }
  if constexpr (callables::WithHessianProduct<Class>) {
    pieces.hessian_product = [shared](const Vector& x, const Vector& v) -> Vector {
      return shared->hessian_product(x, v);
    };
  }
  return pieces;
}

}  // namespace detail

template <class F>
std::shared_ptr<const ObjectiveSource> Objective::source_of(F&& f) {
  using Class = std::remove_cvref_t<F>;
  if constexpr (std::is_same_v<Class, SuppliedObjective>) {
    return make_source(SuppliedObjective(std::forward<F>(f)));
  } else if constexpr (detail::is_differenced<Class>) {
    return make_source(
        SuppliedObjective{.value = [g = f.f](const Vector& x) { return static_cast<double>(g(x)); }});
  } else if constexpr (callables::WithGradient<Class>) {
    return make_source(detail::pieces_of_class(std::forward<F>(f)));
  } else if constexpr (callables::PlainSignature<Class>) {
    static_assert(callables::ScalarOfDoubles<Class>,
                  "quadric: an objective takes a vector and returns one number: write [](const auto& x) { "
                  "return ...; } "
                  "for exact derivatives, or [](const quadric::Vector& x) -> double { ... } for differences");
    return make_source(SuppliedObjective{.value = std::function<double(const Vector&)>(std::forward<F>(f))});
  } else {
    static_assert(
        callables::GenericScalar<Class>,
        "quadric: an objective takes a vector of any scalar and returns that scalar: write "
        "[](const auto& x) { return ...; }, callable on a const object, with `using std::exp; exp(x[0])` "
        "instead of `std::exp(x[0])`");
    return std::make_shared<const AutomaticObjective<Class>>(std::forward<F>(f));
  }
}

}  // namespace quadric
