#include "cli/progress.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.hpp"

namespace quadric::cli {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto pause = std::chrono::milliseconds(100);
constexpr int bar_width = 20;
constexpr double decades = 10.0;  ///< of the gradient, in the whole bar

/// Of the terminal on stderr; 80 where it does not say.
int terminal_columns() {
  winsize size = {};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// The first characters of a text, a character of several bytes counting once.
std::string first_characters(const std::string& text, int count) {
  std::size_t end = 0;
  for (int seen = 0; end < text.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (starts && seen++ == count) break;
  }
  return text.substr(0, end);
}

std::string bar(double share) {
  const int done = static_cast<int>(std::lround(share * bar_width));
  std::string line = "[";
  line.append(static_cast<std::size_t>(done), '#').append(static_cast<std::size_t>(bar_width - done), '.');
  return line + "] ";
}

/// A line of the terminal on stderr that is written over, and wiped out in the end.
class StatusLine {
 public:
  StatusLine() = default;
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine() { wipe(); }

  /// Whether it is time to show another.
  bool due() const { return !shown_ || Clock::now() - last_ >= pause; }
  void show(const std::string& line) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    shown_ = true;
    last_ = Clock::now();
  }
  void wipe() {
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
  }

 private:
  bool shown_ = false;
  Clock::time_point last_ = {};
};

class Progress final : public Observer {
 public:
  Progress(std::optional<Index> max_iterations, std::optional<double> max_seconds)
      : max_iterations_(max_iterations), max_seconds_(max_seconds) {}

  void started(const RunInfo& /*run*/) override { first_gradient_norm_ = Iteration::unknown; }

  bool iterated(const Iteration& iteration, const Vector& /*x*/) override {
    if (std::isnan(first_gradient_norm_)) first_gradient_norm_ = iteration.gradient_norm;
    if (!line_.due()) return true;
    const double share = progress_share(iteration, first_gradient_norm_, max_iterations_, max_seconds_);
    line_.show(progress_line(iteration, share, terminal_columns() - 1));
    return true;
  }

  void finished(const Result& /*result*/) override { line_.wipe(); }

 private:
  std::optional<Index> max_iterations_;
  std::optional<double> max_seconds_;
  double first_gradient_norm_ = Iteration::unknown;
  StatusLine line_;  // a run that threw was never finished: it wipes itself out
};

}  // namespace

double progress_share(const Iteration& iteration, double first_gradient_norm,
                      std::optional<Index> max_iterations, std::optional<double> max_seconds) {
  double share = 0.0;
  if (max_iterations && *max_iterations > 0)
    share = static_cast<double>(iteration.iteration) / static_cast<double>(*max_iterations);
  if (max_seconds) share = std::max(share, iteration.seconds / *max_seconds);
  if (!max_iterations && !max_seconds)
    share = std::log10(first_gradient_norm / iteration.gradient_norm) / decades;
  return share > 0.0 ? std::min(share, 1.0) : 0.0;  // 0 where nothing is known
}

std::string progress_line(const Iteration& iteration, double share, int columns) {
  std::string line = bar(share);
  line.append("iteration ").append(std::to_string(iteration.iteration));
  line.append("  f ").append(text::number(iteration.value, 6));
  line.append("  ‖g‖ ").append(text::number(iteration.gradient_norm, 3));
  line.append("  ").append(text::number(iteration.seconds, 3)).append(" s");
  return first_characters(line, columns);
}

std::shared_ptr<Observer> show_progress(std::optional<Index> max_iterations,
                                        std::optional<double> max_seconds) {
  if (::isatty(STDERR_FILENO) == 0) return nullptr;
  return std::make_shared<Progress>(max_iterations, max_seconds);
}

std::string runs_line(std::size_t done, std::size_t all, double seconds, int columns) {
  std::string line = bar(all == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(all));
  line.append(std::to_string(done)).append(" of ").append(std::to_string(all));
  line.append(all == 1 ? " run  " : " runs  ").append(text::number(seconds, 3)).append(" s");
  return first_characters(line, columns);
}

std::function<void(std::size_t, std::size_t)> show_runs_done() {
  if (::isatty(STDERR_FILENO) == 0) return nullptr;
  return [line = std::make_shared<StatusLine>(), start = Clock::now()](std::size_t done, std::size_t all) {
    if (done == all) return line->wipe();
    if (!line->due()) return;
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    line->show(runs_line(done, all, seconds, terminal_columns() - 1));
  };
}

}  // namespace quadric::cli
