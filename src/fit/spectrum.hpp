#pragma once

#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/fit/statistics.hpp"

namespace quadric {

/// The singular values of J (m × n) with its columns scaled to unit length: what data say of parameters.
class JacobianSpectrum {
 public:
  /// `error` is the relative error of the entries of J.
  JacobianSpectrum(const Matrix& J, double error);

  Index rank() const noexcept { return rank_; }
  double tolerance() const noexcept { return tolerance_; }
  double condition() const;
  /// Whether the data set parameter j, alone.
  bool determines(Index j) const { return determined_[static_cast<std::size_t>(j)]; }
  /// R (n × rank) such that RRᵀ is a generalized inverse of JᵀJ, and the columns of JR are orthonormal.
  Matrix root() const;
  /// (JᵀJ)⁻¹ (n × n); variances of parameters that are not determined are infinite, covariances NaN.
  Matrix inverse() const;
  /// A matrix L (n × n) with LᵀJᵀJL = I, where the rank is n.
  Matrix orthonormal_steps() const;
  /// A basis of the undetermined directions with few parameters in each.
  std::vector<Combination> undetermined() const;

 private:
  Matrix few_parameters(Matrix basis) const;

  Vector lengths_;  ///< of the columns of J
  Vector sizes_;    ///< singular values, largest first, as many as columns
  Matrix V_;        ///< right singular vectors
  Matrix nothing_;  ///< a basis of the undetermined directions in scaled parameters (n × (n − rank))
  std::vector<bool> determined_;
  double tolerance_ = 0.0;
  Index rank_ = 0;
};

}  // namespace quadric
