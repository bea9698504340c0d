#include "linalg/symmetric.hpp"

#include <algorithm>
#include <cmath>

namespace quadric::linalg {

bool Symmetric::is_finite() const {
  double sum = 0.0;
  for_each_entry([&](Index, Index, double value) { sum += std::abs(value); });
  return std::isfinite(sum);
}

Vector Symmetric::diagonal() const {
  if (!is_sparse()) return dense_.diagonal();
  Vector diagonal = Vector::Zero(size());
  for (Index j = 0; j < size(); ++j) {
    const SparseMatrix::InnerIterator first(*lower_, j);
    if (first && first.row() == j) diagonal[j] = first.value();
  }
  if (scaling_.size() > 0) diagonal.array() *= scaling_.array().square();
  return diagonal;
}

Vector Symmetric::multiply(const Vector& v) const {
  if (!is_sparse()) return dense_.selfadjointView<Eigen::Lower>() * v;
  if (scaling_.size() == 0) return lower_->selfadjointView<Eigen::Lower>() * v;
  Vector product = lower_->selfadjointView<Eigen::Lower>() * scaling_.cwiseProduct(v);
  product.array() *= scaling_.array();
  return product;
}

Vector Symmetric::largest_of_rows() const {
  Vector largest = Vector::Zero(size());
  for_each_entry([&](Index i, Index j, double value) {
    const double magnitude = std::abs(value);
    largest[i] = std::max(largest[i], magnitude);
    largest[j] = std::max(largest[j], magnitude);
  });
  return largest;
}

Vector Symmetric::radii() const {
  Vector sums = Vector::Zero(size());
  for_each_entry([&](Index i, Index j, double value) {
    if (i == j) return;
    sums[i] += std::abs(value);
    sums[j] += std::abs(value);
  });
  return sums;
}

void Symmetric::scale(const Vector& d) {
  if (!is_sparse()) {
    dense_ = (d.asDiagonal() * dense_ * d.asDiagonal()).eval();
  } else if (scaling_.size() == 0) {
    scaling_ = d;
  } else {
    scaling_.array() *= d.array();
  }
}

Vector equilibrate(const Symmetric& A) {
  const Index n = A.size();
  Vector d = Vector::Ones(n), largest(n);
  for (int sweep = 0; sweep < 12; ++sweep) {
    largest.setZero();
    A.for_each_entry([&](Index i, Index j, double value) {
      const double magnitude = std::abs(d[i] * value * d[j]);
      largest[i] = std::max(largest[i], magnitude);
      largest[j] = std::max(largest[j], magnitude);
    });
    double worst = 0.0;
    for (Index i = 0; i < n; ++i) {
      if (!(largest[i] > 0.0)) continue;
      d[i] /= std::sqrt(largest[i]);
      worst = std::max(worst, std::abs(largest[i] - 1.0));
    }
    if (worst < 0.1) break;
  }
  return d;
}

}  // namespace quadric::linalg
