#include "linalg/ball_space.hpp"

#include <cmath>
#include <utility>

#include <Eigen/Eigenvalues>

namespace quadric::linalg {

namespace {

/// Of a vector less than this share leads out of the space by rounding alone.
constexpr double no_news = 1e-10;
constexpr Index first_columns = 8;

}  // namespace

void BallSpace::reset(const Symmetric& B, const Vector& g) {
  B_ = &B;
  g_ = g;
  size_ = 0;
  is_small_current_ = false;
  if (basis_.rows() != g.size()) {
    basis_.resize(g.size(), first_columns);
    products_.resize(g.size(), first_columns);
    T_.resize(first_columns, first_columns);
    along_.resize(first_columns);
  }
  add(g);
}

bool BallSpace::add(Vector v) {
  if (size_ == g_.size()) return false;
  const double length = v.norm();
  if (!(length > 0.0) || !std::isfinite(length)) return false;
  v /= length;
  const auto V = basis_.leftCols(size_);
  for (int twice = 0; twice < 2; ++twice) v -= V * (V.transpose() * v);
  const double left = v.norm();
  if (!(left > no_news)) return false;
  v /= left;
  const Vector product = B_->multiply(v);
  if (!product.allFinite()) return false;
  if (size_ == basis_.cols()) {
    const Index columns = 2 * size_;
    basis_.conservativeResize(Eigen::NoChange, columns);
    products_.conservativeResize(Eigen::NoChange, columns);
    T_.conservativeResize(columns, columns);
    along_.conservativeResize(columns);
  }
  const Index k = size_++;
  basis_.col(k) = v;
  products_.col(k) = product;
  T_.col(k).head(k + 1) = basis_.leftCols(k + 1).transpose() * product;
  T_.row(k).head(k) = T_.col(k).head(k);
  along_[k] = v.dot(g_);
  is_small_current_ = false;
  return true;
}

BallSpace::Minimizer BallSpace::within(double radius) {
  if (!std::exchange(is_small_current_, true))
    small_.reset(Matrix(T_.topLeftCorner(size_, size_)), along_.head(size_));
  const Quadratic::Minimizer small = small_.within(radius);
  const Vector& y = small.step;
  Minimizer result{.shift = small.at_boundary ? small.shift : 0.0,
                   .at_boundary = small.at_boundary,
                   .hard_case = small.hard_case};
  result.step = basis_.leftCols(size_) * y;
  result.residual = products_.leftCols(size_) * y + result.shift * result.step + g_;
  result.value = along_.head(size_).dot(y) + 0.5 * y.dot(T_.topLeftCorner(size_, size_) * y);
  return result;
}

double BallSpace::lowest_curvature() const {
  const Matrix T = T_.topLeftCorner(size_, size_);
  return Eigen::SelfAdjointEigenSolver<Matrix>(T, Eigen::EigenvaluesOnly).eigenvalues()[0];
}

EigenPair BallSpace::lowest() const {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(T_.topLeftCorner(size_, size_));
  return {.value = eigen.eigenvalues()[0],
          .vector = (basis_.leftCols(size_) * eigen.eigenvectors().col(0)).normalized()};
}

}  // namespace quadric::linalg
