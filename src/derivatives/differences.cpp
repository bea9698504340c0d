#include "quadric/derivatives/differences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quadric::differences {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// A step of relative size `relative` for a variable at x that is exactly representable: (x + h) - x == h.
double representable_step(double x, double relative) {
  const double moved = std::abs(x) + relative * std::max(1.0, std::abs(x));
  return moved - std::abs(x);
}

double first_order_step(double x) { return representable_step(x, std::cbrt(epsilon)); }
double second_order_step(double x) { return representable_step(x, std::sqrt(std::sqrt(epsilon))); }

}  // namespace

void gradient(const ScalarFunction& f, const Vector& x, Vector& g) {
  g.resize(x.size());
  Vector moved = x;
  for (Index j = 0; j < x.size(); ++j) {
    const double h = first_order_step(x[j]);
    moved[j] = x[j] + h;
    const double above = f(moved);
    moved[j] = x[j] - h;
    const double below = f(moved);
    moved[j] = x[j];
    g[j] = (above - below) / (2.0 * h);
  }
}

void jacobian(const VectorFunction& f, const Vector& x, Matrix& J) {
  Vector moved = x;
  Vector above, below;
  for (Index j = 0; j < x.size(); ++j) {
    const double h = first_order_step(x[j]);
    moved[j] = x[j] + h;
    f(moved, above);
    moved[j] = x[j] - h;
    f(moved, below);
    moved[j] = x[j];
    if (j == 0) J.resize(above.size(), x.size());
    J.col(j) = (above - below) / (2.0 * h);
  }
}

void hessian(const ScalarFunction& f, const Vector& x, Matrix& H) {
  const Index n = x.size();
  H.resize(n, n);
  const double center = f(x);
  Vector h(n);
  for (Index j = 0; j < n; ++j) h[j] = second_order_step(x[j]);
  Vector moved = x;
  const auto at = [&](Index i, double si, Index j, double sj) {
    moved[i] += si * h[i];
    moved[j] += sj * h[j];
    const double value = f(moved);
    moved[i] = x[i];
    moved[j] = x[j];
    return value;
  };
  for (Index i = 0; i < n; ++i) {
    H(i, i) = ((at(i, 1, i, 0) - center) - (center - at(i, -1, i, 0))) / (h[i] * h[i]);
    for (Index j = 0; j < i; ++j) {
      const double mixed = (at(i, 1, j, 1) - at(i, 1, j, -1)) - (at(i, -1, j, 1) - at(i, -1, j, -1));
      H(i, j) = H(j, i) = mixed / (4.0 * h[i] * h[j]);
    }
  }
}

void hessian_product(const VectorFunction& gradient, const Vector& x, const Vector& v, Vector& Hv) {
  const double length = v.norm();
  if (length == 0.0) {
    Hv = Vector::Zero(x.size());
    return;
  }
  const double t = std::cbrt(epsilon) * std::max(1.0, x.norm()) / length;
  Vector above, below;
  gradient(x + t * v, above);
  gradient(x - t * v, below);
  Hv = (above - below) / (2.0 * t);
}

}  // namespace quadric::differences
