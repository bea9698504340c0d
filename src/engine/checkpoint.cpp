#include "quadric/engine/checkpoint.hpp"

#include <chrono>
#include <cmath>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "engine/run_state.hpp"

namespace quadric {

Checkpoint::Checkpoint(std::shared_ptr<const RunState> state) : state_(std::move(state)) {
  if (!state_) misuse("a checkpoint needs a state");
}

const std::string& Checkpoint::solver() const { return state_->solver; }
const std::vector<std::string>& Checkpoint::names() const { return state_->names; }
const Vector& Checkpoint::x() const { return state_->x; }
Index Checkpoint::iterations() const { return state_->trace.empty() ? 0 : state_->trace.back().iteration; }

namespace {

class CheckpointWriter final : public CheckpointKeeper {
 public:
  explicit CheckpointWriter(WriteCheckpoint options) : options_(std::move(options)) {
    const std::filesystem::path& file = options_.file;
    if (!file.has_filename()) misuse("WriteCheckpoint: `file` must name a file");
    if (options_.every < 0) misuse("WriteCheckpoint: every must be at least 0 iterations");
    if (!(options_.seconds >= 0.0)) misuse("WriteCheckpoint: seconds must be at least 0");
    if (file.has_parent_path() && !std::filesystem::is_directory(file.parent_path()))
      misuse("cannot write the checkpoint '" + file.string() + "': its folder does not exist");
  }

  void started(const RunInfo& run) override {
    if (!run.can_resume)
      misuse("WriteCheckpoint: " + run.solver + " can not be resumed from a checkpoint; drop the observer");
    error_.clear();
    last_iteration_ = -1;
    last_time_ = Clock::now();
  }

  bool iterated(const Iteration& /*iteration*/, const Vector& /*x*/) override { return true; }

  bool due(const Iteration& latest) override {
    if (last_iteration_ < 0) last_iteration_ = latest.iteration;  // the run starts or resumes here
    const Index since = latest.iteration - last_iteration_;
    if (since == 0) return false;
    const std::chrono::duration<double> elapsed = Clock::now() - last_time_;
    const bool now = (options_.every > 0 && since >= options_.every) || elapsed.count() >= options_.seconds;
    if (now) last_iteration_ = latest.iteration;
    return now;
  }

  void keep(const Checkpoint& checkpoint) override {
    try {
      checkpoint.write(options_.file);
      error_.clear();
    } catch (const Misuse& failure) {
      error_ = failure.what();
    }
    last_time_ = Clock::now();
  }

  Finding finding() const override {
    if (error_.empty()) return {};
    return {.sentence = "the last checkpoint was lost: " + error_};
  }

 private:
  using Clock = std::chrono::steady_clock;

  WriteCheckpoint options_;
  Index last_iteration_ = -1;  ///< of the last checkpoint that was due, or where the run began
  Clock::time_point last_time_;
  std::string error_;
};

}  // namespace

std::shared_ptr<Observer> observer(const WriteCheckpoint& options) {
  return std::make_shared<CheckpointWriter>(options);
}

}  // namespace quadric
