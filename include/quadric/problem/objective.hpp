#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/automatic.hpp"
#include "quadric/derivatives/differences.hpp"
#include "quadric/derivatives/recorded.hpp"
#include "quadric/derivatives/taped.hpp"
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
  /// As `hessian`, with the lower triangle of ∇²f(x) in compressed form, the diagonal always included.
  virtual double sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const;
  /// Whether the Hessian at x has few zeros that are known beforehand, so that to hold it takes n² numbers.
  virtual bool has_full_hessian(const Vector&) const { return true; }
  virtual Provider provider() const = 0;
  /// Relative error ‖error‖ / ‖H‖ of the Hessian at x: measured where it is differenced.
  virtual double hessian_error(const Vector&) const { return provider().second_error; }
  /// Relative asymmetry ‖H − Hᵀ‖ / ‖H‖, in the largest entries, of the Hessian at x as its owner supplied it:
  /// `sparse_hessian` gives its symmetric part.
  virtual double hessian_asymmetry(const Vector&) const { return 0.0; }
  /// Whether f, ∇f and ∇²f together take no more than a few evaluations of f: a step that is likely to be
  /// accepted is then tried with all of them at once.
  virtual bool hessian_comes_with_value(const Vector& /*x*/) const { return false; }
  /// The same function for the time of one run, in which it does not change: what was computed at the last
  /// point may serve the next question there. Null where nothing is gained by that.
  virtual std::shared_ptr<const ObjectiveSource> for_one_run() const { return nullptr; }
};

/// How the derivatives that are missing are differenced.
struct Differencing {
  differences::Options options = {};
  /// Entries that may be other than zero: of the Jacobian of residuals (m × n), or of the Hessian of an
  /// objective that has a gradient (n × n). Columns that share no row are then differenced together.
  std::optional<Pattern> pattern = {};
};

/// Pieces of a scalar function supplied by its owner; what is missing is differenced.
struct SuppliedObjective {
  std::function<double(const Vector&)> value;          ///< required
  std::function<Vector(const Vector&)> gradient = {};  ///< n
  std::function<Matrix(const Vector&)> hessian = {};   ///< n × n
  /// n × n in compressed form instead of `hessian`: both triangles, or the lower one alone.
  std::function<SparseMatrix(const Vector&)> sparse_hessian = {};
  std::function<Vector(const Vector&, const Vector&)> hessian_product = {};  ///< (x, v) → H(x) v
  Differencing differencing = {};
};

/// Makes a source from supplied pieces: analytic where given, central differences elsewhere (the Hessian as
/// the Jacobian of the gradient where a gradient is given). A piece that returns the wrong size throws
/// `Misuse`.
std::shared_ptr<const ObjectiveSource> make_source(SuppliedObjective pieces);

/// How a generic callable is differentiated.
enum class Differentiation {
  Chosen,   ///< dual numbers where there are few variables, the tape where there are more
  Forward,  ///< dual numbers: the function is called for every sweep
  Tape,     ///< the function is recorded and its record differentiated
};

/// Up to this many variables dual numbers are cheaper than a tape: for gradients and Jacobians, and for
/// second derivatives.
inline constexpr Index largest_forward_gradient = 16;
inline constexpr Index largest_forward_hessian = 4;

/// The choice between dual numbers and the tape, for any generic callable. Values are always those of the
/// callable itself.
class AutomaticSource : public ObjectiveSource {
 public:
  explicit AutomaticSource(Differentiation method);
  AutomaticSource(const AutomaticSource&) = delete;
  AutomaticSource& operator=(const AutomaticSource&) = delete;

  double gradient(const Vector& x, Vector& g) const final;
  double hessian(const Vector& x, Vector& g, Matrix& H) const final;
  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const final;
  double sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const final;
  bool has_full_hessian(const Vector& x) const final;
  bool hessian_comes_with_value(const Vector& x) const final;
  Provider provider() const final;

 protected:
  virtual double forward_gradient(const Vector& x, Vector& g) const = 0;
  virtual double forward_hessian(const Vector& x, Vector& g, Matrix& H) const = 0;
  virtual void forward_hessian_product(const Vector& x, const Vector& v, Vector& Hv) const = 0;
  virtual void record_at(const Vector& x, Tape& tape) const = 0;

 private:
  bool uses_tape(const Vector& x, Index largest_forward) const;
  bool is_usable(double f, const Vector& g) const;

  Differentiation method_;
  Taped tape_;
};

template <callables::GenericScalar F>
class AutomaticObjective final : public AutomaticSource {
 public:
  explicit AutomaticObjective(F f, Differentiation method = Differentiation::Chosen)
      : AutomaticSource(method), f_(std::move(f)) {}
  double value(const Vector& x) const override { return static_cast<double>(f_(x)); }

 private:
  double forward_gradient(const Vector& x, Vector& g) const override { return automatic::gradient(f_, x, g); }
  double forward_hessian(const Vector& x, Vector& g, Matrix& H) const override {
    return automatic::hessian(f_, x, g, H);
  }
  void forward_hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    automatic::hessian_product(f_, x, v, Hv);
  }
  void record_at(const Vector& x, Tape& tape) const override {
    record(f_, x, tape, [&tape](const Recorded& result) { tape.results = {result.operand()}; });
  }

  F f_;
};

