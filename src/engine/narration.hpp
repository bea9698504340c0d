#pragma once

#include <string>
#include <vector>

#include "quadric/engine/result.hpp"
#include "quadric/engine/trace.hpp"

namespace quadric {

/// The head of the log's table, and what its words mean.
std::string table_head();
std::string table_legend();
/// One iteration as a row below `table_head`, about 110 columns wide.
std::string table_row(const Iteration& iteration);
/// The numbers behind a row: predicted and actual change, slope, pᵀB p, λmin, the bend in words, the cost so
/// far.
std::string table_details(const Iteration& iteration);

/// Says in sentences what happened in a run. What goes on over many iterations is said when it begins, and
/// negative curvature also when it has not been met for a while. Wherever negative curvature is met, the word
/// saddle is said.
class Narrator {
 public:
  /// What is worth saying of an iteration, each sentence without a line end.
  std::vector<std::string> tell(const Iteration& iteration);
  /// What only the end of the run showed: events added to its last iteration, and where it stopped.
  std::vector<std::string> tell_end(const Result& result);

 private:
  /// What shows that f bends down, the stronger the later.
  enum class Evidence { None, LowestEigenvalue, Function, Quadric };

  static Evidence evidence(const Iteration& iteration);
  static std::string describe(Evidence evidence, const Iteration& iteration);
  bool begins(const Iteration& iteration, Event event) const {
    return iteration.events.has(event) && !last_.has(event);
  }
  void tell_negative_curvature(const Iteration& iteration, std::vector<std::string>& sentences);

  Events last_ = {};                ///< of the iteration before
  Evidence told_ = Evidence::None;  ///< strongest evidence told since negative curvature was met
  Index last_met_ = 0;              ///< the last iteration with any
  bool ever_told_ = false;          ///< negative curvature was told of in this run
};

}  // namespace quadric
