#include <functional>
#include <memory>
#include <string>

#include "quadric/base/misuse.hpp"
#include "quadric/solvers/back_ends.hpp"
#include "quadric/solvers/ceres_solver.hpp"
#include "quadric/solvers/conjugate_gradients.hpp"
#include "quadric/solvers/gauss_newton.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/matrix_free_newton.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"
#include "quadric/solvers/variable_projection.hpp"

#include "base/nearest_name.hpp"

namespace quadric {

namespace {

struct Entry {
  std::string name;
  std::function<Solver(const Overrides&)> make;
};

/// Runs what `choose_solver` picks for the problem at hand, and says so in the result.
class Automatic final : public Method {
 public:
  explicit Automatic(const Overrides& overrides) : overrides_(overrides) {}
  std::string name() const override { return "auto"; }
  Result run(const Problem& problem, const Vector& start, const Observers& observers) const override {
    const Choice choice = choose_solver(problem, start, overrides_);
    Result result = choice.solver.run(problem, start, observers);
    result.choice = choice.why;
    return result;
  }
  Result resume(const Problem& problem, const Checkpoint& from, const Observers& observers) const override {
    const Choice choice = choose_solver(problem, from.x(), overrides_);
    Result result = choice.solver.resume(problem, from, observers);
    result.choice = choice.why;
    return result;
  }

