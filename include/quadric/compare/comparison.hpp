#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <limits>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/compare/suites.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric {

/// One solver on one case.
struct ComparedRun {
  std::string problem;
  std::string start;
  std::string solver;
  /// Of its trace the first hundred lines are kept, then one for each percent that the evaluations grew by,
  /// and the last; a line that is kept has the events of those before it that are not.
  Result result;
  /// −log10 of the largest relative error of a parameter against the certified value, at most 16; NaN where
  /// none is known.
  double digits = 0.0;
  /// f at the certified answer; NaN where none is known.
  double certified_value = 0.0;
  /// How far f ended above the known minimum value that is nearest, in units of f: negative below it; NaN
  /// where no minimum value is known.
  double above_minimum = std::numeric_limits<double>::quiet_NaN();
  /// Whether f reached a known minimum value, or went below the lowest of them.
  bool reached_minimum = false;
  bool degenerate = false;  ///< as in the case
  std::size_t item = 0;     ///< the case's number in `Comparison::cases`
  /// Relative error of the answer, see `is_solved_at`; infinite where no value was reached.
  double error = std::numeric_limits<double>::infinity();
  /// How often the solver called a point a solution, and how often wrongly: at a saddle, a maximum, or where
  /// the gradient is not zero. Of a back end its own words count (`Claim`), which our certificate judges.
  /// Where there are none, as of a solver of ours, `converged` counts, which a second look at the point
  /// judges, by another Hessian.
  Index claims = 0, false_claims = 0;
  /// With two variables, x at each line of the trace.
  std::vector<Vector> path = {};
};

/// A known minimum value counts as reached when f differs from it by at most this share of it, which six
/// printed digits allow; or by `equal_zeros`, in units of f; or by what a move of every variable by the share
/// `equal_points` of itself can change f by there.
inline constexpr double equal_values = 1e-6;
inline constexpr double equal_zeros = 1e-12;
inline constexpr double equal_points = 1e-9;

/// Where the right parameters are known, a case counts as solved from this many right digits on. Where
/// minimum values are known, when one was reached and the run converged (or, in a degenerate case, ended at a
/// point certified as degenerate). Where nothing is known, when it converged.
inline constexpr double solved_digits = 6.0;
bool is_solved(const ComparedRun& run);
/// Converged, but elsewhere than at a known answer. Not wrong of itself: suites know the published minima of
/// a function, not all of them.
bool converged_elsewhere(const ComparedRun& run);

/// Whether the answer is right to a relative tolerance, whatever the run said of it. Where the right
/// parameters are known, every one is within this share of it. Else the value is within this share of the
/// nearest known minimum value or, where that is zero, of how far f was above it at the start; or is equal to
/// it by `equal_zeros`, or below the lowest one. Where no minimum value is known, the lowest value that any
/// solver found stands for it.
inline bool is_solved_at(const ComparedRun& run, double tolerance) { return run.error <= tolerance; }

/// Whether the solver called success what is none, see `ComparedRun::false_claims`.
inline bool is_false_success(const ComparedRun& run) { return run.false_claims > 0; }

/// What became of a run in one word: "solved", "converged_elsewhere", or the name of its status.
std::string outcome(const ComparedRun& run);

/// What all runs of one solver came to.
struct SolverSummary {
  std::string solver;  ///< as in the runs
  std::string name;    ///< in `solver_names()`, else as in the runs
  Index runs = 0;
  Index solved = 0;                   ///< `is_solved`
  std::vector<Index> solved_at = {};  ///< `is_solved_at` each of the comparison's tolerances
  Index elsewhere = 0;                ///< `converged_elsewhere`
  Index false_successes = 0;          ///< runs that `is_false_success`
  Index evaluations = 0;
  double seconds = 0.0;
  /// Geometric mean, over the runs that it solved, of its evaluations over the fewest that any solver solved
  /// the case with; NaN where it solved none. And the same of seconds.
  double evaluations_ratio = std::numeric_limits<double>::quiet_NaN();
  double seconds_ratio = std::numeric_limits<double>::quiet_NaN();
  /// Runs that were not solved, by `outcome`.
  std::map<std::string, Index> failures = {};
};

/// All runs, case by case in the order given, and within a case solver by solver.
struct Comparison {
  std::vector<ComparedRun> runs = {};
  std::vector<Case> cases = {};
  std::vector<double> tolerances = {};  ///< of `is_solved_at`
  int threads = 1;           ///< that runs were made on; with more than one their times can not be compared
  bool interrupted = false;  ///< runs are missing, or were ended, as a stop was asked for
  double seconds = 0.0;      ///< wall time of all
  std::string conditions = {};  ///< what else ruled the runs, in words (limits), or empty

  /// A summary of each solver, in the order of their first runs.
  std::vector<SolverSummary> summaries() const;
  /// In words: which solver to take on the problems of each suite, and on all. A sentence each.
  std::vector<std::string> advice() const;
  /// In words: where each solver fails, the one that solves most first. A sentence each.
  std::vector<std::string> weaknesses() const;

  /// The runs where they are at most 500, the summaries, the advice, and each failure with its reason.
  std::string table() const;
  /// The same for a document: summaries, advice, failures by kind and, up to 500, each with its reason.
  std::string markdown() const;
  /// Whether every run was solved.
  bool all_solved() const;
  /// Whether the JSON has the lines of the runs' traces, which are by far most of it; without them each
  /// "trace" is an empty array.
  enum class Traces { Kept, LeftOut };
  /// {"schema": "quadric/comparison/1", …, "solvers": […], "runs": […]}; docs/guide.md has all keys.
  std::string to_json(Traces traces = Traces::Kept) const;
  /// A page in one file that opens without a network: the advice, summaries, performance and data profiles,
  /// failures, and of each case convergence curves and, with two variables, the paths on contours.
  std::string html() const;
  /// Throws `Misuse` where the file can not be written.
  void write_html(const std::filesystem::path& file) const;
};

std::ostream& operator<<(std::ostream& stream, const Comparison& comparison);

/// How runs are made.
struct CompareOptions {
  /// Runs at a time; 0: one a core. One alone lets times be compared: each case's function is then warmed up
  /// before the first solver. The runs are the same, bit for bit but for times, for any number, unless a
  /// limit of seconds ends one. Ipopt's runs never overlap.
  int threads = 1;
  std::vector<double> tolerances = {1e-3, 1e-6, 1e-9};  ///< each above 0
  /// Ends the runs under way at their next iteration once a stop was requested, and begins no others.
  std::stop_token token = {};
  /// The observers of a run; called on its thread, as they are.
  std::function<Observers(const Case&, const Solver&)> observers = {};
  /// Is told how many of all runs are done: at the beginning, and after each run. Called by one thread at a
  /// time; must not throw.
  std::function<void(std::size_t done, std::size_t all)> progress = {};
};

/// Runs every solver on every case. A solver that can not take a problem (Gauss-Newton on a general
/// objective, liblbfgs within bounds) is left out of that case. Limits are those of the solvers. With more
/// threads than one the functions must be safe to call from several at once. Throws `Misuse` for options out
/// of range, and what observers throw.
Comparison compare(const std::vector<Case>& cases, const std::vector<Solver>& solvers,
                   const CompareOptions& options = {});
/// The same on one problem from one start.
Comparison compare(const Problem& problem, const Point& start, const std::vector<Solver>& solvers,
                   const CompareOptions& options = {});

}  // namespace quadric
