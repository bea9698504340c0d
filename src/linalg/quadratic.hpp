#pragma once

#include <memory>
#include <optional>

#include "quadric/base/types.hpp"

#include "linalg/symmetric.hpp"

namespace quadric::linalg {

/// Minimizers of the quadratic q(p) = gᵀp + ½ pᵀB p with B symmetric of any inertia. Not thread safe.
class Quadratic {
 public:
  struct Minimizer {
    Vector step = {};
    double shift = 0.0;  ///< λ ≥ 0
    bool at_boundary = false;
    bool hard_case = false;  ///< g has no component along the lowest eigenvectors
  };

  virtual ~Quadratic() = default;
  /// Takes B (n × n) and g (n); both must be finite.
  virtual void reset(Symmetric B, const Vector& g) = 0;
  /// May factor B.
  virtual bool positive_definite() = 0;
  /// The minimizer where it is known to be inside of the ball and at hand, until the next call; null: ask
  /// `within`.
  virtual const Vector* minimizer_inside(double /*radius*/) { return nullptr; }
  /// The minimizer of q over ‖p‖ ≤ radius, radius > 0: (B + λI) p = −g, B + λI ⪰ 0, λ (‖p‖ − radius) = 0.
  virtual Minimizer within(double radius) = 0;
  /// The minimizer −B⁻¹g where B is positive definite; elsewhere a direction of descent from B made positive
  /// definite.
  virtual Vector descent() = 0;
  /// −(B + λI)⁻¹g, λ being the damping, which is positive, or more where B + λI is not positive definite;
  /// empty where no such step is made.
  virtual Vector damped(double /*damping*/) { return {}; }
  /// The smallest eigenvalue, where it had to be computed.
  virtual std::optional<double> known_lambda_min() const { return std::nullopt; }

  /// What it keeps from one matrix to the next.
  struct Warmth {
    Vector lowest = {};  ///< unit vector near the lowest eigenvectors (n), or empty
    double shift = 0.0;  ///< of the last minimizer on a boundary
  };
  virtual Warmth warmth() const { return {}; }
  /// Takes it back, after the first `reset`.
  virtual void warm(const Warmth& /*warmth*/) {}
};

/// The t for which ‖p + t u‖ = radius, of the smaller magnitude; ‖u‖ = 1, ‖p‖ <= radius.
double to_boundary(const Vector& p, const Vector& u, double radius);

/// By eigenvalues where there are few variables, by factorizations where there are more, and by products
/// where the factors would fill up.
inline constexpr Index largest_decomposed = 64;
std::unique_ptr<Quadratic> make_quadratic(const Symmetric& B);

}  // namespace quadric::linalg
