#pragma once

#include <optional>

#include "quadric/derivatives/tape.hpp"

#include "derivatives/tape/term_set.hpp"

/// What depends on what in a tape, whatever the numbers are.
namespace quadric::sweeps {

/// The lower triangle of the Hessian of any weighted sum of the results, the diagonal always included:
/// edge-pushing (Gower & Mello 2012) on sets of nodes instead of numbers, which follows non-linear
/// interactions only and misses none. Its time is that of all the interactions on the way; empty where they
/// are so many that dense sweeps cost less. Entries that are always 0 may be among them.
std::optional<formula::Pattern> hessian_pattern(const Tape& tape);

/// Which results depend on which variables (m × n), by carrying sets of variables forward; empty where these
/// sets are too large.
std::optional<formula::Pattern> jacobian_pattern(const Tape& tape);

}  // namespace quadric::sweeps
