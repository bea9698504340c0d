#pragma once

#include "linalg/quadratic.hpp"
#include "linalg/shifted_cholesky.hpp"

namespace quadric::linalg {

/// Minimizers by Cholesky factors of B + λI alone, dense or sparse (Moré & Sorensen 1983; Conn, Gould & Toint
/// 2000, section 7.3).
///
/// In a ball the step is as good as theirs: its length is within a tenth of the radius, or its decrease
/// within a tenth of the best one, as where g has next to no component along the lowest eigenvectors.
class FactoredQuadratic final : public Quadratic {
 public:
  void reset(Symmetric B, const Vector& g) override;
  bool positive_definite() const override { return newton_.has_value(); }
  Minimizer within(double radius) override;
  /// −(B + λI)⁻¹g with a shift λ that is little larger than is needed.
  Vector descent() override;
  Warmth warmth() const override { return {.lowest = lowest_, .shift = last_shift_}; }
  void warm(const Warmth& warmth) override {
    lowest_ = warmth.lowest;
    last_shift_ = warmth.shift;
  }

 private:
  struct Bracket;
  Bracket bracket(double radius) const;
  double lowest_vector();
  bool factor(double shift);

  Symmetric B_;
  Vector g_;
  ShiftedCholesky cholesky_;
  std::optional<Vector> newton_;
  std::optional<double> factored_;  ///< the shift whose factors `cholesky_` holds
  Vector lowest_;          ///< unit vector near the lowest eigenvectors, kept from one matrix to the next
  double last_shift_ = 0;  ///< of the last minimizer on a boundary
};

}  // namespace quadric::linalg
