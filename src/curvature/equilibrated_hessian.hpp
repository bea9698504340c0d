#pragma once

#include <optional>

#include "quadric/curvature/critical_point.hpp"
#include "quadric/problem/local_model.hpp"

#include "linalg/lanczos.hpp"
#include "linalg/shifted_cholesky.hpp"
#include "linalg/symmetric.hpp"

namespace quadric {

/// The Hessian H of a local model in variables that are comparable, S = D H D, and the factors of it that
/// were asked for last: what a certificate asks in turn needs few factorizations. A sparse Hessian is shared
/// with the model and must not change; not thread safe.
class EquilibratedHessian {
 public:
  explicit EquilibratedHessian(const LocalModel& model);
  EquilibratedHessian(const EquilibratedHessian&) = delete;
  EquilibratedHessian& operator=(const EquilibratedHessian&) = delete;

  Index size() const { return S_.size(); }
  const linalg::Symmetric& hessian() const { return H_; }  ///< H
  const linalg::Symmetric& scaled() const { return S_; }   ///< S
  const Vector& scaling() const { return d_; }             ///< the diagonal of D (n)

  /// Whether S + shift I is numerically positive definite: then `solve` works with it.
  bool factor(double shift);
  /// The same for S − tolerance I, whose factor stands for that of S where another one would cost more than
  /// the solves that refine what it gives.
  bool exceeds(double tolerance);
  /// Whether factors cost many times as much as solves do.
  bool is_dear() const { return cholesky_.is_dear(); }
  Vector solve(const Vector& b) const { return cholesky_.solve(b); }
  void solve_in_place(Vector& b) const { cholesky_.solve_in_place(b); }

  /// The lowest eigenvalue of H, which must be positive definite and factored as `exceeds` does, with its
  /// vector, by Lanczos' method on the inverse; its residual bounds how far it may be off.
  linalg::EigenPair lowest_pair();
  /// Takes note of that eigenvalue, where it was found otherwise: it spares factors of other models.
  void know_lowest(double lowest) { lowest_of_H_ = lowest; }

  /// D u with the lowest eigenvector u of S, normalized; for matrices that are small enough to be decomposed.
  Vector flattest_direction() const;

  /// −H⁻¹g (n); empty where H is not positive definite.
  std::optional<Vector> newton_step(const Vector& gradient);
  /// Whether the Hessian of another model keeps this share of the lowest curvature of S, which must be
  /// positive definite.
  bool keeps(double share, const LocalModel& there);
  /// Whether the curvature of another model is between half and twice that of H along every direction. False
  /// also where H is sparse and the other Hessian has other places.
  bool resembles(const LocalModel& there);

 private:
  std::optional<Vector> solution(const Vector& b);
  bool has_factor();
  double lowest_curvature();
  bool changes_by_less(double share, double lowest, const linalg::Symmetric& there, const Vector& d) const;
  bool is_above(double share, const linalg::Symmetric& low, const linalg::Symmetric& high);

  linalg::Symmetric H_, S_;
  Vector d_;
  linalg::ShiftedCholesky cholesky_;
  std::optional<double> factored_;              ///< the shift whose factors `cholesky_` holds
  std::optional<double> lowest_, lowest_of_H_;  ///< curvatures of S and of H, where they were asked for
  std::optional<double> most_of_S_;             ///< the former is no higher
};

/// `CurvatureAnalyzer::classify`, leaving the factors for what is asked next.
CriticalPoint classify(const LocalModel& model, EquilibratedHessian& H, double hessian_error);
/// Counts the curvatures of either sign where the verdict, which must be of H, left the index a bound; it
/// stays one where they can not be counted.
void count_signs(const EquilibratedHessian& H, CriticalPoint& point);

}  // namespace quadric
