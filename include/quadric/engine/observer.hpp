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

/// What a run tells its observers at the start.
struct RunInfo {
  std::string solver;
  Provider provider;
  std::vector<std::string> names;
};

/// Is told of every iteration and may stop the run. Called on the solver's thread; an exception passes to the
/// caller.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void started(const RunInfo& /*run*/) {}
  /// Return false to stop the run: its status is then `stopped_by_user`.
  virtual bool iterated(const Iteration& iteration, const Vector& x) = 0;
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

/// An observer from what a user hands over: an `Observer`, a shared pointer to one, or a callable on `const
/// Iteration&`.
template <class O>
std::shared_ptr<Observer> make_observer(O&& observer) {
  using Type = std::remove_cvref_t<O>;
  if constexpr (std::convertible_to<O, std::shared_ptr<Observer>>) {
    return std::forward<O>(observer);
  } else if constexpr (std::derived_from<Type, Observer>) {
    return std::make_shared<Type>(std::forward<O>(observer));
  } else {
    return std::make_shared<detail::CallableObserver<Type>>(std::forward<O>(observer));
  }
}

}  // namespace quadric
