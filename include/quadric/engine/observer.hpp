#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "quadric/engine/result.hpp"
#include "quadric/engine/trace.hpp"

namespace quadric {

class Problem;

/// What a run tells its observers at the start.
struct RunInfo {
  std::string solver;
  Provider provider;
  std::vector<std::string> names;
  const Problem* problem = nullptr;  ///< what is solved; valid until `finished` was called
  Vector start = {};                 ///< n; where a run is resumed, the point that it goes on from
  bool can_resume = false;           ///< the solver hands out its state (`CheckpointKeeper`)
};

/// What an observer has to add to the result of a run.
struct Finding {
  std::string sentence = {};  ///< added to `Result::reason`; empty: there is nothing to add
  Events events = {};         ///< added to the last iteration
};

/// Is told of every iteration and may stop the run. Called on the solver's thread; an exception passes to the
/// caller.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void started(const RunInfo& /*run*/) {}
  /// Return false to stop the run: its status is then `stopped_by_user`.
  virtual bool iterated(const Iteration& iteration, const Vector& x) = 0;
  /// What it found that belongs in the result; asked at the end of the run, before `finished`. A result with
  /// `Event::WrongDerivative` is not `converged`.
  virtual Finding finding() const { return {}; }
  virtual void finished(const Result& /*result*/) {}
};

/// The observers of one run.
using Observers = std::vector<std::shared_ptr<Observer>>;

namespace detail {

template <class F>
class CallableObserver final : public Observer {
 public:
  explicit CallableObserver(F f) : f_(std::move(f)) {}
  bool iterated(const Iteration& iteration, const Vector& x) override {
    if constexpr (std::predicate<F&, const Iteration&, const Vector&>) {
      return f_(iteration, x);
    } else if constexpr (std::predicate<F&, const Iteration&>) {
      return f_(iteration);
    } else if constexpr (std::invocable<F&, const Iteration&, const Vector&>) {
      f_(iteration, x);
      return true;
    } else {
      static_assert(std::invocable<F&, const Iteration&>,
                    "quadric: an observer is a class derived from quadric::Observer, or a callable on (const "
                    "quadric::Iteration&) that may return false to stop the run");
      f_(iteration);
      return true;
    }
  }

 private:
  F f_;
};

}  // namespace detail

/// An observer from what a user hands over: an `Observer`, a shared pointer to one, the options of one (which
/// name it by a function `observer(options)`), or a callable on `const Iteration&`.
template <class O>
std::shared_ptr<Observer> make_observer(O&& given) {
  using Type = std::remove_cvref_t<O>;
  if constexpr (std::convertible_to<O, std::shared_ptr<Observer>>) {
    return std::forward<O>(given);
  } else if constexpr (std::derived_from<Type, Observer>) {
    return std::make_shared<Type>(std::forward<O>(given));
  } else if constexpr (requires {
                         { observer(given) } -> std::convertible_to<std::shared_ptr<Observer>>;
                       }) {
    return observer(given);
  } else {
    return std::make_shared<detail::CallableObserver<Type>>(std::forward<O>(given));
  }
}

}  // namespace quadric
