#include "curvature/equilibrated_hessian.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "curvature/symmetric_hessian.hpp"
#include "linalg/lanczos.hpp"
#include "linalg/sums.hpp"
#include "linalg/symmetric_spectrum.hpp"

namespace quadric {

namespace {

/// Residual of a refined solution, relative to the right side.
constexpr double refined = 1e-12;
/// Residuals, relative to the eigenvalue, at which Lanczos' method on an inverse stops. The value is good to
/// about the square of it.
constexpr double sharp = 1e-2;
/// An eigenvalue by Lanczos' method is at least this share of what it seems to be.
constexpr double sure = 0.9;

bool same_places(const linalg::Symmetric& A, const linalg::Symmetric& B) {
  if (A.is_sparse() != B.is_sparse() || A.size() != B.size()) return false;
  if (!A.is_sparse() || &A.unscaled() == &B.unscaled()) return true;
  const SparseMatrix &a = A.unscaled(), &b = B.unscaled();
  return a.nonZeros() == b.nonZeros() &&
         std::equal(a.outerIndexPtr(), a.outerIndexPtr() + a.cols() + 1, b.outerIndexPtr()) &&
         std::equal(a.innerIndexPtr(), a.innerIndexPtr() + a.nonZeros(), b.innerIndexPtr());
}

/// No eigenvalue of D A D differs by more than this from that of D B D: the largest row sum of their
/// difference, infinite where their entries are at different places. Of matrices that are not scaled, with
/// the diagonal of D, empty for ones.
double largest_change(const linalg::Symmetric& A, const linalg::Symmetric& B, const Vector& d) {
  if (!same_places(A, B)) return std::numeric_limits<double>::infinity();
  Vector sums = Vector::Zero(A.size());
  const auto add = [&](Index i, Index j, double difference) {
    const double change = std::abs(difference) * (d.size() > 0 ? d[i] * d[j] : 1.0);
    sums[i] += change;
    if (i != j) sums[j] += change;
  };
  if (A.is_sparse()) {
    const double* before = A.unscaled().valuePtr();
    B.for_each_entry([&](Index i, Index j, double value) { add(i, j, value - *before++); });
  } else {
    B.for_each_entry([&](Index i, Index j, double value) { add(i, j, value - A.dense()(i, j)); });
  }
  return sums.maxCoeff();
}

/// A − share B, for matrices of the same places.
linalg::Symmetric difference(const linalg::Symmetric& A, double share, const linalg::Symmetric& B) {
  if (!A.is_sparse()) return linalg::Symmetric(Matrix(A.dense() - share * B.dense()));
  SparseMatrix result = A.unscaled();
  result.coeffs() -= share * B.unscaled().coeffs();
  return linalg::Symmetric(std::move(result));
}

}  // namespace

EquilibratedHessian::EquilibratedHessian(const LocalModel& model)
    : H_(symmetric_hessian(model)), S_(H_), d_(linalg::equilibrate(H_)) {
  S_.scale(d_);
  cholesky_.reset(S_);
}

bool EquilibratedHessian::factor(double shift) {
  if (factored_ == shift) return true;
  factored_.reset();
  if (cholesky_.factor(shift)) factored_ = shift;
  return factored_.has_value();
}

bool EquilibratedHessian::exceeds(double tolerance) {
  return factor(-tolerance) && (!cholesky_.is_cheap() || factor(0.0));
}

/// S⁻¹b; empty where S is not positive definite. By a factor at hand of a little less than S, where it is
/// near enough for the residual to vanish in a step.
std::optional<Vector> EquilibratedHessian::solution(const Vector& b) {
  if (factored_ && *factored_ < 0.0) {
    Vector x = solve(b);
    for (int step = 0; step < 2; ++step) {
      const Vector residual = b - S_.multiply(x);
      if (residual.norm() <= refined * b.norm()) return x;
      x += solve(residual);
    }
  }
  if (!factor(0.0)) return std::nullopt;
  return solve(b);
}

std::optional<Vector> EquilibratedHessian::newton_step(const Vector& gradient) {
  auto step = solution(-d_.cwiseProduct(gradient));
  if (!step) return std::nullopt;
  step->array() *= d_.array();
  if (!linalg::all_finite(*step)) return std::nullopt;
  return step;
}

/// Whether a factor of S or a little less is at hand, or can be made.
bool EquilibratedHessian::has_factor() { return (factored_ && *factored_ <= 0.0) || factor(0.0); }

bool EquilibratedHessian::keeps(double share, const LocalModel& there) {
  linalg::Symmetric after = symmetric_hessian(there);
  if (lowest_of_H_ && changes_by_less(1.0 - share, *lowest_of_H_, after, {})) return true;
  // Above share S along every direction, which one factorization may show.
  if (!is_dear() && H_.is_sparse() && same_places(H_, after) && is_above(share, H_, after)) return true;
  if (!has_factor()) return false;
  const double lowest = lowest_curvature();
  if (is_dear() && changes_by_less(1.0 - share, lowest, after, d_)) return true;
  after.scale(d_);
  factored_.reset();
  cholesky_.reset(after);
  const bool kept = cholesky_.factor(-share * lowest);
  cholesky_.reset(S_);
  return kept;
}

/// Whether D H D becomes that of another matrix by changes of less than a share of its lowest eigenvalue.
bool EquilibratedHessian::changes_by_less(double share, double lowest, const linalg::Symmetric& there,
                                          const Vector& d) const {
  return largest_change(H_, there, d) <= sure * share * lowest;
}

linalg::EigenPair EquilibratedHessian::lowest_pair() {
  const auto inverse = [this](const Vector& v, Vector& product) {
    product = d_.cwiseProduct(v);
    solve_in_place(product);
    product.array() *= d_.array();
  };
  linalg::EigenPair pair =
      linalg::lanczos(size(), inverse, sharp, linalg::Ends::Highest, linalg::Vectors::Wanted).highest;
  // An eigenvalue of the inverse is within the residual of the value, and none is negative.
  const double missed = pair.residual / (pair.value + pair.residual);
  pair.value = 1.0 / pair.value;
  pair.residual = missed * pair.value;
  lowest_of_H_ = pair.value;
  most_of_S_ = pair.value / pair.vector.cwiseQuotient(d_).squaredNorm();
  return pair;
}

Vector EquilibratedHessian::flattest_direction() const {
  const Matrix S = S_.is_sparse() ? Matrix(S_.unscaled()) : S_.dense();
  const Matrix scaled = S_.is_sparse() ? Matrix(d_.asDiagonal() * S * d_.asDiagonal()) : S;
  return d_.cwiseProduct(linalg::low_spectrum(scaled).lowest).normalized();
}

/// The lowest curvature of S, by the factor at hand of S or a little less.
double EquilibratedHessian::lowest_curvature() {
  if (lowest_) return *lowest_;
  const auto inverse = [this](const Vector& v, Vector& product) {
    product = v;
    solve_in_place(product);
  };
  lowest_ = 1.0 / linalg::lanczos(size(), inverse, sharp, linalg::Ends::Highest).highest.value - *factored_;
  return *lowest_;
}

/// Whether high − share · low is positive definite, of matrices of the same places that are not scaled.
bool EquilibratedHessian::is_above(double share, const linalg::Symmetric& low,
                                   const linalg::Symmetric& high) {
  linalg::Symmetric gap = difference(high, share, low);
  gap.scale(d_);
  factored_.reset();
  cholesky_.reset(gap);
  const bool above = cholesky_.factor(0.0);
  cholesky_.reset(S_);
  return above;
}

bool EquilibratedHessian::resembles(const LocalModel& there) {
  const linalg::Symmetric other = symmetric_hessian(there);
  if (!same_places(H_, other)) return false;
  if (lowest_of_H_ && changes_by_less(0.5, *lowest_of_H_, other, {})) return true;
  if (!is_dear()) return is_above(0.5, H_, other) && is_above(0.5, other, H_);
  // What the lowest vector of H bends by bounds the lowest curvature of S from above.
  if (most_of_S_ && !changes_by_less(0.5, *most_of_S_, other, d_)) return false;
  return has_factor() && changes_by_less(0.5, lowest_curvature(), other, d_);
}

}  // namespace quadric
