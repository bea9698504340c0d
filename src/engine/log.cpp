#include "quadric/engine/log.hpp"

#include <string_view>
#include <utility>

#include <spdlog/logger.h>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"
#include "engine/narration.hpp"

namespace quadric {

namespace {

constexpr Index rows_a_head = 30;

bool wants(const spdlog::logger& logger, spdlog::level::level_enum level) {
  return logger.should_log(level) || logger.should_backtrace();
}

/// One message a line, so that each gets the logger's own prefix.
void log_lines(spdlog::logger& logger, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    logger.log(spdlog::level::info, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace

LogIterations::LogIterations(std::shared_ptr<spdlog::logger> logger)
    : logger_(std::move(logger)), narrator_(std::make_shared<Narrator>()) {
  if (!logger_)
    misuse("LogIterations needs a logger, but got a null pointer: make one by spdlog::stdout_color_mt");
}

void LogIterations::started(const RunInfo& run) {
  narrator_ = std::make_shared<Narrator>();
  rows_ = 0;
  if (!wants(*logger_, spdlog::level::info)) return;
  logger_->info("{}: {}, derivatives {}", run.solver,
                text::count(static_cast<Index>(run.names.size()), "variable"), run.provider.describe());
  log_lines(*logger_, table_legend());
}

bool LogIterations::iterated(const Iteration& iteration, const Vector& /*x*/) {
  if (wants(*logger_, spdlog::level::info)) {
    if (rows_++ % rows_a_head == 0) log_lines(*logger_, table_head());
    log_lines(*logger_, table_row(iteration));
    for (const std::string& sentence : narrator_->tell(iteration)) log_lines(*logger_, sentence);
  }
  if (wants(*logger_, spdlog::level::debug)) logger_->debug("{}", table_details(iteration));
  return true;
}

void LogIterations::finished(const Result& result) {
  if (!wants(*logger_, spdlog::level::info)) return;
  for (const std::string& sentence : narrator_->tell_end(result)) log_lines(*logger_, sentence);
  log_lines(*logger_, result.summary());
}

}  // namespace quadric
