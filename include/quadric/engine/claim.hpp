#pragma once

#include <string>

#include "quadric/base/types.hpp"
#include "quadric/curvature/critical_point.hpp"
#include "quadric/engine/observer.hpp"

namespace quadric {

/// That another library called the point where it ended a solution, beside what our certificate says of it.
/// A run that is started again from beside a saddle may hear several.
struct Claim {
  std::string message = {};  ///< the library's own words
  Index iteration = 0;       ///< of the trace, at whose point the library ended
  CriticalPoint point = {};  ///< our certificate there

  /// A saddle, a maximum, or a point whose gradient is not zero.
  bool is_false() const noexcept {
    return point.has_negative_curvature() || point.kind == CriticalKind::NotCritical;
  }
};

/// An observer that hears what a back end claims.
class ClaimObserver : public Observer {
 public:
  virtual void claimed(const Claim& claim) = 0;
};

}  // namespace quadric
