#include "fit/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <Eigen/SVD>
#include <fmt/format.h>

namespace quadric {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
/// Of the rounding of a singular value, √(m n) times that of an entry at most.
constexpr double roundings = 16.0;
/// Weights of scaled parameters below this, of largest 1, are rounding.
constexpr double least_weight = 1e-5;

}  // namespace

JacobianSpectrum::JacobianSpectrum(const Matrix& J, double error)
    : lengths_(J.colwise().norm().transpose()), sizes_(Vector::Zero(J.cols())) {
  const Index n = J.cols();
  const double entries = std::sqrt(static_cast<double>(J.rows() * n));
  tolerance_ = roundings * entries * std::max(error, std::numeric_limits<double>::epsilon());
  const Vector inverse = (lengths_.array() > 0.0).select(lengths_.cwiseInverse(), 0.0);
  const Eigen::BDCSVD<Matrix> svd(J * inverse.asDiagonal(), Eigen::ComputeFullV);
  sizes_.head(svd.singularValues().size()) = svd.singularValues();
  V_ = svd.matrixV();
  rank_ = n > 0 ? (sizes_.array() > tolerance_ * sizes_[0]).count() : 0;
  nothing_ = few_parameters(V_.rightCols(n - rank_));
  // Rows of a matrix without columns are blocks of no memory, which sanitizers refuse.
  determined_.assign(static_cast<std::size_t>(n), true);
  for (Index k = 0; k < nothing_.cols(); ++k) {
    for (Index j = 0; j < n; ++j) {
      if (nothing_(j, k) != 0.0) determined_[static_cast<std::size_t>(j)] = false;
    }
  }
}

double JacobianSpectrum::condition() const {
  if (sizes_.size() == 0) return unknown;
  return rank_ < sizes_.size() ? infinity : sizes_[0] / sizes_[sizes_.size() - 1];
}

/// Gauss-Jordan elimination with complete pivoting: each direction alone has its pivot.
Matrix JacobianSpectrum::few_parameters(Matrix basis) const {
  for (Index k = 0; k < basis.cols(); ++k) {
    Index row = 0, column = 0;
    basis.rightCols(basis.cols() - k).cwiseAbs().maxCoeff(&row, &column);
    basis.col(k).swap(basis.col(k + column));
    basis.col(k) /= basis(row, k);
    for (Index other = 0; other < basis.cols(); ++other) {
      if (other == k) continue;
      const double share = basis(row, other);
      basis.col(other) -= share * basis.col(k);
      basis(row, other) = 0.0;
    }
  }
  for (Index k = 0; k < basis.cols(); ++k) {
    basis.col(k) /= basis.col(k).cwiseAbs().maxCoeff();
    for (Index j = 0; j < basis.rows(); ++j)
      if (std::abs(basis(j, k)) < least_weight) basis(j, k) = 0.0;
  }
  return basis;
}

std::vector<Combination> JacobianSpectrum::undetermined() const {
  std::vector<Combination> found;
  for (Index k = 0; k < nothing_.cols(); ++k) {
    // A parameter that nothing depends on stands alone: its scale is no matter.
    const Vector scale = (lengths_.array() > 0.0).select(lengths_, 1.0);
    Vector weights = nothing_.col(k).cwiseQuotient(scale);
    Index largest = 0;
    weights.cwiseAbs().maxCoeff(&largest);
    weights /= weights[largest];
    found.push_back({.weights = weights});
  }
  return found;
}

Matrix JacobianSpectrum::root() const {
  const Vector scale = (lengths_.array() > 0.0).select(lengths_.cwiseInverse(), 0.0);
  return scale.asDiagonal() * V_.leftCols(rank_) * sizes_.head(rank_).cwiseInverse().asDiagonal();
}

Matrix JacobianSpectrum::inverse() const {
  const Index n = lengths_.size();
  const Matrix factor = root();
  Matrix inverse = factor * factor.transpose();
  for (Index j = 0; j < n; ++j) {
    if (determines(j)) continue;
    inverse.row(j).setConstant(unknown);
    inverse.col(j).setConstant(unknown);
    inverse(j, j) = infinity;
  }
  return inverse;
}

Matrix JacobianSpectrum::orthonormal_steps() const {
  return lengths_.cwiseInverse().asDiagonal() * V_ * sizes_.cwiseInverse().asDiagonal();
}

std::string Combination::describe(const std::vector<std::string>& names) const {
  std::string text;
  for (Index j = 0; j < weights.size(); ++j) {
    if (weights[j] == 0.0) continue;
    text += (text.empty() ? "" : " with ") +
            fmt::format("{} by {:.4g}", names[static_cast<std::size_t>(j)], weights[j]);
  }
  return text;
}

}  // namespace quadric
