#include "linalg/symmetric.hpp"

#include <algorithm>
#include <cmath>

namespace quadric::linalg {

namespace {

/// f(row, column, value) for each entry of the lower triangle.
template <class F>
void for_each_entry(const Symmetric& A, const F& f) {
  if (A.is_sparse()) {
    for (Index j = 0; j < A.size(); ++j) {
      for (SparseMatrix::InnerIterator entry(A.lower(), j); entry; ++entry)
        f(entry.row(), entry.col(), entry.value());
    }
  } else {
    for (Index j = 0; j < A.size(); ++j) {
      for (Index i = j; i < A.size(); ++i) f(i, j, A.dense()(i, j));
    }
  }
}

}  // namespace

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
  for_each_entry(*this, [&](Index i, Index j, double value) {
    const double magnitude = std::abs(value);
    largest[i] = std::max(largest[i], magnitude);
    largest[j] = std::max(largest[j], magnitude);
  });
  return largest;
}

Vector Symmetric::radii() const {
  Vector sums = Vector::Zero(size());
  for_each_entry(*this, [&](Index i, Index j, double value) {
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
    for_each_entry(A, [&](Index i, Index j, double value) {
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
