#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/base/types.hpp"
#include "quadric/derivatives/dual.hpp"
#include "quadric/derivatives/eigen_support.hpp"
#include "quadric/derivatives/second_dual.hpp"

/// Sweeps of dual numbers over plain callables: exact derivatives to rounding, by forward accumulation in
/// blocks of directions (Griewank & Walther 2008, chapters 3 and 13). All functions are reentrant as far as
/// the callable is.
namespace quadric::automatic {

/// The most directions that one sweep of first order carries.
inline constexpr Index most_directions = 12;

/// Calls `body(std::integral_constant<int, N>{})` with the number of directions that one sweep of first order
/// over n variables carries. Every N compiles the user's function once more.
template <class Body>
decltype(auto) with_directions(Index n, Body&& body) {
  if (n <= 2) return std::forward<Body>(body)(std::integral_constant<int, 2>{});
  if (n <= 4) return std::forward<Body>(body)(std::integral_constant<int, 4>{});
  if (n <= 8 || n > most_directions) return std::forward<Body>(body)(std::integral_constant<int, 8>{});
  return std::forward<Body>(body)(std::integral_constant<int, most_directions>{});
}

/// The same for sweeps of second order. One width only: it compiles the user's function at the highest price,
/// and beyond 4 variables the tape is as cheap to run.
template <class Body>
decltype(auto) with_second_directions(Index, Body&& body) {
  return std::forward<Body>(body)(std::integral_constant<int, 4>{});
}

/// A vector of n scalars T, each of unspecified value, whose storage outlives it: the next one on the same
/// thread takes it over, so that evaluations at small points of one size ask for no memory after the first.
/// Of two that live at once (a function that differentiates another) the second has storage of its own.
template <class T>
class Workspace {
 public:
  explicit Workspace(Index n) : values_(take(n)) {}
  ~Workspace() {
    constexpr Index largest_kept = 1024;
    if (values_.size() <= largest_kept) spare() = std::move(values_);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  VectorOf<T>& values() { return values_; }

 private:
  static VectorOf<T>& spare() {
    static thread_local VectorOf<T> kept;
    return kept;
  }
  static VectorOf<T> take(Index n) {
    if (spare().size() == n) return std::move(spare());
    return VectorOf<T>(n);
  }

  VectorOf<T> values_;
};

/// The variables x as scalars T without any derivative.
template <class T>
class Constants : public Workspace<T> {
 public:
  explicit Constants(const Vector& x) : Workspace<T>(x.size()) {
    for (Index i = 0; i < x.size(); ++i) this->values()[i] = T(x[i]);
  }
};

/// Value and gradient of f: Rⁿ → R.
template <class F>
double gradient(const F& f, const Vector& x, Vector& g) {
  const Index n = x.size();
  g.resize(n);
  return with_directions(n, [&](auto directions) {
    constexpr int N = directions;
    using T = Dual<double, N>;
    Constants<T> workspace(x);
    VectorOf<T>& variables = workspace.values();
    double value = n == 0 ? static_cast<double>(value_of(T(f(variables)))) : 0.0;
    for (Index first = 0; first < n; first += N) {
      const Index width = std::min<Index>(N, n - first);
      for (Index k = 0; k < width; ++k) variables[first + k].gradient[static_cast<std::size_t>(k)] = 1.0;
      const T result = f(std::as_const(variables));
      value = result.value;
      for (Index k = 0; k < width; ++k) {
        g[first + k] = result.gradient[static_cast<std::size_t>(k)];
        variables[first + k].gradient[static_cast<std::size_t>(k)] = 0.0;
      }
    }
    return value;
  });
}

/// Calls `sweep(variables, index)` for each set of at most N directions needed to see every pair of the n
/// variables together; `index[k]` is the variable that direction k moves, -1 if none. With n ≤ N that is one
/// sweep, else one for each pair of blocks of N/2.
template <int N, class Sweep>
void for_each_pair_of_blocks(const Vector& x, Sweep&& sweep) {
  using T = SecondDual<double, N>;
  const Index n = x.size();
  const Index block = n <= N ? N : N / 2;
  const Index blocks = std::max<Index>(1, (n + block - 1) / block);
  Constants<T> workspace(x);
  VectorOf<T>& variables = workspace.values();
  std::array<Index, N> index{};
  const auto seed = [&](std::size_t direction, Index variable) {
    index[direction] = variable < n ? variable : -1;
    if (variable < n) variables[variable].gradient[direction] = 1.0;
  };
  const auto unseed = [&] {
    for (std::size_t k = 0; k < N; ++k) {
      if (index[k] >= 0) variables[index[k]].gradient[k] = 0.0;
    }
  };
  if (blocks == 1) {
    for (std::size_t k = 0; k < N; ++k) seed(k, static_cast<Index>(k));
    sweep(std::as_const(variables), index);
    return;
  }
  for (Index a = 1; a < blocks; ++a) {
    for (Index b = 0; b < a; ++b) {
      for (Index k = 0; k < block; ++k) {
        seed(static_cast<std::size_t>(k), b * block + k);
        seed(static_cast<std::size_t>(block + k), a * block + k);
      }
      sweep(std::as_const(variables), index);
      unseed();
    }
  }
}

/// Writes the second derivatives that one sweep carries to their places in H, both triangles.
template <int N>
void scatter_hessian(const SecondDual<double, N>& result, const std::array<Index, N>& index, Matrix& H) {
  std::size_t packed = 0;
  for (std::size_t i = 0; i < N; ++i) {
    for (std::size_t j = 0; j <= i; ++j, ++packed) {
      if (index[i] < 0 || index[j] < 0) continue;
      H(index[i], index[j]) = H(index[j], index[i]) = result.hessian[packed];
    }
  }
}

/// Value, gradient and symmetric n × n Hessian of f: Rⁿ → R.
template <class F>
double hessian(const F& f, const Vector& x, Vector& g, Matrix& H) {
  const Index n = x.size();
  g.resize(n);
  H.resize(n, n);
  return with_second_directions(n, [&](auto directions) {
    constexpr int N = directions;
    double value = 0.0;
    for_each_pair_of_blocks<N>(x, [&](const auto& variables, const std::array<Index, N>& index) {
      const SecondDual<double, N> result = f(variables);
      value = result.value;
      for (std::size_t k = 0; k < N; ++k) {
        if (index[k] >= 0) g[index[k]] = result.gradient[k];
      }
      scatter_hessian<N>(result, index, H);
    });
    return value;
  });
}

/// The product H(x) v of the Hessian of f: Rⁿ → R with a direction v, without forming H; returns the value.
template <class F>
double hessian_product(const F& f, const Vector& x, const Vector& v, Vector& Hv) {
  const Index n = x.size();
  Hv.resize(n);
  constexpr int N = 8;
  using Inner = Dual<double, N>;
  using T = Dual<Inner, 1>;
  Constants<T> workspace(x);
  VectorOf<T>& variables = workspace.values();
  for (Index i = 0; i < n; ++i) variables[i].gradient[0] = Inner(v[i]);
  double value = 0.0;
  for (Index first = 0; first < n; first += N) {
    const Index width = std::min<Index>(N, n - first);
    for (Index k = 0; k < width; ++k) variables[first + k].value.gradient[static_cast<std::size_t>(k)] = 1.0;
    const T result = f(std::as_const(variables));
    value = result.value.value;
    for (Index k = 0; k < width; ++k) {
      Hv[first + k] = result.gradient[0].gradient[static_cast<std::size_t>(k)];
      variables[first + k].value.gradient[static_cast<std::size_t>(k)] = 0.0;
    }
  }
  return value;
}

/// Throws `Misuse`: a callable returned `now` residuals where it had returned `before`.
[[noreturn]] inline void misuse_of_sizes(Index before, Index now) {
  misuse("a residual function must always return the same number of residuals, but it returned " +
         std::to_string(before) + " and then " + std::to_string(now));
}

/// Residuals r (m) and Jacobian J (m × n, J(i,j) = ∂rᵢ/∂xⱼ) of a callable that returns a container of m
/// scalars.
template <class F>
void jacobian(const F& f, const Vector& x, Vector& r, Matrix& J) {
  const Index n = x.size();
  with_directions(n, [&](auto directions) {
    constexpr int N = directions;
    using T = Dual<double, N>;
    Constants<T> workspace(x);
    VectorOf<T>& variables = workspace.values();
    for (Index first = 0; first < std::max<Index>(n, 1); first += N) {
      const Index width = std::min<Index>(N, n - first);
      for (Index k = 0; k < width; ++k) variables[first + k].gradient[static_cast<std::size_t>(k)] = 1.0;
      const auto result = f(std::as_const(variables));
      const Index m = static_cast<Index>(std::size(result));
      if (first == 0) {
        r.resize(m);
        J.resize(m, n);
      } else if (m != r.size()) {
        misuse_of_sizes(r.size(), m);
      }
      for (Index i = 0; i < m; ++i) {
        const T component = T(result[static_cast<decltype(std::size(result))>(i)]);
        r[i] = component.value;
        for (Index k = 0; k < width; ++k) J(i, first + k) = component.gradient[static_cast<std::size_t>(k)];
      }
      for (Index k = 0; k < width; ++k) variables[first + k].gradient[static_cast<std::size_t>(k)] = 0.0;
    }
  });
}

/// vᵀ∇²rᵢ(x) v for each component i of a callable that returns a container of m scalars: one sweep of
/// second-order numbers along v.
template <class F>
void second_directional(const F& f, const Vector& x, const Vector& v, Vector& second) {
  using T = SecondDual<double, 4>;
  Constants<T> lifted(x);
  VectorOf<T>& variables = lifted.values();
  for (Index i = 0; i < x.size(); ++i) variables[i].gradient[0] = v[i];
  const auto result = f(std::as_const(variables));
  second.resize(static_cast<Index>(std::size(result)));
  for (Index i = 0; i < second.size(); ++i) {
    second[i] = T(result[static_cast<decltype(std::size(result))>(i)]).hessian[0];
  }
}

/// The scalar function x ↦ Σᵢ wᵢ rᵢ(x) of a callable r that returns a container of scalars; refers to f and
/// w.
template <class F>
auto weighted_sum(const F& f, const Vector& w) {
  return [&f, &w](const auto& x) {
    const auto components = f(x);
    if (static_cast<Index>(std::size(components)) != w.size()) {
      misuse_of_sizes(w.size(), static_cast<Index>(std::size(components)));
    }
    ScalarOf<decltype(x)> sum(0.0);
    for (Index i = 0; i < w.size(); ++i)
      sum += w[i] * components[static_cast<decltype(std::size(components))>(i)];
    return sum;
  };
}

}  // namespace quadric::automatic
