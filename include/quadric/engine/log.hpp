#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "quadric/engine/observer.hpp"

namespace spdlog {
class logger;
}

namespace quadric {

class Narrator;

/// Writes a run to a log for a person to read: who runs, one table row an iteration, a sentence where
/// something happened (a saddle, negative curvature, a trial point that could not be evaluated, …) and the
/// summary, all at level `info`; the numbers behind each row at level `debug`. Where the logger's level is
/// off nothing is formatted.
///
/// The columns: iteration, f, ‖∇f‖₂, ‖p‖₂ of the step p that led there, the radius, damping or length that
/// governed it, actual over predicted change, the curvature pᵀB p / pᵀp of the quadric along it (comparable
/// with eigenvalues), and how f itself bent, as the share of the slope's promise that was gained: `up 50 %`
/// (it fell less), `down 122 %` (more) or `flat`; then the trial steps rejected and the events. What is
/// unknown is `-`.
///
///     minimize(f, {-1.2, 1.0}, Newton{}, LogIterations{spdlog::stdout_color_mt("quadric")});
///
/// One object tells one run at a time; a copy may tell another. Runs on several threads may share a logger of
/// spdlog's
/// `_mt` kind.
class LogIterations : public Observer {
 public:
  /// Throws `Misuse` where the logger is null.
  explicit LogIterations(std::shared_ptr<spdlog::logger> logger);

  void started(const RunInfo& run) override;
  /// Never stops the run.
  bool iterated(const Iteration& iteration, const Vector& x) override;
  void finished(const Result& result) override;

 private:
  std::shared_ptr<spdlog::logger> logger_;
  std::shared_ptr<Narrator> narrator_;  ///< what was already said in this run; made anew for each
  Index rows_ = 0;                      ///< of the table so far
};

/// Writes the trace to a file, one JSON object a line (the objects of `trace` in `to_json`). Lines are
/// written out a millisecond after the last ones at the latest, so that a run that is killed keeps what it
/// had but for its last millisecond; one that ends, or is ended by an exception, keeps all. The file is
/// replaced at construction; several runs append to it.
///
/// A failure to write does not stop the run: no more is written, and `error` says so. Keep a shared pointer
/// to ask it:
///
///     auto trace = std::make_shared<TraceFile>("trace.jsonl");
///     minimize(f, x0, Newton{}, trace);
///     if (!trace->error().empty()) std::cerr << trace->error();
///
/// One object serves one run at a time.
class TraceFile : public Observer {
 public:
  /// Throws `Misuse` naming the path and the system's reason where it can not be opened for writing.
  explicit TraceFile(std::filesystem::path path);
  ~TraceFile() override;
  TraceFile(TraceFile&&) = default;
  TraceFile& operator=(TraceFile&&) = default;

  bool iterated(const Iteration& iteration, const Vector& x) override;
  /// Adds to the last line the events that only the end of the run showed, where the file allows it (a pipe
  /// does not).
  void finished(const Result& result) override;

  /// What went wrong while writing, in a sentence that names the path; empty where nothing did.
  const std::string& error() const noexcept { return error_; }

 private:
  void write_out(double seconds);
  void replace_last_line(std::size_t size, const std::string& line);

  std::filesystem::path path_;
  std::ofstream file_;
  std::string unwritten_;      ///< whole lines
  std::size_t last_size_ = 0;  ///< of the last line of the run at hand
  double written_at_ = 0.0;    ///< seconds since the start of the run
  std::string error_;
};

}  // namespace quadric
