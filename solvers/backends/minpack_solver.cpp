#include <memory>
#include <string>
#include <vector>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/back_ends.hpp"

#include "solvers/backends/library.hpp"

#ifdef QUADRIC_WITH_MINPACK
#include <cminpack.h>

namespace quadric {

namespace backends {

namespace {

/// What lmder hands through to its callback, which returns a negative number to end the call.
struct Call {
  CountedFunction& f;
  const Listener& listener;
  Vector x;
  Vector current;  ///< the last point that was told of
  bool started = false;
};

bool tell_of(Call& call) {
  double value = 0.0;
  if (const LocalModel* model = call.f.known(call.x)) {
    value = model->value;
  } else if (!call.f.value(call.x, value)) {
    return false;
  }
  const auto kind = !call.started            ? LibraryStep::Kind::Start
                    : call.x == call.current ? LibraryStep::Kind::Rejected
                                             : LibraryStep::Kind::Accepted;
  call.started = true;
  call.current = call.x;
  return tell(call.f, call.listener, {.kind = kind, .value = value}, call.x);
}

int evaluate(void* user, int m, int n, const double* x, double* r, double* J, int leading, int what) {
  Call& call = *static_cast<Call*>(user);
  call.x = Eigen::Map<const Vector>(x, n);
  if (what == 0) return tell_of(call) ? 0 : -1;
  if (what == 1) {
    double value = 0.0;
    if (!call.f.value(call.x, value)) {
      // An infinite norm is a step that is rejected; only an end that was asked for ends the call.
      Eigen::Map<Vector>(r, m).setConstant(1e200);
      return call.f.abandoned() ? -1 : 0;
    }
    Eigen::Map<Vector>(r, m) = call.f.residuals();
    return 0;
  }
  const LocalModel* model = call.f.model(call.x);
  if (!model) return -1;
  Eigen::Map<Matrix, 0, Eigen::OuterStride<>>(J, m, n, Eigen::OuterStride<>(leading)) = model->jacobian;
  return 0;
}

LibraryEnd end_of(int info) {
  switch (info) {
    case 1:
      return {true, "f falls by no more than the tolerance"};
    case 2:
    case 3:
      return {true, "x changes by no more than the tolerance"};
    case 4:
      return {true, "r is orthogonal to the columns of J"};
    case 6:
    case 7:
    case 8:
      return {true, "the tolerances are below rounding"};
    case 0:
      return {false, "it needs at least as many residuals as variables"};
    case 5:
      return {false, "it ran out of evaluations"};
    default:
      return {false, "an evaluation failed"};
  }
}

class Minpack final : public Library {
 public:
  explicit Minpack(const MinpackSolver& options) : options_(options) {
    if (!(options.function_tolerance >= 0.0 && options.parameter_tolerance >= 0.0))
      misuse(name() + ": the tolerances must be at least 0");
  }

  std::string name() const override { return "minpack (lmder)"; }
  bool needs_residuals() const override { return true; }
  bool takes_bounds() const override { return false; }

  LibraryEnd minimize(CountedFunction& f, Vector& x, const Listener& listener) const override {
    const LocalModel* model = f.model(x);
    if (!model) return {.message = f.evaluator().failure()};
    const auto m = static_cast<int>(model->residuals.size()), n = static_cast<int>(x.size());
    Call call{.f = f, .listener = listener, .x = x, .current = x};
    Vector r(m), scaling(n), Qr(n), work1(n), work2(n), work3(n), work4(m);
    Matrix J(m, n);
    std::vector<int> pivots(static_cast<std::size_t>(n));
    int values = 0, jacobians = 0;
    constexpr int most_values = 1000000000, every_iteration = 1;
    const int info = lmder(evaluate, &call, m, n, x.data(), r.data(), J.data(), m,
                           options_.function_tolerance, options_.parameter_tolerance, 0.0, most_values,
                           scaling.data(), 1, 100.0, every_iteration, &values, &jacobians, pivots.data(),
                           Qr.data(), work1.data(), work2.data(), work3.data(), work4.data());
    return end_of(info);
  }

 private:
  MinpackSolver options_;
};

}  // namespace

}  // namespace backends

std::shared_ptr<const Method> method(const MinpackSolver& options) {
  return backends::library_method(std::make_shared<const backends::Minpack>(options), options.stop,
                                  options.at_saddle);
}

}  // namespace quadric

#else

namespace quadric {

std::shared_ptr<const Method> method(const MinpackSolver& /*options*/) {
  backends::missing("MINPACK", "libcminpack-dev");
}

}  // namespace quadric

#endif
