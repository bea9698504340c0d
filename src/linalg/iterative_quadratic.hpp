#pragma once

#include "linalg/krylov_quadratic.hpp"
#include "linalg/quadratic.hpp"

namespace quadric::linalg {

/// Minimizers over the Krylov space of g and B, for a sparse B whose factors would fill up. A ten-thousandth
/// of g may be left of the residual, so that the steps of Newton's method shrink the gradient by no more than
/// that factor each in the end (Dembo, Eisenstat & Steihaug 1982).
class IterativeQuadratic final : public Quadratic {
 public:
  void reset(Symmetric B, const Vector& g) override;
  /// Whether B bends down along no direction of the space.
  bool positive_definite() override;
  Minimizer within(double radius) override;
  Vector descent() override;
  Vector damped(double damping) override;

 private:
  Symmetric B_;
  Vector g_;
  KrylovQuadratic space_;
};

}  // namespace quadric::linalg
