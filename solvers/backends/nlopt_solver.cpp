#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/back_ends.hpp"

#include "solvers/backends/library.hpp"

#ifdef QUADRIC_WITH_NLOPT
#include <nlopt.h>

namespace quadric {

namespace backends {

namespace {

/// NLopt tells of no iterations: each gradient at a point lower than all before is taken as one.
struct Call {
  CountedFunction& f;
  const Listener& listener;
  nlopt_opt optimizer = nullptr;
  Vector lowest;
  double value = 0.0;
};

double evaluate(unsigned n, const double* x, double* gradient, void* user) {
  Call& call = *static_cast<Call*>(user);
  const Vector at = Eigen::Map<const Vector>(x, n);
  double value = HUGE_VAL;
  if (!gradient) {
    if (!call.f.value(at, value)) value = HUGE_VAL;
  } else if (const LocalModel* model = call.f.model(at)) {
    value = model->value;
    Eigen::Map<Vector>(gradient, n) = model->gradient;
    if (value < call.value) {
      call.value = value;
      call.lowest = at;
      if (!tell(call.f, call.listener, {.value = value}, at)) nlopt_force_stop(call.optimizer);
    }
  } else {
    Eigen::Map<Vector>(gradient, n).setZero();
  }
  if (call.f.abandoned()) nlopt_force_stop(call.optimizer);
  return value;
}

LibraryEnd end_of(nlopt_result code) {
  switch (code) {
    case NLOPT_SUCCESS:
      return {true, "success"};
    case NLOPT_FTOL_REACHED:
      return {true, "f falls by no more than the tolerance"};
    case NLOPT_XTOL_REACHED:
      return {true, "x changes by no more than the tolerance"};
    case NLOPT_ROUNDOFF_LIMITED:
      return {true, "rounding keeps it from going on"};
    case NLOPT_STOPVAL_REACHED:
      return {false, "f has no lower bound"};
    case NLOPT_OUT_OF_MEMORY:
      return {false, "it ran out of memory"};
    case NLOPT_INVALID_ARGS:
      return {false, "it refuses the problem"};
    default:
      return {false, "failure"};
  }
}

class Nlopt final : public Library {
 public:
  explicit Nlopt(const NloptSolver& options) : options_(options) {
    if (!(options.function_tolerance >= 0.0 && options.parameter_tolerance >= 0.0))
      misuse(name() + ": the tolerances must be at least 0");
  }

  std::string name() const override {
    switch (options_.algorithm) {
      case NloptSolver::Algorithm::Lbfgs:
        return "nlopt (l-bfgs)";
      case NloptSolver::Algorithm::TruncatedNewton:
        return "nlopt (truncated newton)";
      case NloptSolver::Algorithm::VariableMetric:
        return "nlopt (variable metric)";
      case NloptSolver::Algorithm::Mma:
        return "nlopt (mma)";
      case NloptSolver::Algorithm::Slsqp:
        break;
    }
    return "nlopt (slsqp)";
  }
  bool needs_residuals() const override { return false; }
  bool takes_bounds() const override { return true; }

  LibraryEnd minimize(CountedFunction& f, Vector& x, const Listener& listener) const override {
    const LocalModel* model = f.model(x);
    if (!model) return {.message = f.evaluator().failure()};
    const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimizer(
        nlopt_create(algorithm(), static_cast<unsigned>(x.size())), &nlopt_destroy);
    Call call{.f = f, .listener = listener, .optimizer = optimizer.get(), .lowest = x, .value = model->value};
    if (!tell(f, listener, {.kind = LibraryStep::Kind::Start, .value = model->value}, x)) return {};
    nlopt_set_min_objective(optimizer.get(), evaluate, &call);
    nlopt_set_ftol_rel(optimizer.get(), options_.function_tolerance);
    nlopt_set_xtol_rel(optimizer.get(), options_.parameter_tolerance);
    const Bounds& box = f.evaluator().problem().bounds();
    if (!box.empty()) {
      nlopt_set_lower_bounds(optimizer.get(), box.lower().data());
      nlopt_set_upper_bounds(optimizer.get(), box.upper().data());
    }
    Vector end = x;
    double value = 0.0;
    const nlopt_result code = nlopt_optimize(optimizer.get(), end.data(), &value);
    x = call.lowest;
    return end_of(code);
  }

 private:
  nlopt_algorithm algorithm() const {
    switch (options_.algorithm) {
      case NloptSolver::Algorithm::Lbfgs:
        return NLOPT_LD_LBFGS;
      case NloptSolver::Algorithm::TruncatedNewton:
        return NLOPT_LD_TNEWTON_PRECOND_RESTART;
      case NloptSolver::Algorithm::VariableMetric:
        return NLOPT_LD_VAR2;
      case NloptSolver::Algorithm::Mma:
        return NLOPT_LD_MMA;
      case NloptSolver::Algorithm::Slsqp:
        break;
    }
    return NLOPT_LD_SLSQP;
  }

  NloptSolver options_;
};

}  // namespace

}  // namespace backends

std::shared_ptr<const Method> method(const NloptSolver& options) {
  return backends::library_method(std::make_shared<const backends::Nlopt>(options), options.stop,
                                  options.at_saddle);
}

}  // namespace quadric

#else

namespace quadric {

std::shared_ptr<const Method> method(const NloptSolver& /*options*/) {
  backends::missing("NLopt", "libnlopt-dev");
}

}  // namespace quadric

#endif
