#include "quadric/solvers/ceres_solver.hpp"

#include <limits>
#include <memory>
#include <string>

#include <ceres/ceres.h>

#include "quadric/base/misuse.hpp"
#include "quadric/interop/ceres_quiet.hpp"

#include "solvers/backends/library.hpp"

namespace quadric {

namespace backends {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

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
  Callback(CountedFunction& f, const Vector& x, const Listener& listener, bool trust_region)
      : f_(f), x_(x), listener_(listener), trust_region_(trust_region) {}

  ceres::CallbackReturnType operator()(const ceres::IterationSummary& summary) override {
    using Kind = LibraryStep::Kind;
    LibraryStep step{.kind = summary.iteration == 0       ? Kind::Start
                             : summary.step_is_successful ? Kind::Accepted
                                                          : Kind::Rejected,
                     .value = summary.cost,
                     .trust = trust_region_ ? summary.trust_region_radius : summary.step_size};
    if (trust_region_) step.ratio = summary.relative_decrease;
    return tell(f_, listener_, step, x_) ? ceres::SOLVER_CONTINUE : ceres::SOLVER_ABORT;
  }

 private:
  CountedFunction& f_;
  const Vector& x_;
  const Listener& listener_;
  bool trust_region_;
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
LibraryEnd read_end(const Summary& summary) {
  return {.convergence = summary.termination_type == ceres::CONVERGENCE, .message = summary.message};
}

bool is_dogleg(CeresSolver::Strategy strategy) {
  return strategy == CeresSolver::Strategy::Dogleg || strategy == CeresSolver::Strategy::SubspaceDogleg;
}

LibraryEnd call_least_squares(CountedFunction& f, const CeresSolver& options, Vector& x, Callback& callback) {
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
      is_dogleg(options.strategy) ? ceres::DOGLEG : ceres::LEVENBERG_MARQUARDT;
  ceres_options.dogleg_type = options.strategy == CeresSolver::Strategy::SubspaceDogleg
                                  ? ceres::SUBSPACE_DOGLEG
                                  : ceres::TRADITIONAL_DOGLEG;
  ceres::Solver::Summary summary;
  ceres::Solve(ceres_options, &problem, &summary);
  return read_end(summary);
}

ceres::LineSearchDirectionType direction_type(CeresSolver::Strategy strategy) {
  switch (strategy) {
    case CeresSolver::Strategy::Bfgs:
      return ceres::BFGS;
    case CeresSolver::Strategy::ConjugateGradients:
      return ceres::NONLINEAR_CONJUGATE_GRADIENT;
    default:
      return ceres::LBFGS;
  }
}

LibraryEnd call_line_search(CountedFunction& f, const CeresSolver& options, Vector& x, Callback& callback) {
  const ceres::GradientProblem problem(new GeneralFunction(f, x.size()));
  ceres::GradientProblemSolver::Options ceres_options;
  set_common(options, callback, ceres_options);
  ceres_options.line_search_direction_type = direction_type(options.strategy);
  ceres_options.nonlinear_conjugate_gradient_type = ceres::POLAK_RIBIERE;
  ceres::GradientProblemSolver::Summary summary;
  ceres::Solve(ceres_options, problem, x.data(), &summary);
  return read_end(summary);
}

bool is_least_squares(const CeresSolver& options) {
  return is_dogleg(options.strategy) || options.strategy == CeresSolver::Strategy::LevenbergMarquardt;
}

class Ceres final : public Library {
 public:
  explicit Ceres(const CeresSolver& options) : options_(options) {
    if (!(options.function_tolerance >= 0.0 && options.gradient_tolerance >= 0.0 &&
          options.parameter_tolerance >= 0.0))
      misuse(name() + ": Ceres' function, gradient and parameter tolerance must be at least 0");
  }

  std::string name() const override {
    switch (options_.strategy) {
      case CeresSolver::Strategy::LevenbergMarquardt:
        return "ceres (levenberg-marquardt)";
      case CeresSolver::Strategy::Dogleg:
        return "ceres (dogleg)";
      case CeresSolver::Strategy::SubspaceDogleg:
        return "ceres (subspace dogleg)";
      case CeresSolver::Strategy::Bfgs:
        return "ceres (bfgs)";
      case CeresSolver::Strategy::ConjugateGradients:
        return "ceres (conjugate gradients)";
      case CeresSolver::Strategy::Lbfgs:
        break;
    }
    return "ceres (l-bfgs)";
  }
  bool needs_residuals() const override { return is_least_squares(options_); }
  bool takes_bounds() const override { return is_least_squares(options_); }

  LibraryEnd minimize(CountedFunction& f, Vector& x, const Listener& listener) const override {
    Callback callback(f, x, listener, is_least_squares(options_));
    const detail::QuietCeres quiet;
    return is_least_squares(options_) ? call_least_squares(f, options_, x, callback)
                                      : call_line_search(f, options_, x, callback);
  }

 private:
  CeresSolver options_;
};

}  // namespace

}  // namespace backends

std::shared_ptr<const Method> method(const CeresSolver& options) {
  return backends::library_method(std::make_shared<const backends::Ceres>(options), options.stop,
                                  options.at_saddle);
}

}  // namespace quadric
