#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include <ceres/ceres.h>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"
#include "quadric/interop/ceres_refusals.hpp"
#include "quadric/problem/objective.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

namespace detail {

/// Σ of the block sizes before block k.
template <int... N>
constexpr std::array<Index, sizeof...(N)> block_offsets() {
  std::array<Index, sizeof...(N)> offsets{};
  Index sum = 0;
  std::size_t k = 0;
  ((offsets[k++] = sum, sum += N), ...);
  return offsets;
}

/// Calls a Ceres functor, `functor(x₀, …, result)`, on consecutive parts of x; throws where it returns false.
template <int... N, class Functor, class X, class T>
void call_functor(const Functor& functor, const X& x, T* result) {
  constexpr Index n = (Index{0} + ... + N);
  if (x.size() != n) {
    misuse("the Ceres functor takes " + std::to_string(n) + " variables, but the point has " +
           std::to_string(x.size()));
  }
  const T* data = x.data();
  const bool done = [&]<std::size_t... K>(std::index_sequence<K...>) {
    constexpr auto offsets = block_offsets<N...>();
    return functor((data + offsets[K])..., result);
  }
  (std::make_index_sequence<sizeof...(N)>{});
  if (!done) refused("the Ceres functor");
}

/// A Ceres functor as a generic callable from a vector to its M residuals; M is ceres::DYNAMIC where known at
/// run time.
template <class Functor, int M, int... N>
class FunctorResiduals {
 public:
  FunctorResiduals(Functor functor, Index count) : functor_(std::move(functor)), count_(count) {}

  template <class T>
  VectorOf<T> operator()(const VectorOf<T>& x) const {
    VectorOf<T> r(count_);
    r.setConstant(T(std::numeric_limits<double>::quiet_NaN()));
    call_functor<N...>(functor_, x, r.data());
    return r;
  }

 private:
  Functor functor_;
  Index count_;
};

/// A Ceres functor with one result as a generic callable from a vector to a number.
template <class Functor, int N>
class FunctorObjective {
 public:
  explicit FunctorObjective(Functor functor) : functor_(std::move(functor)) {}

  template <class T>
  T operator()(const VectorOf<T>& x) const {
    T value(std::numeric_limits<double>::quiet_NaN());
    call_functor<N>(functor_, x, &value);
    return value;
  }

 private:
  Functor functor_;
};

}  // namespace detail

/// Residuals r: Rⁿ → Rᵐ of a Ceres functor, `template <class T> bool operator()(const T* x0, …, T* r) const`:
/// M residuals, parameter blocks of N values each, concatenated into x in their order. First and second
/// derivatives are exact, by our dual numbers (provider "automatic"); hence mathematical functions must be
/// called unqualified (`using std::exp; exp(x[0])`, not `ceres::exp`). Thread safe as far as the functor is.
///
///     ceres_functor<2, 2>(Rosenbrock{})       ceres_functor<1, 1, 1>(Difference{})
template <int M, int... N, class Functor>
Residuals ceres_functor(Functor functor) {
  static_assert(
      M > 0,
      "quadric: ceres_functor<M, N...>(functor) needs the number of residuals M >= 1 first; where it is "
      "known at run time only, write ceres_functor<ceres::DYNAMIC, N...>(functor, m)");
  static_assert(sizeof...(N) > 0 && ((N > 0) && ...),
                "quadric: ceres_functor<M, N...>(functor) needs the size of each parameter block, N >= 1");
  return detail::FunctorResiduals<Functor, M, N...>(std::move(functor), M);
}

/// The same where the number m of residuals is known at run time: `ceres_functor<ceres::DYNAMIC, 3>(functor,
/// m)`.
template <int M, int... N, class Functor>
Residuals ceres_functor(Functor functor, Index m) {
  static_assert(M == ceres::DYNAMIC,
                "quadric: the number of residuals is given twice: as M and as an argument");
  static_assert(sizeof...(N) > 0 && ((N > 0) && ...),
                "quadric: ceres_functor<M, N...>(functor) needs the size of each parameter block, N >= 1");
  if (m < 1) misuse("a Ceres functor needs at least one residual, not " + std::to_string(m));
  return detail::FunctorResiduals<Functor, M, N...>(std::move(functor), m);
}

/// Objective f: Rᴺ → R of a functor as `ceres::AutoDiffFirstOrderFunction` takes it, `bool operator()(const
/// T* x, T* f) const`; otherwise as `ceres_functor`.
template <int N, class Functor>
Objective ceres_objective(Functor functor) {
  static_assert(N > 0, "quadric: ceres_objective<N>(functor) needs the number of variables, N >= 1");
  return detail::FunctorObjective<Functor, N>(std::move(functor));
}

}  // namespace quadric
