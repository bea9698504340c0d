#pragma once

#include <limits>

#include "quadric/base/types.hpp"

namespace quadric {

/// The search of Moré & Thuente (ACM TOMS 20, 1994) for a length t > 0 at which a function φ of one variable
/// with φ(0) = 0 and φ'(0) < 0 satisfies the strong Wolfe conditions
///
///     φ(t) ≤ μ t φ'(0)  and  |φ'(t)| ≤ η |φ'(0)|,  0 < μ < ½, μ < η < 1.
///
/// It asks for one length after the other and is told φ and φ' there. It keeps an interval between the best
/// length so far and one beyond the minimizer, and until the second is found it extrapolates.
class MoreThuente {
 public:
  MoreThuente(double sufficient_decrease, double curvature)
      : sufficient_decrease_(sufficient_decrease), curvature_(curvature) {}

  /// Starts at the length 1; slope φ'(0). No length beyond the longest, at least 1, is asked for; one that
  /// gains enough there does, even where φ falls further.
  void start(double slope, double longest = std::numeric_limits<double>::infinity());
  /// The length asked for.
  double length() const noexcept { return t_; }
  /// Takes φ and φ' at `length`. True: the search is over and the length stands, as it satisfies both
  /// conditions or as no better one can be found. False: `length` asks for another.
  bool tell(double value, double slope);
  /// No trial can be better than the best one: that is what `length` asks for again, 0 where there is none.
  bool hopeless() const noexcept { return last_; }
  /// At `length` there is no φ: a shorter one is asked for, and never one as long again.
  void tell_missing();

 private:
  struct Sample {
    double t = 0.0;
    double value = 0.0;
    double slope = 0.0;
  };

  void move(const Sample& trial);
  double interpolate(const Sample& best, const Sample& end, const Sample& now) const;
  void end_if_hopeless();
  static double cubic_share(const Sample& from, const Sample& to);
  static double secant_share(const Sample& from, const Sample& to);

  double sufficient_decrease_, curvature_;
  double initial_slope_ = 0.0;
  double longest_ = std::numeric_limits<double>::infinity();
  double t_ = 1.0;
  Sample best_;                ///< the lowest so far; of φ(t) − μ t φ'(0) while `auxiliary_`
  Sample end_;                 ///< the other end of the interval, once there is one
  bool bracketed_ = false;     ///< a minimizer lies between the two
  bool auxiliary_ = true;      ///< searching the minimizer of φ(t) − μ t φ'(0)
  bool last_ = false;          ///< the length asked for is the best there is
  double width_ = 0.0;         ///< of the interval, one trial ago
  double wider_ = 0.0;         ///< two trials ago
  double missing_from_ = 0.0;  ///< at this length and beyond there is no φ
  Index trials_ = 0;
};

}  // namespace quadric
