#pragma once

#include <mutex>
#include <optional>

#include "linalg/symmetric.hpp"

namespace quadric::linalg {

/// How many eigenvalues have which sign.
struct Inertia {
  Index negative = 0, zero = 0, positive = 0;
};

/// The inertia of A (n × n, finite), where magnitudes of up to `zero` > 0 count as zero, by Sylvester's law
/// from LDLᵀ of A + zero I and A - zero I with pivots of order 1 and 2: Bunch and Kaufman's (LAPACK) of a
/// dense matrix, MUMPS' of a sparse one. Without pivots of order 2 the signs would be silently wrong. Empty
/// where a factorization failed, or where A is sparse and this was built without MUMPS. Any thread may call
/// it.
std::optional<Inertia> inertia(const Symmetric& A, double zero);

/// Who uses MUMPS holds this: it keeps its state in the process.
std::recursive_mutex& mumps_in_use();

}  // namespace quadric::linalg
