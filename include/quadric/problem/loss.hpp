#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/automatic.hpp"
#include "quadric/problem/residuals.hpp"

namespace quadric {

/// ρ at a squared residual s ≥ 0, with its derivatives by s.
struct Rho {
  double value, first, second;
};

/// Losses that let outliers count less than their square (Huber 1981; Triggs et al. 2000). Each is s for
/// residuals small against `scale`, which is positive and in the unit of a residual; values are those of
/// Ceres' losses of the same name, but for arctan, whose parameter there is the square of the scale.
struct Huber {
  double scale = 1.0;  ///< s up to here, then 2 scale √s − scale²: grows linearly
  Rho operator()(double s) const;
};
struct SoftL1 {
  double scale = 1.0;  ///< 2 scale² (√(1 + s / scale²) − 1): a smooth Huber
  Rho operator()(double s) const;
};
struct Cauchy {
  double scale = 1.0;  ///< scale² log(1 + s / scale²): grows like a logarithm
  Rho operator()(double s) const;
};
struct Arctan {
  double scale = 1.0;  ///< scale² atan(s / scale²): bounded
  Rho operator()(double s) const;
};
struct Tukey {
  double scale = 1.0;  ///< scale² (1 − (1 − s / scale²)³) / 3: constant beyond the scale
  Rho operator()(double s) const;
};

/// A loss ρ with ρ(0) = 0 and ρ ≥ 0: one of the above, a callable that gives a `Rho`, or a lambda of one
/// scalar of any type, such as `[](const auto& s) { using std::log; return log(1.0 + s); }`, whose
/// derivatives are taken automatically. A value type; thread safe as the callable is.
class Loss {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Loss>) Loss(F rho)  // NOLINT: a callable is a loss
      : rho_(with_derivatives(std::move(rho))) {}

  Rho operator()(double s) const { return rho_(s); }

 private:
  template <class F>
  static std::function<Rho(double)> with_derivatives(F rho) {
    if constexpr (std::is_same_v<std::invoke_result_t<const F&, double>, Rho>) {
      return rho;
    } else {
      return [f = [rho](const auto& s) { return rho(s[0]); }](double s) {
        Vector g;
        Matrix H;
        const double value = automatic::hessian(f, Vector::Constant(1, s), g, H);
        return Rho{value, g[0], H(0, 0)};
      };
    }
  }

  std::function<Rho(double)> rho_;
};

/// Residuals tᵢ with tᵢ² = ρ(rᵢ²), of the sign of rᵢ, so that ½‖t‖² = ½ Σ ρ(rᵢ²) is what every solver
/// minimizes. Second derivatives are exact, also where ρ″ < 0; Gauss-Newton's ones are never negative. A
/// scale that is not positive throws `Misuse` when it is used.
Residuals robust(const Residuals& residuals, const Loss& loss);

}  // namespace quadric
