#include <cmath>
#include <memory>
#include <new>
#include <string>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/back_ends.hpp"

#include "solvers/backends/library.hpp"

#ifdef QUADRIC_WITH_LIBLBFGS
#include <lbfgs.h>

namespace quadric {

namespace backends {

namespace {

struct Call {
  CountedFunction& f;
  const Listener& listener;
};

lbfgsfloatval_t evaluate(void* user, const lbfgsfloatval_t* x, lbfgsfloatval_t* gradient, int n,
                         lbfgsfloatval_t /*step*/) {
  Call& call = *static_cast<Call*>(user);
  const LocalModel* model = call.f.model(Eigen::Map<const Vector>(x, n));
  if (!model) {
    Eigen::Map<Vector>(gradient, n).setZero();
    return HUGE_VAL;
  }
  Eigen::Map<Vector>(gradient, n) = model->gradient;
  return model->value;
}

int progress(void* user, const lbfgsfloatval_t* x, const lbfgsfloatval_t* /*gradient*/, lbfgsfloatval_t value,
             lbfgsfloatval_t /*x_norm*/, lbfgsfloatval_t /*gradient_norm*/, lbfgsfloatval_t step, int n,
             int /*iteration*/, int /*evaluations*/) {
  Call& call = *static_cast<Call*>(user);
  const Vector at = Eigen::Map<const Vector>(x, n);
  return tell(call.f, call.listener, {.value = value, .trust = step}, at) ? 0 : 1;
}

LibraryEnd end_of(int code) {
  switch (code) {
    case LBFGS_SUCCESS:
      return {true, "the gradient is within the tolerance"};
    case LBFGS_ALREADY_MINIMIZED:
      return {true, "the gradient is within the tolerance at the start"};
    case LBFGSERR_ROUNDING_ERROR:
    case LBFGSERR_MINIMUMSTEP:
    case LBFGSERR_WIDTHTOOSMALL:
    case LBFGSERR_MAXIMUMLINESEARCH:
      return {false, "its search finds no further step"};
    case LBFGSERR_INCREASEGRADIENT:
      return {false, "its direction does not descend"};
    default:
      return {false, "its error " + std::to_string(code)};
  }
}

class Liblbfgs final : public Library {
 public:
  explicit Liblbfgs(const LiblbfgsSolver& options) : options_(options) {
    if (options.memory < 1) misuse(name() + ": the memory must be at least 1 step");
    if (!(options.gradient_tolerance >= 0.0)) misuse(name() + ": the tolerance must be at least 0");
  }

  std::string name() const override { return "liblbfgs (l-bfgs)"; }
  bool needs_residuals() const override { return false; }
  bool takes_bounds() const override { return false; }

  LibraryEnd minimize(CountedFunction& f, Vector& x, const Listener& listener) const override {
    const LocalModel* model = f.model(x);
    if (!model) return {.message = f.evaluator().failure()};
    if (!tell(f, listener, {.kind = LibraryStep::Kind::Start, .value = model->value}, x)) return {};
    lbfgs_parameter_t parameters;
    lbfgs_parameter_init(&parameters);
    parameters.m = options_.memory;
    parameters.epsilon = options_.gradient_tolerance;
    const auto n = static_cast<int>(x.size());
    const std::unique_ptr<lbfgsfloatval_t, decltype(&lbfgs_free)> memory(lbfgs_malloc(n), &lbfgs_free);
    if (!memory) throw std::bad_alloc();
    Eigen::Map<Vector> variables(memory.get(), n);
    variables = x;
    Call call{.f = f, .listener = listener};
    const int code = lbfgs(n, memory.get(), nullptr, evaluate, progress, &call, &parameters);
    x = variables;
    return end_of(code);
  }

 private:
  LiblbfgsSolver options_;
};

}  // namespace

}  // namespace backends

std::shared_ptr<const Method> method(const LiblbfgsSolver& options) {
  return backends::library_method(std::make_shared<const backends::Liblbfgs>(options), options.stop,
                                  options.at_saddle);
}

}  // namespace quadric

#else

namespace quadric {

std::shared_ptr<const Method> method(const LiblbfgsSolver& /*options*/) {
  backends::missing("liblbfgs", "liblbfgs-dev");
}

}  // namespace quadric

#endif
