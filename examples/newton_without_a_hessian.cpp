// 5,000 variables and a Hessian without zeros: 25 million numbers that nobody needs. Newton's method by
// products with vectors, and a certificate by products, too.
#include <iostream>

#include <quadric/quadric.hpp>

namespace qd = quadric;

// Hands over a value, a gradient and products, of f = ½ Σ dᵢ xᵢ² + ¼ (Σ xᵢ)⁴ / n² − Σ xᵢ, d from 1 to 10.
struct Coupled {
  qd::Vector d;
  double value(const qd::Vector& x) const {
    const double s = x.sum(), n = static_cast<double>(x.size());
    return 0.5 * d.dot(x.cwiseAbs2()) + 0.25 * s * s * s * s / (n * n) - s;
  }
  qd::Vector gradient(const qd::Vector& x) const {
    const double s = x.sum(), n = static_cast<double>(x.size());
    return d.cwiseProduct(x).array() + s * s * s / (n * n) - 1.0;
  }
  qd::Vector hessian_product(const qd::Vector& x, const qd::Vector& v) const {
    const double s = x.sum(), n = static_cast<double>(x.size());
    return d.cwiseProduct(v).array() + 3.0 * s * s / (n * n) * v.sum();
  }
};

int main() {
  const qd::Index n = 5000;
  const Coupled f{qd::Vector::LinSpaced(n, 1.0, 10.0)};
  const qd::Result result = qd::minimize(f, qd::Vector::Zero(n), qd::MatrixFreeNewton{});
  std::cout << to_string(result.status) << " after " << result.iterations << " iterations, "
            << result.counts.hessians << " Hessians and " << result.counts.products << " products\n"
            << "the certificate: " << result.critical_point.describe() << "\n";

  // All dᵢ xᵢ are one number at the minimum.
  const qd::Vector level = f.d.cwiseProduct(result.x);
  return result.converged() && level.maxCoeff() - level.minCoeff() < 1e-6 && result.counts.hessians == 0 ? 0
                                                                                                         : 1;
}
