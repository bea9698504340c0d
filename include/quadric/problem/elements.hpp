#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/recorded.hpp"
#include "quadric/problem/objective.hpp"

namespace quadric {

/// What becomes of the negative eigenvalues of an element's Hessian where a positive semidefinite one is
/// asked for.
enum class Projection {
  Clamp,     ///< they become 0 (Teran et al., Robust quasistatic finite elements, SCA 2005)
  Absolute,  ///< they change their sign (Chen et al., Stabler Neo-Hookean simulation, SIGGRAPH 2024)
};

/// How a sum over elements is set up.
struct ElementOptions {
  /// Variables that stand still, in any order; the others, in their order, are the unknowns x of the sum.
  std::vector<Index> fixed = {};
  /// The values of the fixed variables, in the same order.
  std::vector<double> values = {};
  /// Threads that share an evaluation, with the same bits in the results for any number; 0: one a core.
  int threads = 1;
};

/// The sum f(x) = Σₑ fₑ(x) of many terms, each of a few variables: finite elements, chains, graphs. A value
/// type, cheap to copy, usable wherever an `Objective` is.
///
/// The term is run once for every element, on numbers that record what is done with them. Elements with the
/// same operations share one program of derivatives, which works on many elements at once; what the term
/// reads beside its variables becomes data of the element, so that it may differ from one to the next but
/// must stand still between evaluations (`refresh` takes up new data). Where a comparison in a term changes
/// its answer, the elements are recorded again.
///
/// Evaluations are const and thread safe where the term is.
class Elements {
 public:
  /// The variables of element e as constants or variables of a small tape: what the templates below make.
  struct Term {
    /// The numbers of the variables of element e, one after the other.
    std::function<void(Index e, std::vector<std::int32_t>& numbers)> variables;
    /// Records fₑ at the values of these variables, each either variable i of the tape or a constant.
    std::function<void(Index e, const std::vector<Recorded>& x, Tape& tape)> record;
  };
  Elements(Index count, Term term, ElementOptions options);

  Index count() const noexcept;

  double value(const Vector& x) const;
  double gradient(const Vector& x, Vector& g) const;
  /// The lower triangle of the Hessian in compressed form, diagonal included. The pattern is found once; a
  /// matrix of that pattern is refilled in place.
  double hessian(const Vector& x, Vector& g, SparseMatrix& H) const;
  /// The same with each element's Hessian made positive semidefinite, and so their sum: a direction of
  /// descent for Newton's method wherever the gradient is not 0, but no proof of a minimum.
  double projected_hessian(const Vector& x, Vector& g, SparseMatrix& H,
                           Projection projection = Projection::Clamp) const;
  /// ∇²f(x) v (n).
  void hessian_product(const Vector& x, const Vector& v, Vector& product) const;

  /// The data that the terms read have changed: they are recorded again at the next evaluation.
  void refresh() const;

  /// What an `Objective` of this sum is made from.
  std::shared_ptr<const ObjectiveSource> source() const;

 private:
  class Source;
  std::shared_ptr<const Source> source_;
};

namespace detail {

/// f(x, e), or f(x) where it does not want to know which element it is.
template <class F, class X>
auto call_element(const F& f, const X& x, Index e) {
  if constexpr (std::invocable<const F&, const X&, Index>) {
    return f(x, e);
  } else {
    return f(x);
  }
}

/// The term of elements of K points of D coordinates; point i is variables D i … D i + D - 1.
template <int K, int D, class Variables, class F>
Elements::Term element_term(Variables variables_of, F f) {
  return {.variables =
              [variables_of = std::move(variables_of)](Index e, std::vector<std::int32_t>& numbers) {
                const auto& points = variables_of(e);
                for (const auto point : points) {
                  for (int d = 0; d < D; ++d) numbers.push_back(static_cast<std::int32_t>(point) * D + d);
                }
              },
          .record =
              [f = std::move(f)](Index e, const std::vector<Recorded>& x, Tape& tape) {
                using Local = Eigen::Matrix<Recorded, D, K>;
                using Column = Eigen::Matrix<Recorded, K == Eigen::Dynamic ? K : D * K, 1>;
                const auto points = static_cast<Index>(x.size()) / D;
                const auto result = [&]() -> Recorded {
                  if constexpr (D == 1) {
                    return call_element(f, Column(Eigen::Map<const Column>(x.data(), points)), e);
                  } else {
                    return call_element(f, Local(Eigen::Map<const Local>(x.data(), D, points)), e);
                  }
                }();
                tape.results = {result.operand()};
              }};
}

}  // namespace detail

/// A sum over `count` elements of K points of D coordinates each (D = 1: of K numbers). `variables_of(e)`
/// returns a container of the K numbers of the points of element e; `f(x, e)` or `f(x)`, generic in the
/// scalar, takes them as a vector of K, or as a D × K matrix whose columns are the points, and returns the
/// term:
///
///     auto springs = elements<2>(n - 1, [](Index e) { return std::array{e, e + 1}; },
///                                [](const auto& x, Index e) { return stiffness[e] * sq(x[1] - x[0]); });
///     auto mesh = elements<3, 2>(triangles.size(), vertices_of, energy);  // energy(const Matrix<T, 2, 3>&
///     x, e)
///
/// K may be `Eigen::Dynamic`: then each element has as many points as `variables_of` returns. Wrong numbers
/// of variables throw `Misuse` at the first evaluation.
template <int K, int D = 1, class Variables, class F>
Elements elements(Index count, Variables variables_of, F f, ElementOptions options = {}) {
  static_assert(D >= 1 && (K >= 1 || K == Eigen::Dynamic),
                "elements<K, D>: K points of D coordinates, at least one");
  return Elements(count, detail::element_term<K, D>(std::move(variables_of), std::move(f)),
                  std::move(options));
}

}  // namespace quadric
