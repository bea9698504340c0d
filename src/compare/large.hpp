#pragma once

#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/problem/objective.hpp"

namespace quadric::large {

/// A function of as many variables as one likes whose Hessian is sparse, from its published start.
struct KnownFunction {
  std::string name;
  Objective f;
  Vector start;  ///< n, or a little less where n must be even, a multiple of 3, a square, …
  std::vector<double> minima = {};  ///< the global minimum value; empty where no closed form is known
  bool degenerate = false;          ///< the minimum is no strict one: x⁴, or a whole curve of points
};

/// All of them, at about n variables. n below 16 throws `Misuse`.
std::vector<KnownFunction> known_functions(Index n);

std::vector<KnownFunction> squares(Index n);  ///< chains, blocks and arrowheads whose minimum is 0
std::vector<KnownFunction> sums(Index n);     ///< sums of other terms, of several variables each
std::vector<KnownFunction> grids(Index n);    ///< discretized energies

inline double real(Index i) { return static_cast<double>(i); }

template <class T>
T square(const T& x) {
  return x * x;
}
template <class T>
T fourth(const T& x) {
  return square(square(x));
}

/// (a, b, a, b, …) (n).
Vector alternating(Index n, double a, double b);

}  // namespace quadric::large
