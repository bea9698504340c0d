#pragma once

#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "quadric/base/types.hpp"
#include "quadric/engine/memory.hpp"
#include "quadric/engine/trace.hpp"
#include "quadric/problem/local_model.hpp"

namespace quadric {

/// A step that is proposed, before f is evaluated there.
struct Proposal {
  Vector step = {};         ///< p (n)
  double predicted = 0.0;   ///< the change of f that the quadric predicts; negative
  bool restricted = false;  ///< a radius or a shortened length kept the step from the quadric's own choice
  double trust = 0.0;       ///< radius, damping or length, for the trace
  /// The longest multiple of the step that stays within the bounds of the problem, at least 1.
  double longest = std::numeric_limits<double>::infinity();
  Events events = {};
  std::string note = {};  ///< a sentence on these events, else empty
};

/// Turns the quadric into a step. Newton, Gauss-Newton and gradient descent differ only here. A direction may
/// keep a factorization between `prepare` and the next `prepare`; otherwise it is a function of the model.
class Direction {
 public:
  virtual ~Direction() = default;
  virtual std::string_view name() const = 0;
  /// What the model must hold.
  virtual Curvature needs() const = 0;
  /// Whether the quadric is f's own to second order, so that it errs by the third order of the step.
  virtual bool exact() const { return needs() == Curvature::Hessian; }
  /// Whether the run may ask the provider for a full Hessian, as certificates do.
  virtual bool forms_hessian() const { return true; }
  /// Forgets scalings learned on the way; called at the start and after an escape.
  virtual void restart() {}
  /// Reads a new model.
  virtual void prepare(const LocalModel& model) = 0;
  /// The step to the bottom of the quadric, or a descent step where it has none.
  virtual void unrestricted(const LocalModel& model, Proposal& proposal) = 0;
  /// The best step p with ‖D p‖ ≤ radius.
  virtual void within(const LocalModel& model, double radius, Proposal& proposal) = 0;
  /// The step that minimizes the quadric and ½ damping ‖D p‖², damping > 0; where the quadric bends down by
  /// more than that, with so much more damping. False where the direction knows no such step.
  virtual bool damped(const LocalModel& /*model*/, double /*damping*/, Proposal& /*proposal*/) {
    return false;
  }
  /// The step proposed last was tried and rejected.
  virtual void rejected() {}
  /// ‖D p‖, the norm in which a radius is measured; the scaling D is the direction's.
  virtual double norm(const Vector& p) const { return p.norm(); }
  /// A first radius where nothing is known of the size of x: ‖D⁻¹g‖, the length of a unit-curvature step.
  virtual double first_radius(const LocalModel& model) const { return model.gradient.norm(); }
  /// The smallest eigenvalue of B, where it was computed on the way; else NaN.
  virtual double lambda_min() const { return Iteration::unknown; }
  /// All that it learned before the next `prepare`, and the options that rule it.
  virtual void remember(Memory& /*memory*/) {}
};

}  // namespace quadric
