#pragma once

#include <cstdint>
#include <functional>

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// An approximate eigenpair: some eigenvalue lies within `residual` of `value`.
struct EigenPair {
  double value = 0.0;
  Vector vector = {};  ///< unit length (n); empty where it was not asked for
  double residual = 0.0;
};

/// A unit vector (n) in no special direction, always the same: where iterations for eigenvectors start.
Vector any_vector(Index n);

struct Extremes {
  EigenPair lowest;
  EigenPair highest;
};

enum class Ends { Both, Highest };
/// Vectors take as much memory as there are products.
enum class Vectors { None, Wanted };

/// Sets `product` (n) to A v, for a symmetric matrix A.
using Product = std::function<void(const Vector& v, Vector& product)>;

/// Both ends of the spectrum of a symmetric matrix (n × n) that is known by its products, by Lanczos' method
/// (Parlett 1998, ch. 13), from a fixed start. Ends that are well separated are found to rounding, others
/// come with the residual that says how far they may be off. Stops where the ends that are wanted are good to
/// `tolerance`, relative to the larger one in magnitude, or after 60 products.
Extremes lanczos(Index n, const Product& multiply, double tolerance = 1e-10, Ends wanted = Ends::Both,
                 Vectors vectors = Vectors::None);
inline Extremes lanczos(Index n, const std::function<Vector(const Vector&)>& multiply,
                        double tolerance = 1e-10, Ends wanted = Ends::Both, Vectors vectors = Vectors::None) {
  return lanczos(
      n, [&](const Vector& v, Vector& product) { product = multiply(v); }, tolerance, wanted, vectors);
}

/// What products with a symmetric matrix (n × n) say about its lowest eigenvalue.
struct LowestProbe {
  double lowest = 0.0, highest = 0.0;  ///< Ritz values: λmin <= lowest, highest <= λmax
  /// But for this probability over the start, λmin is above the floor; 1 where `lowest` is not.
  double doubt = 1.0;
  /// But for the doubt aimed at, λmin >= lowest − error and λmax <= highest + error.
  double error = 0.0;
  Vector vector = {};   ///< of unit length, where `lowest` is below −zero (n); else empty
  bool failed = false;  ///< a product was not finite
};

/// What a probe looks for.
struct ProbeOptions {
  double zero = 0.0;   ///< share of the largest Ritz value in magnitude that counts as zero
  double floor = 0.0;  ///< ≥ 0, in units of the matrix; the higher one of this and zero is the floor
  double aim = 1e-10;  ///< the probability of an eigenvalue below the floor that will do
  Index most_products = 1000;
};

/// Lanczos' method from a random start, until the lowest eigenvalue is above the floor but for a probability
/// of `aim`, or until the lowest Ritz value is below −zero and settled, or for `most_products`; as many again
/// for the vector. The probability that an end is missed by ε of the spread after k products is at most
/// 1.648 √n exp(−√ε (2k − 1)) (Kuczyński & Woźniakowski 1992, theorem 4.2). Holds a handful of vectors.
LowestProbe probe_lowest(Index n, const std::function<Vector(const Vector&)>& multiply,
                         const ProbeOptions& options);

/// A unit vector (n) whose direction is uniformly distributed over the seeds.
Vector random_direction(Index n, std::uint64_t seed);

}  // namespace quadric::linalg
