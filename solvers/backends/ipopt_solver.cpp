#include <algorithm>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/back_ends.hpp"

#include "linalg/inertia.hpp"
#include "solvers/backends/library.hpp"

#ifdef QUADRIC_WITH_IPOPT
// Ipopt's headers ask their own configuration whether there is a <cstddef>; Debian's leaves that open.
#define HAVE_CSTDDEF
#include <IpIpoptApplication.hpp>
#include <IpTNLP.hpp>
#undef HAVE_CSTDDEF

namespace quadric {

namespace backends {

namespace {

using Ipopt::Number;

/// Beyond, there is no bound to Ipopt.
constexpr double no_bound = 2e19;

/// The problem as Ipopt asks for it. The entries of the Hessian are those it has at the start.
class Adapter final : public Ipopt::TNLP {
 public:
  Adapter(CountedFunction& f, const Listener& listener, const Vector& start)
      : f_(f), listener_(listener), x_(start), latest_(start) {
    const LocalModel* model = f.exact(start);
    if (model && model->is_sparse()) pattern_ = *model->sparse_hessian;
  }

  const Vector& solution() const { return x_; }

  bool get_nlp_info(Ipopt::Index& n, Ipopt::Index& m, Ipopt::Index& jacobian_entries,
                    Ipopt::Index& hessian_entries, IndexStyleEnum& style) override {
    n = static_cast<Ipopt::Index>(x_.size());
    m = jacobian_entries = 0;
    hessian_entries = pattern_.size() > 0 ? static_cast<Ipopt::Index>(pattern_.nonZeros()) : n * (n + 1) / 2;
    style = C_STYLE;
    return true;
  }
  bool get_bounds_info(Ipopt::Index n, Number* lower, Number* upper, Ipopt::Index, Number*,
                       Number*) override {
    const Bounds& box = f_.evaluator().problem().bounds();
    for (Ipopt::Index i = 0; i < n; ++i) {
      lower[i] = box.empty() ? -no_bound : std::max(-no_bound, box.lower()[i]);
      upper[i] = box.empty() ? no_bound : std::min(no_bound, box.upper()[i]);
    }
    return true;
  }
  bool get_starting_point(Ipopt::Index n, bool, Number* x, bool, Number*, Number*, Ipopt::Index, bool,
                          Number*) override {
    Eigen::Map<Vector>(x, n) = x_;
    return true;
  }
  bool eval_f(Ipopt::Index n, const Number* x, bool, Number& value) override {
    const Vector at = Eigen::Map<const Vector>(x, n);
    if (const LocalModel* model = f_.known(at)) {
      value = model->value;
      return true;
    }
    return f_.value(at, value);
  }
  bool eval_grad_f(Ipopt::Index n, const Number* x, bool, Number* gradient) override {
    latest_ = Eigen::Map<const Vector>(x, n);
    const LocalModel* model = f_.model(latest_);
    if (model) Eigen::Map<Vector>(gradient, n) = model->gradient;
    return model != nullptr;
  }
  bool eval_g(Ipopt::Index, const Number*, bool, Ipopt::Index, Number*) override { return true; }
  bool eval_jac_g(Ipopt::Index, const Number*, bool, Ipopt::Index, Ipopt::Index, Ipopt::Index*, Ipopt::Index*,
                  Number*) override {
    return true;
  }
  bool eval_h(Ipopt::Index n, const Number* x, bool, Number factor, Ipopt::Index, const Number*, bool,
              Ipopt::Index entries, Ipopt::Index* rows, Ipopt::Index* columns, Number* values) override {
    if (values == nullptr) {
      write_pattern(n, rows, columns);
      return true;
    }
    const LocalModel* model = f_.exact(Eigen::Map<const Vector>(x, n));
    if (!model) return false;
    Eigen::Map<Vector> out(values, entries);
    if (pattern_.size() > 0) {
      if (!model->is_sparse() || model->sparse_hessian->nonZeros() != entries) return false;
      out = factor * Eigen::Map<const Vector>(model->sparse_hessian->valuePtr(), entries);
      return true;
    }
    const Matrix H = model->full_hessian();
    Ipopt::Index k = 0;
    for (Index j = 0; j < n; ++j)
      for (Index i = j; i < n; ++i) out[k++] = factor * H(i, j);
    return true;
  }
  bool intermediate_callback(Ipopt::AlgorithmMode, Ipopt::Index iteration, Number value, Number, Number,
                             Number, Number, Number, Number, Number step, Ipopt::Index,
                             const Ipopt::IpoptData*, Ipopt::IpoptCalculatedQuantities*) override {
    const LocalModel* model = f_.known(latest_);
    const bool moved = latest_ != x_;
    x_ = latest_;
    const auto kind = iteration == 0 ? LibraryStep::Kind::Start
                      : moved        ? LibraryStep::Kind::Accepted
                                     : LibraryStep::Kind::Rejected;
    return tell(f_, listener_, {.kind = kind, .value = model ? model->value : value, .trust = step}, latest_);
  }
  void finalize_solution(Ipopt::SolverReturn, Ipopt::Index n, const Number* x, const Number*, const Number*,
                         Ipopt::Index, const Number*, const Number*, Number, const Ipopt::IpoptData*,
                         Ipopt::IpoptCalculatedQuantities*) override {
    x_ = Eigen::Map<const Vector>(x, n);
  }

