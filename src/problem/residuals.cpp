#include "quadric/problem/residuals.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/SparseCore>

#include "quadric/base/misuse.hpp"
#include "quadric/derivatives/differences.hpp"

#include "problem/at_last_point.hpp"

namespace quadric {

namespace {

/// Analytic where a piece was supplied, central differences elsewhere.
class SuppliedResidualSource final : public ResidualSource {
 public:
  SuppliedResidualSource(std::shared_ptr<const SuppliedResiduals> pieces, bool serves_one_run)
      : shared_(std::move(pieces)), pieces_(*shared_), serves_one_run_(serves_one_run) {
    if (!pieces_.value) misuse("residuals need a value function");
  }

  std::shared_ptr<const ResidualSource> for_one_run() const override {
    return std::make_shared<const SuppliedResidualSource>(shared_, true);
  }

  void value(const Vector& x, Vector& r) const override {
    r = pieces_.value(x);
    if (serves_one_run_) value_.keep(x, r);
  }

  void jacobian(const Vector& x, Vector& r, Matrix& J) const override {
    Matrix error;
    fill_jacobian(x, r, J, error);
  }

  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    Matrix error;
    fill_weighted_hessian(x, w, S, error);
  }

  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    if (!pieces_.weighted_hessian && pieces_.jacobian) {
      Sv = differences::hessian_product(weighted_gradient(w), x, v, second_options()).derivative;
      return;
    }
    Matrix S;
    weighted_hessian(x, w, S);
    Sv.noalias() = S * v;
  }

  Provider provider() const override {
    if (!pieces_.jacobian) {
      return {.first = "differences",
              .second = "differences",
              .second_error = differences::hessian_error_from_values};
    }
    if (pieces_.weighted_hessian) return {.first = "analytic", .second = "analytic"};
    return {.first = "analytic",
            .second = "differences of the Jacobian",
            .second_error = differences::hessian_error_from_gradient};
  }

  /// Of JᵀJ + S, with the errors of both.
  double hessian_error(const Vector& x) const override {
    if (pieces_.jacobian && pieces_.weighted_hessian) return provider().second_error;
    return error_.at(x, [&] {
      Vector r;
      Matrix J, S, error_of_J, error_of_S;
      fill_jacobian(x, r, J, error_of_J);
      fill_weighted_hessian(x, r, S, error_of_S);
      const Matrix cross = J.cwiseAbs().transpose() * error_of_J;
      return error_.keep(x, J.transpose() * J + S, cross + cross.transpose() + error_of_S);
    });
  }

 private:
  /// r, J and the errors of its entries.
  void fill_jacobian(const Vector& x, Vector& r, Matrix& J, Matrix& error) const {
    if (pieces_.jacobian) {
      r = value_.at(x, [&] { return pieces_.value(x); });
      J = pieces_.jacobian(x);
      error = Matrix::Zero(r.size(), x.size());
    } else {
      const auto keep = [&](const auto& estimate) {
        r = estimate.value;
        J = Matrix(estimate.derivative);
        error = Matrix(estimate.error);
      };
      const differences::VectorFunction values = [this](const Vector& at, Vector& v) {
        v = pieces_.value(at);
      };
      const auto& [options, pattern] = pieces_.differencing;
      if (pattern) {
        keep(differences::sparse_jacobian(values, x, *pattern, options));
      } else {
        keep(differences::jacobian(values, x, options));
      }
    }
    if (J.rows() == r.size() && J.cols() == x.size()) return;
    misuse("the Jacobian of " + std::to_string(r.size()) + " residuals in " + std::to_string(x.size()) +
           " variables is " + std::to_string(J.rows()) + " x " + std::to_string(J.cols()) + ", but must be " +
           std::to_string(r.size()) + " x " + std::to_string(x.size()));
  }

