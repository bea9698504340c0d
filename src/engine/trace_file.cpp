#include <cerrno>
#include <ios>
#include <system_error>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/log.hpp"

#include "engine/run_json.hpp"

namespace quadric {

namespace {

/// The sentence for a failure that the system has just told of.
std::string failure(const std::filesystem::path& path) {
  const std::error_code why(errno != 0 ? errno : EIO, std::generic_category());
  return "cannot write the trace to '" + path.string() + "': " + why.message();
}

}  // namespace

TraceFile::TraceFile(std::filesystem::path path) : path_(std::move(path)) {
  errno = 0;
  file_.open(path_, std::ios::binary | std::ios::trunc);
  if (!file_) misuse(failure(path_));
}

void TraceFile::write(std::string line) {
  if (!error_.empty()) return;
  errno = 0;
  file_ << line << '\n' << std::flush;
  if (!file_) error_ = failure(path_);
  last_line_ = std::move(line);
}

bool TraceFile::iterated(const Iteration& iteration, const Vector& /*x*/) {
  if (!error_.empty()) return true;
  last_start_ = file_.tellp();
  write(iteration_text(iteration));
  return true;
}

void TraceFile::finished(const Result& result) {
  if (!error_.empty() || result.trace.empty() || last_start_ == std::ofstream::pos_type(-1)) return;
  std::string line = iteration_text(result.trace.back());
  // Events are only ever added: a line that is not longer says nothing new.
  if (line.size() <= last_line_.size()) return;
  file_.seekp(last_start_);
  write(std::move(line));
}

}  // namespace quadric
