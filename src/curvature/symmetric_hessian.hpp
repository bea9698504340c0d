#pragma once

#include <memory>

#include "quadric/problem/local_model.hpp"

#include "linalg/symmetric.hpp"

namespace quadric {

/// The Hessian of a local model that has one; a sparse one is shared with the model.
inline linalg::Symmetric symmetric_hessian(const LocalModel& model) {
  return model.is_sparse() ? linalg::Symmetric(std::shared_ptr<const SparseMatrix>(model.sparse_hessian))
                           : linalg::Symmetric(model.hessian);
}

}  // namespace quadric
