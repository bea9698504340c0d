#include <memory>
#include <utility>

#include <Eigen/SparseCore>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/parametrization.hpp"

namespace quadric {

namespace {

/// G = ∂θ/∂u (n × p) and θ (n) at u.
struct Tangents {
  Tangents(const Residuals& map, const Vector& u) { map.jacobian(u, theta, G); }
  Vector theta;
  Matrix G;
};

struct SparseTangents {
  SparseTangents(const Residuals& map, const Vector& u) { map.sparse_jacobian(u, theta, G); }
  Vector theta;
  SparseMatrix G;
};

/// The lower triangle of Gᵀ H G of the lower triangle of H, plus another.
SparseMatrix congruent(const SparseMatrix& G, const SparseMatrix& lower, const SparseMatrix& more) {
  const SparseMatrix whole = lower.selfadjointView<Eigen::Lower>();
  const SparseMatrix product = SparseMatrix(G.transpose()) * whole * G;
  return more + SparseMatrix(product.triangularView<Eigen::Lower>());
}

/// r(θ(u)): J G, and Gᵀ (Σ w ∇²r) G + Σₖ (Jᵀw)ₖ ∇²θₖ.
class ParametrizedResiduals final : public ResidualSource {
 public:
  ParametrizedResiduals(Residuals residuals, Residuals map)
      : residuals_(std::move(residuals)), map_(std::move(map)) {}

  void value(const Vector& u, Vector& r) const override {
    Vector theta;
    map_.value(u, theta);
    residuals_.value(theta, r);
  }
  void jacobian(const Vector& u, Vector& r, Matrix& J) const override {
    const Tangents at(map_, u);
    Matrix of_parameters;
    residuals_.jacobian(at.theta, r, of_parameters);
    J.noalias() = of_parameters * at.G;
  }
  void sparse_jacobian(const Vector& u, Vector& r, SparseMatrix& J) const override {
    const SparseTangents at(map_, u);
    SparseMatrix of_parameters;
    residuals_.sparse_jacobian(at.theta, r, of_parameters);
    J = of_parameters * at.G;
  }
  void weighted_hessian(const Vector& u, const Vector& w, Matrix& S) const override {
    const Tangents at(map_, u);
    Vector r;
    Matrix J, of_parameters;
    residuals_.jacobian(at.theta, r, J);
    residuals_.weighted_hessian(at.theta, w, of_parameters);
    map_.weighted_hessian(u, J.transpose() * w, S);
    S += at.G.transpose() * of_parameters * at.G;
  }
  void sparse_weighted_hessian(const Vector& u, const Vector& w, SparseMatrix& S) const override {
    const SparseTangents at(map_, u);
    Vector r;
    SparseMatrix J, of_parameters, of_map;
    residuals_.sparse_jacobian(at.theta, r, J);
    residuals_.sparse_weighted_hessian(at.theta, w, of_parameters);
    map_.sparse_weighted_hessian(u, J.transpose() * w, of_map);
    S = congruent(at.G, of_parameters, of_map);
  }
  void weighted_hessian_product(const Vector& u, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    const SparseTangents at(map_, u);
    Vector r, of_parameters;
    SparseMatrix J;
    residuals_.sparse_jacobian(at.theta, r, J);
    residuals_.weighted_hessian_product(at.theta, w, at.G * v, of_parameters);
    map_.weighted_hessian_product(u, J.transpose() * w, v, Sv);
    Sv += at.G.transpose() * of_parameters;
  }
  void second_directional(const Vector& u, const Vector& v, Vector& second) const override {
    const SparseTangents at(map_, u);
    Vector r, bend;
    SparseMatrix J;
    residuals_.sparse_jacobian(at.theta, r, J);
    residuals_.second_directional(at.theta, at.G * v, second);
    map_.second_directional(u, v, bend);
    second += J * bend;
  }
  bool jacobian_comes_with_value(const Vector& u) const override {
    return map_.jacobian_comes_with_value(u) && residuals_.jacobian_comes_with_value(u);
  }
  std::shared_ptr<const ResidualSource> for_one_run() const override {
    return std::make_shared<const ParametrizedResiduals>(residuals_.for_one_run(), map_);
  }
  Provider provider() const override { return residuals_.provider(); }
  double hessian_error(const Vector& u) const override {
    Vector theta;
    map_.value(u, theta);
    return residuals_.hessian_error(theta);
  }