 private:
  void write_pattern(Ipopt::Index n, Ipopt::Index* rows, Ipopt::Index* columns) const {
    Ipopt::Index k = 0;
    if (pattern_.size() == 0) {
      for (Ipopt::Index j = 0; j < n; ++j)
        for (Ipopt::Index i = j; i < n; ++i, ++k) {
          rows[k] = i;
          columns[k] = j;
        }
      return;
    }
    for (int j = 0; j < pattern_.outerSize(); ++j) {
      for (SparseMatrix::InnerIterator entry(pattern_, j); entry; ++entry, ++k) {
        rows[k] = static_cast<Ipopt::Index>(entry.row());
        columns[k] = j;
      }
    }
  }

  CountedFunction& f_;
  const Listener& listener_;
  Vector x_, latest_;
  SparseMatrix pattern_;
};

LibraryEnd end_of(Ipopt::ApplicationReturnStatus code) {
  switch (code) {
    case Ipopt::Solve_Succeeded:
      return {true, "optimal solution found"};
    case Ipopt::Solved_To_Acceptable_Level:
      return {true, "solved to acceptable level"};
    case Ipopt::Search_Direction_Becomes_Too_Small:
      return {false, "its direction becomes too small"};
    case Ipopt::Diverging_Iterates:
      return {false, "its iterates diverge"};
    case Ipopt::Restoration_Failed:
      return {false, "its restoration failed"};
    case Ipopt::Error_In_Step_Computation:
      return {false, "it found no step"};
    case Ipopt::Invalid_Number_Detected:
      return {false, "an evaluation failed"};
    default:
      return {false, "its status " + std::to_string(static_cast<int>(code))};
  }
}

class IpoptLibrary final : public Library {
 public:
  explicit IpoptLibrary(const IpoptSolver& options) : options_(options) {
    if (!(options.tolerance > 0.0)) misuse(name() + ": the tolerance must be positive");
  }

  std::string name() const override { return "ipopt (exact hessian)"; }
  bool needs_residuals() const override { return false; }
  bool takes_bounds() const override { return true; }
  /// MUMPS, which factors for it, keeps its state in the process.
  std::recursive_mutex* alone() const override { return &linalg::mumps_in_use(); }

  LibraryEnd minimize(CountedFunction& f, Vector& x, const Listener& listener) const override {
    Ipopt::SmartPtr<Ipopt::IpoptApplication> application = new Ipopt::IpoptApplication(false);
    const auto options = application->Options();
    options->SetIntegerValue("print_level", 0);
    options->SetStringValue("sb", "yes");
    options->SetIntegerValue("max_iter", std::numeric_limits<int>::max());
    options->SetNumericValue("tol", options_.tolerance);
    options->SetNumericValue("bound_relax_factor", 0.0);
    if (application->Initialize("") != Ipopt::Solve_Succeeded) return {.message = "it could not be set up"};
    const Ipopt::SmartPtr<Adapter> adapter = new Adapter(f, listener, x);
    if (f.abandoned()) return {};
    const auto code = application->OptimizeTNLP(Ipopt::SmartPtr<Ipopt::TNLP>(GetRawPtr(adapter)));
    x = adapter->solution();
    return end_of(code);
  }

 private:
  IpoptSolver options_;
};

}  // namespace

}  // namespace backends

std::shared_ptr<const Method> method(const IpoptSolver& options) {
  return backends::library_method(std::make_shared<const backends::IpoptLibrary>(options), options.stop,
                                  options.at_saddle);
}

}  // namespace quadric

#else

namespace quadric {

std::shared_ptr<const Method> method(const IpoptSolver& /*options*/) {
  backends::missing("Ipopt", "coinor-libipopt-dev");
}

}  // namespace quadric

#endif
