#pragma once

#include <optional>
#include <string>

#include "quadric/base/types.hpp"
#include "quadric/curvature/critical_point.hpp"
#include "quadric/problem/local_model.hpp"
#include "quadric/problem/objective.hpp"

namespace quadric {

/// How a function bends along a direction d, to second order: f(x + td) ≈ f(x) + slope t + ½ curvature t².
struct Bend {
  double slope = 0.0;      ///< gᵀd
  double curvature = 0.0;  ///< dᵀH d
  /// The t that minimizes the quadric along d: −slope / curvature; ±∞ where the quadric falls forever along d
  /// (negative or zero curvature), 0 where it is flat.
  double step = 0.0;

  /// In words: "slope -2, curvature 4: bends up, a step of 0.5 gains half of what the slope promises".
  std::string describe() const;
};

/// Reads a local model: bends along directions, eigenvalues, and what kind of point it stands at.
class CurvatureAnalyzer {
 public:
  /// The model must outlive the analyzer. Eigenvalues need a model of form `Curvature::Hessian`.
  explicit CurvatureAnalyzer(const LocalModel& model) : model_(model) {}

  /// Slope, curvature and recommended step along d (n, any length; not normalized).
  Bend along(const Vector& d) const;

  /// All eigenvalues of the Hessian (n), ascending; O(n³).
  Vector eigenvalues() const;

  /// Classifies the point by the inertia of the Hessian, given that the gradient counts as zero.
  /// `hessian_error` is the relative error of the Hessian, ‖error‖ / ‖H‖; the eigenvalue tolerance is the sum
  /// of that and rounding.
  CriticalPoint classify(double hessian_error) const;

  /// The step −H⁻¹g (n) to the bottom of the quadric; empty where H is not positive definite. Half of
  /// −gᵀ(step) is the Newton decrement, how far f is above that bottom.
  std::optional<Vector> newton_step() const;

 private:
  const LocalModel& model_;
};

/// The quadric of f at x with its exact Hessian.
LocalModel local_model(const Objective& f, const Point& x);

/// Classifies x: a critical point when no entry of the gradient exceeds `tolerance` times the change that the
/// Hessian promises for a relative move of all of x (coordinates below 1 counted as 1). Where the curvature
/// vanishes along one or two directions (of each part, where f is a sum of parts in variables of their own),
/// third and fourth derivatives along them, from differences of Hessians, are looked at, up to 64 variables.
/// Misuse: empty or non-finite x.
CriticalPoint classify(const Objective& f, const Point& x, double tolerance = 1e-8);

/// How f bends along the direction at x. Misuse: sizes that differ, a non-finite or zero direction.
Bend curvature_along(const Objective& f, const Point& x, const Point& direction);

}  // namespace quadric
