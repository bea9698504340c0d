#pragma once

#include <functional>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// An approximate eigenpair: some eigenvalue lies within `residual` of `value`.
struct EigenPair {
  double value = 0.0;
  Vector vector = {};  ///< unit length (n)
  double residual = 0.0;
};

/// A unit vector (n) in no special direction, always the same: where iterations for eigenvectors start.
Vector any_vector(Index n);

struct Extremes {
  EigenPair lowest;
  EigenPair highest;
};

enum class Ends { Both, Highest };

/// Both ends of the spectrum of a symmetric matrix (n × n) that is known by its products, by Lanczos' method
/// (Parlett 1998, ch. 13), from a fixed start. Ends that are well separated are found to rounding, others
/// come with the residual that says how far they may be off. Stops where the ends that are wanted are good to
/// `tolerance`, relative to the larger one in magnitude, or after 60 products.
Extremes lanczos(Index n, const std::function<Vector(const Vector&)>& multiply, double tolerance = 1e-10,
                 Ends wanted = Ends::Both);

}  // namespace quadric::linalg
