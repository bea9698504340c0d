#pragma once

#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "quadric/base/types.hpp"
#include "quadric/engine/observer.hpp"

namespace quadric {

struct RunState;

/// The state of a run between two iterations: all that the loop, the direction and the step control know, and
/// the trace so far. A solver resumes it (`Solver::resume`, `minimize`, `least_squares`) and follows the path
/// of the uninterrupted run bit for bit, as long as the function gives the same bits.
///
///     Result r = minimize(f, x0, Lbfgs{}, WriteCheckpoint{.file = "run.json"});
///     Result s = minimize(f, Checkpoint::read("run.json"), Lbfgs{.stop = {.max_iterations = 50000}});
///
/// The solver must be the one that was interrupted, with the same options, but for `stop` and `at_saddle`,
/// which may differ: that is how a run goes on that a limit has ended. Limits count from the start of the
/// first run. The function is not in it, only its value, by which a function that is another one is refused.
/// A cheap value, as copies share the state.
class Checkpoint {
 public:
  /// Throws `Misuse` naming the file and what is wrong: it can not be read, is damaged or cut short, or has
  /// another format or version.
  static Checkpoint read(const std::filesystem::path& file);
  /// As JSON of schema `quadric/checkpoint/1`, whole or not at all; reading it gives the same bits. Throws
  /// `Misuse` naming the path and the system's reason.
  void write(const std::filesystem::path& file) const;

  explicit Checkpoint(std::shared_ptr<const RunState> state);

  const std::string& solver() const;              ///< as in `Result::solver`
  const std::vector<std::string>& names() const;  ///< of the variables (n)
  const Vector& x() const;                        ///< the point that was reached (n)
  Index iterations() const;                       ///< that were made
  const RunState& state() const noexcept { return *state_; }

 private:
  std::shared_ptr<const RunState> state_;
};

/// An observer that is handed the state of the run. While one watches, the loop copies the state of the
/// method at each iteration, so that a run that is cut within an iteration still has the last whole one: for
/// `Lbfgs` that doubles its memory.
class CheckpointKeeper : public Observer {
 public:
  /// Asked before each iteration, with the last line of the trace: whether to be handed the state now.
  virtual bool due(const Iteration& latest) = 0;
  /// The state: when it is due, and the last one when the run ends for whatever reason, an exception
  /// included.
  virtual void keep(const Checkpoint& checkpoint) = 0;
};

/// Writes checkpoints of a run to a file: on the way, and when it ends, be it by a limit, a stop token, an
/// observer or an exception. Each replaces the last one, and a reader never sees half of it.
///
///     minimize(f, x0, Newton{}, WriteCheckpoint{.file = "run.json", .every = 10});
///
/// A failure to write does not stop the run, but is said in `Result::reason`. A start that can not be
/// evaluated leaves the file as it was. One object serves one run at a time.
struct WriteCheckpoint {
  std::filesystem::path file;
  Index every = 0;        ///< iterations from one to the next; 0: time alone decides
  double seconds = 10.0;  ///< wall time from one to the next; infinite: iterations alone decide
};

/// The observer that does it. Throws `Misuse` for options out of range or a folder that does not exist; its
/// run throws it where the solver can not be resumed (`CeresSolver`).
std::shared_ptr<Observer> observer(const WriteCheckpoint& options);

}  // namespace quadric
