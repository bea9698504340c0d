#pragma once

#include <functional>
#include <vector>

#include "quadric/base/types.hpp"

#include "linalg/tridiagonal.hpp"

namespace quadric::linalg {

/// Minimizers of q(p) = gᵀp + ½ pᵀB p with B symmetric of any inertia and known by its products B v alone:
/// over the Krylov space of g and B, which Lanczos' method spans a product at a time, and in which B is a
/// tridiagonal T (GLTR: Gould, Lucidi, Roma & Toint 1999). Where no radius binds and B does not bend down,
/// the minimizers are the iterates of conjugate gradients. The space is kept for other radii. What of the
/// lowest curvature is orthogonal to g is not seen. Not thread safe.
class KrylovQuadratic {
 public:
  /// v (n) → B v (n); with an entry that is not finite where the product can not be had: the space ends.
  using Multiply = std::function<Vector(const Vector&)>;

  struct Options {
    /// The space grows until ‖(B + λI) p + g‖ is at most this times ‖g‖.
    double tolerance = 1e-10;
    /// Most products that span the space.
    Index most_products = 500;
    /// Most vectors of the space that are kept, at least 1. Those beyond are computed a second time for a
    /// minimizer on a boundary, which takes as many products again. Up to 2,000 variables all are kept.
    Index most_vectors = 50;
    /// In a ball, end where the iterates of conjugate gradients leave it or meet a direction that bends down,
    /// instead of minimizing on the boundary (Steihaug 1983; Toint 1981).
    bool stop_at_boundary = false;
  };

  struct Minimizer {
    Vector step = {};
    double change = 0.0;  ///< q(step), as T gives it
    double shift = 0.0;   ///< λ ≥ 0
    bool at_boundary = false;
  };

  /// Takes B and g (n), finite and not zero. `first_product` is B g where that is known; else empty.
  void reset(Multiply multiply, const Vector& g, const Options& options, const Vector& first_product = {});

  /// The minimizer over ‖p‖ ≤ radius, radius > 0.
  Minimizer within(double radius);
  /// The minimizer where none of the directions met bends down; else −|T|⁻¹g in the space so far, where
  /// eigenvalues of T are replaced by their absolute value, or by the largest where they are less than 1e-8
  /// times that (saddle-free Newton in a Krylov space: Dauphin et al. 2014). A direction of descent.
  Minimizer descent();

  /// Whether a direction of negative curvature was met.
  bool bends_down() const noexcept { return bends_down_; }
  /// Whether a product could not be had.
  bool failed() const noexcept { return failed_; }
  /// Dimensions of the space so far.
  Index size() const noexcept { return T_.size(); }

 private:
  bool extend();
  bool orthogonalizes() const;
  void advance_iterate(const Vector& v);
  bool interior(double radius) const;
  bool converged(double last_entry) const;
  Vector multiply_basis(const Vector& h);
  Minimizer expanded(const Vector& h, double shift, bool at_boundary);
  Minimizer plane_step(double length) const;
  TridiagonalMinimizer truncated(double radius) const;

  Multiply multiply_;
  Options options_;
  Vector g_, first_product_;
  double length_ = 0.0;  ///< ‖g‖
  Tridiagonal T_;
  std::vector<Vector> basis_;  ///< the first vectors of the space, at most `most_vectors`
  Vector last_, next_;         ///< the last vector of the space, and the one that comes after it
  double coupling_ = 0.0;      ///< between the two
  bool ended_ = false;         ///< the space can not grow
  bool failed_ = false;
  bool bends_down_ = false;

  // Conjugate gradients, as long as T has positive pivots.
  Vector iterate_, conjugate_;  ///< the minimizer over the space, the last direction (n)
  double pivot_ = 0.0;          ///< the last pivot of T = L D Lᵀ
  double along_ = 0.0;          ///< the last entry of −L⁻¹‖g‖e₀
  double change_ = 0.0;         ///< q of the iterate
  double last_shift_ = 0.0;     ///< of the last minimizer on a boundary
};

}  // namespace quadric::linalg
