#pragma once

#include <string>

#include "quadric/fit/fit.hpp"

namespace quadric {

/// Sentences on a fit, without a full stop, for its summary and for its page.

/// What a loss leaves to be said.
std::string verdict_on_loss();
/// Whether the curvatures let linear intervals be believed; empty where they are not known.
std::string verdict_on_curvature(const BatesWatts& found);
/// Of what the numbers of a fit with fixed, tied or scaled parameters are.
std::string verdict_on_parametrization();
/// A combination in names of free parameters, with what follows of tied ones.
std::string describe_combination(const Combination& combination, const Fit& fit);
/// What a combination of parameters that the data leave open means.
std::string verdict_on(const Combination& combination, const Fit& fit);

}  // namespace quadric
