#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <unistd.h>

/// What every benchmark times by: peers take turns in one process, so that whatever else the machine does
/// meets all of them alike, and a time is the median over the turns.
namespace bench {

/// Processor time in seconds that `work` takes: what other processes use is not counted.
inline double seconds(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Median seconds a run of each peer, by name. A first run of each is not counted.
inline std::map<std::string, double> alternate(const std::map<std::string, std::function<void()>>& peers,
                                               int turns) {
  std::map<std::string, std::vector<double>> samples;
  for (const auto& peer : peers) peer.second();
  for (int turn = 0; turn < turns; ++turn) {
    for (const auto& [name, run] : peers) samples[name].push_back(seconds(run));
  }
  std::map<std::string, double> medians;
  for (const auto& [name, values] : samples) medians[name] = median(values);
  return medians;
}

/// CHOLMOD asks OpenMP for four threads whatever the machine, and BLAS for as many as there are: their
/// waiting for each other would be counted. Both read these variables when they are loaded, hence a new
/// start.
inline void stay_on_one_thread(char** arguments) {
  if (std::getenv("OMP_THREAD_LIMIT") != nullptr) return;
  setenv("OMP_THREAD_LIMIT", "1", 1);
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  execv("/proc/self/exe", arguments);
}

/// The line that scripts/bench.sh collects: the peer's time over ours, above 1 is faster.
inline void print_ratio(const std::string& bench, const std::string& peer, double ratio) {
  std::printf("ratio %s %s %.2f\n", bench.c_str(), peer.c_str(), ratio);
}

}  // namespace bench
