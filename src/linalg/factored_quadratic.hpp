#pragma once

#include <optional>
#include <utility>

#include "linalg/ball_space.hpp"
#include "linalg/quadratic.hpp"
#include "linalg/shifted_cholesky.hpp"

namespace quadric::linalg {

/// Minimizers by Cholesky factors of B + λI alone, dense or sparse (Moré & Sorensen 1983; Conn, Gould & Toint
/// 2000, section 7.3).
///
/// B itself is not factored where the shift of the last minimizer, of the matrix before, shows that the ball
/// binds: from one iteration of a method to the next it usually does.
///
/// In a ball the step is as good as theirs: its length is within a tenth of the radius, or its decrease
/// within a tenth of the best one, as where g has next to no component along the lowest eigenvectors.
///
/// Where a factor costs many times as much as a solve with it, the λ of the last minimizer is kept for all
/// balls, and the minimizers are found in the space of g and of what that factor gives for g, for the lowest
/// vector known and for the residuals in turn (Hager 2001): its solves converge as those of conjugate
/// gradients that it preconditions, also to minimizers of another λ. Usually that is one factor an iteration
/// of a method.
class FactoredQuadratic final : public Quadratic {
 public:
  /// Whether solves are spent to spare factors; where it is not said, as the fill makes it worth.
  explicit FactoredQuadratic(std::optional<bool> spares_factors = {}) : spares_factors_(spares_factors) {}

  void reset(Symmetric B, const Vector& g) override;
  bool positive_definite() override;
  const Vector* minimizer_inside(double radius) override;
  Minimizer within(double radius) override;
  /// −(B + λI)⁻¹g with a shift λ that is little larger than is needed.
  Vector descent() override;
  Vector damped(double damping) override;
  /// So far, of all matrices.
  Index factorizations() const noexcept { return factorizations_; }
  Warmth warmth() const override { return {.lowest = lowest_, .shift = last_shift_}; }
  void warm(const Warmth& warmth) override {
    lowest_ = warmth.lowest;
    last_shift_ = warmth.shift;
  }

 private:
  struct Bracket;
  Bracket bracket(double radius);
  double lowest_vector();
  bool factor(double shift);
  bool minimizes_without_ball(double radius);
  Vector minus_solution() const;
  double size();
  bool spares_factors() const;
  bool factor_pole(double radius);
  bool move_pole(double shift, double radius);
  void extend_space();
  Vector by_plane(double radius) const;
  double look_beyond(const BallSpace::Minimizer& found);
  Minimizer within_by_factors(double radius);
  Minimizer within_by_space(double radius);
  Minimizer as_minimizer(BallSpace::Minimizer found);

  std::optional<bool> spares_factors_;

  Symmetric B_;
  Vector g_;
  ShiftedCholesky cholesky_;
  bool tried_ = false;                              ///< to factor B itself
  bool has_newton_ = false;                         ///< that could be done
  Vector newton_;                                   ///< then −B⁻¹g; else kept for its memory
  std::optional<std::pair<double, double>> discs_;  ///< an interval that holds all eigenvalues
  double lowest_diagonal_ = 0.0;                    ///< known with it
  std::optional<double> factored_;                  ///< the shift whose factors `cholesky_` holds
  BallSpace space_;
  bool has_space_ = false;  ///< `space_` is that of this matrix
  Index factorizations_ = 0;
  Vector lowest_;          ///< unit vector near the lowest eigenvectors, kept from one matrix to the next
  double last_shift_ = 0;  ///< of the last minimizer on a boundary, where it is more than a little
};

}  // namespace quadric::linalg
