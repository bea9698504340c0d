// Who has Ceres cost functors keeps them: the same functor runs on quadric's solvers, with exact second
// derivatives and a certificate, and on Ceres as a back end.
#include <iostream>

#include <quadric/interop/ceres.hpp>
#include <quadric/quadric.hpp>

namespace qd = quadric;

// As in Ceres' own tutorials: templated on the scalar, parameter block in, residuals out.
struct Curve {
  template <typename T>
  bool operator()(const T* const p, T* residuals) const {
    for (int i = 0; i < 6; ++i) {
      const double t = 0.5 * i;
      residuals[i] = p[0] * exp(p[1] * t) - readings[i];
    }
    return true;
  }
  double readings[6] = {2.0, 1.48, 1.09, 0.82, 0.6, 0.45};
};

int main() {
  const qd::Residuals curve = qd::ceres_functor<6, 2>(Curve{});
  const qd::Result ours = qd::least_squares(curve, {1.0, 0.0}, qd::GaussNewton{});
  const qd::Result theirs = qd::least_squares(curve, {1.0, 0.0}, qd::CeresSolver{});
  std::cout << ours.summary() << "\n\n" << theirs.summary() << "\n\n";

  // A ceres::CostFunction, here Ceres' own automatic differentiation, comes as it is.
  const auto cost = std::make_shared<ceres::AutoDiffCostFunction<Curve, 6, 2>>(new Curve);
  const qd::Result through_cost = qd::least_squares(qd::from_ceres(cost), {1.0, 0.0}, qd::Newton{});
  std::cout << through_cost.summary() << "\n";
  const double apart = (ours.x - theirs.x).norm() + (ours.x - through_cost.x).norm();
  return ours.converged() && theirs.converged() && apart < 1e-6 ? 0 : 1;
}
