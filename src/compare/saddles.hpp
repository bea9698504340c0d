#pragma once

#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/objective.hpp"

namespace quadric::saddles {

/// A function that is bounded below, with a critical point that is known to be no minimum.
struct KnownFunction {
  std::string name;
  Objective f;
  Vector saddle;      ///< the critical point (n): a saddle, a maximum or a degenerate point
  Index index = 1;    ///< how many curvatures are negative there
  Index nullity = 0;  ///< how many are zero there
  /// A point from which steepest descent leads to the saddle (n): exact where a symmetry or an invariant
  /// subspace says so, else a short step along a direction of positive curvature. Empty at a maximum.
  Vector ridge = {};
  /// Sizes of the variables, for random starts (n); empty: those of the saddle and the ridge, 1 where these
  /// are zero or small.
  Vector scale = {};
  std::vector<double> minima = {};  ///< the global minimum value first; empty where no closed form is known
  bool degenerate = false;          ///< the minima are no strict ones: x⁴, or a whole curve of them
};

/// All of them.
std::vector<KnownFunction> known_functions();

std::vector<KnownFunction> landscapes();  ///< wells, valleys, lines, chains, and textbook functions
std::vector<KnownFunction> learning();    ///< factorizations, phase retrieval, networks, alignment

struct NamedStart {
  std::string name;
  Vector x;
};
/// On the saddle, on the ridge (not at a maximum), 1e-8 (in x) off both, and two random points around the
/// saddle, the same ones every time.
std::vector<NamedStart> starts_of(const KnownFunction& function);

inline double real(Index i) { return static_cast<double>(i); }

/// y = Q x with Q = I − 2 wwᵀ/‖w‖², w = (1, 2, …, n): symmetric and orthogonal, so that x = Q y too.
template <class X>
auto reflected(const X& x) {
  using T = ScalarOf<X>;
  T along(0.0);
  double norm = 0.0;
  for (Index j = 0; j < x.size(); ++j) {
    along += real(j + 1) * x[j];
    norm += real(j + 1) * real(j + 1);
  }
  VectorOf<T> y(x.size());
  for (Index i = 0; i < x.size(); ++i) y[i] = x[i] - 2.0 / norm * real(i + 1) * along;
  return y;
}

template <class T>
T power(const T& x, int exponent) {
  T product = x;
  for (int k = 1; k < exponent; ++k) product *= x;
  return product;
}

}  // namespace quadric::saddles
