#pragma once

#include "quadric/base/types.hpp"
#include "quadric/engine/memory.hpp"

namespace quadric {

/// A positive diagonal D that makes the variables comparable: each entry is the largest size that was seen
/// for its variable (Moré 1978, section 4), so that it never falls.
class VariableScaling {
 public:
  void restart() { d_.resize(0); }

  /// Takes the sizes seen at a new model (n, ≥ 0); a variable never seen to matter keeps the smallest of the
  /// others'.
  void update(const Vector& sizes) {
    if (d_.size() == 0) {
      largest_ = sizes;
    } else {
      largest_ = largest_.cwiseMax(sizes);
    }
    double least = 0.0;
    for (const double size : largest_) {
      if (size > 0.0 && (least == 0.0 || size < least)) least = size;
    }
    if (least == 0.0) least = 1.0;
    d_ = (largest_.array() > 0.0).select(largest_, least);
  }

  void remember(Memory& memory) {
    memory.item("largest_sizes", largest_);
    memory.item("scaling", d_);
  }

  const Vector& diagonal() const noexcept { return d_; }
  double norm(const Vector& p) const { return d_.cwiseProduct(p).norm(); }

 private:
  Vector largest_;  ///< may hold zeros
  Vector d_;        ///< positive
};

}  // namespace quadric
