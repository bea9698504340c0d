#pragma once

#include <cstdint>
#include <functional>

#include "quadric/base/types.hpp"
#include "quadric/problem/objective.hpp"

namespace quadric {

/// How the eigenvalues of a symmetric matrix (n × n) are distributed, as weights on few nodes: for a
/// polynomial p of moderate degree Σ weightᵢ p(nodeᵢ) ≈ trace p(A) / n.
struct SpectralDensity {
  Vector nodes;    ///< ascending, within the spectrum
  Vector weights;  ///< of the nodes, positive; their sum is 1

  /// The density at each of the points: every node as a Gaussian of standard deviation `width` > 0, in units
  /// of eigenvalues. Misuse: another width.
  Vector smoothed(const Vector& points, double width) const;
  /// The same at 1/100 of the range of the nodes, or of the size of the only one.
  Vector smoothed(const Vector& points) const;
  /// The highest node over the lowest: where the matrix is positive definite, no more than its condition
  /// number and near to it once both ends are found. NaN where nodes are not all positive: they do not tell
  /// the eigenvalue next to zero.
  double condition_number() const;
};

struct SpectralDensityOptions {
  Index probes = 10;       ///< random vectors, at least 1: the error falls with the root of their number
  Index products = 60;     ///< for each probe, at least 1: polynomials up to twice that degree
  std::uint64_t seed = 1;  ///< the same seed gives the same bits
};

/// That distribution by stochastic Lanczos quadrature: Lanczos' method from random vectors of signs, with
/// Gauss' weights (Lin, Saad & Yang 2016; Ghorbani, Krishnan & Xiao 2019). `multiply` gives A v (n). Up to
/// 2,000 variables the space of a probe is kept and stays orthogonal; beyond, it takes a handful of vectors.
/// Misuse: n or options below 1, a product of the wrong size or not finite. Exceptions of `multiply` pass.
SpectralDensity spectral_density(Index n, const std::function<Vector(const Vector&)>& multiply,
                                 const SpectralDensityOptions& options = {});

/// The same for the Hessian of f at x, by products.
SpectralDensity spectral_density(const Objective& f, const Point& x,
                                 const SpectralDensityOptions& options = {});

}  // namespace quadric
