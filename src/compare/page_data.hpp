#pragma once

#include <string>

#include "quadric/compare/comparison.hpp"

namespace quadric {

/// What `src/page/comparison.js` draws, as JSON in short keys:
///  - `solvers`, `outcomes`, `criteria`: names, which numbers elsewhere count in; `order`: of the solvers, by
///  how
///    much they solve; `alone`: whether times can be compared;
///  - `profiles`: by kind (evaluations, seconds, data) {`x`: log₁₀ of the places, `y`:
///  [criterion][solver][place]};
///  - `cases`: {`p`: problem, `s`: start, `u`: suite, `n`: variables, `low`: the lowest value, `runs`: […]},
///  and with
///    two variables `map`: {`box`: [left, right, bottom, top], `names`, `lines`: [level][line], `marks`:
///    [kind, x, y]}, its coordinates in thousandths of the box;
///  - a run is [solver, outcome, false success, evaluations, seconds, value, ‖g‖, λmin, reason, trace, path],
///  the
///    trace a list of [iteration, evaluations, ms, log₁₀(f − low), log₁₀‖g‖, λmin or null], thinned so that
///    all of it stays below some megabytes.
std::string page_data(const Comparison& comparison);

}  // namespace quadric
