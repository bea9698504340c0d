#pragma once

#include <string>

#include "quadric/fit/fit.hpp"

namespace quadric {

/// Sentences on a fit, without a full stop, for its summary and for its page.

/// What a loss leaves to be said.
std::string verdict_on_loss();
/// Whether the curvatures let linear intervals be believed; empty where they are not known.
std::string verdict_on_curvature(const BatesWatts& found);
/// What fixed, tied and scaled parameters mean for what is said of them.
std::string verdict_on_parametrization(const Fit& fit);
/// A combination in names of free parameters, with what follows of tied ones.
std::string describe_combination(const Combination& combination, const Fit& fit);
/// What a combination of parameters that the data leave open means.
std::string verdict_on(const Combination& combination, const Fit& fit);

}  // namespace quadric
