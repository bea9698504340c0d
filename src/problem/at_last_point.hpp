#pragma once

#include <mutex>
#include <utility>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/differences.hpp"

namespace quadric {

/// What was computed last, with its point: a solver asks for a value, then for the derivatives at the same
/// point. Elsewhere it is computed anew, so that the answer depends on the point only. May be used from
/// several threads.
template <class T>
class AtLastPoint {
 public:
  void keep(const Vector& x, T what) {
    const std::lock_guard lock(mutex_);
    x_ = x;
    what_ = std::move(what);
  }

  /// What was kept at x; `compute` returns it where it is not at hand.
  template <class Compute>
  T at(const Vector& x, const Compute& compute) const {
    {
      const std::lock_guard lock(mutex_);
      if (x_.size() == x.size() && x_ == x) return what_;
    }
    return compute();
  }

 private:
  mutable std::mutex mutex_;
  Vector x_;
  T what_ = {};
};

/// The relative error of the last Hessian that was made.
class MeasuredError : public AtLastPoint<double> {
 public:
  using AtLastPoint::keep;
  /// Keeps, and returns, the relative error of H with the errors of its entries.
  double keep(const Vector& x, const Matrix& H, const Matrix& error) {
    const double relative = cautious * differences::relative_error(H, error);
    keep(x, relative);
    return relative;
  }

 private:
  /// An error that was estimated is exceeded now and then, but seldom by more than this factor.
  static constexpr double cautious = 4.0;
};

}  // namespace quadric