  /// Σᵢ wᵢ ∇²rᵢ and the errors of its entries.
  void fill_weighted_hessian(const Vector& x, const Vector& w, Matrix& S, Matrix& error) const {
    if (pieces_.weighted_hessian) {
      S = pieces_.weighted_hessian(x, w);
      error = Matrix::Zero(x.size(), x.size());
      if (S.rows() == x.size() && S.cols() == x.size()) return;
      misuse("the weighted Hessian is " + std::to_string(S.rows()) + " x " + std::to_string(S.cols()) +
             ", but must be square of size " + std::to_string(x.size()));
    }
    const auto keep = [&](auto estimate) {
      S = std::move(estimate.derivative);
      error = std::move(estimate.error);
    };
    if (pieces_.jacobian) {
      keep(differences::hessian_from_gradient(weighted_gradient(w), x, second_options()));
    } else {
      const auto weighted_sum = [this, &w](const Vector& at) { return w.dot(pieces_.value(at)); };
      keep(differences::hessian(weighted_sum, x, second_options()));
    }
  }

  /// x ↦ ∇(wᵀr)(x) = J(x)ᵀw; refers to this and w.
  differences::VectorFunction weighted_gradient(const Vector& w) const {
    return [this, &w](const Vector& at, Vector& g) { g = pieces_.jacobian(at).transpose() * w; };
  }

  /// The noise given is that of the residuals, not of their derivatives or sums.
  differences::Options second_options() const {
    differences::Options options = pieces_.differencing.options;
    options.noise = 0.0;
    return options;
  }

  std::shared_ptr<const SuppliedResiduals> shared_;
  const SuppliedResiduals& pieces_;
  /// Elsewhere residuals are not kept: their owner may change the function between two questions.
  bool serves_one_run_;
  mutable AtLastPoint<Vector> value_;
  mutable MeasuredError error_;
};

/// f = ½‖r‖².
class HalfSquaredNorm final : public ObjectiveSource {
 public:
  explicit HalfSquaredNorm(Residuals residuals) : residuals_(std::move(residuals)) {}

  double value(const Vector& x) const override {
    Vector r;
    residuals_.value(x, r);
    return 0.5 * r.squaredNorm();
  }

  double gradient(const Vector& x, Vector& g) const override {
    Vector r;
    Matrix J;
    residuals_.jacobian(x, r, J);
    g.noalias() = J.transpose() * r;
    return 0.5 * r.squaredNorm();
  }

  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    Vector r;
    Matrix J;
    residuals_.jacobian(x, r, J);
    residuals_.weighted_hessian(x, r, H);
    H.noalias() += J.transpose() * J;
    g.noalias() = J.transpose() * r;
    return 0.5 * r.squaredNorm();
  }

  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    Vector r;
    Matrix J;
    residuals_.jacobian(x, r, J);
    residuals_.weighted_hessian_product(x, r, v, Hv);
    Hv.noalias() += J.transpose() * (J * v);
  }

  double sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const override {
    Vector r;
    SparseMatrix J, S;
    residuals_.sparse_jacobian(x, r, J);
    residuals_.sparse_weighted_hessian(x, r, S);
    const SparseMatrix square = SparseMatrix(J.transpose()) * J;
    H = S + SparseMatrix(square.triangularView<Eigen::Lower>());
    g.noalias() = J.transpose() * r;
    return 0.5 * r.squaredNorm();
  }

  /// The Jacobian, which is held anyway, is the larger matrix as a rule.
  bool has_full_hessian(const Vector&) const override { return false; }
  bool hessian_comes_with_value(const Vector& x) const override {
    return x.size() <= largest_forward_hessian && residuals_.jacobian_comes_with_value(x);
  }
  Provider provider() const override { return residuals_.provider(); }
  double hessian_error(const Vector& x) const override { return residuals_.hessian_error(x); }

 private:
  Residuals residuals_;
};

void compress(const Matrix& dense, bool lower_triangle, SparseMatrix& sparse) {
  std::vector<Eigen::Triplet<double, int>> entries;
  for (Index j = 0; j < dense.cols(); ++j) {
    for (Index i = lower_triangle ? j : 0; i < dense.rows(); ++i) {
      const bool is_kept = dense(i, j) != 0.0 || (lower_triangle && i == j);
      if (is_kept) entries.emplace_back(static_cast<int>(i), static_cast<int>(j), dense(i, j));
    }
  }
  sparse.resize(dense.rows(), dense.cols());
  sparse.setFromTriplets(entries.begin(), entries.end());
}

}  // namespace

