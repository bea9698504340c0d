#pragma once

#include "quadric/engine/observer.hpp"

#include "engine/evaluator.hpp"

namespace quadric {

/// Why no step makes progress where the gradient is not zero, as far as f shows it: a gradient that
/// contradicts the values, one within its own noise, values that carry more noise than rounding. A clause
/// that begins with "; " and the events that go with it; empty where nothing of that is seen. `typical` is
/// the size of each variable (n). Evaluates some 36 values and 9 gradients along −g.
Finding diagnose_stall(Evaluator& evaluator, const LocalModel& here, const Vector& typical);

/// The noise of f at x along `direction` (n): its standard deviation over nine points close by. 0 where one
/// of them can not be evaluated.
double noise_of_value(Evaluator& evaluator, const Vector& x, const Vector& direction, const Vector& typical);

}  // namespace quadric
