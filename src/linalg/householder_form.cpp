#include "linalg/householder_form.hpp"

#include <algorithm>
#include <cmath>

namespace quadric::linalg {

namespace {

/// p = A v, by A's lower triangle (m × m, columns `stride` apart).
void multiply(const double* A, Index stride, Index m, const double* v, double* p) {
  std::fill(p, p + m, 0.0);
  for (Index j = 0; j < m; ++j, A += stride) {
    const double vj = v[j];
    double sum = p[j] + A[j] * vj;
    for (Index i = j + 1; i < m; ++i) {
      p[i] += A[i] * vj;
      sum += A[i] * v[i];
    }
    p[j] = sum;
  }
}

/// A −= v wᵀ + w vᵀ, in the lower triangle.
void subtract(double* A, Index stride, Index m, const double* v, const double* w) {
  for (Index j = 0; j < m; ++j, A += stride) {
    const double vj = v[j], wj = w[j];
    for (Index i = j; i < m; ++i) A[i] -= v[i] * wj + w[i] * vj;
  }
}

double dot(const double* v, const double* w, Index m) {
  double sum = 0.0;
  for (Index i = 0; i < m; ++i) sum += v[i] * w[i];
  return sum;
}

/// Makes of x (m) the vector v of the reflection I − β v vᵀ that turns x to the first axis, and gives β and
/// where it turns x to; β is 0 where x is there.
struct Reflection {
  double beta = 0.0, turned = 0.0;
};
Reflection reflection_of(double* x, Index m) {
  const double below = dot(x + 1, x + 1, m - 1);
  if (below == 0.0) return {.turned = x[0]};
  const double length = std::sqrt(x[0] * x[0] + below);
  const double turned = std::copysign(length, -x[0]), beta = 1.0 / (length * (length + std::abs(x[0])));
  x[0] -= turned;
  return {.beta = beta, .turned = turned};
}

}  // namespace

HouseholderForm::HouseholderForm(const Matrix& A) : vectors_(A), betas_(A.rows()) {
  const Index n = A.rows();
  double largest = 0.0;
  for (Index j = 0; j < n; ++j) largest = std::max(largest, A.col(j).tail(n - j).cwiseAbs().maxCoeff());
  if (largest > 0.0) scale_ = largest;
  vectors_ /= scale_;
  T_.reserve(n);
  Vector w(n);
  double coupling = 0.0;
  for (Index k = 0; k < n; ++k) {
    T_.append(vectors_(k, k), coupling);
    const Index m = n - k - 1;
    if (m == 0) break;
    double *const v = &vectors_(k + 1, k), *const rest = &vectors_(k + 1, std::min(k + 1, n - 1));
    const Reflection reflection = reflection_of(v, m);
    betas_[k] = reflection.beta;
    coupling = reflection.turned;
    if (reflection.beta == 0.0) continue;
    multiply(rest, n, m, v, w.data());
    const double along = 0.5 * reflection.beta * reflection.beta * dot(v, w.data(), m);
    for (Index i = 0; i < m; ++i) w[i] = reflection.beta * w[i] - along * v[i];
    subtract(rest, n, m, v, w.data());
  }
}

/// Applies the k-th reflection to a vector, given from row k + 1 on.
void HouseholderForm::reflect(Index k, double* h) const {
  const Index m = vectors_.rows() - k - 1;
  const double* const v = &vectors_(k + 1, k);
  const double share = betas_[k] * dot(v, h, m);
  for (Index i = 0; i < m; ++i) h[i] -= share * v[i];
}

Vector HouseholderForm::turned_back(Vector h) const {
  for (Index k = h.size() - 2; k >= 0; --k)
    if (betas_[k] != 0.0) reflect(k, &h[k + 1]);
  return h;
}

Matrix HouseholderForm::orthogonal() const {
  const Index n = vectors_.rows();
  Matrix Q = Matrix::Identity(n, n);
  for (Index k = n - 2; k >= 0; --k) {
    if (betas_[k] == 0.0) continue;
    for (Index j = k + 1; j < n; ++j) reflect(k, &Q(k + 1, j));
  }
  return Q;
}

}  // namespace quadric::linalg
