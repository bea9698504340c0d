// The 54 NIST starts solved by Gauss-Newton, and by Ceres on the same residuals and Jacobians: what the
// solver around the model costs, and how many digits come out. Peers run alternately in one process; medians
// over the repetitions.
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <ceres/ceres.h>
#include <ceres/tiny_solver.h>
#include <quadric/quadric.hpp>

#include "alternate.hpp"

namespace {

namespace qd = quadric;

constexpr int turns = 15;

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

qd::Vector solve_tiny(const qd::Case& item, qd::Index count) {
  const TinyFunction function{*item.function.residuals(), count, item.from.size(), {}, {}, {}};
  ceres::TinySolver<TinyFunction> solver;
  solver.options.max_num_iterations = 1000;
  solver.options.parameter_tolerance = 1e-14;
  solver.options.gradient_tolerance = 1e-14;
  solver.options.function_tolerance = 1e-16;
  qd::Vector x = item.from;
  solver.Solve(function, &x);
  return x;
}

qd::Vector solve_ceres(const qd::Case& item, qd::Index count) {
  qd::Vector x = item.from;
  ceres::Problem problem;
  problem.AddResidualBlock(new CeresCost(*item.function.residuals(), count, x.size()), nullptr, x.data());
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

double digits(const qd::Vector& x, const qd::Vector& certified) {
  return -std::log10((x - certified).cwiseQuotient(certified).cwiseAbs().maxCoeff() + 1e-16);
}

}  // namespace

int main() {
  google::InitGoogleLogging("small_fits");
  FLAGS_minloglevel = 3;
  const std::vector<qd::Case> cases = qd::suite("nist");
  const qd::Solver gauss_newton = qd::GaussNewton{};
  std::map<std::string, std::vector<double>> times;  // a median a case
  std::map<std::string, int> right6, right9;
  for (const qd::Case& item : cases) {
    qd::Vector r;
    item.function.residuals()->value(item.from, r);
    const qd::Index count = r.size();
    std::map<std::string, qd::Vector> found;
    const std::map<std::string, std::function<void()>> peers = {
        {"quadric", [&] { found["quadric"] = gauss_newton.run(item.function, item.from).x; }},
        {"TinySolver", [&] { found["TinySolver"] = solve_tiny(item, count); }},
        {"ceres", [&] { found["ceres"] = solve_ceres(item, count); }}};
    for (const auto& [name, time] : bench::alternate(peers, turns)) {
      times[name].push_back(time);
      const double right = digits(found[name], item.certified);
      right6[name] += right >= 6.0;
      right9[name] += right >= 9.0;
    }
  }
  for (const auto& [name, medians] : times) {
    std::printf("%-12s median %7.1f us a solve, %d of %zu to 6 digits, %d to 9\n", name.c_str(),
                1e6 * bench::median(medians), right6[name], cases.size(), right9[name]);
  }
  for (const std::string peer : {"TinySolver", "ceres"}) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < cases.size(); ++i) ratios.push_back(times[peer][i] / times["quadric"][i]);
    bench::print_ratio("small_fits", peer, bench::median(ratios));
  }
}
