#include "solvers/backends/ceres_call.hpp"

#include <limits>
#include <memory>
#include <utility>

#include <ceres/ceres.h>

#include "quadric/interop/ceres.hpp"

namespace quadric::backends {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Residuals that leave a copy of their last value, which an `Evaluator` keeps to itself.
class RecordedResiduals final : public ResidualSource {
 public:
  RecordedResiduals(Residuals residuals, Vector& last) : residuals_(std::move(residuals)), last_(last) {}
  void value(const Vector& x, Vector& r) const override {
    residuals_.value(x, r);
    last_ = r;
  }
  void jacobian(const Vector& x, Vector& r, Matrix& J) const override { residuals_.jacobian(x, r, J); }
  void weighted_hessian(const Vector& x, const Vector& w, Matrix& S) const override {
    residuals_.weighted_hessian(x, w, S);
  }
  void weighted_hessian_product(const Vector& x, const Vector& w, const Vector& v,
                                Vector& Sv) const override {
    residuals_.weighted_hessian_product(x, w, v, Sv);
  }
  Provider provider() const override { return residuals_.provider(); }
  double hessian_error(const Vector& x) const override { return residuals_.hessian_error(x); }

 private:
  Residuals residuals_;
  Vector& last_;
};

Problem recorded(const Problem& problem, bool least_squares, Vector& last) {
  if (!least_squares) return problem;
  Problem copy(Residuals(std::shared_ptr<const ResidualSource>(
      std::make_shared<const RecordedResiduals>(*problem.residuals(), last))));
  return copy.with_bounds(problem.bounds());
}

/// Residuals and Jacobian for Ceres, one parameter block.
class LeastSquaresCost final : public ceres::CostFunction {
 public:
  LeastSquaresCost(CountedFunction& f, Index m, Index n) : f_(f), n_(n) {
    set_num_residuals(static_cast<int>(m));
    mutable_parameter_block_sizes()->push_back(static_cast<int>(n));
  }

  bool Evaluate(const double* const* parameters, double* residuals, double** jacobians) const override {
    const Vector x = Eigen::Map<const Vector>(parameters[0], n_);
    if (!jacobians || !jacobians[0]) {
      double value = 0.0;
      return f_.value(x, value) && write(f_.residuals(), residuals);
    }
    const LocalModel* model = f_.model(x);
    if (!model || !write(model->residuals, residuals)) return false;
    Eigen::Map<RowMajor>(jacobians[0], num_residuals(), n_) = model->jacobian;
    return true;
  }

 private:
  bool write(const Vector& r, double* residuals) const {
    if (r.size() != num_residuals()) return false;
    Eigen::Map<Vector>(residuals, r.size()) = r;
    return true;
  }

  CountedFunction& f_;
  Index n_;
};

/// Value and gradient for Ceres.
class GeneralFunction final : public ceres::FirstOrderFunction {
 public:
  GeneralFunction(CountedFunction& f, Index n) : f_(f), n_(n) {}

  int NumParameters() const override { return static_cast<int>(n_); }
  bool Evaluate(const double* parameters, double* cost, double* gradient) const override {
    const Vector x = Eigen::Map<const Vector>(parameters, n_);
    if (!gradient) return f_.value(x, *cost);
    const LocalModel* model = f_.model(x);
    if (!model) return false;
    *cost = model->value;
    Eigen::Map<Vector>(gradient, n_) = model->gradient;
    return true;
  }

 private:
  CountedFunction& f_;
  Index n_;
};

/// Tells the listener; the first exception of anyone ends the call.
class Callback final : public ceres::IterationCallback {
 public:
  Callback(CountedFunction& f, const Vector& x, const Listener& listener)
      : f_(f), x_(x), listener_(listener) {}

  ceres::CallbackReturnType operator()(const ceres::IterationSummary& summary) override {
    if (f_.abandoned()) return ceres::SOLVER_ABORT;
    try {
      return listener_(summary, x_) ? ceres::SOLVER_CONTINUE : ceres::SOLVER_ABORT;
    } catch (...) {
      f_.abandon(std::current_exception());
      return ceres::SOLVER_ABORT;
    }
  }

