#pragma once

#include <array>
#include <optional>

#include "quadric/base/types.hpp"
#include "quadric/engine/direction.hpp"
#include "quadric/engine/memory.hpp"

namespace quadric {

/// The floor of a curved valley, as far as a run has seen it. Newton's steps zigzag there: one goes along the
/// valley as far as its bend allows a quadric, which leads off the floor, and the next leads back. The
/// parabola through the last three points on the floor follows the bend: it leaves the floor by the third
/// order of the distance, where a step along a tangent does so by the second.
class ValleyFloor {
 public:
  struct Ahead {
    Vector x;               ///< on the parabola (n)
    double expected = 0.0;  ///< the change of f up to there, if it goes on falling as it did
  };

  void restart();
  /// The run is at x in this iteration, and on the floor where the norm of the gradient rose and fell again.
  void arrived(Index iteration, const Vector& x, double value, double gradient_norm);
  /// Where the floor may lead; empty where the run is not on it, has not seen enough of it, or waits.
  std::optional<Ahead> ahead(const Direction& direction) const;
  /// f changed so on the way there: the next one may go twice as far, or less far and later.
  void tried(double actual, double expected);
  void remember(Memory& memory);

 private:
  std::array<Vector, 3> points_;                   ///< on the floor, the last one last (n each)
  std::array<double, 3> values_ = {};              ///< of f there
  Index known_ = 0;                                ///< of these points
  Index iteration_ = -1;                           ///< the latest one
  bool on_floor_ = false;                          ///< the run is at the last of them
  double gradient_ = 0.0, gradient_before_ = 0.0;  ///< norms at the last two points of the run; 0: none
  double stride_ = 1.0;                            ///< of the last distance on the floor
  Index failures_ = 0;                             ///< in a row
  Index wait_ = 0;  ///< points on the floor still to be passed before another trial
};

}  // namespace quadric
