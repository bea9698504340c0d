#pragma once

#include <mutex>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/differences.hpp"

namespace quadric {

/// The relative error of the last Hessian that was made, with its point. Elsewhere it is measured
/// anew, so that the answer depends on the point only. May be used from several threads.
class MeasuredError {
 public:
  /// Keeps, and returns, the relative error of H with the errors of its entries.
  double keep(const Vector& x, const Matrix& H, const Matrix& error) {
    const double relative = cautious * differences::relative_error(H, error);
    keep(x, relative);
    return relative;
  }
  void keep(const Vector& x, double relative) {
    const std::lock_guard lock(mutex_);
    x_ = x;
    relative_ = relative;
  }

  /// The error at x; `measure` returns it where it is not at hand.
  template <class Measure>
  double at(const Vector& x, const Measure& measure) const {
    {
      const std::lock_guard lock(mutex_);
      if (x_.size() == x.size() && x_ == x) return relative_;
    }
    return measure();
  }

 private:
  /// An error that was estimated is exceeded now and then, but seldom by more than this factor.
  static constexpr double cautious = 4.0;

  mutable std::mutex mutex_;
  Vector x_;
  double relative_ = 0.0;
};

}  // namespace quadric
