#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>

#include "quadric/engine/solver.hpp"

#include "solvers/backends/counted_function.hpp"

namespace quadric::backends {

/// One of a library's iterations, as far as it tells.
struct LibraryStep {
  enum class Kind { Start, Accepted, Rejected };
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  Kind kind = Kind::Accepted;
  double value = unknown;  ///< f at the point reached
  double trust = unknown;  ///< radius, damping or length that governed the step
  double ratio = unknown;  ///< actual / predicted
};

/// Is told of each iteration and the point reached; false ends the call.
using Listener = std::function<bool(const LibraryStep&, const Vector& x)>;

/// How a library saw its end.
struct LibraryEnd {
  bool convergence = false;
  std::string message = {};
};

/// Another library's method.
class Library {
 public:
  virtual ~Library() = default;
  /// With its name first: "ceres (dogleg)".
  virtual std::string name() const = 0;
  virtual bool needs_residuals() const = 0;
  virtual bool takes_bounds() const = 0;
  /// Minimizes from x, which is its end point afterwards. Silent on stdout and stderr. What `f` keeps to
  /// itself (`CountedFunction::abandoned`) must end it soon; what the listener throws is to be handed to `f`.
  virtual LibraryEnd minimize(CountedFunction& f, Vector& x, const Listener& listener) const = 0;
  /// What to hold while it runs, where only one run of it may be under way in the process; else null.
  virtual std::recursive_mutex* alone() const { return nullptr; }
};

/// Calls the listener; false where it says so or threw, which `f` then keeps.
bool tell(CountedFunction& f, const Listener& listener, const LibraryStep& step, const Vector& x);

/// Throws the `Misuse` of a library that was not there when this was built.
[[noreturn]] void missing(const std::string& library, const std::string& package);

/// A library's method as one of ours: its steps in the trace, our certificate where it ends, and from beside
/// a saddle or a flat point again.
std::shared_ptr<const Method> library_method(std::shared_ptr<const Library> library, const Stopping& stop,
                                             AtSaddle at_saddle);

}  // namespace quadric::backends
