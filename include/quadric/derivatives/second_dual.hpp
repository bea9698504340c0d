#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "quadric/derivatives/dual.hpp"

/// Forward-mode differentiation, second order: value, gradient and symmetric Hessian in one pass (Griewank &
/// Walther, Evaluating Derivatives, 2nd ed. 2008, ch. 13; Fike & Alonso, AIAA 2011-886, whose hyper-dual
/// numbers these pack).

namespace quadric {

/// A value, its N first derivatives, and its N(N+1)/2 second derivatives: the lower triangle packed row by
/// row, entry (i, j) with i >= j at i(i+1)/2 + j. T is double, a dual number, or a type of several lanes.
///
/// A plain value type like `Dual`, with the same conversions, comparisons and functions.
template <class T, int N>
struct SecondDual : detail::DualOperators<SecondDual<T, N>, T> {
  static_assert(N > 0, "A dual number needs at least one direction: SecondDual<T, N> with N >= 1.");
  using Scalar = T;
  static constexpr int directions = N;
  static constexpr int packed_size = N * (N + 1) / 2;

  T value;
  std::array<T, N> gradient;
  std::array<T, packed_size> hessian;

  /// Zero, without derivatives.
  constexpr SecondDual() : value{}, gradient{}, hessian{} {}
  template <ConstantFor<T> S>
  constexpr SecondDual(const S& s)  // NOLINT: a number is a dual number
      : value(detail::constant<T>(s)), gradient{}, hessian{} {}
  constexpr SecondDual(const T& x, const std::array<T, N>& slopes,
                       const std::array<T, packed_size>& curvatures)
      : value(x), gradient(slopes), hessian(curvatures) {}
  /// Leaves the parts unset; for results that are written at once.
  explicit constexpr SecondDual(detail::Unset) {}

  /// The independent variable number `direction`: derivative 1 along it, all others 0.
  static constexpr SecondDual variable(const T& x, int direction) {
    SecondDual result(x);
    result.gradient[static_cast<std::size_t>(direction)] = T(1);
    return result;
  }

  /// Where `hessian` holds the entry (i, j), in either order.
  static constexpr std::size_t packed_index(std::size_t i, std::size_t j) {
    return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
  }

  /// Applies f to every part alike: what is linear.
  template <class F, class... X>
  static constexpr SecondDual map(const F& f, const X&... x) {
    SecondDual result(detail::Unset{});
    result.value = f(x.value...);
    for (std::size_t i = 0; i < N; ++i) result.gradient[i] = f(x.gradient[i]...);
    for (std::size_t k = 0; k < packed_size; ++k) result.hessian[k] = f(x.hessian[k]...);
    return result;
  }

  /// (ab)ᵢⱼ = a bᵢⱼ + aᵢⱼ b + aᵢ bⱼ + aⱼ bᵢ
  template <class Product>
  static constexpr SecondDual multiply(const Product& product, const SecondDual& a, const SecondDual& b) {
    SecondDual result(detail::Unset{});
    result.value = product(a.value, b.value);
    for (std::size_t i = 0; i < N; ++i) {
      result.gradient[i] = product(a.value, b.gradient[i]) + product(a.gradient[i], b.value);
    }
    for_each_row([&](auto i, auto row) {
      for (std::size_t j = 0; j <= i; ++j) {
        result.hessian[row + j] =
            product(a.value, b.hessian[row + j]) + product(a.hessian[row + j], b.value) +
            product(a.gradient[i], b.gradient[j]) + product(a.gradient[j], b.gradient[i]);
      }
    });
    return result;
  }

  /// q = a / b from q b = a:  qᵢⱼ = (aᵢⱼ - q bᵢⱼ - qᵢ bⱼ - qⱼ bᵢ) / b.
  static constexpr SecondDual divide(const SecondDual& a, const SecondDual& b) {
    SecondDual q(detail::Unset{});
    q.value = a.value / b.value;
    const T inverse = 1.0 / b.value;
    for (std::size_t i = 0; i < N; ++i) q.gradient[i] = (a.gradient[i] - q.value * b.gradient[i]) * inverse;
    for_each_row([&](auto i, auto row) {
      for (std::size_t j = 0; j <= i; ++j) {
        q.hessian[row + j] = (a.hessian[row + j] - q.value * b.hessian[row + j] -
                              q.gradient[i] * b.gradient[j] - q.gradient[j] * b.gradient[i]) *
                             inverse;
      }
    });
    return q;
  }

  /// f(x₁, …, x_K) by the chain rule:  fᵢⱼ = Σ f_k x_k,ᵢⱼ + Σ w_k,ᵢ x_k,ⱼ  with  w_k,ᵢ = Σ f_kl x_l,ᵢ.
  template <class Product, std::size_t K, class Second>
  static constexpr SecondDual chain(const Product& product, const Partials<T, K, Second>& f,
                                    const std::array<const SecondDual*, K>& x) {
    const auto second = f.second();
    SecondDual result(detail::Unset{});
    result.value = f.value;
    for_each_row([&](auto i, auto row) {
      result.gradient[i] = product(f.first[0], x[0]->gradient[i]);
      for (std::size_t k = 1; k < K; ++k) result.gradient[i] += product(f.first[k], x[k]->gradient[i]);
      for (std::size_t j = 0; j <= i; ++j)
        result.hessian[row + j] = product(f.first[0], x[0]->hessian[row + j]);
      for (std::size_t k = 0; k < K; ++k) {
        T w = product(second[packed_index(k, 0)], x[0]->gradient[i]);
        for (std::size_t l = 1; l < K; ++l) w += product(second[packed_index(k, l)], x[l]->gradient[i]);
        for (std::size_t j = 0; j <= i; ++j) {
          if (k > 0) result.hessian[row + j] += product(f.first[k], x[k]->hessian[row + j]);
          result.hessian[row + j] += product(w, x[k]->gradient[j]);
        }
      }
    });
    return result;
  }

  /// The same for any f: where a derivative of f is not finite, directions along which x stands still keep 0.
  template <std::size_t K, class Second>
  static SecondDual chain(const Partials<T, K, Second>& f, const std::array<const SecondDual*, K>& x) {
    const auto second = f.second();
    const auto evaluated = partials(f.value, f.first, [&] { return second; });
    if (detail::all_finite(f.first) && detail::all_finite(second)) [[likely]] {
      return chain(detail::PlainProduct{}, evaluated, x);
    }
    return chain(detail::GuardedProduct{}, evaluated, x);
  }

 private:
  /// Calls `body(i, where row i starts)` for every row of the packed triangle, both known to the compiler: a
  /// row then has a fixed length, and the loop over it becomes vector instructions.
  template <class Body>
  static constexpr void for_each_row(const Body& body) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (body(std::integral_constant<std::size_t, I>{}, std::integral_constant<std::size_t, I*(I + 1) / 2>{}),
       ...);
    }
    (std::make_index_sequence<N>{});
  }
};

}  // namespace quadric