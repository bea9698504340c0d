#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quadric/problem/derivative_check.hpp"

namespace quadric {

/// One derivative at one point: what a provider says beside what it is held against. All r × c.
struct DerivativeBlock {
  DerivativePart part = DerivativePart::Gradient;
  std::size_t point = 0;
  Matrix value, reference;
  Matrix reference_error;  ///< infinite where the reference is not known
  Matrix error;            ///< expected of the difference: that of the reference and that of the value
  Matrix size;             ///< what counts as the size of each entry
  bool estimated = true;   ///< the reference is an estimate, which may be too uncertain to decide by
};

/// The agreement of each entry with its remark, row by row.
std::vector<CheckedEntry> judge(const DerivativeBlock& block, const CheckOptions& options);

/// Names for sentences.
struct DerivativeNames {
  const std::vector<std::string>& variables;
  const std::vector<std::string>& residuals;
};

/// The mistakes that the wrong entries together show, each in a sentence. `gauss_newton` is JᵀJ where the
/// function is known to be a half sum of squares.
std::vector<std::string> diagnose(const DerivativeBlock& block, const std::vector<CheckedEntry>& entries,
                                  const CheckOptions& options, const DerivativeNames& names,
                                  const std::optional<Matrix>& gauss_newton = {});

/// The pairs of a Hessian that differ by more than `tolerance` (n × n), in a sentence; empty where none does.
std::string describe_asymmetry(const Matrix& H, const Matrix& tolerance, const DerivativeNames& names);

}  // namespace quadric
