#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

namespace quadric {

/// Calls `work(i)` for i = 0 … count − 1, on so many threads, of which the calling one is the first. What
/// `work` throws ends the program where it is not on the calling thread.
template <class Work>
void for_each_index(std::size_t count, std::size_t threads, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto serve = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  try {
    while (others.size() + 1 < std::min(threads, count)) others.emplace_back(serve);
  } catch (const std::system_error&) {  // there are no more threads: those that are do the work
  }
  serve();
}

}  // namespace quadric
