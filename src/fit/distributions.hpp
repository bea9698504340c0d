#pragma once

namespace quadric {

/// q such that |t| ≤ q with this probability, t of Student's distribution; `freedom` > 0.
double student_quantile(double probability, double freedom);
/// q such that F ≤ q with this probability, F of Fisher's distribution; both degrees of freedom > 0.
double fisher_quantile(double probability, double freedom_above, double freedom_below);
/// q such that a standard normal variable is ≤ q with this probability, 0 to 1 exclusive.
double normal_quantile(double probability);

/// Probability of a larger |t|; `freedom` > 0.
double student_beyond(double t, double freedom);
/// Probability of a larger z of the standard normal distribution.
double normal_above(double z);
/// Probability of a larger χ²; `freedom` > 0.
double chi_squared_above(double value, double freedom);

}  // namespace quadric
