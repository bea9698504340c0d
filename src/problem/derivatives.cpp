#include "quadric/problem/derivatives.hpp"

#include <Eigen/SparseCore>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric {

Vector gradient(const Objective& f, const Point& x) {
  require_point(x, "the point of the gradient");
  Vector g;
  f.gradient(x, g);
  return g;
}

Matrix hessian(const Objective& f, const Point& x) {
  require_point(x, "the point of the Hessian");
  Vector g;
  Matrix H;
  f.hessian(x, g, H);
  return H;
}

SparseMatrix sparse_hessian(const Objective& f, const Point& x) {
  require_point(x, "the point of the Hessian");
  Vector g;
  SparseMatrix lower;
  f.sparse_hessian(x, g, lower);
  return lower.selfadjointView<Eigen::Lower>();
}

SparseMatrix sparse_jacobian(const Residuals& r, const Point& x) {
  require_point(x, "the point of the Jacobian");
  Vector values;
  SparseMatrix J;
  r.sparse_jacobian(x, values, J);
  return J;
}

Matrix jacobian(const Residuals& r, const Point& x) {
  require_point(x, "the point of the Jacobian");
  Vector values;
  Matrix J;
  r.jacobian(x, values, J);
  return J;
}

Vector hessian_product(const Objective& f, const Point& x, const Point& v) {
  require_point(x, "the point of the Hessian-vector product");
  require_point(v, "the direction of the Hessian-vector product");
  if (x.size() != v.size()) {
    misuse("the direction has " + std::to_string(v.size()) + " entries, but the point has " +
           std::to_string(x.size()));
  }
  Vector Hv;
  f.hessian_product(x, v, Hv);
  return Hv;
}

}  // namespace quadric
