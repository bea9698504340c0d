#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric {

/// What can happen in an iteration besides an ordinary step.
enum class Event : std::uint8_t {
  NegativeCurvature,  ///< the quadric bends down along the step
  Saddle,             ///< the point is critical, but curvature is negative along some direction
  Escaped,            ///< the step left a saddle along a direction of negative curvature
  Degenerate,         ///< the point is critical, and curvature is zero along some direction
  NonFinite,          ///< a trial point gave a non-finite value or derivative, or the user's function threw
  Rejected,           ///< a trial step was rejected and retried shorter
  Polished,           ///< the step was judged by the gradient, its gain being below the rounding of f
  HardCase,  ///< the gradient had no component along the lowest curvature of a trust-region subproblem
  AsymmetricHessian,  ///< the provider's Hessian is not symmetric
  WrongDerivative,    ///< an audit found derivatives that contradict the function's values
  WrongHessian,       ///< and it is the second ones that do
  LongStep,           ///< the curvature met along −g is zero or negative: the step doubled the last one
  Summed,             ///< steps shrank at a constant rate: what they add up to was taken as one
  Extrapolated,       ///< in a valley that bends, the parabola through points of its floor was followed
  ReachedBound,       ///< the step put a variable on a bound of the problem
  ChangedModel,  ///< from here on steps are by another quadric: ∇²f after JᵀJ, or the other way round
  Contradicted,  ///< no step made progress, and the values of f contradict the gradient there
  Noisy,         ///< no step made progress, and f carries more noise than its rounding there
  Crawled,       ///< over many iterations f fell by no more than the rounding of what it fell in all
};

/// `negative_curvature`, `saddle`, ...
std::string_view to_string(Event event);
/// The event of that name, if there is one.
std::optional<Event> event_named(std::string_view name);
/// The names of all events.
std::vector<std::string> event_names();

/// A set of events.
class Events {
 public:
  Events() = default;
  Events(std::initializer_list<Event> events) {
    for (const Event event : events) add(event);
  }
  void add(Event event) noexcept { bits_ = bits_ | bit(event); }
  void add(Events other) noexcept { bits_ = bits_ | other.bits_; }
  bool has(Event event) const noexcept { return (bits_ & bit(event)) != 0; }
  bool empty() const noexcept { return bits_ == 0; }
  /// In the order of the enumeration.
  std::vector<Event> list() const;

 private:
  static constexpr std::uint32_t bit(Event event) noexcept { return 1U << static_cast<unsigned>(event); }
  std::uint32_t bits_ = 0;
};

/// How often each part of the problem was evaluated.
struct Counts {
  Index values = 0;     ///< f, or r
  Index gradients = 0;  ///< ∇f, or J
  Index hessians = 0;   ///< ∇²f
  Index products = 0;   ///< ∇²f v
  Index total() const noexcept { return values + gradients + hessians + products; }
};

/// One line of the trace: the point that an iteration reached, and the step that led there. A quantity that
/// is not known is NaN. Iteration 0 is the start.
struct Iteration {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  Index iteration = 0;
  double value = unknown;          ///< f at the point reached
  double gradient_norm = unknown;  ///< ‖∇f‖₂ there
  double step_norm = unknown;      ///< ‖p‖₂
  double trust = unknown;          ///< radius, damping or length that governed the step
  double predicted = unknown;      ///< change of f that the quadric predicted
  double actual = unknown;         ///< change of f that happened
  double ratio = unknown;          ///< actual / predicted
  double slope = unknown;          ///< gᵀp
  double curvature = unknown;      ///< pᵀB p
  double lambda_min = unknown;     ///< smallest eigenvalue of B, where it was computed
  Events events = {};
  Index rejected = 0;     ///< trial steps rejected on the way
  Index evaluations = 0;  ///< of all kinds, since the start of the run
  double seconds = 0.0;   ///< since the start of the run
  std::string note = {};  ///< a sentence on an event, else empty

  /// How f bent along the step, from what the slope promised and what happened: "bent up: gained 50 % of what
  /// the slope promised". Empty where no step was taken.
  std::string bend() const;
};

}  // namespace quadric
