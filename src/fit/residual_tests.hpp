#pragma once

#include "quadric/base/types.hpp"
#include "quadric/fit/diagnostics.hpp"

namespace quadric {

/// Where a p-value is below this, a sentence says that something is wrong.
constexpr double significance = 0.05;

/// Of the number of runs of equal sign in e; zeros count for neither sign.
HypothesisTest runs_test(const Vector& e);

/// Of residuals e (m) in their order, which are orthogonal to the columns of Q (m × rank), orthonormal.
HypothesisTest durbin_watson_test(const Vector& e, const Matrix& Q);

/// Of values that are normal with mean 0 and one variance, in any order.
HypothesisTest shapiro_francia_test(Vector values);

/// Of the squares of e against fitted values (m each).
HypothesisTest spread_test(const Vector& e, const Vector& fitted);

}  // namespace quadric
