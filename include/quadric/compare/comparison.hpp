#pragma once

#include <filesystem>
#include <iosfwd>
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
};

/// A case counts as solved from this many right digits on; where no answer is known, when it converged.
inline constexpr double solved_digits = 6.0;
bool is_solved(const ComparedRun& run);

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

/// Names of the suites: "nist". A suite of an unknown name throws `Misuse`. `data` is the folder that holds a
/// folder for each suite's data; empty takes the project's own.
std::vector<std::string> suite_names();
std::vector<Case> suite(const std::string& name, const std::filesystem::path& data = {});

}  // namespace quadric
