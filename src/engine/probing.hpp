#pragma once

#include <memory>

#include "quadric/engine/probe.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/stopping.hpp"

#include "engine/evaluator.hpp"

namespace quadric {

/// The size of each variable (n), positive: its typical magnitude, and where that is (next to) nothing what
/// its curvature makes of the others'. `exact` is the Hessian's model at the point, or null.
Vector sizes_to_probe(const Vector& typical, const LocalModel* exact);

/// Looks at the function around x: noise, kinks, points that fail, and derivatives beside it that contradict
/// what they are derivatives of. `size` is that of each variable (n). Some 60 values and 30 gradients.
void probe_function(Evaluator& evaluator, const Vector& x, const Vector& size, Probe& probe);

/// Reads how well the Hessian of the model, where it is dense or small, is conditioned. Evaluates nothing.
void measure_conditioning(const LocalModel& exact, Probe& probe);

/// Whether the ends of a run by the exact Hessian contradict its quadrics: as steps get shorter, what f did
/// has to come near to what they predicted (Taylor), whose remainder is of third order.
bool contradicts_its_quadrics(const std::vector<Iteration>& trace);

/// What a look back at a run starts from.
struct LookBack {
  const LocalModel* exact = nullptr;  ///< the Hessian's model at the result's point, or null
  const Vector& typical;              ///< size of each variable (n)
  const Stopping& stop;
  bool by_exact_quadrics = false;  ///< the steps were by the exact Hessian, or as good as that
  bool zero_gradient = false;      ///< at the result's point
};

/// What the function shows of why a run that went wrong, or took long, did so: null where neither is the
/// case. The function is evaluated as far as the limits leave evaluations.
std::shared_ptr<const Probe> inquire(Evaluator& evaluator, const Result& result, const LookBack& from);

}  // namespace quadric
