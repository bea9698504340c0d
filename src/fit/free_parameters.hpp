#pragma once

#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/engine/result.hpp"
#include "quadric/fit/fit.hpp"

namespace quadric {

/// Those that no bound holds.
std::vector<Index> free_parameters(const Result& result);

/// How the parameters of a fit (n) follow those that are free and that no bound holds: the derivatives by
/// these, a column each.
Matrix free_tangents(const Fit& fit);

/// The parameters of a fit that are not given: free and held by no bound, or tied to such.
std::vector<Index> moving_parameters(const Fit& fit);

/// Whether the data leave open a combination of parameters that changes a quantity of gradient g (n).
bool leave_open(const Identifiability& identifiability, const Vector& g);

/// C (n × n) of these parameters, and zeros for the others, as they are given.
Matrix with_zeros_for_given(const Matrix& C, const std::vector<Index>& moving);

}  // namespace quadric
