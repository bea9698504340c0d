#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include <ceres/iteration_callback.h>

#include "quadric/base/types.hpp"
#include "quadric/problem/problem.hpp"
#include "quadric/solvers/ceres_solver.hpp"

#include "engine/evaluator.hpp"

namespace quadric::backends {

/// A problem as Ceres calls it: values, and models with first derivatives, all through one evaluator. The
/// last model is kept, so that Ceres' first evaluation of a point that was looked at already costs nothing.
/// What must not pass through Ceres' frames, `Misuse`, is kept for the caller, and every evaluation fails
/// from then on.
class CountedFunction {
 public:
  /// For least squares the problem must have residuals.
  CountedFunction(const Problem& problem, bool least_squares);
  CountedFunction(const CountedFunction&) = delete;
  CountedFunction& operator=(const CountedFunction&) = delete;

  /// f(x); false where it can not be evaluated.
  bool value(const Vector& x, double& f);
  /// The residuals of the last `value` of a least-squares problem (m).
  const Vector& residuals() const noexcept { return residuals_; }
  /// The gradient model at x, in Gauss-Newton form for least squares; null where it can not be evaluated.
  const LocalModel* model(const Vector& x);
  /// The model at x, where that was the last one evaluated.
  const LocalModel* known(const Vector& x) const;

  Evaluator& evaluator() noexcept { return evaluator_; }
  /// How many evaluations failed so far.
  Index failures() const noexcept { return failures_; }
  /// Makes every further evaluation fail, until `rethrow`.
  void abandon(std::exception_ptr error) noexcept { error_ = error; }
  bool abandoned() const noexcept { return error_ != nullptr; }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  template <class Evaluation>
  bool guarded(Evaluation&& evaluation);

  Vector residuals_;
  Problem problem_;
  Evaluator evaluator_;
  Curvature form_;
  LocalModel latest_;
  bool has_latest_ = false;
  Index failures_ = 0;
  std::exception_ptr error_;
};

/// Is told of each of Ceres' iterations and the point reached, and returns false to end the call.
using Listener = std::function<bool(const ceres::IterationSummary&, const Vector& x)>;

/// How Ceres saw its end.
struct CeresEnd {
  bool convergence = false;
  std::string message = {};
  std::optional<ceres::IterationSummary> last = {};  ///< its last iteration
};

/// Minimizes with Ceres from x, which is its end point afterwards. Silent on stdout and stderr. Rethrows what
/// `f` and `listener` threw.
CeresEnd call_ceres(CountedFunction& f, const CeresSolver& options, Vector& x, const Listener& listener);

}  // namespace quadric::backends
