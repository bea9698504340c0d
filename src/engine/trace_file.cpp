#include <cerrno>
#include <cstddef>
#include <ios>
#include <string>
#include <system_error>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/engine/log.hpp"

#include "engine/run_json.hpp"

namespace quadric {

namespace {

/// Seconds for which lines wait to be written out together: a write takes longer than many an iteration.
constexpr double longest_unwritten = 1e-3;

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

/// What is not written out belongs to a run that an exception ended.
TraceFile::~TraceFile() {
  if (file_.is_open()) file_ << unwritten_;
}

void TraceFile::write_out(double seconds) {
  written_at_ = seconds;
  errno = 0;
  file_ << unwritten_ << std::flush;
  if (!file_) error_ = failure(path_);
  unwritten_.clear();
}

bool TraceFile::iterated(const Iteration& iteration, const Vector& /*x*/) {
  if (!error_.empty()) return true;
  const std::size_t before = unwritten_.size();
  append_iteration(unwritten_, iteration);
  last_size_ = unwritten_.size() - before;
  const double since = iteration.seconds - written_at_;
  if (!(since >= 0.0 && since < longest_unwritten)) write_out(iteration.seconds);
  return true;
}

void TraceFile::finished(const Result& result) {
  const std::size_t before = std::exchange(last_size_, 0);
  if (!error_.empty() || before == 0 || result.trace.empty()) return;
  std::string line;
  append_iteration(line, result.trace.back());
  // Events are only ever added: a line that is not longer says nothing new.
  if (line.size() > before) replace_last_line(before, line);
  write_out(0.0);
}

void TraceFile::replace_last_line(std::size_t size, const std::string& line) {
  if (!unwritten_.empty()) {
    unwritten_.resize(unwritten_.size() - size);
  } else if (const auto end = file_.tellp(); end != std::ofstream::pos_type(-1)) {
    file_.seekp(end - static_cast<std::streamoff>(size));
  } else {
    return;
  }
  unwritten_ += line;
}

}  // namespace quadric
