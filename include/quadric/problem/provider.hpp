#pragma once

#include <string>

namespace quadric {

/// Where derivatives come from. The choice is made once, when a callable becomes an `Objective` or
/// `Residuals`, and is reported in every result.
struct Provider {
  std::string first;  ///< source of the gradient or Jacobian: "automatic", "analytic", "differences", "ceres"
  std::string second;  ///< source of the Hessian
  double second_error =
      1e-14;  ///< relative error to expect of the Hessian, ‖error‖ / ‖H‖, where none is measured
  /// How it went about it, where it had a choice: "tape of 499 terms in 1 structure".
  std::string method = {};

  /// For example "automatic", or "gradient analytic, Hessian differences of the gradient".
  std::string describe() const {
    const std::string sources = first == second ? first : "gradient " + first + ", Hessian " + second;
    return method.empty() ? sources : sources + " (" + method + ")";
  }
};

}  // namespace quadric
