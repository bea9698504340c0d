#pragma once

#include <memory>
#include <string>
#include <vector>

#include "quadric/engine/checkpoint.hpp"
#include "quadric/engine/memory.hpp"
#include "quadric/engine/trace.hpp"

namespace quadric {

/// The state of a run between two iterations.
struct RunState {
  std::string solver = {};
  std::vector<std::string> names = {};  ///< of the variables (n)
  Vector x = {};                        ///< n
  Memory::Items loop = {}, evaluator = {}, direction = {}, control = {};
  Iteration pending = {};  ///< events and rejections that belong to the next line of the trace
  std::vector<Iteration> trace = {};
};

/// Hands the state of one run to those of its observers that keep it.
class CheckpointHand {
 public:
  explicit CheckpointHand(const Observers& observers);

  /// Somebody keeps states: `offer` is to be called between iterations.
  bool wanted() const noexcept { return !keepers_.empty(); }
  /// The state now, its trace still empty; `trace` is as it is now, of at least one line.
  void offer(RunState state, const std::vector<Iteration>& trace);
  /// The last state offered, to all that do not have it. `trace` has grown at its end only since then.
  void hand_over(const std::vector<Iteration>& trace);

 private:
  struct Keeper {
    std::shared_ptr<CheckpointKeeper> keeper;
    bool has_latest = false;
  };
  void give(Keeper& keeper, const std::vector<Iteration>& trace);

  std::vector<Keeper> keepers_;
  RunState latest_;
  std::size_t trace_length_ = 0;  ///< of the latest state; 0: there is none
};

}  // namespace quadric
