#pragma once

#include <cstdint>
#include <memory>

#include "quadric/base/types.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/problem/derivative_check.hpp"

namespace quadric {

/// Audits the derivatives of a problem while it is solved: entry by entry at the start (`check_derivatives`),
/// and along the run in one random direction at a time, the gradient against 24 values and the Hessian
/// against 8 gradients. A direction that looks wrong makes it check every entry there, and only what that
/// finds wrong counts. Derivatives that are differences themselves are not audited.
///
///     Result r = minimize(f, x0, Newton{}, AuditDerivatives{});
///
/// What it finds is in `Result::reason` and the event `wrong_derivative` of the last iteration, and the
/// result is not `converged`. Its own evaluations are not in `Result::counts`. One object serves one run at a
/// time.
struct AuditDerivatives {
  /// Iterations from one audit of a direction to the next; 0: the start only.
  Index every = 1;
  /// With more variables than this only random directions are audited at the start too.
  Index most_variables = 50;
  bool stop = true;         ///< end the run at a finding, as `stopped_by_user`; otherwise only report it
  std::uint64_t seed = 1;   ///< of the directions
  CheckOptions check = {};  ///< of the check entry by entry; at the one point, whatever its `points`
};

/// The observer that does it. Options out of range throw `Misuse`.
std::shared_ptr<Observer> observer(const AuditDerivatives& options);

}  // namespace quadric
