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

  std::array<T, packed_size> hessian;
  std::array<T, N> gradient;
  T value;

  /// Zero, without derivatives.
  constexpr SecondDual() : SecondDual(T{}) {}
  template <ConstantFor<T> S>
  constexpr SecondDual(const S& s) : value(detail::constant<T>(s)) {  // NOLINT: a number is a dual number
    detail::clear<packed_size>(hessian.data());
    detail::clear<N>(gradient.data());
  }
  constexpr SecondDual(const T& x, const std::array<T, N>& slopes,
                       const std::array<T, packed_size>& curvatures)
      : hessian(curvatures), gradient(slopes), value(x) {}
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
    detail::transform<N>(f, result.gradient.data(), x.gradient.data()...);
    for_each_row([&]<std::size_t i, std::size_t row>(At<i>, At<row>) {
      detail::transform<i + 1>(f, &result.hessian[row], &x.hessian[row]...);
    });
    return result;
  }

  /// (ab)ᵢⱼ = a bᵢⱼ + aᵢⱼ b + aᵢ bⱼ + aⱼ bᵢ
  template <class Product>
  static constexpr SecondDual multiply(const Product& product, const SecondDual& a, const SecondDual& b) {
    SecondDual result(detail::Unset{});
    result.value = product(a.value, b.value);
    detail::transform<N>(
        [&](const auto& ai, const auto& bi) { return product(a.value, bi) + product(ai, b.value); },
        result.gradient.data(), a.gradient.data(), b.gradient.data());
    for_each_row([&]<std::size_t i, std::size_t row>(At<i>, At<row>) {
      detail::transform<i + 1>(
          [&](const auto& aij, const auto& bij, const auto& aj, const auto& bj) {
            return product(a.value, bij) + product(aij, b.value) + product(a.gradient[i], bj) +
                   product(aj, b.gradient[i]);
          },
          &result.hessian[row], &a.hessian[row], &b.hessian[row], a.gradient.data(), b.gradient.data());
    });
    return result;
  }

  /// q = a / b from q b = a:  qᵢⱼ = (aᵢⱼ - q bᵢⱼ - qᵢ bⱼ - qⱼ bᵢ) / b.
  static constexpr SecondDual divide(const SecondDual& a, const SecondDual& b) {
    SecondDual q(detail::Unset{});
    q.value = a.value / b.value;
    const T inverse = 1.0 / b.value;
    detail::transform<N>([&](const auto& ai, const auto& bi) { return (ai - q.value * bi) * inverse; },
                         q.gradient.data(), a.gradient.data(), b.gradient.data());
    for_each_row([&]<std::size_t i, std::size_t row>(At<i>, At<row>) {
      detail::transform<i + 1>(
          [&](const auto& aij, const auto& bij, const auto& qj, const auto& bj) {
            return (aij - q.value * bij - q.gradient[i] * bj - qj * b.gradient[i]) * inverse;
          },
          &q.hessian[row], &a.hessian[row], &b.hessian[row], q.gradient.data(), b.gradient.data());
    });
    return q;
  }

  /// f(x₁, …, x_K) by the chain rule:  fᵢⱼ = Σ f_k x_k,ᵢⱼ + Σ w_k,ᵢ x_k,ⱼ  with  w_k,ᵢ = Σ f_kl x_l,ᵢ.
  template <class Product, std::size_t K, class Second>
  static constexpr SecondDual chain(const Product& product, const Partials<T, K, Second>& f,
                                    const std::array<const SecondDual*, K>& x) {
    return [&]<std::size_t... k>(std::index_sequence<k...>) {
      const auto second = f.second();
      SecondDual result(detail::Unset{});
      result.value = f.value;
      detail::transform<N>([&](const auto&... xi) { return (product(f.first[k], xi) + ...); },
                           result.gradient.data(), x[k]->gradient.data()...);
      for_each_row([&]<std::size_t i, std::size_t row>(At<i>, At<row>) {
        const auto weight = [&](std::size_t m) {
          return (product(second[packed_index(m, k)], x[k]->gradient[i]) + ...);
        };
        const std::array<T, K> w{weight(k)...};
        detail::transform<i + 1>([&](const auto&... xij) { return (product(f.first[k], xij) + ...); },
                                 &result.hessian[row], &x[k]->hessian[row]...);
        (detail::transform<i + 1>([&](const auto& fij, const auto& xj) { return fij + product(w[k], xj); },
                                  &result.hessian[row], &result.hessian[row], x[k]->gradient.data()),
         ...);
      });
      return result;
    }
    (std::make_index_sequence<K>{});
  }

  /// The same for any f: where a derivative of f is not finite, directions along which x stands still keep 0.
  template <std::size_t K, class Second>
  static SecondDual chain(const Partials<T, K, Second>& f, const std::array<const SecondDual*, K>& x) {
    const auto second = f.second();
    if (detail::all_finite(f.first) && detail::all_finite(second)) [[likely]] {
      return chain(detail::PlainProduct{}, partials(f.value, f.first, [&second] { return second; }), x);
    }
    return guarded_chain(f.value, f.first, second, x);
  }

 private:
  template <std::size_t K, class Second>
  [[gnu::noinline, gnu::cold]] static SecondDual guarded_chain(T value, std::array<T, K> first, Second second,
                                                               const std::array<const SecondDual*, K>& x) {
    return chain(detail::GuardedProduct{}, partials(value, first, [&second] { return second; }), x);
  }

  template <std::size_t I>
  using At = std::integral_constant<std::size_t, I>;

  /// Calls `body(i, where row i starts)` for every row of the packed triangle, both known to the compiler: a
  /// row then has a fixed length, and the loop over it becomes vector instructions.
  template <class Body>
  static constexpr void for_each_row(const Body& body) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (body(At<I>{}, At<I*(I + 1) / 2>{}), ...); }
    (std::make_index_sequence<N>{});
  }
};

}  // namespace quadric