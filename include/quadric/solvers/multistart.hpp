#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

#include "quadric/base/status.hpp"
#include "quadric/base/types.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/problem/bounds.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric {

/// How runs from many starts are made and compared.
struct Multistart {
  /// Runs at a time, each on a thread of its own; at least 0, and 0 means one a core. The results are the
  /// same, bit for bit, for any number.
  int threads = 0;
  /// Two runs ended at one point where, for every variable j, |xⱼ − yⱼ| is at most this times the largest of
  /// |xⱼ|, |yⱼ| and a thousandth of the range of the starts in j, and their values differ by at most this
  /// times the largest of both and of the fall of f in any run. Rescaling f or a variable changes nothing.
  double tolerance = 1e-6;
  /// Most seconds of wall time of all runs together: runs under way end at their next iteration, others are
  /// not begun. What was found by then depends on the machine.
  double max_seconds = std::numeric_limits<double>::infinity();
  /// Ends the search in the same way once a stop was requested, from any thread.
  std::stop_token token = {};
  /// The observers of the run from start i (0, 1, …); called on the thread of that run, so that it must be
  /// thread safe, as observers that are in more than one run must be. What it or they throw is the failure of
  /// that run.
  std::function<Observers(Index start)> observers = {};
};

/// A critical point, and the runs that ended there.
struct FoundPoint {
  Result result = {};              ///< of the best run: converged before others, then the lowest value
  std::vector<Index> starts = {};  ///< the starts of all runs that ended here, by number, ascending
  Index best_start = 0;            ///< the one of `result`
  Index count() const { return static_cast<Index>(starts.size()); }
};

/// A run that ended at no critical point.
struct FailedStart {
  Index start = 0;  ///< its number
  /// How the run ended; `evaluation_failed` where something was thrown, `time_limit` or `stopped_by_user`
  /// where it was not begun.
  Status status = Status::EvaluationFailed;
  std::string reason = {};
};

/// What runs from many starts found.
struct Multistarted {
  /// The distinct critical points (minima, and whatever saddles and undecided points runs ended at): those
  /// that converged first, by value, lowest first, then the others by value.
  std::vector<FoundPoint> points = {};
  std::vector<FailedStart> failures = {};  ///< by number of the start
  Index starts = 0;
  double seconds = 0.0;

  /// Some run converged: `points.front()` is the lowest minimum found.
  bool converged() const noexcept { return !points.empty() && points.front().result.converged(); }
  /// A line a point and a line a reason of failures.
  std::string summary() const;
};

/// Runs the solver on the problem from every start, several at a time. All critical points that are found
/// come back, not only the lowest: no number of starts proves that there is no lower one.
///
/// The function of the problem is called by several threads at once, and must be safe for that, as one that
/// writes nothing but its own variables is. What quadric keeps beside it (tapes, compiled terms, measured
/// errors) is locked, and does not depend on who came first. Where a function can not be shared, or takes
/// plain numbers out of recorded ones, so that its tape is given up after a while, hand over instead a
/// function that makes the problem (below): then no two runs share anything.
///
/// Exceptions: `Misuse` where there is no start, starts differ in size or are not finite, bounds are for
/// another number of variables, the tolerance or a limit is negative, or the solver needs residuals that the
/// problem lacks. What is thrown within a run is the failure of that run.
///
///     Multistarted found = multistart(Problem(Objective(f)), latin_hypercube(box, 50, 1), Newton{});
Multistarted multistart(const Problem& problem, const std::vector<Vector>& starts, const Solver& solver,
                        const Multistart& options = {});

/// The same with a problem for every run. `make` is called on the threads of the runs, one call at a time.
Multistarted multistart_each(const std::function<Problem()>& make, const std::vector<Vector>& starts,
                             const Solver& solver, const Multistart& options = {});

/// `count` points of the box such that each variable takes one value in each of `count` ranges of equal
/// length, at random within them and in random order (McKay, Beckman & Conover 1979). The same for the same
/// seed on every platform. `Misuse`: a box without variables or with an open side, `count` below 1.
std::vector<Vector> latin_hypercube(const Bounds& box, Index count, std::uint64_t seed = 1);

}  // namespace quadric