 private:
  Residuals residuals_, map_;
};

/// f(θ(u)): Gᵀ∇f, and Gᵀ ∇²f G + Σₖ (∇f)ₖ ∇²θₖ.
class ParametrizedObjective final : public ObjectiveSource {
 public:
  ParametrizedObjective(Objective objective, Residuals map)
      : objective_(std::move(objective)), map_(std::move(map)) {}

  double value(const Vector& u) const override {
    Vector theta;
    map_.value(u, theta);
    return objective_.value(theta);
  }
  double gradient(const Vector& u, Vector& g) const override {
    const SparseTangents at(map_, u);
    Vector of_parameters;
    const double f = objective_.gradient(at.theta, of_parameters);
    g = at.G.transpose() * of_parameters;
    return f;
  }
  double hessian(const Vector& u, Vector& g, Matrix& H) const override {
    const Tangents at(map_, u);
    Vector slopes;
    Matrix of_parameters;
    const double f = objective_.hessian(at.theta, slopes, of_parameters);
    map_.weighted_hessian(u, slopes, H);
    H += at.G.transpose() * of_parameters * at.G;
    g = at.G.transpose() * slopes;
    return f;
  }
  double sparse_hessian(const Vector& u, Vector& g, SparseMatrix& H) const override {
    const SparseTangents at(map_, u);
    Vector slopes;
    SparseMatrix of_parameters, of_map;
    const double f = objective_.sparse_hessian(at.theta, slopes, of_parameters);
    map_.sparse_weighted_hessian(u, slopes, of_map);
    H = congruent(at.G, of_parameters, of_map);
    g = at.G.transpose() * slopes;
    return f;
  }
  void hessian_product(const Vector& u, const Vector& v, Vector& Hv) const override {
    const SparseTangents at(map_, u);
    Vector slopes, of_parameters;
    objective_.gradient(at.theta, slopes);
    objective_.hessian_product(at.theta, at.G * v, of_parameters);
    map_.weighted_hessian_product(u, slopes, v, Hv);
    Hv += at.G.transpose() * of_parameters;
  }
  bool has_full_hessian(const Vector& u) const override {
    Vector theta;
    map_.value(u, theta);
    return objective_.has_full_hessian(theta);
  }
  std::shared_ptr<const ObjectiveSource> for_one_run() const override {
    return std::make_shared<const ParametrizedObjective>(objective_.for_one_run(), map_);
  }
  Provider provider() const override { return objective_.provider(); }
  double hessian_error(const Vector& u) const override {
    Vector theta;
    map_.value(u, theta);
    return objective_.hessian_error(theta);
  }

 private:
  Objective objective_;
  Residuals map_;
};

void require_variables(const Parametrization& by) {
  if (by.free().empty()) misuse("every parameter is fixed or tied, and none is left to be found");
}

}  // namespace

Residuals parametrized(const Residuals& of_parameters, const Parametrization& by) {
  if (by.is_identity()) return of_parameters;
  require_variables(by);
  return Residuals(std::shared_ptr<const ResidualSource>(
      std::make_shared<const ParametrizedResiduals>(of_parameters, by.map())));
}

Objective parametrized(const Objective& of_parameters, const Parametrization& by) {
  if (by.is_identity()) return of_parameters;
  require_variables(by);
  return Objective(std::shared_ptr<const ObjectiveSource>(
      std::make_shared<const ParametrizedObjective>(of_parameters, by.map())));
}

Problem parametrized(const Problem& of_parameters, const Parametrization& by) {
  if (by.is_identity()) return of_parameters;
  Problem problem = of_parameters.residuals() ? Problem(parametrized(*of_parameters.residuals(), by))
                                              : Problem(parametrized(of_parameters.objective(), by));
  problem.with_bounds(by.variable_bounds(of_parameters.bounds())).with_names(by.variable_names());
  return problem;
}

}  // namespace quadric
