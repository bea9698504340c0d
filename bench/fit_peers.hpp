#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <ceres/ceres.h>
#include <ceres/tiny_solver.h>
#include <cminpack.h>
#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <quadric/quadric.hpp>

#include "nist_models.hpp"

/// The NIST fits, and peers that solve them: all evaluate our residuals and Jacobians, with tolerances as
/// tight as they take them.
namespace bench {

namespace qd = quadric;

/// A model, its readings, a start and the certified answer.
struct Fit {
  std::string name;
  qd::Residuals residuals;
  qd::Index count;
  qd::Vector start, certified;
};

/// The readings of a regression: a line has its predictors, then the response, of which Nelson's model takes
/// the logarithm.
inline std::pair<std::vector<Predictors>, std::vector<double>> read_readings(const std::string& name) {
  std::ifstream file(std::filesystem::path(QUADRIC_SOURCE_DIR) / "examples/data/nist" / (name + ".csv"));
  std::string line, cell;
  std::getline(file, line);
  std::vector<Predictors> xs;
  std::vector<double> ys;
  while (std::getline(file, line)) {
    Predictors row;
    for (std::istringstream cells(line); std::getline(cells, cell, ',');) row.push_back(std::stod(cell));
    ys.push_back(name == "Nelson" ? std::log(row.back()) : row.back());
    row.pop_back();
    xs.push_back(row);
  }
  return {xs, ys};
}

/// The 54.
inline std::vector<Fit> fits() {
  const auto models = nist_models();
  std::vector<Fit> list;
  for (const qd::Case& item : qd::suite("nist")) {
    const auto [xs, ys] = read_readings(item.problem);
    list.push_back({item.problem, models.at(item.problem)(xs, ys), static_cast<qd::Index>(ys.size()),
                    item.from, item.certified});
    qd::Vector ours, formulas;
    list.back().residuals.value(item.from, ours);
    item.function.residuals()->value(item.from, formulas);
    if ((ours - formulas).norm() > 1e-8 * formulas.norm()) {
      std::fprintf(stderr, "%s: the model is not that of the suite\n", item.problem.c_str());
      std::exit(1);
    }
  }
  return list;
}

/// The residuals of a case as TinySolver asks for them.
struct TinyFunction {
  using Scalar = double;
  enum { NUM_RESIDUALS = Eigen::Dynamic, NUM_PARAMETERS = Eigen::Dynamic };
  const qd::Residuals& residuals;
  qd::Index count, unknowns;
  mutable qd::Vector x, r;
  mutable qd::Matrix J;

  int NumResiduals() const { return static_cast<int>(count); }
  int NumParameters() const { return static_cast<int>(unknowns); }
  bool operator()(const double* parameters, double* values, double* jacobian) const {
    x = Eigen::Map<const qd::Vector>(parameters, unknowns);
    if (jacobian) {
      residuals.jacobian(x, r, J);
      Eigen::Map<qd::Matrix>(jacobian, count, unknowns) = J;
    } else {
      residuals.value(x, r);
    }
    Eigen::Map<qd::Vector>(values, count) = r;
    return r.allFinite() && (!jacobian || J.allFinite());
  }
};

/// The same as a cost function of ceres::Solve.
class CeresCost final : public ceres::CostFunction {
 public:
  CeresCost(const qd::Residuals& residuals, qd::Index count, qd::Index unknowns) : residuals_(residuals) {
    set_num_residuals(static_cast<int>(count));
    mutable_parameter_block_sizes()->push_back(static_cast<int>(unknowns));
  }
  bool Evaluate(const double* const* parameters, double* values, double** jacobians) const override {
    const qd::Index unknowns = parameter_block_sizes()[0];
    x_ = Eigen::Map<const qd::Vector>(parameters[0], unknowns);
    if (jacobians && jacobians[0]) {
      residuals_.jacobian(x_, r_, J_);
      using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
      Eigen::Map<RowMajor>(jacobians[0], r_.size(), unknowns) = J_;
    } else {
      residuals_.value(x_, r_);
    }
    Eigen::Map<qd::Vector>(values, r_.size()) = r_;
    return r_.allFinite();
  }

