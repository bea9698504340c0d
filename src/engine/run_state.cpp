#include "engine/run_state.hpp"

#include <utility>

namespace quadric {

CheckpointHand::CheckpointHand(const Observers& observers) {
  for (const auto& observer : observers) {
    if (auto keeper = std::dynamic_pointer_cast<CheckpointKeeper>(observer))
      keepers_.push_back({.keeper = std::move(keeper)});
  }
}

void CheckpointHand::offer(RunState state, const std::vector<Iteration>& trace) {
  latest_ = std::move(state);
  trace_length_ = trace.size();
  for (Keeper& keeper : keepers_) keeper.has_latest = false;
  for (Keeper& keeper : keepers_) {
    if (keeper.keeper->due(trace.back())) give(keeper, trace);
  }
}

void CheckpointHand::hand_over(const std::vector<Iteration>& trace) {
  if (trace_length_ == 0) return;
  for (Keeper& keeper : keepers_) {
    if (!keeper.has_latest) give(keeper, trace);
  }
}

void CheckpointHand::give(Keeper& keeper, const std::vector<Iteration>& trace) {
  auto state = std::make_shared<RunState>(latest_);
  state->trace.assign(trace.begin(), trace.begin() + static_cast<std::ptrdiff_t>(trace_length_));
  keeper.has_latest = true;
  keeper.keeper->keep(Checkpoint(std::move(state)));
}

}  // namespace quadric
