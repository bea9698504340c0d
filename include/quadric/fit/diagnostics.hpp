#pragma once

#include <limits>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/fit/fit.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// What a test says of residuals. Without degrees of freedom, and where the test does not apply, the numbers
/// are NaN and the sentence says why.
struct HypothesisTest {
  double statistic = std::numeric_limits<double>::quiet_NaN();
  /// Of so extreme a statistic or more, where errors are as the fit takes them to be.
  double p_value = std::numeric_limits<double>::quiet_NaN();
  std::string sentence = {};  ///< what it means at 5 %, without a full stop
};

/// An observation that the others say to be too far off.
struct Outlier {
  Index observation = 0;  ///< counted from 0
  double studentized = 0.0;
  double p_value = 0.0;  ///< Student's, two-sided, times the number of observations (Bonferroni), at most 1
};

/// What residuals tell about the fit they are of. Residuals are observed − fitted, times the root of the
/// weight. Leverages are those of the tangent plane at the estimate, as if the model were linear there
/// (St. Laurent & Cook 1992). Observations of weight 0 take no part: what is said of them is NaN.
struct Diagnostics {
  Vector fitted = {};     ///< m
  Vector residuals = {};  ///< m
  Vector leverages = {};  ///< m, 0 to 1; NaN under a loss
  /// m: residuals over their standard deviation, s √(1 − leverage); under a loss over 1.4826 times the median
  /// of their magnitudes. NaN where the leverage is 1.
  Vector standardized = {};
  /// m: with an s that the observation itself takes no part in: Student's t of one degree of freedom less.
  Vector studentized = {};
  HypothesisTest runs = {};  ///< z of the number of runs of equal sign (Wald & Wolfowitz 1940), two-sided
  /// d of Durbin & Watson (1950), two-sided: 2 − 2 × the correlation of successive residuals. The p-value is
  /// exact (Imhof 1961) below 100 observations, and from d's mean and variance for more.
  HypothesisTest durbin_watson = {};
  /// W′ of Shapiro & Francia (1972) of the standardized residuals, its p-value by Royston (1993): 5 to 5000.
  HypothesisTest normality = {};
  /// Of squared residuals against fitted values: n R², χ² of one degree of freedom (Breusch & Pagan 1979,
  /// Koenker 1981).
  HypothesisTest spread = {};
  std::vector<Outlier> outliers = {};  ///< of p-value below 5 %, the most extreme first
  std::string outlier_sentence = {};

  /// The five sentences, with statistics and p-values, a line each.
  std::string summary() const;
};

struct DiagnosticOptions {
  /// By which values residuals succeed each other, for runs and Durbin & Watson (m); equal ones, and all if
  /// this is empty, as they were observed.
  Vector order = {};
};

/// Diagnostics of a fit, from the residuals and observations that it was made of. Misuse where their numbers
/// differ. Takes one Jacobian, and below 100 observations the eigenvalues of an m × m matrix.
Diagnostics diagnose(const Fit& fit, const Residuals& residuals, const Observations& observations,
                     const DiagnosticOptions& options = {});

}  // namespace quadric
