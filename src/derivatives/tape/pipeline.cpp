#include "derivatives/tape/pipeline.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace quadric::formula {

namespace {

/// Which chunks are taken, ready and consumed.
class Progress {
 public:
  Progress(std::size_t chunks, std::size_t buffers) : chunks_(chunks), is_ready_(buffers, false) {}

  /// The next chunk to produce, when its buffer is free; false at the end.
  bool take(std::size_t& chunk) {
    std::unique_lock lock(mutex_);
    freed_.wait(lock,
                [this] { return failure_ || next_ >= chunks_ || next_ < consumed_ + is_ready_.size(); });
    if (failure_ || next_ >= chunks_) return false;
    chunk = next_++;
    return true;
  }
  void ready(std::size_t chunk) {
    const std::lock_guard lock(mutex_);
    is_ready_[chunk % is_ready_.size()] = true;
    produced_.notify_one();
  }
  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    produced_.notify_one();
    freed_.notify_all();
  }
  /// Waits for the chunk; false where something failed.
  bool wait_for(std::size_t chunk) {
    std::unique_lock lock(mutex_);
    produced_.wait(lock, [&] { return failure_ || is_ready_[chunk % is_ready_.size()]; });
    return !failure_;
  }
  void consumed(std::size_t chunk) {
    const std::lock_guard lock(mutex_);
    is_ready_[chunk % is_ready_.size()] = false;
    ++consumed_;
    freed_.notify_all();
  }
  /// After all threads have ended.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::size_t chunks_;
  std::vector<bool> is_ready_;  ///< by buffer
  std::size_t next_ = 0;
  std::size_t consumed_ = 0;
  std::exception_ptr failure_;
  std::mutex mutex_;
  std::condition_variable produced_, freed_;
};

}  // namespace

void in_order(std::size_t chunks, std::size_t buffers, std::size_t workers,
              const std::function<void(std::size_t, std::size_t, std::size_t)>& produce,
              const std::function<void(std::size_t, std::size_t)>& consume) {
  Progress progress(chunks, buffers);
  const auto work = [&](std::size_t worker) {
    std::size_t chunk = 0;
    while (progress.take(chunk)) {
      try {
        produce(chunk, chunk % buffers, worker);
        progress.ready(chunk);
      } catch (...) {
        progress.fail(std::current_exception());
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t worker = 0; worker < workers; ++worker) threads.emplace_back(work, worker);
    try {
      for (std::size_t chunk = 0; chunk < chunks && progress.wait_for(chunk); ++chunk) {
        consume(chunk, chunk % buffers);
        progress.consumed(chunk);
      }
    } catch (...) {
      progress.fail(std::current_exception());
    }
  }
  progress.rethrow();
}

}  // namespace quadric::formula
