#pragma once

#include <mutex>
#include <utility>

#include <glog/logging.h>

namespace quadric::detail {

/// Holds back glog's messages below FATAL as long as one of these exists, on all threads: Ceres reports every
/// non-finite residual on stderr, and this library never prints. Thread safe; the level is given back
/// afterwards.
class QuietCeres {
 public:
  QuietCeres() {
    const std::lock_guard lock(state().mutex);
    if (state().depth++ == 0) state().level = std::exchange(FLAGS_minloglevel, google::GLOG_FATAL);
  }
  ~QuietCeres() {
    const std::lock_guard lock(state().mutex);
    if (--state().depth == 0) FLAGS_minloglevel = state().level;
  }
  QuietCeres(const QuietCeres&) = delete;
  QuietCeres& operator=(const QuietCeres&) = delete;

 private:
  struct State {
    std::mutex mutex;
    int depth = 0;
    int level = 0;
  };
  static State& state() {
    static State shared;
    return shared;
  }
};

}  // namespace quadric::detail