/// A callable with the method of its differentiation.
template <class F>
struct Differentiated {
  F f;
  Differentiation method;
};
/// Marks a generic callable to be differentiated by dual numbers whatever its size.
template <class F>
Differentiated<std::decay_t<F>> forward_mode(F&& f) {
  return {std::forward<F>(f), Differentiation::Forward};
}
/// Marks a generic callable to be differentiated from its tape whatever its size.
template <class F>
Differentiated<std::decay_t<F>> taped(F&& f) {
  return {std::forward<F>(f), Differentiation::Tape};
}

/// Marks a callable to be differentiated by central differences even where automatic derivatives would do.
template <class F>
struct Differenced {
  F f;
  Differencing how;
};
template <class F>
Differenced<std::decay_t<F>> differenced(F&& f, Differencing how = {}) {
  return {std::forward<F>(f), std::move(how)};
}

/// A scalar function with the derivatives that its owner has, for example
/// `analytic([](const Vector& x) {...}, [](const Vector& x) -> Vector {...})`. A third callable gives the
/// Hessian: a dense matrix, or an `Eigen::SparseMatrix<double>` with both triangles or the lower one alone.
inline SuppliedObjective analytic(std::function<double(const Vector&)> value,
                                  std::function<Vector(const Vector&)> gradient) {
  return {.value = std::move(value), .gradient = std::move(gradient)};
}
template <class H>
SuppliedObjective analytic(std::function<double(const Vector&)> value,
                           std::function<Vector(const Vector&)> gradient, H hessian) {
  SuppliedObjective pieces = analytic(std::move(value), std::move(gradient));
  if constexpr (callables::SparseMatrixOf<H, const Vector&>) {
    pieces.sparse_hessian = [hessian](const Vector& x) -> SparseMatrix { return hessian(x); };
  } else {
    pieces.hessian = std::move(hessian);
  }
  return pieces;
}

/// A function f: Rⁿ → R with derivatives: a value type, cheap to copy. Made from
///  - a generic callable `[](const auto& x) { ... }`: exact automatic derivatives, by dual numbers where it
///  has
///    few variables and from its tape where it has many (`forward_mode(f)` and `taped(f)` force one);
///  - a callable on `const Vector&`: central differences;
///  - a class with `value(x)`, `gradient(x)` and, where it has them, `hessian(x)` (dense or sparse) and
///    `hessian_product(x, v)`;
///  - `analytic(value, gradient, hessian)` or another `SuppliedObjective`;
///  - whatever has a `source()`, as `Elements` do.
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
  /// The lower triangle of the Hessian, diagonal included.
  double sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const {
    return source_->sparse_hessian(x, g, H);
  }
  /// Whether the Hessian at x has few zeros that are known beforehand, so that to hold it takes n² numbers.
  bool has_full_hessian(const Vector& x) const { return source_->has_full_hessian(x); }
  Provider provider() const { return source_->provider(); }
  /// Relative error ‖error‖ / ‖H‖ to expect of the Hessian at x: measured where second derivatives are
  /// differenced, at the cost of at most one more Hessian.
  double hessian_error(const Vector& x) const { return source_->hessian_error(x); }
  /// Relative asymmetry of the Hessian at x as its owner supplied it, where it is given in compressed form.
  double hessian_asymmetry(const Vector& x) const { return source_->hessian_asymmetry(x); }
  /// Whether f, ∇f and ∇²f together take no more than a few evaluations of f.
  bool hessian_comes_with_value(const Vector& x) const { return source_->hessian_comes_with_value(x); }
  /// The same function for the time of one run, in which it does not change: a value, or the Hessian of a
  /// product, is not asked of its owner twice at one point.
  Objective for_one_run() const {
    auto source = source_->for_one_run();
    return source ? Objective(std::move(source)) : *this;
  }

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
inline constexpr bool is_differentiated = false;
template <class F>
inline constexpr bool is_differentiated<Differentiated<F>> = true;

template <class F>
SuppliedObjective pieces_of_class(F&& f) {
  using Class = std::remove_cvref_t<F>;
  const auto shared = std::make_shared<const Class>(std::forward<F>(f));
  SuppliedObjective pieces{
      .value = [shared](const Vector& x) { return static_cast<double>(shared->value(x)); },
      .gradient = [shared](const Vector& x) -> Vector { return shared->gradient(x); }};
  if constexpr (callables::WithSparseHessian<Class>) {
    pieces.sparse_hessian = [shared](const Vector& x) -> SparseMatrix { return shared->hessian(x); };
  } else if constexpr (callables::WithHessian<Class>) {
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
    return make_source(SuppliedObjective{
        .value = [g = f.f](const Vector& x) { return static_cast<double>(g(x)); }, .differencing = f.how});
  } else if constexpr (requires { std::shared_ptr<const ObjectiveSource>(f.source()); }) {
    return f.source();
  } else if constexpr (detail::is_differentiated<Class>) {
    return std::make_shared<const AutomaticObjective<decltype(f.f)>>(std::forward<F>(f).f, f.method);
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
