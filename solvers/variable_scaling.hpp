#pragma once

#include "quadric/base/types.hpp"
#include "quadric/engine/memory.hpp"

namespace quadric {

/// A positive diagonal D that makes the variables comparable: each entry is the largest size that was seen
/// for its variable (Moré 1978, section 4), so that it never falls.
class VariableScaling {
 public:
  void restart() { largest_.resize(0); }

  /// Takes the sizes seen at a new model (n, ≥ 0); a variable never seen to matter keeps the smallest of the
  /// others'.
  void update(const Vector& sizes) {
    if (largest_.size() == 0) {
      largest_ = sizes;
    } else {
      largest_ = largest_.cwiseMax(sizes);
    }
    fill();
  }
  /// The same where `raise` takes the sizes so far (n) up to those seen at a new model.
  template <class Raise>
  void update(Index n, const Raise& raise) {
    if (largest_.size() == 0) largest_.setZero(n);
    raise(largest_);
    fill();
  }

  void remember(Memory& memory) {
    memory.item("largest_sizes", largest_);
    if (memory.reading()) fill();
  }

  const Vector& diagonal() const noexcept { return has_zeros_ ? filled_ : largest_; }
  double norm(const Vector& p) const { return diagonal().cwiseProduct(p).norm(); }

 private:
  void fill() {
    has_zeros_ = largest_.size() > 0 && !(largest_.minCoeff() > 0.0);
    if (!has_zeros_) return;
    double least = 0.0;
    for (const double size : largest_) {
      if (size > 0.0 && (least == 0.0 || size < least)) least = size;
    }
    if (least == 0.0) least = 1.0;
    filled_ = (largest_.array() > 0.0).select(largest_, least);
  }

  Vector largest_;          ///< may hold zeros
  bool has_zeros_ = false;  ///< it does
  Vector filled_;           ///< `largest_` without them, where it has some
};

}  // namespace quadric
