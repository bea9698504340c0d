#pragma once

#include "quadric/base/types.hpp"

namespace quadric::linalg {

/// The lower triangle of AᵀA, of `products` (n × n), for A (m × n): in the widest lanes that the processor
/// has.
void column_products(const Matrix& A, Matrix& products);

}  // namespace quadric::linalg