 private:
  CountedFunction& f_;
  const Vector& x_;
  const Listener& listener_;
};

/// What both of Ceres' solvers name alike.
template <class Options>
void set_common(const CeresSolver& options, ceres::IterationCallback& callback, Options& ceres_options) {
  ceres_options.max_num_iterations = std::numeric_limits<int>::max();
  ceres_options.function_tolerance = options.function_tolerance;
  ceres_options.gradient_tolerance = options.gradient_tolerance;
  ceres_options.parameter_tolerance = options.parameter_tolerance;
  ceres_options.logging_type = ceres::SILENT;
  ceres_options.minimizer_progress_to_stdout = false;
  ceres_options.update_state_every_iteration = true;
  ceres_options.callbacks.push_back(&callback);
}

template <class Summary>
CeresEnd read_end(const Summary& summary) {
  CeresEnd end{.convergence = summary.termination_type == ceres::CONVERGENCE, .message = summary.message};
  if (!summary.iterations.empty()) end.last = summary.iterations.back();
  return end;
}

CeresEnd call_least_squares(CountedFunction& f, const CeresSolver& options, Vector& x, Callback& callback) {
  const LocalModel* model = f.model(x);
  if (!model) return {.message = f.evaluator().failure()};
  LeastSquaresCost cost(f, model->residuals.size(), x.size());
  ceres::Problem::Options ownership;
  ownership.cost_function_ownership = ceres::DO_NOT_TAKE_OWNERSHIP;
  ceres::Problem problem(ownership);
  problem.AddResidualBlock(&cost, nullptr, x.data());
  const Bounds& bounds = f.evaluator().problem().bounds();
  for (Index i = 0; i < bounds.size(); ++i) {
    problem.SetParameterLowerBound(x.data(), static_cast<int>(i), bounds.lower()[i]);
    problem.SetParameterUpperBound(x.data(), static_cast<int>(i), bounds.upper()[i]);
  }

  ceres::Solver::Options ceres_options;
  set_common(options, callback, ceres_options);
  ceres_options.linear_solver_type = ceres::DENSE_QR;
  ceres_options.num_threads = 1;
  ceres_options.trust_region_strategy_type =
      options.strategy == CeresSolver::Strategy::Dogleg ? ceres::DOGLEG : ceres::LEVENBERG_MARQUARDT;
  ceres::Solver::Summary summary;
  ceres::Solve(ceres_options, &problem, &summary);
  return read_end(summary);
}

CeresEnd call_lbfgs(CountedFunction& f, const CeresSolver& options, Vector& x, Callback& callback) {
  const ceres::GradientProblem problem(new GeneralFunction(f, x.size()));
  ceres::GradientProblemSolver::Options ceres_options;
  set_common(options, callback, ceres_options);
  ceres::GradientProblemSolver::Summary summary;
  ceres::Solve(ceres_options, problem, x.data(), &summary);
  return read_end(summary);
}

}  // namespace

CountedFunction::CountedFunction(const Problem& problem, bool least_squares)
    : problem_(recorded(problem, least_squares, residuals_)),
      evaluator_(problem_),
      form_(least_squares ? Curvature::GaussNewton : Curvature::Product) {}

template <class Evaluation>
bool CountedFunction::guarded(Evaluation&& evaluation) {
  if (abandoned()) return false;
  try {
    const bool done = evaluation();
    if (!done) ++failures_;
    return done;
  } catch (...) {
    abandon(std::current_exception());
    return false;
  }
}

bool CountedFunction::value(const Vector& x, double& f) {
  return guarded([&] { return evaluator_.value(x, f); });
}

const LocalModel* CountedFunction::known(const Vector& x) const {
  return has_latest_ && latest_.x == x ? &latest_ : nullptr;
}

const LocalModel* CountedFunction::model(const Vector& x) {
  if (const LocalModel* latest = known(x)) return latest;
  has_latest_ = guarded([&] { return evaluator_.model(x, form_, latest_); });
  return has_latest_ ? &latest_ : nullptr;
}

CeresEnd call_ceres(CountedFunction& f, const CeresSolver& options, Vector& x, const Listener& listener) {
  Callback callback(f, x, listener);
  const detail::QuietCeres quiet;
  CeresEnd end = options.strategy == CeresSolver::Strategy::Lbfgs
                     ? call_lbfgs(f, options, x, callback)
                     : call_least_squares(f, options, x, callback);
  f.rethrow();
  return end;
}

}  // namespace quadric::backends
