#pragma once

#include <optional>
#include <string>

#include "quadric/fit/formula.hpp"

#include "cli/fit_output.hpp"

namespace quadric::cli {

/// The page on a fit: data, curve and bands, residuals, profiles, convergence, correlations, and the report
/// in words. `source` names the data.
std::string fit_page(const FitFindings& found, const Formula& formula, const Observations& observations,
                     const std::string& source);

}  // namespace quadric::cli
