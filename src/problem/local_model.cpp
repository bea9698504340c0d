#include "quadric/problem/local_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/SparseCore>

#include "quadric/base/misuse.hpp"

#include "linalg/symmetric.hpp"

namespace quadric {

namespace {

/// Up to this many variables a dense Hessian is cheaper whatever its zeros.
constexpr Index largest_dense = 64;
/// From this share of entries on that may be other than zero, it is so for any number of variables.
constexpr double filled_share = 0.3;
/// Products with J are summed over so many rows at once, which needs no allocation.
constexpr int rows_at_once = 64;
using RowSums = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, rows_at_once, 1>;

/// f(rows) for some rows of J after the other.
template <class F>
void for_rows(const Matrix& J, const F& f) {
  for (Index first = 0; first < J.rows(); first += rows_at_once)
    f(J.middleRows(first, std::min<Index>(rows_at_once, J.rows() - first)));
}

bool has_few_zeros(const SparseMatrix& lower) {
  const double n = static_cast<double>(lower.rows());
  return static_cast<double>(lower.nonZeros()) >= filled_share * 0.5 * n * (n + 1.0);
}

}  // namespace

bool LocalModel::fill_hessian(bool is_filled) {
  if (is_filled || x.size() <= largest_dense) {
    sparse_hessian = nullptr;
    value = objective->hessian(x, gradient, hessian);
    return is_filled;
  }
  // A matrix that a copy of the model shares is not overwritten.
  if (!sparse_hessian || sparse_hessian.use_count() > 1) sparse_hessian = std::make_shared<SparseMatrix>();
  value = objective->sparse_hessian(x, gradient, *sparse_hessian);
  if (!has_few_zeros(*sparse_hessian)) return false;
  hessian = full_hessian();
  sparse_hessian = nullptr;
  return true;
}

void LocalModel::keep_within(const Bounds& box) {
  bounds = &box;
  multipliers.setZero(size());
  const auto drop = [](double& entry) {
    if (!std::isfinite(entry)) entry = 0.0;
  };
  std::vector<bool> held(static_cast<std::size_t>(size()));
  for (Index i = 0; i < size(); ++i) {
    if (!box.hold(i, x[i], gradient[i])) continue;
    std::swap(gradient[i], multipliers[i]);
    held[static_cast<std::size_t>(i)] = true;
    if (form == Curvature::GaussNewton) {
      for (double& entry : jacobian.col(i)) drop(entry);
    } else if (form == Curvature::Hessian && !is_sparse()) {
      for (double& entry : hessian.col(i)) drop(entry);
      for (double& entry : hessian.row(i)) drop(entry);
    }
  }
  if (!is_sparse()) return;
  for (Index j = 0; j < size(); ++j) {
    for (SparseMatrix::InnerIterator entry(*sparse_hessian, j); entry; ++entry)
      if (held[static_cast<std::size_t>(j)] || held[static_cast<std::size_t>(entry.row())])
        drop(entry.valueRef());
  }
}

Matrix LocalModel::full_hessian() const {
  if (!is_sparse()) return hessian;
  return Matrix(SparseMatrix(sparse_hessian->selfadjointView<Eigen::Lower>()));
}

Vector LocalModel::multiply(const Vector& v) const {
  Vector Bv;
  switch (form) {
    case Curvature::Hessian:
      if (!is_sparse()) return hessian * v;
      linalg::multiply(*sparse_hessian, v, Bv);
      return Bv;
    case Curvature::GaussNewton:
      return jacobian.transpose() * (jacobian * v);
    case Curvature::Gradient:
      return Vector::Zero(v.size());
    case Curvature::Product:
      break;
  }
  objective->hessian_product(x, v, Bv);
  return Bv;
}

Vector LocalModel::multiply_magnitudes(const Vector& v) const {
  if (form == Curvature::GaussNewton) {
    Vector product = Vector::Zero(v.size());
    for_rows(jacobian, [&](const auto& rows) {
      RowSums Jv = RowSums::Zero(rows.rows());
      for (Index j = 0; j < v.size(); ++j) Jv += v[j] * rows.col(j).cwiseAbs();
      for (Index j = 0; j < v.size(); ++j) product[j] += rows.col(j).cwiseAbs().dot(Jv);
    });
    return product;
  }
  if (form != Curvature::Hessian) misuse("the entries of a Hessian that the model does not hold");
  if (!is_sparse()) return hessian.cwiseAbs() * v;
  Vector product;
  linalg::multiply_magnitudes(*sparse_hessian, v, product);
  return product;
}

double LocalModel::curvature(const Vector& v) const {
  if (form == Curvature::Gradient) return 0.0;
  if (form == Curvature::GaussNewton) {
    double squares = 0.0;
    for_rows(jacobian, [&](const auto& rows) {
      RowSums Jv = RowSums::Zero(rows.rows());
      for (Index j = 0; j < v.size(); ++j) Jv += v[j] * rows.col(j);
      squares += Jv.squaredNorm();
    });
    return squares;
  }
  if (is_sparse()) return linalg::curvature(*sparse_hessian, v);
  return v.dot(multiply(v));
}

}  // namespace quadric
