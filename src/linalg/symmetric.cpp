#include "linalg/symmetric.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quadric::linalg {

namespace {

/// diag(s) A diag(s) v; `s` is null for ones.
void multiply_scaled(const SparseMatrix& lower, const double* s, const Vector& v, Vector& product) {
  const Index n = lower.cols();
  const int *const start = lower.outerIndexPtr(), *const row = lower.innerIndexPtr();
  const double* const values = lower.valuePtr();
  product.setZero(n);
  for (Index j = 0; j < n; ++j) {
    const double vj = s ? s[j] * v[j] : v[j];
    double sum = product[j];  // of the columns before, which alone reach this row besides its own
    int p = start[j];
    const int end = start[j + 1];
    if (p < end && row[p] == j) sum += values[p++] * vj;
    for (; p < end; ++p) {
      const int i = row[p];
      product[i] += values[p] * vj;
      sum += values[p] * (s ? s[i] * v[i] : v[i]);
    }
    product[j] = s ? s[j] * sum : sum;
  }
}

}  // namespace

void multiply(const SparseMatrix& lower, const Vector& v, Vector& product) {
  multiply_scaled(lower, nullptr, v, product);
}

double curvature(const SparseMatrix& lower, const Vector& v) {
  constexpr Index summed_apart = 256;  // columns, so that rounding grows with their sums only
  const int *const start = lower.outerIndexPtr(), *const row = lower.innerIndexPtr();
  const double* const values = lower.valuePtr();
  double total = 0.0;
  for (Index j = 0; j < lower.cols();) {
    double part = 0.0;
    for (const Index last = std::min(lower.cols(), j + summed_apart); j < last; ++j) {
      double diagonal = 0.0, below = 0.0;
      int p = start[j];
      const int end = start[j + 1];
      if (p < end && row[p] == j) diagonal = values[p++] * v[j];
      for (; p < end; ++p) below += values[p] * v[row[p]];
      part += v[j] * (diagonal + 2.0 * below);
    }
    total += part;
  }
  return total;
}

void multiply_magnitudes(const SparseMatrix& lower, const Vector& v, Vector& product) {
  const int *const start = lower.outerIndexPtr(), *const row = lower.innerIndexPtr();
  const double* const values = lower.valuePtr();
  product.setZero(lower.cols());
  for (Index j = 0; j < lower.cols(); ++j) {
    double sum = product[j];
    for (int p = start[j]; p < start[j + 1]; ++p) {
      const double magnitude = std::abs(values[p]);
      sum += magnitude * v[row[p]];
      if (row[p] != j) product[row[p]] += magnitude * v[j];
    }
    product[j] = sum;
  }
}

double sum_of_magnitudes(const SparseMatrix& lower, const Vector& v) {
  const int *const start = lower.outerIndexPtr(), *const row = lower.innerIndexPtr();
  const double* const values = lower.valuePtr();
  double total = 0.0;
  for (Index j = 0; j < lower.cols(); ++j) {
    double sum = 0.0;
    for (int p = start[j]; p < start[j + 1]; ++p)
      sum += std::abs(values[p]) * (row[p] == j ? v[j] : v[row[p]] + v[j]);
    total += sum;
  }
  return total;
}

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
  Vector product;
  multiply(v, product);
  return product;
}

void Symmetric::multiply(const Vector& v, Vector& product) const {
  if (is_sparse()) {
    multiply_scaled(*lower_, scaling_.size() > 0 ? scaling_.data() : nullptr, v, product);
  } else {
    product.noalias() = dense_.selfadjointView<Eigen::Lower>() * v;
  }
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

void Symmetric::scale(Vector d) {
  if (!is_sparse()) {
    dense_ = (d.asDiagonal() * dense_ * d.asDiagonal()).eval();
  } else if (scaling_.size() == 0) {
    scaling_ = std::move(d);
  } else {
    scaling_.array() *= d.array();
  }
}

double eigenvalue_bound(const Symmetric& A) {
  const auto times_magnitudes = [&A](const Vector& v) {
    Vector product = Vector::Zero(A.size());
    A.for_each_entry([&](Index i, Index j, double value) {
      const double magnitude = std::abs(value);
      product[i] += magnitude * v[j];
      if (i != j) product[j] += magnitude * v[i];
    });
    return product;
  };
  const Vector sums = times_magnitudes(Vector::Ones(A.size())), v = sums.cwiseSqrt();
  const Vector product = times_magnitudes(v);
  double largest = 0.0;
  for (Index i = 0; i < A.size(); ++i) {
    if (v[i] == 0.0) continue;  // a row of zeros
    const double ratio = product[i] / v[i];
    if (!std::isfinite(ratio)) return ratio;
    largest = std::max(largest, ratio);
  }
  return largest;
}

namespace {

/// Sets `largest` to the largest magnitudes of the rows of diag(d) A diag(d).
void largest_of_scaled_rows(const Symmetric& A, const Vector& d, Vector& largest) {
  largest.setZero(A.size());
  A.for_each_entry([&](Index i, Index j, double value) {
    const double magnitude = std::abs(d[i] * value * d[j]);
    largest[i] = std::max(largest[i], magnitude);
    largest[j] = std::max(largest[j], magnitude);
  });
}

/// How far from 1 they may stay.
constexpr double equilibrated = 0.1;

}  // namespace

Vector equilibrate(const Symmetric& A) {
  const Index n = A.size();
  Vector d = A.diagonal(), largest(n);
  // Of a semidefinite matrix no entry is beyond the root of the product of two on the diagonal.
  if (d.minCoeff() > 0.0) {
    d = d.array().rsqrt();
    largest_of_scaled_rows(A, d, largest);
    if ((largest.array() <= 1.0 + equilibrated).all()) return d;
  }
  d.setOnes();
  for (int sweep = 0; sweep < 12; ++sweep) {
    largest_of_scaled_rows(A, d, largest);
    double worst = 0.0;
    for (Index i = 0; i < n; ++i) {
      if (!(largest[i] > 0.0)) continue;
      d[i] /= std::sqrt(largest[i]);
      worst = std::max(worst, std::abs(largest[i] - 1.0));
    }
    if (worst < equilibrated) break;
  }
  return d;
}

}  // namespace quadric::linalg
