// The 54 NIST starts, each model written as a plain lambda, solved with default options and by peers on the
// same residuals and Jacobians, which are ours: what the solver around the model costs, and how many digits
// come out. Peers' tolerances are as tight as they take them. Peers run alternately in one process; medians
// over the repetitions.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
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

#include "alternate.hpp"
#include "nist_models.hpp"

namespace {

namespace qd = quadric;

constexpr int turns = 15;

/// One of the 54.
struct Fit {
  std::string name;
  qd::Residuals residuals;
  qd::Index count;
  qd::Vector start, certified;
};

/// The readings of a regression: a line has its predictors, then the response, of which Nelson's model takes
/// the logarithm.
std::pair<std::vector<bench::Predictors>, std::vector<double>> read(const std::string& name) {
  std::ifstream file(std::filesystem::path(QUADRIC_SOURCE_DIR) / "examples/data/nist" / (name + ".csv"));
  std::string line, cell;
  std::getline(file, line);
  std::vector<bench::Predictors> xs;
  std::vector<double> ys;
  while (std::getline(file, line)) {
    bench::Predictors row;
    for (std::istringstream cells(line); std::getline(cells, cell, ',');) row.push_back(std::stod(cell));
    ys.push_back(name == "Nelson" ? std::log(row.back()) : row.back());
    row.pop_back();
    xs.push_back(row);
  }
  return {xs, ys};
}

std::vector<Fit> fits() {
  const auto models = bench::nist_models();
  std::vector<Fit> list;
  for (const qd::Case& item : qd::suite("nist")) {
    const auto [xs, ys] = read(item.problem);
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

qd::Vector solve_tiny(const Fit& fit) {
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

qd::Vector solve_ceres(const Fit& fit) {
  qd::Vector x = fit.start;
  ceres::Problem problem;
  problem.AddResidualBlock(new CeresCost(fit.residuals, fit.count, x.size()), nullptr, x.data());
  ceres::Solver::Options options;
  options.linear_solver_type = ceres::DENSE_QR;
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

int evaluate_minpack(void* user, int m, int n, const double* x, double* r, double* J, int leading, int what) {
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

qd::Vector solve_minpack(const Fit& fit) {
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

int gsl_value(const gsl_vector* x, void* user, gsl_vector* r) {
  auto& at = *static_cast<Evaluation*>(user);
  at.x = Eigen::Map<const qd::Vector>(x->data, static_cast<qd::Index>(x->size));
  at.residuals.value(at.x, at.r);
  Eigen::Map<qd::Vector>(r->data, at.r.size()) = at.r;
  return at.r.allFinite() ? GSL_SUCCESS : GSL_EDOM;
}

int gsl_jacobian(const gsl_vector* x, void* user, gsl_matrix* J) {
  auto& at = *static_cast<Evaluation*>(user);
  at.x = Eigen::Map<const qd::Vector>(x->data, static_cast<qd::Index>(x->size));
  at.residuals.jacobian(at.x, at.r, at.J);
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>(J->data, at.J.rows(), at.J.cols(),
                                                Eigen::OuterStride<>(static_cast<qd::Index>(J->tda))) = at.J;
  return at.J.allFinite() ? GSL_SUCCESS : GSL_EDOM;
}

qd::Vector solve_gsl(const Fit& fit, const gsl_multifit_nlinear_trs* within) {
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

double digits(const qd::Vector& x, const qd::Vector& certified) {
  return -std::log10((x - certified).cwiseQuotient(certified).cwiseAbs().maxCoeff() + 1e-16);
}

}  // namespace

int main() {
  google::InitGoogleLogging("small_fits");
  FLAGS_minloglevel = 3;
  gsl_set_error_handler_off();
  const std::vector<Fit> list = fits();
  const qd::Solver hybrid = qd::GaussNewton{.hybrid = true}, geodesic = qd::GaussNewton{.geodesic = true};
  std::map<std::string, std::vector<double>> times;  // a median a case
  std::map<std::string, int> right6, right9;
  for (const Fit& fit : list) {
    std::map<std::string, qd::Vector> found;
    const qd::Problem problem(fit.residuals);
    const std::map<std::string, std::function<void()>> peers = {
        {"quadric", [&] { found["quadric"] = hybrid.run(problem, fit.start).x; }},
        {"quadric-geodesic", [&] { found["quadric-geodesic"] = geodesic.run(problem, fit.start).x; }},
        {"TinySolver", [&] { found["TinySolver"] = solve_tiny(fit); }},
        {"lmder", [&] { found["lmder"] = solve_minpack(fit); }},
        {"gsl-lm", [&] { found["gsl-lm"] = solve_gsl(fit, gsl_multifit_nlinear_trs_lm); }},
        {"gsl-lmaccel", [&] { found["gsl-lmaccel"] = solve_gsl(fit, gsl_multifit_nlinear_trs_lmaccel); }},
        {"gsl-dogleg", [&] { found["gsl-dogleg"] = solve_gsl(fit, gsl_multifit_nlinear_trs_dogleg); }},
        {"ceres", [&] { found["ceres"] = solve_ceres(fit); }}};
    for (const auto& [name, time] : bench::alternate(peers, turns)) {
      times[name].push_back(time);
      const double right = digits(found[name], fit.certified);
      right6[name] += right >= 6.0;
      right9[name] += right >= 9.0;
    }
    std::printf("%-10s", fit.name.c_str());
    for (const auto& [name, medians] : times) {
      std::printf("  %s %.0f%s", name.c_str(), 1e6 * medians.back(),
                  digits(found[name], fit.certified) >= 6.0 ? "" : "!");
    }
    std::printf("\n");
  }
  for (const auto& [name, medians] : times) {
    std::printf("%-16s median %7.1f us a solve, %d of %zu to 6 digits, %d to 9\n", name.c_str(),
                1e6 * bench::median(medians), right6[name], list.size(), right9[name]);
  }
  for (const std::string peer : {"TinySolver", "lmder", "gsl-lm", "gsl-lmaccel", "gsl-dogleg", "ceres"}) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < list.size(); ++i) ratios.push_back(times[peer][i] / times["quadric"][i]);
    bench::print_ratio("small_fits", peer, bench::median(ratios));
  }
}
