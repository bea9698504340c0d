#pragma once

#include <mutex>

// Of libgomp and OpenBLAS, whose headers not every compiler finds.
extern "C" {
int omp_get_max_active_levels();
void omp_set_max_active_levels(int levels);
int openblas_get_num_threads();
void openblas_set_num_threads(int threads);
}

namespace quadric::linalg {

/// While it lives, CHOLMOD, MUMPS and the BLAS below them work in the caller's thread. Their threads wait for
/// one another by spinning: with one core taken by something else a factorization of order 500 takes 70 times
/// as long, and with none taken twice as long.
class OneThread {
 public:
  OneThread() {
    omp_set_max_active_levels(0);
    const std::lock_guard lock(mutex);
    if (users++ > 0) return;
    blas_threads = openblas_get_num_threads();
    openblas_set_num_threads(1);
  }
  ~OneThread() {
    omp_set_max_active_levels(levels_);
    const std::lock_guard lock(mutex);
    if (--users == 0) openblas_set_num_threads(blas_threads);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  // The BLAS keeps one number for the whole process: who comes first among threads sets it, and who goes last
  // gives it back.
  static inline std::mutex mutex;
  static inline int users = 0, blas_threads = 1;

  int levels_ = omp_get_max_active_levels();
};

}  // namespace quadric::linalg
