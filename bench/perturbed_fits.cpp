// The 54 NIST starts with every parameter multiplied by a random number from 0.1 to 10, log-uniform: how many
// each solver brings to the certified sum of squares, be it with terms of the model in another order.
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "fit_peers.hpp"

namespace qd = quadric;

namespace {

constexpr int perturbations = 4;

/// The certified value of ½‖r‖² or, by what the certified digits leave, as good.
bool is_solved(const bench::Fit& fit, const qd::Vector& x) {
  qd::Vector r, certified;
  fit.residuals.value(x, r);
  fit.residuals.value(fit.certified, certified);
  return r.squaredNorm() <= (1.0 + 1e-6) * certified.squaredNorm() + 1e-20;
}

/// The same on every machine: only the engine's own bits are used.
qd::Vector perturbed(qd::Vector start, std::mt19937& engine) {
  for (double& entry : start) entry *= std::pow(10.0, static_cast<double>(engine()) / 2147483648.0 - 1.0);
  return start;
}

}  // namespace

int main() {
  google::InitGoogleLogging("perturbed_fits");
  FLAGS_minloglevel = 3;
  gsl_set_error_handler_off();
  std::mt19937 engine(1);
  std::map<std::string, int> solved;
  std::map<std::string, int> elsewhere;  // converged, by its own word, at another value
  int runs = 0;
  for (const bench::Fit& published : bench::fits()) {
    for (int k = 0; k < perturbations; ++k, ++runs) {
      bench::Fit fit = published;
      fit.start = perturbed(fit.start, engine);
      const qd::Problem problem(fit.residuals);
      const auto ours = [&](const qd::Solver& solver) {
        return [&problem, &fit, &elsewhere, solver](const std::string& name) {
          const qd::Result result = solver.run(problem, fit.start);
          elsewhere[name] += result.converged() && !is_solved(fit, result.x);
          return result.x;
        };
      };
      const auto peer = [](auto solve) { return [solve](const std::string&) { return solve(); }; };
      const std::map<std::string, std::function<qd::Vector(const std::string&)>> solvers = {
          {"quadric default", ours(qd::choose_solver(problem, fit.start).solver)},
          {"quadric geodesic", ours(qd::GaussNewton{.geodesic = true})},
          {"quadric newton", ours(qd::Newton{})},
          {"quadric varpro", ours(qd::VariableProjection{})},
          {"TinySolver", peer([&] { return bench::solve_tiny(fit); })},
          {"ceres-lm", peer([&] { return bench::solve_ceres(fit); })},
          {"ceres-dogleg", peer([&] { return bench::solve_ceres(fit, ceres::DOGLEG); })},
          {"lmder", peer([&] { return bench::solve_minpack(fit); })},
          {"gsl-lm", peer([&] { return bench::solve_gsl(fit, gsl_multifit_nlinear_trs_lm); })},
          {"gsl-lmaccel", peer([&] { return bench::solve_gsl(fit, gsl_multifit_nlinear_trs_lmaccel); })},
          {"gsl-dogleg", peer([&] { return bench::solve_gsl(fit, gsl_multifit_nlinear_trs_dogleg); })}};
      std::printf("%-10s", fit.name.c_str());
      for (const auto& [name, solve] : solvers) {
        const bool right = is_solved(fit, solve(name));
        solved[name] += right;
        std::printf(" %c", right ? '+' : '.');
      }
      std::printf("\n");
    }
  }
  for (const auto& [name, count] : solved) {
    std::printf("%-18s solved %d of %d", name.c_str(), count, runs);
    if (elsewhere.count(name)) std::printf(", converged to another minimum %d", elsewhere[name]);
    std::printf("\n");
  }
}
