#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "quadric/curvature/critical_point.hpp"
#include "quadric/engine/trace.hpp"

namespace quadric {

/// A run as it was written down.
struct RecordedRun {
  std::vector<Iteration> trace;  ///< at least one
  std::string solver = {};       ///< empty where the file does not say, as a trace does not
  std::string status = {};       ///< as in `to_string(Status)`; empty likewise
  std::string reason = {};       ///< why it stopped; empty likewise
  /// The certificate, where the file has one, and the names of the variables (n).
  std::optional<CriticalPoint> critical_point = {};
  std::vector<std::string> names = {};
};

/// What a trace file holds.
struct RecordedTrace {
  std::vector<RecordedRun> runs;  ///< at least one; another begins where the iterations start over
  /// The last line breaks off, as that of a run that was killed; it is left out.
  bool cut_short = false;
};

/// Reads what `TraceFile` (`--trace`) wrote, or the trace in a result's JSON (`to_json`, `--json`).
/// Quantities that are null or not there are unknown; keys that are not of the trace are passed over.
///
/// Throws `Misuse` naming the file and, where one is to blame, the line: a file that can not be read or holds
/// no iteration, a line that is no JSON object or lacks its iteration, a value of another type, an unknown
/// event.
RecordedTrace read_trace(const std::filesystem::path& file);

}  // namespace quadric
