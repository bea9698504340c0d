#pragma once

#include <concepts>
#include <iterator>
#include <type_traits>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/dual.hpp"

/// What a user's callable looks like, told from its type alone, without instantiating its body.
namespace quadric::callables {

template <class F>
struct FunctionPointer : std::false_type {};
template <class R, class... A>
struct FunctionPointer<R (*)(A...)> : std::true_type {};
template <class R, class... A>
struct FunctionPointer<R (*)(A...) noexcept> : std::true_type {};

/// One signature that is no template: `[](const Vector& x)`, a function, `std::function<...>`.
template <class F>
concept PlainSignature = FunctionPointer<std::decay_t<F>>::value || requires {
  &std::decay_t<F>::operator();
};

/// Takes a vector of doubles and gives a number.
template <class F>
concept ScalarOfDoubles = requires(const F& f, const Vector& x) {
  { f(x) } -> std::convertible_to<double>;
};

/// Takes a vector of doubles and gives a container of numbers.
template <class F>
concept VectorOfDoubles = requires(const F& f, const Vector& x) {
  std::size(f(x));
  { f(x)[0] } -> std::convertible_to<double>;
};

/// Takes a vector of any scalar and gives that scalar: differentiable by dual numbers.
template <class F>
concept GenericScalar = !PlainSignature<F> && requires(const F& f, const VectorOf<Dual<double, 2>>& x) {
  { f(x) } -> std::convertible_to<Dual<double, 2>>;
};

/// Takes a vector of any scalar and gives a container of that scalar.
template <class F>
concept GenericVector = !PlainSignature<F> && requires(const F& f, const VectorOf<Dual<double, 2>>& x) {
  std::size(f(x));
  { f(x)[0] } -> std::convertible_to<Dual<double, 2>>;
};

/// A class that brings its own derivatives of a scalar function.
template <class F>
concept WithGradient = requires(const F& f, const Vector& x) {
  { f.value(x) } -> std::convertible_to<double>;
  { f.gradient(x) } -> std::convertible_to<Vector>;
};
template <class M>
struct IsSparseMatrix : std::false_type {};
template <int Options, class StorageIndex>
struct IsSparseMatrix<Eigen::SparseMatrix<double, Options, StorageIndex>> : std::true_type {};
/// Gives a sparse matrix when it is called with these arguments.
template <class F, class... A>
concept SparseMatrixOf = std::invocable<const F&, A...> &&
    IsSparseMatrix<std::remove_cvref_t<std::invoke_result_t<const F&, A...>>>::value;
template <class F>
concept WithSparseHessian = requires(const F& f, const Vector& x) {
  requires IsSparseMatrix<std::remove_cvref_t<decltype(f.hessian(x))>>::value;
};
template <class F>
concept WithHessian = requires(const F& f, const Vector& x) {
  { f.hessian(x) } -> std::convertible_to<Matrix>;
};
template <class F>
concept WithHessianProduct = requires(const F& f, const Vector& x) {
  { f.hessian_product(x, x) } -> std::convertible_to<Vector>;
};

/// A class that brings its own Jacobian of residuals.
template <class F>
concept WithJacobian = requires(const F& f, const Vector& x) {
  { f.value(x) } -> std::convertible_to<Vector>;
  { f.jacobian(x) } -> std::convertible_to<Matrix>;
};
template <class F>
concept WithWeightedHessian = requires(const F& f, const Vector& x) {
  { f.weighted_hessian(x, x) } -> std::convertible_to<Matrix>;
};

/// Writes a container of numbers to a Vector.
template <class Container>
void write(const Container& values, Vector& result) {
  result.resize(static_cast<Index>(std::size(values)));
  for (Index i = 0; i < result.size(); ++i) {
    result[i] = static_cast<double>(values[static_cast<decltype(std::size(values))>(i)]);
  }
}

/// A container of numbers as a Vector.
template <class Container>
Vector to_vector(const Container& values) {
  Vector result;
  write(values, result);
  return result;
}

}  // namespace quadric::callables
