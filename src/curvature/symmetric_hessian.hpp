#pragma once

#include "quadric/problem/local_model.hpp"

#include "linalg/symmetric.hpp"

namespace quadric {

/// The Hessian of a local model that has one.
inline linalg::Symmetric symmetric_hessian(const LocalModel& model) {
  return model.is_sparse() ? linalg::Symmetric(*model.sparse_hessian) : linalg::Symmetric(model.hessian);
}

}  // namespace quadric
