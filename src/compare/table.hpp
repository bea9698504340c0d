#pragma once

#include <string>

#include "quadric/compare/comparison.hpp"

namespace quadric {

/// Why a run was not solved, in a sentence without an end, from its status and its trace.
std::string failure(const ComparedRun& run);

/// "0.01" or "1e-6" of a tolerance.
std::string tolerance_text(double tolerance);

/// How the runs were made, in a sentence.
std::string conditions_text(const Comparison& comparison);

}  // namespace quadric
