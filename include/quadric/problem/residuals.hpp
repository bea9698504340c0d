#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/automatic.hpp"
#include "quadric/problem/callables.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/provider.hpp"

namespace quadric {

/// What stands behind `Residuals`: r: Rⁿ → Rᵐ with its Jacobian and weighted Hessian. Outputs are resized by
/// the callee. Evaluations are const and may run on several threads when the user's function may.
class ResidualSource {
 public:
  virtual ~ResidualSource() = default;
  /// r(x) (m).
  virtual void value(const Vector& x, Vector& r) const = 0;
  /// r(x) (m) and J(x) (m × n).
  virtual void jacobian(const Vector& x, Vector& r, Matrix& J) const = 0;
  /// Σᵢ wᵢ ∇²rᵢ(x) (n × n).
  virtual void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const = 0;
  /// (Σᵢ wᵢ ∇²rᵢ(x)) v (n).
  virtual void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                        Vector& Sv) const = 0;
  /// As `jacobian`, in compressed form.
  virtual void sparse_jacobian(const Vector& x, Vector& r, SparseMatrix& J) const;
  /// The lower triangle of Σᵢ wᵢ ∇²rᵢ(x) in compressed form, the diagonal always included.
  virtual void sparse_weighted_hessian(const Vector& x, const Vector& w, SparseMatrix& S) const;
  /// vᵀ∇²rᵢ(x) v for each i (m): how each residual bends along v.
  virtual void second_directional(const Vector& x, const Vector& v, Vector& second) const;
  /// Whether r and J together take no more than a few evaluations of r: a step that is likely to be accepted
  /// is then tried with both at once.
  virtual bool jacobian_comes_with_value(const Vector& /*x*/) const { return false; }
  /// The same function for the time of one run, in which it does not change: what was computed at the last
  /// point may serve the next question there. Null where nothing is gained by that.
  virtual std::shared_ptr<const ResidualSource> for_one_run() const { return nullptr; }
  virtual Provider provider() const = 0;
  /// Relative error of the Hessian of ½‖r‖² at x: measured where derivatives are differenced.
  virtual double hessian_error(const Vector&) const { return provider().second_error; }
};

/// Pieces of a residual function supplied by its owner; what is missing is differenced.
struct SuppliedResiduals {
  std::function<Vector(const Vector&)> value;                                 ///< required: m
  std::function<Matrix(const Vector&)> jacobian = {};                         ///< m × n
  std::function<Matrix(const Vector&, const Vector&)> weighted_hessian = {};  ///< (x, w) → Σ wᵢ ∇²rᵢ, n × n
  Differencing differencing = {};
};

/// Makes a source from supplied pieces: analytic where given, central differences elsewhere. A piece that
/// returns the wrong size throws `Misuse`.
std::shared_ptr<const ResidualSource> make_source(SuppliedResiduals pieces);

/// Residuals with the Jacobian that their owner has.
inline SuppliedResiduals analytic_residuals(std::function<Vector(const Vector&)> value,
                                            std::function<Matrix(const Vector&)> jacobian) {
  return {.value = std::move(value), .jacobian = std::move(jacobian)};
}

/// The choice between dual numbers and the tape, for any generic callable. Values are always those of the
/// callable itself.
class AutomaticResidualSource : public ResidualSource {
 public:
  explicit AutomaticResidualSource(Differentiation method);
  AutomaticResidualSource(const AutomaticResidualSource&) = delete;
  AutomaticResidualSource& operator=(const AutomaticResidualSource&) = delete;

  void jacobian(const Vector& x, Vector& r, Matrix& J) const final;
  void sparse_jacobian(const Vector& x, Vector& r, SparseMatrix& J) const final;
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const final;
  void sparse_weighted_hessian(const Vector& x, const Vector& w, SparseMatrix& S) const final;
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v, Vector& Sv) const final;
  void second_directional(const Vector& x, const Vector& v, Vector& second) const final;
  bool jacobian_comes_with_value(const Vector& x) const final;
  Provider provider() const final;

 protected:
  virtual void forward_jacobian(const Vector& x, Vector& r, Matrix& J) const = 0;
  virtual void forward_weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const = 0;
  virtual void forward_weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                                Vector& Sv) const = 0;
  virtual void forward_second_directional(const Vector& x, const Vector& v, Vector& second) const = 0;
  virtual void record_at(const Vector& x, Tape& tape) const = 0;

 private:
  bool uses_tape(const Vector& x, Index largest_forward) const;

  Differentiation method_;
  Taped tape_;
};

template <callables::GenericVector F>
class AutomaticResiduals final : public AutomaticResidualSource {
 public:
  explicit AutomaticResiduals(F f, Differentiation method = Differentiation::Chosen)
      : AutomaticResidualSource(method), f_(std::move(f)) {}
  void value(const Vector& x, Vector& r) const override { callables::write(f_(x), r); }

 private:
  void forward_jacobian(const Vector& x, Vector& r, Matrix& J) const override {
    automatic::jacobian(f_, x, r, J);
  }
  void forward_weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    automatic::Workspace<double> g(x.size());
    automatic::hessian(automatic::weighted_sum(f_, w), x, g.values(), S);
  }
  void forward_weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                        Vector& Sv) const override {
    automatic::hessian_product(automatic::weighted_sum(f_, w), x, v, Sv);
  }
  void forward_second_directional(const Vector& x, const Vector& v, Vector& second) const override {
    automatic::second_directional(f_, x, v, second);
  }
  void record_at(const Vector& x, Tape& tape) const override {
    record(f_, x, tape, [&tape](const auto& results) {
      for (Index i = 0; i < static_cast<Index>(std::size(results)); ++i) {
        tape.results.push_back(Recorded(results[static_cast<decltype(std::size(results))>(i)]).operand());
      }
    });
  }

  F f_;
};

