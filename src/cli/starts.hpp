#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "quadric/base/types.hpp"
#include "quadric/engine/solver.hpp"
#include "quadric/problem/parametrization.hpp"
#include "quadric/problem/problem.hpp"
#include "quadric/solvers/multistart.hpp"

#include "cli/assignments.hpp"
#include "cli/options.hpp"

namespace quadric::cli {

/// What runs from the starts of `--starts` and `--box` found, and where the best of them started.
struct Search {
  Multistarted found = {};
  Vector best_start = {};  ///< of the lowest minimum found, or else of `--start`
};

/// Runs from `--start` and from points of the box, which `--starts` says how many of in all; nothing where
/// it is not given. Ctrl-C ends the runs. Problem, start, box and what is found are of all parameters, of
/// which the parametrization leaves some free; on another scale starts are drawn evenly on that. Throws
/// `Misuse` for a box that is missing, open, for unknown names, for one that is fixed or tied or reaches
/// beyond its scale, and for options that need `--starts`.
std::optional<Search> search(const Problem& problem, const Assignments& start, const StartOptions& options,
                             const RunOptions& run, const Solver& solver, const Parametrization& by = {});

/// The points, best first, as text for the report.
std::string describe(const Multistarted& found, const Assignments& start);

/// `{"starts", "points": [{"starts", "status", "x", "value", "critical_point"}], "failures": [{"start",
/// "status", "reason"}]}`, `starts` being numbers of runs.
nlohmann::ordered_json search_json(const Multistarted& found, const Assignments& start);

}  // namespace quadric::cli
