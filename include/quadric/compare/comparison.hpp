#pragma once

#include <filesystem>
#include <iosfwd>
#include <limits>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/engine/observer.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/problem/problem.hpp"

namespace quadric {

/// One problem from one start, with the answer where it is known.
struct Case {
  std::string problem;    ///< name, for example "Misra1a"
  std::string start;      ///< name of the start, for example "1"
  Problem function;       ///< what is minimized
  Vector from;            ///< the start (n)
  Vector certified = {};  ///< the right answer (n), empty where it is not known
  /// Known minimum values of f (least squares: ½Σr²), the global one first, then local ones; empty where none
  /// is known.
  std::vector<double> minima = {};
  /// Some of these minima are no strict ones: the Hessian is singular there, and a run that finds one and
  /// says so ends as `undecided_curvature` at a degenerate point.
  bool degenerate = false;
};

/// One solver on one case.
struct ComparedRun {
  std::string problem;
  std::string start;
  std::string solver;
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

/// All runs, case by case in the order given, and within a case solver by solver.
struct Comparison {
  std::vector<ComparedRun> runs;

  /// The table, a summary line a solver, and each failure with its reason.
  std::string table() const;
  /// Whether every run was solved.
  bool all_solved() const;
  /// {"schema": "quadric/comparison/1", "runs": […]}
  std::string to_json() const;
};

std::ostream& operator<<(std::ostream& stream, const Comparison& comparison);

/// Runs every solver on every case, one after the other, each run told to the observers. A solver that can
/// not take a problem (Gauss-Newton on a general objective) is left out of that case.
Comparison compare(const std::vector<Case>& cases, const std::vector<Solver>& solvers,
                   const Observers& observers = {});
/// The same on one problem from one start.
Comparison compare(const Problem& problem, const Point& start, const std::vector<Solver>& solvers);

/// The 27 nonlinear regressions of the NIST Statistical Reference Datasets, each from both published starts
/// (54 cases), read from a folder with `certified.json` and the data as CSV. Throws `Misuse` naming the file
/// that is missing or broken.
std::vector<Case> nist_suite(const std::filesystem::path& folder);

/// The 35 problems of Moré, Garbow & Hillstrom, "Testing unconstrained optimization software", ACM TOMS 7
/// (1981) 17–41, as residuals, from 1, 10 and 100 times the standard start, with the minimum values that they
/// publish, as ½Σr². Functions whose size is free come at the sizes that they print a minimum for, or that
/// MINPACK is tested with.
std::vector<Case> mgh_suite();

/// Over 60 general objectives, bounded below, whose saddles (and maxima, and degenerate points) are known:
/// double wells, Morse functions of every index, monkey saddles, lines of x³ and x⁴, curved valleys,
/// factorizations, phase retrieval, networks, alignment, … Each is started on the saddle, on the ridge from
/// which steepest descent leads to it, 1e-8 off both, and at two random points.
std::vector<Case> saddle_suite();

/// Functions of about n variables (n, or a little less where it must be even, a multiple of 3, a grid, …)
/// with sparse Hessians, from their published starts: chains, arrowheads and bands of the CUTE collection
/// (Bongartz, Conn, Gould & Toint, ACM TOMS 21 (1995) 123–160), minimal surfaces, p-Laplacians, the symmetric
/// Dirichlet energy of a mesh. Minimum values are given where a closed form is known. n below 16 throws
/// `Misuse`.
std::vector<Case> large_suite(Index n = 1000);

/// Names of the suites: "nist", "mgh", "saddles", "large". A suite of an unknown name throws `Misuse`. `data`
/// is the folder that holds a folder for each suite's data; empty takes the project's own.
std::vector<std::string> suite_names();
std::vector<Case> suite(const std::string& name, const std::filesystem::path& data = {});

}  // namespace quadric
