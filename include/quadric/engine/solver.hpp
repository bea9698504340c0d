#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "quadric/engine/checkpoint.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/step_control.hpp"
#include "quadric/engine/stopping.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric {

/// What to do at a critical point that is a proven saddle or maximum.
enum class AtSaddle {
  Escape,  ///< go on along negative curvature
  Stop,    ///< end with `Status::SaddlePoint`
};

/// What a solver is behind its options: runs a problem from a start.
class Method {
 public:
  virtual ~Method() = default;
  virtual std::string name() const = 0;
  /// Whether only problems with residuals can be run.
  virtual bool needs_residuals() const { return false; }
  /// Exceptions: `Misuse` for a start or a problem that can not be run; what an observer throws.
  virtual Result run(const Problem& problem, const Vector& start, const Observers& observers) const = 0;
  /// Goes on with an interrupted run. `Misuse` besides: this solver can not be resumed, or the checkpoint is
  /// of another solver, of other options or of another function; what an observer throws.
  virtual Result resume(const Problem& problem, const Checkpoint& from, const Observers& observers) const;
};

/// Any solver: a value type made from the options of one (`Newton{}`, `GaussNewton{}`, ...), each of which
/// names its method by a function `method(options)`. Thread safe: a run keeps its state to itself.
class Solver {
 public:
  template <class Options>
  requires(!std::same_as<std::remove_cvref_t<Options>, Solver> &&
           requires(const Options& o) {
             { method(o) } -> std::convertible_to<std::shared_ptr<const Method>>;
           }) Solver(const Options& options)
      : method_(method(options)) {}  // NOLINT: any options are a solver
  explicit Solver(std::shared_ptr<const Method> given) : method_(std::move(given)) {}

  std::string name() const { return method_->name(); }
  bool needs_residuals() const { return method_->needs_residuals(); }
  Result run(const Problem& problem, const Vector& start, const Observers& observers = {}) const {
    return method_->run(problem, start, observers);
  }
  /// Goes on with an interrupted run of this solver; see `Checkpoint`. The result is that of the whole run,
  /// trace and counts included; observers are told of the iterations that were still to be made.
  Result resume(const Problem& problem, const Checkpoint& from, const Observers& observers = {}) const {
    return method_->resume(problem, from, observers);
  }

 private:
  std::shared_ptr<const Method> method_;
};

/// The parts of a method on the shared loop.
struct Assembly {
  std::string name;
  std::unique_ptr<Direction> direction;
  std::unique_ptr<StepControl> control;
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
};

/// The one loop: iterates an assembly on a problem from a start. The first-order test, evaluation counts,
/// recovery from non-finite trial points, the certificate and the escape from saddles are here, for every
/// method.
Result iterate(const Problem& problem, const Vector& start, Assembly assembly, const Observers& observers);
/// The same from where an earlier run of the same assembly was interrupted.
Result iterate(const Problem& problem, const Checkpoint& from, Assembly assembly, const Observers& observers);

}  // namespace quadric