/// A function r: Rⁿ → Rᵐ whose half sum of squares ½‖r‖² is to be minimized: a value type, cheap to copy.
/// Made from
///  - a generic callable that returns a container of scalars (`std::array`, `std::vector`, `VectorOf<T>`);
///  - a callable on `const Vector&` that returns one: central differences;
///  - a class with `value(x)`, `jacobian(x)` and, where it has it, `weighted_hessian(x, w)`;
///  - `analytic_residuals(value, jacobian)`, another `SuppliedResiduals`, or `pointwise(m, f)`.
/// Evaluations are const, and as thread safe as the callable is; exceptions of the callable pass through.
class Residuals {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Residuals>) Residuals(F&& f)
      : source_(source_of(std::forward<F>(f))) {}  // NOLINT: any vector function gives residuals
  Residuals(std::shared_ptr<const ResidualSource> source) : source_(std::move(source)) {}  // NOLINT

  void value(const Vector& x, Vector& r) const { source_->value(x, r); }
  void jacobian(const Vector& x, Vector& r, Matrix& J) const { source_->jacobian(x, r, J); }
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const {
    source_->weighted_hessian(x, w, S);
  }
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v, Vector& Sv) const {
    source_->weighted_hessian_product(x, w, v, Sv);
  }
  void sparse_jacobian(const Vector& x, Vector& r, SparseMatrix& J) const {
    source_->sparse_jacobian(x, r, J);
  }
  /// The lower triangle, diagonal included.
  void sparse_weighted_hessian(const Vector& x, const Vector& w, SparseMatrix& S) const {
    source_->sparse_weighted_hessian(x, w, S);
  }
  /// vᵀ∇²rᵢ(x) v for each i (m).
  void second_directional(const Vector& x, const Vector& v, Vector& second) const {
    source_->second_directional(x, v, second);
  }
  /// Whether r and J together take no more than a few evaluations of r.
  bool jacobian_comes_with_value(const Vector& x) const { return source_->jacobian_comes_with_value(x); }
  /// The same function for the time of one run, in which it does not change: residuals are not asked of their
  /// owner twice at one point.
  Residuals for_one_run() const {
    auto source = source_->for_one_run();
    return source ? Residuals(std::move(source)) : *this;
  }
  Provider provider() const { return source_->provider(); }
  double hessian_error(const Vector& x) const { return source_->hessian_error(x); }

  /// f(x) = ½‖r(x)‖², with ∇f = Jᵀr and the exact ∇²f = JᵀJ + Σ rᵢ ∇²rᵢ.
  Objective objective() const;

 private:
  template <class F>
  static std::shared_ptr<const ResidualSource> source_of(F&& f);

  std::shared_ptr<const ResidualSource> source_;
};

namespace detail {

template <class F>
SuppliedResiduals residual_pieces_of_class(F&& f) {
  using Class = std::remove_cvref_t<F>;
  const auto shared = std::make_shared<const Class>(std::forward<F>(f));
  SuppliedResiduals pieces{.value = [shared](const Vector& x) -> Vector { return shared->value(x); },
                           .jacobian = [shared](const Vector& x) -> Matrix { return shared->jacobian(x); }};
  if constexpr (callables::WithWeightedHessian<Class>) {
    pieces.weighted_hessian = [shared](const Vector& x, const Vector& w) -> Matrix {
      return shared->weighted_hessian(x, w);
    };
  }
  return pieces;
}

template <class F>
SuppliedResiduals differenced_residuals(F f, Differencing how = {}) {
  return {.value = [f = std::move(f)](const Vector& x) { return callables::to_vector(f(x)); },
          .differencing = std::move(how)};
}

}  // namespace detail

template <class F>
std::shared_ptr<const ResidualSource> Residuals::source_of(F&& f) {
  using Class = std::remove_cvref_t<F>;
  if constexpr (std::is_same_v<Class, SuppliedResiduals>) {
    return make_source(SuppliedResiduals(std::forward<F>(f)));
  } else if constexpr (detail::is_differenced<Class>) {
    return make_source(detail::differenced_residuals(f.f, f.how));
  } else if constexpr (detail::is_differentiated<Class>) {
    return std::make_shared<const AutomaticResiduals<decltype(f.f)>>(std::forward<F>(f).f, f.method);
  } else if constexpr (callables::WithJacobian<Class>) {
    return make_source(detail::residual_pieces_of_class(std::forward<F>(f)));
  } else if constexpr (callables::PlainSignature<Class>) {
    static_assert(callables::VectorOfDoubles<Class>,
                  "quadric: residuals take a vector and return a container of numbers: write [](const auto& "
                  "x) { return "
                  "std::array{...}; } for exact derivatives, or [](const quadric::Vector& x) -> "
                  "quadric::Vector { ... } "
                  "for differences");
    return make_source(detail::differenced_residuals<Class>(std::forward<F>(f)));
  } else {
    static_assert(
        callables::GenericVector<Class>,
        "quadric: residuals take a vector of any scalar and return a container of that scalar: write "
        "[](const auto& x) { return std::array{...}; }, callable on a const object");
    return std::make_shared<const AutomaticResiduals<Class>>(std::forward<F>(f));
  }
}

}  // namespace quadric
