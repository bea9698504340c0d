#pragma once

#include <exception>
#include <functional>
#include <utility>

#include "quadric/base/types.hpp"
#include "quadric/problem/problem.hpp"

#include "engine/evaluator.hpp"

namespace quadric::backends {

/// A problem as another library calls it: values, and models with first derivatives, all through one
/// evaluator. The last model is kept, so that its first evaluation of a point that was looked at already
/// costs nothing. What must not pass through the library's frames, `Misuse`, is kept for the caller, and
/// every evaluation fails from then on.
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
  /// The quadric with the exact Hessian at x; null where it can not be evaluated.
  const LocalModel* exact(const Vector& x);
  /// The gradient model at x, where that was the last one evaluated.
  const LocalModel* known(const Vector& x) const;

  Evaluator& evaluator() noexcept { return evaluator_; }
  /// How many evaluations failed so far.
  Index failures() const noexcept { return failures_; }
  /// Makes every further evaluation fail, until `rethrow`.
  void abandon(std::exception_ptr error) noexcept { error_ = error; }
  /// Asked before every evaluation whether a limit was reached; every evaluation fails from then on, until
  /// the limit is lifted with an empty function.
  void limit(std::function<bool()> is_reached) {
    is_limit_reached_ = std::move(is_reached);
    over_ = false;
  }
  /// Whether a limit kept an evaluation from being made.
  bool is_over() const noexcept { return over_; }
  /// Further evaluations are of no use: an error is kept, a limit was reached, or too many were made without
  /// progress.
  bool abandoned() const noexcept { return error_ != nullptr || over_ || is_fruitless(); }
  /// A library may go round in circles.
  bool is_fruitless() const noexcept { return fruitless_ > most_fruitless; }
  /// An iteration led nowhere.
  void stood_still() noexcept { ++fruitless_; }
  /// A step was taken, or a library is called anew.
  void progressed() noexcept { fruitless_ = 0; }
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
  LocalModel latest_, exact_;
  bool has_latest_ = false, has_exact_ = false;
  static constexpr Index most_fruitless = 500;

  Index failures_ = 0, fruitless_ = 0;
  std::exception_ptr error_;
  std::function<bool()> is_limit_reached_;
  bool over_ = false;
};

}  // namespace quadric::backends
