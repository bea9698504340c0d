#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric {

class Problem;
struct RecordedRun;
struct Result;

/// What can hold a run back.
enum class CauseKind : std::uint8_t {
  WrongGradient,  ///< the gradient contradicts the values of f
  WrongHessian,   ///< the Hessian contradicts the gradient
  Noise,          ///< f or its gradient jumps between points close by
  NonSmooth,      ///< the gradient jumps across the point: a kink, as of |x|
  NonFinite,      ///< f could not be evaluated on the way
  Unbounded,      ///< f falls without limit
  StartAtSaddle,  ///< the gradient vanishes at the start, which is no minimum
  Saddle,         ///< the run ended at a saddle or maximum
  BoundBlocked,   ///< f is lower beyond a bound
  RankDeficient,  ///< some variable or combination of them does not change f
  BadScaling,     ///< the variables are in units that are far apart
  FlatValley,     ///< a narrow or vanishing curvature that is not a matter of units
  TinyLimit,      ///< a limit ended a run that still made progress
};

/// `wrong_gradient`, `wrong_hessian`, `noise`, `non_smooth`, ...
std::string_view to_string(CauseKind kind);

/// A number that a cause rests on.
struct Evidence {
  std::string name;  ///< "slope by the gradient", "λmin"
  double value = 0.0;
};

/// One thing that held a run back.
struct Cause {
  CauseKind kind = CauseKind::TinyLimit;
  std::string sentence = {};  ///< what it is, in plain words
  std::vector<Evidence> evidence = {};
  std::vector<std::string> variables = {};  ///< concerned, the most important first; empty: all or unknown
  Index first_iteration = -1;               ///< from which on it was seen; −1: known of the end only
  Index last_iteration = -1;                ///< up to which
  std::string advice = {};                  ///< what to try
};

/// Why a run stopped, what the curvature was there, what held it back, and what to try.
struct Explanation {
  std::string ending = {};     ///< why it stopped, a sentence
  std::string curvature = {};  ///< the certificate in words
  std::vector<Cause> causes =
      {};               ///< the most important first; empty: nothing held it back, or none is known
  bool solved = false;  ///< the run ended at a certified minimum
  /// The function was probed around the point: what is not among the causes was looked for.
  bool probed = false;

  /// For a person, some lines without a line end.
  std::string text() const;
};
std::ostream& operator<<(std::ostream& out, const Explanation& explanation);

/// `Result::explain` with a look at the function: probes it beside the point where the run ended, by some 60
/// values, 30 gradients and, up to 200 variables, a Hessian; some 50 log₂ n values more where the gradient
/// turns out wrong. Nothing outside of the bounds is evaluated, and what the function throws counts as a
/// failed evaluation. Misuse: a problem of another size.
Explanation explain(const Result& result, const Problem& problem);
/// What the record of a run shows: of a trace without a result, why it stopped is not known.
Explanation explain(const RecordedRun& run);

}  // namespace quadric
