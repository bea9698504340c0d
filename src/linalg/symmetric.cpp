#include "linalg/symmetric.hpp"

#include <algorithm>
#include <cmath>

namespace quadric::linalg {

Vector Symmetric::diagonal() const {
  if (!is_sparse_) return dense_.diagonal();
  return lower_.diagonal();
}

Vector Symmetric::multiply(const Vector& v) const {
  if (is_sparse_) return lower_.selfadjointView<Eigen::Lower>() * v;
  return dense_.selfadjointView<Eigen::Lower>() * v;
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
  if (!is_sparse_) {
    dense_ = (d.asDiagonal() * dense_ * d.asDiagonal()).eval();
    return;
  }
  for (Index j = 0; j < size(); ++j) {
    for (SparseMatrix::InnerIterator entry(lower_, j); entry; ++entry)
      entry.valueRef() *= d[entry.row()] * d[j];
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
