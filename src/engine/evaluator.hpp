#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "quadric/engine/memory.hpp"
#include "quadric/engine/stopping.hpp"
#include "quadric/engine/trace.hpp"
#include "quadric/problem/local_model.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric {

/// Every evaluation of a run goes through here: it is counted, an exception of the user's function is kept as
/// a message (a `Misuse` passes), and what is not finite is refused.
class Evaluator {
 public:
  /// With `by_products` a full Hessian is never asked of the problem but put together from n products.
  explicit Evaluator(const Problem& problem, bool by_products = false);
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// f(x); false where it is not finite or threw, or x is outside the bounds.
  bool value(const Vector& x, double& f);
  /// The quadric at x; false where a part of it is not finite or threw, or x is outside the bounds. `model`
  /// is then unspecified.
  bool model(const Vector& x, Curvature form, LocalModel& model);
  /// Relative error of the exact Hessian at x, for which it may be evaluated anew; false where that threw.
  bool hessian_error(const Vector& x, double& error);

  const Counts& counts() const noexcept { return counts_; }
  /// Counts what was evaluated elsewhere for the run.
  void count(const Counts& counts);
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  /// Whether the quadric of this form at x takes no more than a few values.
  bool model_comes_with_value(const Vector& x, Curvature form) const;
  /// Whether to hold the Hessian at x takes n² numbers; true where the question can not be answered.
  bool has_full_hessian(const Vector& x);
  /// What went wrong last, in a sentence.
  const std::string& failure() const noexcept { return failure_; }
  /// Relative asymmetry ‖H − Hᵀ‖ / ‖H‖ of the worst Hessian seen, in the largest entries.
  double asymmetry() const noexcept { return asymmetry_; }
  const Problem& problem() const noexcept { return problem_; }
  bool by_products() const noexcept { return by_products_; }
  /// Counts, time and what was learned of the functions. Read back, it replaces the counts, and the clock
  /// goes on from where it stood; a number of residuals that differs is `Misuse`.
  void remember(Memory& memory);

 private:
  class Watched;
  class WatchedResiduals;
  using Clock = std::chrono::steady_clock;

  template <class Evaluation>
  bool guarded(Evaluation&& evaluation);
  bool is_allowed(const Vector& x);
  void check_count(Index residuals);
  void fill_gauss_newton(const Vector& x, LocalModel& model);
  void symmetrize(Matrix& H);
  Vector product(const Vector& x, const Vector& v);
  void fill_from_products(LocalModel& model);

  const Problem& problem_;
  /// The problem's functions, which do not change during the run.
  std::optional<Residuals> residual_function_;
  Objective objective_;
  /// What the models are of: the problem's objective, its products counted and guarded. Their `multiply`
  /// gives a vector of NaN where a product threw.
  Objective watched_;
  /// The problem's residuals, if it has any, their second derivatives along a direction counted and guarded.
  std::optional<Residuals> watched_residuals_;
  bool by_products_;
  Clock::time_point start_;
  Counts counts_;
  std::string failure_;
  double asymmetry_ = 0.0;
  Vector residuals_;
  Index residual_count_ = 0;  ///< 0 until the residuals were evaluated
  bool is_filled_ = false;    ///< the Hessian turned out to have few zeros
};

}  // namespace quadric
