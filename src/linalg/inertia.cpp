#include "linalg/inertia.hpp"

#include <cstddef>
#include <vector>

#include "linalg/one_thread.hpp"

#ifdef QUADRIC_WITH_MUMPS
#include <dmumps_c.h>
#endif

// Of OpenBLAS, whose headers not every compiler finds.
extern "C" void dsytrf_(const char* triangle, const int* n, double* A, const int* stride, int* pivots,
                        double* work, const int* size, int* info);

namespace quadric::linalg {

namespace {

/// Eigenvalues of A + shift I below zero.
std::optional<Index> count_negative_dense(const Symmetric& A, double shift) {
  Matrix L = A.dense();
  L.diagonal().array() += shift;
  const int n = static_cast<int>(L.rows());
  std::vector<int> pivots(static_cast<std::size_t>(n));
  int info = 0;
  double best = 0.0;
  const int query = -1;
  dsytrf_("L", &n, L.data(), &n, pivots.data(), &best, &query, &info);
  const int size = static_cast<int>(best);
  Vector work(size);
  dsytrf_("L", &n, L.data(), &n, pivots.data(), work.data(), &size, &info);
  if (info != 0) return std::nullopt;  // a pivot is zero, or an entry is not a number
  Index negative = 0;
  for (int k = 0; k < n; ++k) {
    const bool is_pair = pivots[static_cast<std::size_t>(k)] < 0;
    negative += is_pair || L(k, k) < 0.0 ? 1 : 0;  // a pivot of order 2 has an eigenvalue of either sign
    k += is_pair ? 1 : 0;
  }
  return negative;
}

#ifdef QUADRIC_WITH_MUMPS

/// One instance of MUMPS for symmetric indefinite matrices.
class Mumps {
 public:
  Mumps() {
    constexpr MUMPS_INT of_the_process = -987654;  // in place of a communicator of MPI
    id_.comm_fortran = of_the_process;
    id_.par = 1;
    id_.sym = 2;
    run(-1);
    for (const int stream : {1, 2, 3}) control(stream) = -1;
    control(4) = 0;   // silent
    control(7) = 0;   // approximate minimum degree: the choice by default varies between runs
    control(28) = 1;  // which a sequential analysis takes
  }
  ~Mumps() { run(-2); }
  Mumps(const Mumps&) = delete;
  Mumps& operator=(const Mumps&) = delete;

  /// Analyzes and factors the matrix with these entries; what it says of that.
  MUMPS_INT factor(Index n, std::vector<MUMPS_INT>& rows, std::vector<MUMPS_INT>& columns,
                   std::vector<double>& values) {
    id_.n = static_cast<MUMPS_INT>(n);
    id_.nnz = static_cast<MUMPS_INT8>(values.size());
    id_.irn = rows.data();
    id_.jcn = columns.data();
    id_.a = values.data();
    run(4);
    // Pivots that wait for later ones may need more memory than was planned.
    constexpr MUMPS_INT too_small = -9, most_percent = 1000;
    while (id_.infog[0] == too_small && control(14) < most_percent) {
      control(14) *= 4;
      run(2);
    }
    return id_.infog[0];
  }
  Index negative_pivots() const { return id_.infog[11]; }

 private:
  void run(MUMPS_INT job) {
    id_.job = job;
    dmumps_c(&id_);
  }
  MUMPS_INT& control(int number) { return id_.icntl[number - 1]; }

  DMUMPS_STRUC_C id_{};
};

std::optional<Index> count_negative_sparse(const Symmetric& A, double shift) {
  std::vector<MUMPS_INT> rows, columns;
  std::vector<double> values;
  const auto add = [&](Index i, Index j, double value) {
    rows.push_back(static_cast<MUMPS_INT>(i + 1));
    columns.push_back(static_cast<MUMPS_INT>(j + 1));
    values.push_back(value);
  };
  A.for_each_entry(add);
  for (Index i = 0; i < A.size(); ++i) add(i, i, shift);  // entries at one place are summed
  const OneThread serial;
  const std::lock_guard lock(mumps_in_use());
  Mumps mumps;
  if (mumps.factor(A.size(), rows, columns, values) < 0) return std::nullopt;
  return mumps.negative_pivots();
}

#else

std::optional<Index> count_negative_sparse(const Symmetric&, double) { return std::nullopt; }

#endif

}  // namespace

std::recursive_mutex& mumps_in_use() {
  static std::recursive_mutex mutex;
  return mutex;
}

std::optional<Inertia> inertia(const Symmetric& A, double zero) {
  const auto count = [&A](double shift) {
    return A.is_sparse() ? count_negative_sparse(A, shift) : count_negative_dense(A, shift);
  };
  const auto below = count(zero), above = count(-zero);
  if (!below || !above || *above < *below) return std::nullopt;
  return Inertia{.negative = *below, .zero = *above - *below, .positive = A.size() - *above};
}

}  // namespace quadric::linalg
