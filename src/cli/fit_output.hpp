#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "quadric/fit/bands.hpp"
#include "quadric/fit/diagnostics.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/fit/profile.hpp"

namespace quadric::cli {

/// All that `quadric fit` finds.
struct FitFindings {
  Fit fit = {};
  Bands bands = {};              ///< at the observations (m), each of its own weight
  Diagnostics diagnostics = {};  ///< m
  std::string order = {};        ///< the column by which residuals succeed each other; empty: as observed
  std::vector<Profile> profiles = {};  ///< of each parameter (n), or none
  std::string loss = {};               ///< as on the command line, or empty
};

/// The report on a fit below its summary: intervals, bands, diagnostics.
std::string report_text(const FitFindings& found);

/// The object of schema `quadric/run/1` with its member "fit". What a loss leaves without a meaning is left
/// out; numbers that are not finite are null.
nlohmann::ordered_json fit_json(const FitFindings& found);

}  // namespace quadric::cli
