#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
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
  std::string suite = {};  ///< of `suite_names()`, or empty for problems of one's own
};

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

/// Problems that a JSON file lists, each from one or several starts:
///
///     {"problems": [
///       {"name": "valley", "function": "100*(y-x^2)^2+(1-x)^2", "start": {"x": -1.2, "y": 1},
///        "minima": [0], "bounds": {"x": [null, 2]}},
///       {"name": "decay", "data": "decay.csv", "model": "a*exp(-k*t)", "response": "y", "weights": "w",
///        "starts": {"near": {"a": 1, "k": 0.1}, "far": {"a": 9, "k": 3}}, "solution": {"a": 2, "k": 0.5}},
///       {"library": "./mine.so"}]}
///
/// A problem has a `function`, `data` with a `model`, or a `library`. Paths start at the file's own folder.
/// `minima` are known minimum values, the global one first; `solution` the right parameters. Throws `Misuse`
/// that names the file, the problem and what is wrong with it.
std::vector<Case> read_problems(const std::filesystem::path& file);

/// The problems of a shared library with the entry point of `quadric/compare/problem_library.h`, each from
/// its one start "x0". The library stays open while any of them lives. Throws `Misuse` naming the file for
/// one that can not be opened, has no such entry point, is of another version, or lacks what a problem needs.
std::vector<Case> library_problems(const std::filesystem::path& library);

}  // namespace quadric
