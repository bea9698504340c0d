#include <memory>
#include <mutex>
#include <string>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/back_ends.hpp"

#include "solvers/backends/library.hpp"

#ifdef QUADRIC_WITH_GSL
#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>

namespace quadric {

namespace backends {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// GSL ends the program on an error unless its handler is off.
class QuietGsl {
 public:
  QuietGsl() {
    const std::lock_guard lock(state().mutex);
    if (state().depth++ == 0) state().before = gsl_set_error_handler_off();
  }
  ~QuietGsl() {
    const std::lock_guard lock(state().mutex);
    if (--state().depth == 0) gsl_set_error_handler(state().before);
  }
  QuietGsl(const QuietGsl&) = delete;
  QuietGsl& operator=(const QuietGsl&) = delete;

 private:
  /// Of the process, as the handler is.
  struct State {
    std::mutex mutex;
    int depth = 0;
    gsl_error_handler_t* before = nullptr;
  };
  static State& state() {
    static State shared;
    return shared;
  }
};

Vector read(const gsl_vector* x) {
  return Eigen::Map<const Vector, 0, Eigen::InnerStride<>>(
      x->data, static_cast<Index>(x->size), Eigen::InnerStride<>(static_cast<Index>(x->stride)));
}

int evaluate(const gsl_vector* x, void* user, gsl_vector* r) {
  auto& f = *static_cast<CountedFunction*>(user);
  double value = 0.0;
  if (!f.value(read(x), value) || f.residuals().size() != static_cast<Index>(r->size)) return GSL_EDOM;
  for (std::size_t i = 0; i < r->size; ++i) gsl_vector_set(r, i, f.residuals()[static_cast<Index>(i)]);
  return GSL_SUCCESS;
}

int differentiate(const gsl_vector* x, void* user, gsl_matrix* J) {
  auto& f = *static_cast<CountedFunction*>(user);
  const LocalModel* model = f.model(read(x));
  if (!model) return GSL_EDOM;
  Eigen::Map<RowMajor, 0, Eigen::OuterStride<>>(
      J->data, static_cast<Index>(J->size1), static_cast<Index>(J->size2),
      Eigen::OuterStride<>(static_cast<Index>(J->tda))) = model->jacobian;
  return GSL_SUCCESS;
}

class Gsl final : public Library {
 public:
  explicit Gsl(const GslSolver& options) : options_(options) {
    if (!(options.gradient_tolerance >= 0.0 && options.parameter_tolerance >= 0.0))
      misuse(name() + ": the tolerances must be at least 0");
  }

  std::string name() const override {
    switch (options_.strategy) {
      case GslSolver::Strategy::LevenbergMarquardt:
        return "gsl (levenberg-marquardt)";
      case GslSolver::Strategy::Geodesic:
        return "gsl (geodesic)";
      case GslSolver::Strategy::Dogleg:
        return "gsl (dogleg)";
      case GslSolver::Strategy::DoubleDogleg:
        return "gsl (double dogleg)";
      case GslSolver::Strategy::Subspace:
        break;
    }
    return "gsl (subspace)";
  }
  bool needs_residuals() const override { return true; }
  bool takes_bounds() const override { return false; }

  LibraryEnd minimize(CountedFunction& f, Vector& x, const Listener& listener) const override {
    const QuietGsl quiet;
    const LocalModel* model = f.model(x);
    if (!model) return {.message = f.evaluator().failure()};
    const auto m = static_cast<std::size_t>(model->residuals.size()), n = static_cast<std::size_t>(x.size());
    if (m < n) return {.message = "it needs at least as many residuals as variables"};
    gsl_multifit_nlinear_fdf functions{};
    functions.f = evaluate;
    functions.df = differentiate;
    functions.n = m;
    functions.p = n;
    functions.params = &f;
    gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
    parameters.trs = subproblem();
    const std::unique_ptr<gsl_multifit_nlinear_workspace, decltype(&gsl_multifit_nlinear_free)> work(
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, m, n),
        &gsl_multifit_nlinear_free);
    if (!work) return {.message = "it could not be set up"};
    const gsl_vector_const_view start = gsl_vector_const_view_array(x.data(), n);
    if (gsl_multifit_nlinear_init(&start.vector, &functions, work.get()) != GSL_SUCCESS)
      return {.message = "it could not evaluate the start"};
    return iterate(*work, f, x, listener);
  }

 private:
  const gsl_multifit_nlinear_trs* subproblem() const {
    switch (options_.strategy) {
      case GslSolver::Strategy::LevenbergMarquardt:
        return gsl_multifit_nlinear_trs_lm;
      case GslSolver::Strategy::Geodesic:
        return gsl_multifit_nlinear_trs_lmaccel;
      case GslSolver::Strategy::Dogleg:
        return gsl_multifit_nlinear_trs_dogleg;
      case GslSolver::Strategy::DoubleDogleg:
        return gsl_multifit_nlinear_trs_ddogleg;
      case GslSolver::Strategy::Subspace:
        break;
    }
    return gsl_multifit_nlinear_trs_subspace2D;
  }

  LibraryEnd iterate(gsl_multifit_nlinear_workspace& work, CountedFunction& f, Vector& x,
                     const Listener& listener) const {
    if (!tell(f, listener, {.kind = LibraryStep::Kind::Start}, x)) return {};
    while (true) {
      const int code = gsl_multifit_nlinear_iterate(&work);
      if (f.abandoned()) return {};
      const Vector reached = read(gsl_multifit_nlinear_position(&work));
      if (reached != x) {
        x = reached;
        const Vector r = read(gsl_multifit_nlinear_residual(&work));
        if (!tell(f, listener, {.value = 0.5 * r.squaredNorm()}, x)) return {};
      } else if (!tell(f, listener, {.kind = LibraryStep::Kind::Rejected}, x)) {
        return {};
      }
      if (code == GSL_ENOPROG) return {.convergence = true, .message = "no step leads further down"};
      if (code != GSL_SUCCESS) return {.message = gsl_strerror(code)};
      int why = 0;
      if (gsl_multifit_nlinear_test(options_.parameter_tolerance, options_.gradient_tolerance, 0.0, &why,
                                    &work) == GSL_SUCCESS)
        return {.convergence = true,
                .message = why == 1 ? "x changes by no more than the tolerance"
                                    : "the gradient is within the tolerance"};
    }
  }

  GslSolver options_;
};

}  // namespace

}  // namespace backends

std::shared_ptr<const Method> method(const GslSolver& options) {
  return backends::library_method(std::make_shared<const backends::Gsl>(options), options.stop,
                                  options.at_saddle);
}

}  // namespace quadric

#else

namespace quadric {

std::shared_ptr<const Method> method(const GslSolver& /*options*/) { backends::missing("GSL", "libgsl-dev"); }

}  // namespace quadric

#endif
