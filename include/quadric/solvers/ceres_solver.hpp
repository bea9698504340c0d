#pragma once

#include <memory>

#include "quadric/engine/solver.hpp"

namespace quadric {

/// Ceres Solver as a back end: the same problem, result, trace and certificate as of our own methods, for
/// comparison.
///
/// Every evaluation is counted by our evaluator; a user's function that throws or is not finite is a failed
/// evaluation to Ceres, which shortens its step. Where Ceres ends, our certificate has the last word:
/// `converged` is a certified minimum whose gradient, besides, is small: `stop.gradient_tolerance` holds, or
/// a relative change of x of 1e-6 explains what is left of it, or the Newton decrement is at most 1e-10 |f|.
/// (Our own methods are asked for more. Ceres judges steps by f alone, so that in doubles half of the digits
/// of x may stay open.) A convergence that Ceres claims elsewhere is `stalled`, unless curvature is negative
/// there: from a saddle the run escapes along it, as our own methods do, and Ceres starts again, at most 20
/// times; `AtSaddle::Stop` ends a run at a proven saddle.
///
/// Ceres' tolerances are as tight as still helps. Over the 27 NIST problems from both starts,
/// Levenberg–Marquardt reached on average 9.6 of 11 certified digits so, 9.2 with a function tolerance of
/// 1e-15, and 8.0 with a parameter tolerance of 1e-8; with Ceres' own defaults, 24 of the 54 runs reached 4
/// digits. A function tolerance of 0 changes nothing more. The price is a tenth more evaluations.
///
/// The limits in `stop` are checked at each of Ceres' iterations. A solver is thread safe, a run uses one
/// thread; while Ceres runs, messages to glog below FATAL are held back in the whole process. `Misuse`: a
/// least-squares strategy on a problem without residuals, a negative tolerance.
struct CeresSolver {
  enum class Strategy {
    LevenbergMarquardt,  ///< least squares, dense QR
    Dogleg,              ///< least squares, Powell's dogleg, dense QR
    SubspaceDogleg,      ///< least squares, best in the plane of the dogleg (Byrd et al. 1988), dense QR
    Lbfgs,               ///< any objective: limited-memory BFGS of rank 20 with a Wolfe line search
    Bfgs,                ///< any objective: BFGS with a Wolfe line search, n² memory
    ConjugateGradients,  ///< any objective: Polak & Ribière's, with a Wolfe line search; Fletcher & Reeves',
                         ///< Ceres' default, solved 394 of 563 runs of three suites, this one 400
  };
  Strategy strategy = Strategy::LevenbergMarquardt;
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
  /// Ceres ends when a step changes f by at most this share of f (its own default: 1e-6).
  double function_tolerance = 1e-16;
  /// Ceres ends when ‖∇f‖∞ is at most this, in units of f per x; scale dependent, hence 0 (its own: 1e-10).
  double gradient_tolerance = 0.0;
  /// Ceres ends when a step is at most this share of ‖x‖ (its own: 1e-8).
  double parameter_tolerance = 1e-14;
};

std::shared_ptr<const Method> method(const CeresSolver& options);

}  // namespace quadric