 private:
  const qd::Residuals& residuals_;
  mutable qd::Vector x_, r_;
  mutable qd::Matrix J_;
};

inline qd::Vector solve_tiny(const Fit& fit) {
  const TinyFunction function{fit.residuals, fit.count, fit.start.size(), {}, {}, {}};
  ceres::TinySolver<TinyFunction> solver;
  solver.options.max_num_iterations = 1000;
  solver.options.parameter_tolerance = 1e-14;
  solver.options.gradient_tolerance = 1e-14;
  solver.options.function_tolerance = 1e-16;
  qd::Vector x = fit.start;
  solver.Solve(function, &x);
  return x;
}

inline qd::Vector solve_ceres(const Fit& fit,
                              ceres::TrustRegionStrategyType strategy = ceres::LEVENBERG_MARQUARDT) {
  qd::Vector x = fit.start;
  ceres::Problem problem;
  problem.AddResidualBlock(new CeresCost(fit.residuals, fit.count, x.size()), nullptr, x.data());
  ceres::Solver::Options options;
  options.linear_solver_type = ceres::DENSE_QR;
  options.trust_region_strategy_type = strategy;
  options.max_num_iterations = 1000;
  options.function_tolerance = 1e-16;
  options.parameter_tolerance = 1e-14;
  options.gradient_tolerance = 0.0;
  options.logging_type = ceres::SILENT;
  ceres::Solver::Summary summary;
  ceres::Solve(options, &problem, &summary);
  return x;
}

/// What MINPACK and GSL hand through to the callbacks below.
struct Evaluation {
  const qd::Residuals& residuals;
  qd::Vector x = {}, r = {};
  qd::Matrix J = {};
};

inline int evaluate_minpack(void* user, int m, int n, const double* x, double* r, double* J, int leading,
                            int what) {
  auto& at = *static_cast<Evaluation*>(user);
  at.x = Eigen::Map<const qd::Vector>(x, n);
  if (what == 1) {
    at.residuals.value(at.x, at.r);
    Eigen::Map<qd::Vector>(r, m) = at.r;
  } else {
    at.residuals.jacobian(at.x, at.r, at.J);
    Eigen::Map<qd::Matrix, 0, Eigen::OuterStride<>>(J, m, n, Eigen::OuterStride<>(leading)) = at.J;
  }
  return 0;
}

inline qd::Vector solve_minpack(const Fit& fit) {
  Evaluation evaluation{fit.residuals};
  qd::Vector x = fit.start;
  const int m = static_cast<int>(fit.count), n = static_cast<int>(x.size());
  qd::Vector r(m), scaling(n), Qr(n), work1(n), work2(n), work3(n), work4(m);
  qd::Matrix J(m, n);
  std::vector<int> pivots(static_cast<std::size_t>(n));
  int values = 0, jacobians = 0;
  lmder(evaluate_minpack, &evaluation, m, n, x.data(), r.data(), J.data(), m, 1e-15, 1e-15, 0.0, 20000,
        scaling.data(), 1, 100.0, 0, &values, &jacobians, pivots.data(), Qr.data(), work1.data(),
        work2.data(), work3.data(), work4.data());
  return x;
}

inline int gsl_value(const gsl_vector* x, void* user, gsl_vector* r) {
  auto& at = *static_cast<Evaluation*>(user);
  at.x = Eigen::Map<const qd::Vector>(x->data, static_cast<qd::Index>(x->size));
  at.residuals.value(at.x, at.r);
  Eigen::Map<qd::Vector>(r->data, at.r.size()) = at.r;
  return at.r.allFinite() ? GSL_SUCCESS : GSL_EDOM;
}

inline int gsl_jacobian(const gsl_vector* x, void* user, gsl_matrix* J) {
  auto& at = *static_cast<Evaluation*>(user);
  at.x = Eigen::Map<const qd::Vector>(x->data, static_cast<qd::Index>(x->size));
  at.residuals.jacobian(at.x, at.r, at.J);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>(J->data, at.J.rows(), at.J.cols(),
                                                Eigen::OuterStride<>(static_cast<qd::Index>(J->tda))) = at.J;
  return at.J.allFinite() ? GSL_SUCCESS : GSL_EDOM;
}

inline qd::Vector solve_gsl(const Fit& fit, const gsl_multifit_nlinear_trs* within) {
  Evaluation evaluation{fit.residuals};
  const auto m = static_cast<std::size_t>(fit.count), n = static_cast<std::size_t>(fit.start.size());
  gsl_multifit_nlinear_fdf functions{};
  functions.f = gsl_value;
  functions.df = gsl_jacobian;
  functions.n = m;
  functions.p = n;
  functions.params = &evaluation;
  gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
  parameters.trs = within;
  gsl_multifit_nlinear_workspace* work =
      gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, m, n);
  const gsl_vector_const_view start = gsl_vector_const_view_array(fit.start.data(), n);
  gsl_multifit_nlinear_init(&start.vector, &functions, work);
  int why = 0;
  gsl_multifit_nlinear_driver(1000, 1e-15, 1e-15, 0.0, nullptr, nullptr, &why, work);
  const qd::Vector x =
      Eigen::Map<const qd::Vector>(gsl_multifit_nlinear_position(work)->data, static_cast<qd::Index>(n));
  gsl_multifit_nlinear_free(work);
  return x;
}

/// Right digits of the worst parameter.
inline double digits(const qd::Vector& x, const qd::Vector& certified) {
  return -std::log10((x - certified).cwiseQuotient(certified).cwiseAbs().maxCoeff() + 1e-16);
}

}  // namespace bench
