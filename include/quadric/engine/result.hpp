#pragma once

#include <memory>
#include <string>
#include <vector>

#include "quadric/base/status.hpp"
#include "quadric/base/types.hpp"
#include "quadric/curvature/critical_point.hpp"
#include "quadric/engine/explanation.hpp"
#include "quadric/engine/trace.hpp"
#include "quadric/problem/provider.hpp"

namespace quadric {

struct Probe;

/// What a run gives back. The point is always finite and never worse than the start.
struct Result {
  Vector x = {};               ///< the best point (n)
  double value = 0.0;          ///< f(x)
  double gradient_norm = 0.0;  ///< ‖∇f(x)‖₂
  Status status = Status::EvaluationFailed;
  CriticalPoint critical_point = {};    ///< the certificate of x
  std::string reason = {};              ///< why the run stopped, in a sentence
  std::string solver = {};              ///< what ran, for example "newton (trust region)"
  std::string choice = {};              ///< why this solver, where it was chosen for the user
  Provider provider = {};               ///< where the derivatives came from
  std::vector<std::string> names = {};  ///< of the variables (n)
  Index iterations = 0;
  Counts counts = {};
  double seconds = 0.0;
  std::vector<Iteration> trace = {};  ///< iteration 0 is the start
  /// What the function showed around x, where the run went wrong and looked (`quadric/engine/probe.hpp`);
  /// else null. Its evaluations are in `counts`.
  std::shared_ptr<const Probe> probe = {};

  bool converged() const noexcept { return status == Status::Converged; }
  /// One paragraph for a person.
  std::string summary() const;
  /// Why the run stopped, what the curvature was there, what held it back, and what to try, as far as the
  /// record of the run shows it. `quadric::explain(result, problem)` looks at the function besides.
  Explanation explain() const;
};

}  // namespace quadric
