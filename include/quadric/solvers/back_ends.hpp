#pragma once

#include <memory>
#include <string_view>

#include "quadric/engine/solver.hpp"

namespace quadric {

// Other libraries' methods behind the same interface as our own, beside `CeresSolver`: the same problem,
// start, result and trace, evaluations counted in one place, and our certificate where they end, so that a
// success that is a saddle is shown as what it is and left (`AtSaddle`). What `converged` asks for is what it
// asks of `CeresSolver`. Their tolerances are as tight as they take them, unless set otherwise. Each is there
// when its development package was at build time; else its options throw `Misuse` when they become a
// `Solver`. A solver is thread safe, a run uses one thread.

/// Whether this build has a back end: "ceres", "minpack", "gsl", "nlopt", "liblbfgs" or "ipopt".
bool has_back_end(std::string_view library);

/// MINPACK's lmder, Levenberg–Marquardt after Moré (1978), in C (libcminpack). Residuals, at least as many as
/// variables, without bounds.
struct MinpackSolver {
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
  double function_tolerance = 1e-15;   ///< ends when ‖r‖² is within this share of what it can fall to
  double parameter_tolerance = 1e-15;  ///< ends when x is within this share of where it can go
};

/// The GNU Scientific Library's trust regions for least squares (gsl_multifit_nlinear). Residuals, at least
/// as many as variables, without bounds. While it runs, GSL's error handler is off in the whole process.
struct GslSolver {
  enum class Strategy {
    LevenbergMarquardt,  ///< lm
    Geodesic,            ///< lmaccel: Levenberg–Marquardt with geodesic acceleration, by differences
    Dogleg,
    DoubleDogleg,
    Subspace,  ///< subspace2D
  };
  Strategy strategy = Strategy::LevenbergMarquardt;
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
  double gradient_tolerance = 1e-15;   ///< ends when every |gⱼ xⱼ| is at most this share of f
  double parameter_tolerance = 1e-15;  ///< ends when every step is at most this share of its variable
};

/// NLopt's local methods with gradients, within bounds where there are any.
struct NloptSolver {
  enum class Algorithm {
    Lbfgs,            ///< LD_LBFGS
    TruncatedNewton,  ///< LD_TNEWTON_PRECOND_RESTART
    VariableMetric,   ///< LD_VAR2
    Mma,              ///< LD_MMA, moving asymptotes
    Slsqp,            ///< LD_SLSQP, n² memory
  };
  Algorithm algorithm = Algorithm::Lbfgs;
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
  double function_tolerance = 1e-16;   ///< relative
  double parameter_tolerance = 1e-14;  ///< relative
};

/// liblbfgs: Nocedal's L-BFGS with a search after Moré & Thuente. Any objective, without bounds.
struct LiblbfgsSolver {
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
  int memory = 10;                    ///< steps remembered
  double gradient_tolerance = 1e-12;  ///< ends when ‖g‖ is at most this times max(1, ‖x‖)
};

/// Ipopt (Wächter & Biegler 2006), interior points with exact Hessians, sparse where they are, within bounds
/// where there are any.
struct IpoptSolver {
  Stopping stop = {};
  AtSaddle at_saddle = AtSaddle::Escape;
  double tolerance = 1e-12;  ///< of its scaled optimality error
};

std::shared_ptr<const Method> method(const MinpackSolver& options);
std::shared_ptr<const Method> method(const GslSolver& options);
std::shared_ptr<const Method> method(const NloptSolver& options);
std::shared_ptr<const Method> method(const LiblbfgsSolver& options);
std::shared_ptr<const Method> method(const IpoptSolver& options);

}  // namespace quadric
