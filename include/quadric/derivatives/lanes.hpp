#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

/// Arithmetic on runs of doubles of a length that the compiler knows, as straight-line vector instructions:
/// loops over arrays stay in memory and are vectorized or not as the compiler pleases.

namespace quadric::detail {

#if defined(__AVX512F__)
inline constexpr std::size_t widest_pack = 8;
#elif defined(__AVX__)
inline constexpr std::size_t widest_pack = 4;
#else
inline constexpr std::size_t widest_pack = 2;
#endif

#if defined(__GNUC__)
template <std::size_t Width>
struct PackOf {
  typedef double Type __attribute__((vector_size(Width * sizeof(double))));
};
template <>
struct PackOf<1> {
  using Type = double;
};

/// result[i] = f(x[i]...) for First <= i < Count, in packs as wide as the machine has.
template <std::size_t First, std::size_t Count, class F, class... X>
[[gnu::always_inline]] inline void transform_packs(const F& f, double* result, const X*... x) {
  if constexpr (First < Count) {
    constexpr std::size_t width = std::min(widest_pack, std::bit_floor(Count - First));
    using Pack = typename PackOf<width>::Type;
    const auto load = [](const double* from) {
      Pack pack;
      std::memcpy(&pack, from, sizeof pack);
      return pack;
    };
    const Pack pack = f(load(x + First)...);
    std::memcpy(result + First, &pack, sizeof pack);
    transform_packs<First + width, Count>(f, result, x...);
  }
}
/// to[i] = 0 for First <= i < Count.
template <std::size_t First, std::size_t Count>
[[gnu::always_inline]] inline void clear_packs(double* to) {
  if constexpr (First < Count) {
    constexpr std::size_t width = std::min(widest_pack, std::bit_floor(Count - First));
    const typename PackOf<width>::Type zero{};
    std::memcpy(to + First, &zero, sizeof zero);
    clear_packs<First + width, Count>(to);
  }
}

/// f is made for packs too: one that reads single numbers, such as ldexp, is applied to one after the other.
template <class F, class... X>
concept TakesPacks =
    std::invocable<const F&, const typename PackOf<2 * (sizeof(X) / sizeof(double))>::Type&...>;
#endif

/// f(a, b) for one lane after the other, where one of them is a pack and the other counts for all its lanes.
template <class F, class A, class B>
auto lane_by_lane(const F& f, const A& a, const B& b) {
  if constexpr (std::is_arithmetic_v<A>) {
    B result = b;
    for (std::size_t i = 0; i < sizeof(B) / sizeof(double); ++i) result[i] = f(a, static_cast<double>(b[i]));
    return result;
  } else {
    A result = a;
    for (std::size_t i = 0; i < sizeof(A) / sizeof(double); ++i) result[i] = f(static_cast<double>(a[i]), b);
    return result;
  }
}

/// result[i] = f(x[i]...) for i < Count. f takes doubles as well as packs of them, which mix with doubles.
template <std::size_t Count, class F, class T, class... X>
[[gnu::always_inline]] inline constexpr void transform(const F& f, T* result, const X*... x) {
#if defined(__GNUC__)
  if constexpr (std::same_as<T, double>) {
    if constexpr (TakesPacks<F, X...>) {
      if (!std::is_constant_evaluated()) {
        transform_packs<0, Count>(f, result, x...);
        return;
      }
    }
  }
#endif
  for (std::size_t i = 0; i < Count; ++i) result[i] = f(x[i]...);
}

/// to[i] = 0 for i < Count.
template <std::size_t Count, class T>
[[gnu::always_inline]] inline constexpr void clear(T* to) {
#if defined(__GNUC__)
  if constexpr (std::same_as<T, double>) {
    if (!std::is_constant_evaluated()) {
      clear_packs<0, Count>(to);
      return;
    }
  }
#endif
  for (std::size_t i = 0; i < Count; ++i) to[i] = T{};
}

}  // namespace quadric::detail