void ResidualSource::sparse_jacobian(const Vector& x, Vector& r, SparseMatrix& J) const {
  Matrix dense;
  jacobian(x, r, dense);
  compress(dense, false, J);
}

void ResidualSource::sparse_weighted_hessian(const Vector& x, const Vector& w, SparseMatrix& S) const {
  Matrix dense;
  weighted_hessian(x, w, dense);
  compress(dense, true, S);
}

void ResidualSource::second_directional(const Vector& x, const Vector& v, Vector& second) const {
  const double length = v.norm();
  if (length == 0.0) {
    value(x, second);
    second.setZero();
    return;
  }
  // The derivative of t ↦ J(x + t v) v at 0.
  const auto slope = [&](const Vector& t, Vector& Jv) {
    Vector r;
    Matrix J;
    jacobian(x + t[0] * v, r, J);
    Jv.noalias() = J * v;
  };
  const double scale = x.norm() > 0.0 ? x.norm() / length : 1.0 / length;
  second =
      differences::jacobian(slope, Vector::Zero(1), {.scale = Vector::Constant(1, scale)}).derivative.col(0);
}

AutomaticResidualSource::AutomaticResidualSource(Differentiation method)
    : method_(method), tape_([this](const Vector& x, Tape& tape) { record_at(x, tape); }) {}

bool AutomaticResidualSource::uses_tape(const Vector& x, Index largest_forward) const {
  return method_ == Differentiation::Tape ||
         (method_ == Differentiation::Chosen && x.size() > largest_forward);
}

void AutomaticResidualSource::jacobian(const Vector& x, Vector& r, Matrix& J) const {
  if (uses_tape(x, largest_forward_gradient)) {
    value(x, r);
    if (tape_.jacobian(x, r, J) && (J.allFinite() || !r.allFinite() || method_ == Differentiation::Tape))
      return;
  }
  forward_jacobian(x, r, J);
}

void AutomaticResidualSource::sparse_jacobian(const Vector& x, Vector& r, SparseMatrix& J) const {
  if (method_ != Differentiation::Forward) {
    value(x, r);
    if (tape_.jacobian(x, r, J)) return;
  }
  ResidualSource::sparse_jacobian(x, r, J);
}

void AutomaticResidualSource::weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const {
  if (uses_tape(x, largest_forward_hessian)) {
    automatic::Workspace<double> workspace(w.size());
    Vector& r = workspace.values();
    value(x, r);
    if (tape_.weighted_hessian(x, r, w, S) && (S.allFinite() || method_ == Differentiation::Tape)) return;
  }
  forward_weighted_hessian(x, w, S);
}

void AutomaticResidualSource::sparse_weighted_hessian(const Vector& x, const Vector& w,
                                                      SparseMatrix& S) const {
  if (method_ != Differentiation::Forward) {
    Vector r;
    value(x, r);
    if (tape_.weighted_hessian(x, r, w, S)) return;
  }
  ResidualSource::sparse_weighted_hessian(x, w, S);
}

void AutomaticResidualSource::weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                                       Vector& Sv) const {
  if (uses_tape(x, largest_forward_gradient) && tape_.weighted_hessian_product(x, w, v, Sv)) return;
  forward_weighted_hessian_product(x, w, v, Sv);
}

void AutomaticResidualSource::second_directional(const Vector& x, const Vector& v, Vector& second) const {
  if (uses_tape(x, largest_forward_gradient) && tape_.second_directional(x, v, second)) return;
  forward_second_directional(x, v, second);
}

/// One sweep of dual numbers gives both.
bool AutomaticResidualSource::jacobian_comes_with_value(const Vector& x) const {
  return x.size() <= automatic::most_directions && !uses_tape(x, largest_forward_gradient);
}

Provider AutomaticResidualSource::provider() const {
  return {.first = "automatic", .second = "automatic", .method = tape_.describe()};
}

std::shared_ptr<const ResidualSource> make_source(SuppliedResiduals pieces) {
  return std::make_shared<const SuppliedResidualSource>(
      std::make_shared<const SuppliedResiduals>(std::move(pieces)), false);
}

Objective Residuals::objective() const {
  return Objective(std::shared_ptr<const ObjectiveSource>(std::make_shared<const HalfSquaredNorm>(*this)));
}

}  // namespace quadric
