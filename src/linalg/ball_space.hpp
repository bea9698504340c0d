#pragma once

#include "quadric/base/types.hpp"

#include "linalg/dense_quadratic.hpp"
#include "linalg/lanczos.hpp"
#include "linalg/symmetric.hpp"

namespace quadric::linalg {

/// Minimizers of q(p) = gᵀp + ½ pᵀB p over balls in a space that holds g and grows by a vector at a time
/// (the sequential subspace method: Hager 2001; Conn, Gould & Toint 2000, section 7.5). They are no worse
/// than the best point along the gradient, and along any other vector of the space. Not thread safe.
class BallSpace {
 public:
  struct Minimizer {
    Vector step = {};      ///< p (n)
    Vector residual = {};  ///< (B + λI) p + g (n), orthogonal to the space
    double value = 0.0;    ///< q(p) ≤ 0
    double shift = 0.0;    ///< λ ≥ 0
    bool at_boundary = false;
    bool hard_case = false;
  };

  /// Takes B, which must stay as it is until the next `reset`, and g (n): the space that g spans.
  void reset(const Symmetric& B, const Vector& g);
  /// Adds v (n), at the cost of a product with B; false where v is not finite or in the space but for
  /// rounding.
  bool add(Vector v);
  Index dimensions() const noexcept { return size_; }

  /// The minimizer over the part of ‖p‖ ≤ radius that is in the space, which has a dimension at least.
  Minimizer within(double radius);
  /// The least curvature of a unit vector of the space, and that vector; without its residual.
  EigenPair lowest() const;
  double lowest_curvature() const;

 private:
  const Symmetric* B_ = nullptr;
  Vector g_;
  Index size_ = 0;
  Matrix basis_, products_;  ///< V (n × size_) with VᵀV = I, and B V; with columns to spare
  Matrix T_;                 ///< VᵀB V
  Vector along_;             ///< Vᵀg
  DenseQuadratic small_;
  bool is_small_current_ = false;
};

}  // namespace quadric::linalg