 private:
  Overrides overrides_;
};

/// An entry from a solver's options, whose limits may be overridden.
template <class Options>
Entry entry(std::string name, Options defaults) {
  return {std::move(name), [defaults](const Overrides& overrides) -> Solver {
            Options options = defaults;
            options.stop.max_iterations = overrides.max_iterations.value_or(options.stop.max_iterations);
            options.stop.max_evaluations = overrides.max_evaluations.value_or(options.stop.max_evaluations);
            options.stop.max_seconds = overrides.max_seconds.value_or(options.stop.max_seconds);
            options.at_saddle = overrides.at_saddle.value_or(options.at_saddle);
            return options;
          }};
}

/// The one list of solvers by name.
const std::vector<Entry>& registry() {
  using Strategy = CeresSolver::Strategy;
  static const std::vector<Entry> entries = [] {
    std::vector<Entry> list = {
        {"auto", [](const Overrides& overrides) { return Solver(std::make_shared<Automatic>(overrides)); }},
        entry("newton", Newton{}),
        entry("newton-line-search", Newton{.step = LineSearch{}}),
        entry("newton-cubic", Newton{.step = CubicRegularization{}}),
        entry("newton-saddle-free", Newton{.saddle_free = true}),
        entry("newton-matrix-free", MatrixFreeNewton{}),
        entry("gauss-newton", GaussNewton{}),
        entry("gauss-newton-hybrid", GaussNewton{.hybrid = true}),
        entry("gauss-newton-line-search", GaussNewton{.step = LineSearch{}}),
        entry("gauss-newton-damped", GaussNewton{.step = Damping{}}),
        entry("gauss-newton-dogleg", GaussNewton{.within = GaussNewtonStep::Dogleg}),
        entry("gauss-newton-double-dogleg", GaussNewton{.within = GaussNewtonStep::DoubleDogleg}),
        entry("gauss-newton-geodesic", GaussNewton{.geodesic = true}),
        entry("variable-projection", VariableProjection{}),
        entry("gradient-descent", GradientDescent{}),
        entry("gradient-descent-bb", GradientDescent{.length = DescentLength::BarzilaiBorwein}),
        entry("conjugate-gradients", ConjugateGradients{}),
        entry("lbfgs", Lbfgs{}),
        entry("ceres-lm", CeresSolver{.strategy = Strategy::LevenbergMarquardt}),
        entry("ceres-dogleg", CeresSolver{.strategy = Strategy::Dogleg}),
        entry("ceres-subspace-dogleg", CeresSolver{.strategy = Strategy::SubspaceDogleg}),
        entry("ceres-lbfgs", CeresSolver{.strategy = Strategy::Lbfgs}),
        entry("ceres-bfgs", CeresSolver{.strategy = Strategy::Bfgs}),
        entry("ceres-conjugate-gradients", CeresSolver{.strategy = Strategy::ConjugateGradients}),
    };
    if (has_back_end("minpack")) list.push_back(entry("minpack-lmder", MinpackSolver{}));
    if (has_back_end("gsl")) {
      using Gsl = GslSolver::Strategy;
      list.push_back(entry("gsl-lm", GslSolver{}));
      list.push_back(entry("gsl-geodesic", GslSolver{.strategy = Gsl::Geodesic}));
      list.push_back(entry("gsl-dogleg", GslSolver{.strategy = Gsl::Dogleg}));
      list.push_back(entry("gsl-double-dogleg", GslSolver{.strategy = Gsl::DoubleDogleg}));
      list.push_back(entry("gsl-subspace", GslSolver{.strategy = Gsl::Subspace}));
    }
    if (has_back_end("nlopt")) {
      using Nlopt = NloptSolver::Algorithm;
      list.push_back(entry("nlopt-lbfgs", NloptSolver{}));
      list.push_back(entry("nlopt-truncated-newton", NloptSolver{.algorithm = Nlopt::TruncatedNewton}));
      list.push_back(entry("nlopt-variable-metric", NloptSolver{.algorithm = Nlopt::VariableMetric}));
      list.push_back(entry("nlopt-mma", NloptSolver{.algorithm = Nlopt::Mma}));
      list.push_back(entry("nlopt-slsqp", NloptSolver{.algorithm = Nlopt::Slsqp}));
    }
    if (has_back_end("liblbfgs")) list.push_back(entry("liblbfgs", LiblbfgsSolver{}));
    if (has_back_end("ipopt")) list.push_back(entry("ipopt", IpoptSolver{}));
    return list;
  }();
  return entries;
}

/// Up to this many variables a Jacobian is held with its zeros.
constexpr Index largest_full_jacobian = 500;
/// Up to this many variables a Hessian without zeros is factored in less time than products with it take.
constexpr Index largest_full_hessian = 2000;

/// What the function throws is the run's own business.
bool has_full_hessian(const Objective& f, const Vector& x) {
  try {
    return f.has_full_hessian(x);
  } catch (const Misuse&) {
    throw;
  } catch (...) {
    return false;
  }
}

}  // namespace

std::vector<std::string> solver_names() {
  std::vector<std::string> names;
  for (const Entry& known : registry()) names.push_back(known.name);
  return names;
}

Solver solver_named(std::string_view name, const Overrides& overrides) {
  for (const Entry& known : registry()) {
    if (known.name == name) return known.make(overrides);
  }
  const std::vector<std::string> names = solver_names();
  std::string sentence = "there is no solver '" + std::string(name) + "'" + did_you_mean(name, names);
  sentence += sentence.back() == '?' ? " The solvers are" : "; the solvers are";
  for (const std::string& known : names) sentence.append(" ").append(known);
  misuse(sentence);
}

Choice choose_solver(const Problem& problem, const Point& start, const Overrides& overrides) {
  const bool differenced = problem.provider().second.starts_with("differences");
  if (problem.residuals() && start.size() > largest_full_jacobian && !differenced) {
    return {solver_named("newton", overrides),
            "the problem is a sum of squares in so many variables that a Jacobian held with its zeros is too "
            "large: Newton's method holds the entries of the exact Hessian that are not zero"};
  }
  if (problem.residuals()) {
    return {solver_named("gauss-newton-hybrid", overrides),
            "the problem is a sum of squares, whose residuals give curvature from first derivatives; exact "
            "second derivatives are taken where that is seen to miss much of it"};
  }
  // Of a Hessian whose pattern is known the price does not grow with the number of variables.
  if (differenced) {
    return {solver_named("lbfgs", overrides),
            "the problem is a general objective without second derivatives: L-BFGS learns curvature from the "
            "gradients on its way, where a Hessian by differences would take many more at every step"};
  }
  if (start.size() > largest_full_hessian && has_full_hessian(problem.objective(), start)) {
    return {solver_named("newton-matrix-free", overrides),
            "the problem is a general objective whose Hessian is large and has few zeros: its products with "
            "vectors take the place of its factors"};
  }
  return {solver_named("newton", overrides),
          "the problem is a general objective, and its exact second derivatives are to be had"};
}

Result solve(const Problem& problem, const Point& start, const Observers& observers) {
  return Automatic(Overrides{}).run(problem, start, observers);
}

}  // namespace quadric
