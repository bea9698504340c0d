#include "quadric/problem/local_model.hpp"

namespace quadric {

Vector LocalModel::multiply(const Vector& v) const {
  switch (form) {
    case Curvature::Hessian:
      return hessian * v;
    case Curvature::GaussNewton:
      return jacobian.transpose() * (jacobian * v);
    case Curvature::Product:
      break;
  }
  Vector Bv;
  objective->hessian_product(x, v, Bv);
  return Bv;
}

double LocalModel::curvature(const Vector& v) const {
  if (form == Curvature::GaussNewton) return (jacobian * v).squaredNorm();
  return v.dot(multiply(v));
}

}  // namespace quadric
