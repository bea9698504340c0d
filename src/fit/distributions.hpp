#pragma once

namespace quadric {

/// q such that |t| ≤ q with this probability, t of Student's distribution; `freedom` > 0.
double student_quantile(double probability, double freedom);
/// q such that F ≤ q with this probability, F of Fisher's distribution; both degrees of freedom > 0.
double fisher_quantile(double probability, double freedom_above, double freedom_below);

}  // namespace quadric
