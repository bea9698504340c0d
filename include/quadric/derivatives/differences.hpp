#pragma once

#include <complex>
#include <functional>
#include <iterator>
#include <utility>

#include <Eigen/SparseCore>

#include "quadric/base/types.hpp"
#include "quadric/derivatives/coloring.hpp"

/// Derivatives from values alone, and from values at complex points.
///
/// Central differences on the points x ± h, x ± 2h, combined so that the error is O(h⁴). The step h of each
/// variable is found from the function itself: from the size of its rounding errors or noise (the table of
/// Moré & Wild, "Estimating computational noise", SIAM J. Sci. Comput. 33, 2011) and from the derivatives of
/// higher order that the same points show, so that what the step cuts off and what the noise adds balance
/// (Gill, Murray, Saunders & Wright 1983; Moré & Wild, "Estimating derivatives of noisy simulations", 2012).
/// The first guess of h is a part of |xⱼ|; where xⱼ = 0, of the geometric mean of the other variables; where
/// all are 0, of 1. A guess that was good costs 4 evaluations a variable; a bad one 4 more a correction.
/// Multiplying f or any variable by a power of two changes nothing but the scale of the results, as long as
/// every variable shows in the values.
///
/// Where f is not finite on one side the points lie on the other, x, x ± h, …, x ± 4h; where it is not finite
/// on either they move closer; a derivative that stays out of reach is NaN. Exceptions of f pass through.
///
/// No state is kept: the result depends on the arguments only, and the functions may be called from several
/// threads as far as f may. f is evaluated on a working copy of x.
namespace quadric::differences {

using ScalarFunction = std::function<double(const Vector&)>;
/// (x, values) → values = F(x), resized by the callee and of the same size for every x.
using VectorFunction = std::function<void(const Vector&, Vector&)>;

struct Options {
  /// Adds steps that double, up to 256 times the shortest while the function keeps its shape over them, and
  /// extrapolates (Ridders 1982): about 14 more evaluations a variable, for gradients and Jacobians of
  /// analytic functions that are exact to some tens of roundings.
  bool extrapolate = false;
  /// Standard deviation of the errors of f's values, absolute, the same for each component; 0: measured.
  double noise = 0.0;
  /// Typical magnitudes of the variables (n), for the first guess of the steps; empty, or 0 in places: from
  /// x.
  Vector scale = {};
};

/// Derivatives with their errors.
template <class Value, class Derivative>
struct Estimate {
  Value value;            ///< F(x)
  Derivative derivative;  ///< shape as the function says
  Derivative error;       ///< absolute error to expect of each entry: noise over step plus what was cut off
  Value noise;            ///< standard deviation of the errors of F(x), per component
  Index evaluations = 0;  ///< of F
};

/// Relative errors ‖error‖ / ‖H‖ of a Hessian from a gradient and of one from values, at smooth functions
/// with errors of rounding only: what to expect as long as nothing was measured.
inline constexpr double hessian_error_from_gradient = 1e-11;
inline constexpr double hessian_error_from_values = 1e-8;

/// Gradient (n) of f: Rⁿ → R; about 1 + 4n evaluations, relative error about ε^(4/5).
Estimate<double, Vector> gradient(const ScalarFunction& f, const Vector& x, const Options& options = {});

/// Jacobian (m × n) of F: Rⁿ → Rᵐ; about 1 + 4n evaluations, relative error about ε^(4/5). One step serves
/// all components: the one that suits their median.
Estimate<Vector, Matrix> jacobian(const VectorFunction& f, const Vector& x, const Options& options = {});

/// Hessian (n × n, symmetric) of f: Rⁿ → R from values; about 7 + 2n + 2n² evaluations, relative error about
/// ε^(2/3).
Estimate<double, Matrix> hessian(const ScalarFunction& f, const Vector& x, const Options& options = {});

/// Hessian (n × n, symmetrized) from the gradient of f; about 1 + 4n gradients. `value` is the gradient at
/// x.
Estimate<Vector, Matrix> hessian_from_gradient(const VectorFunction& gradient, const Vector& x,
                                               const Options& options = {});

/// Product H(x) v (n) from the gradient of f along v; about 5 gradients. `value` is the gradient at x.
Estimate<Vector, Vector> hessian_product(const VectorFunction& gradient, const Vector& x, const Vector& v,
                                         const Options& options = {});

/// Jacobian of F: Rⁿ → Rᵐ whose entries outside the pattern (m × n) are zero: columns of one color move
/// together, about 1 + 4 · colors evaluations (Curtis, Powell & Reid 1974). A pattern of other sizes throws
/// `Misuse`; one that leaves out entries that are not zero gives wrong ones.
Estimate<Vector, Eigen::SparseMatrix<double>> sparse_jacobian(const VectorFunction& f, const Vector& x,
                                                              const Pattern& pattern,
                                                              const Options& options = {});
/// The same with `color_columns(pattern)` at hand.
Estimate<Vector, Eigen::SparseMatrix<double>> sparse_jacobian(const VectorFunction& f, const Vector& x,
                                                              const Pattern& pattern,
                                                              const Coloring& coloring,
                                                              const Options& options = {});

/// Symmetric Hessian (n × n, both triangles stored) from the gradient of f, with a pattern of one or both
/// triangles; about 1 + 4 · colors gradients (Powell & Toint 1979).
Estimate<Vector, Eigen::SparseMatrix<double>> sparse_hessian(const VectorFunction& gradient, const Vector& x,
                                                             const Pattern& pattern,
                                                             const Options& options = {});
/// The same with `star_coloring(pattern)` at hand.
Estimate<Vector, Eigen::SparseMatrix<double>> sparse_hessian(const VectorFunction& gradient, const Vector& x,
                                                             const Pattern& pattern, const Coloring& coloring,
                                                             const Options& options = {});

/// Relative error of a symmetric matrix H whose entries have the errors E: ‖D E D‖ / ‖D H D‖, with the
/// diagonal D that brings the rows of H to equal size, so that the units of the variables do not matter.
/// Infinite when an entry is not finite.
double relative_error(const Matrix& H, const Matrix& E);

/// Standard deviation of the errors of F's values near x, per component (m): from differences of up to order
/// 6 over points so close that a smooth function would be a line (Moré & Wild 2011, ECnoise), at least the
/// rounding of the values themselves. 7 evaluations, and 6 more for each spacing at which values coincide.
Vector noise(const VectorFunction& f, const Vector& x, const Options& options = {});
double noise(const ScalarFunction& f, const Vector& x, const Options& options = {});

/// Length of the imaginary step: its square vanishes beside any other number.
inline constexpr double complex_step = 1e-100;

/// Gradient (n) of f: Rⁿ → R as ∂f/∂xⱼ = Im f(x + i h eⱼ) / h, exact to rounding since nothing is subtracted
/// (Squire & Trapp 1998; Martins, Sturdza & Alonso 2003); n evaluations. f takes a `VectorOf<std::complex<
/// double>>`, as generic lambdas do, and has to be analytic there: no abs, no conj, norm, real or imag of
/// what depends on x, no comparison on which the formula depends (complex numbers have no <). Arithmetic with
/// integers does not compile: write `2.0 * x[0]`. What leaves the range of numbers with h in it is lost:
/// derivatives below 1e-200.
template <class F>
Vector complex_step_gradient(const F& f, const Vector& x) {
  VectorOf<std::complex<double>> z = x.cast<std::complex<double>>();
  Vector g(x.size());
  for (Index j = 0; j < x.size(); ++j) {
    z[j].imag(complex_step);
    g[j] = std::complex<double>(f(std::as_const(z))).imag() / complex_step;
    z[j].imag(0.0);
  }
  return g;
}

/// Jacobian (m × n) of a callable that returns a container of m complex numbers; as `complex_step_gradient`.
template <class F>
Matrix complex_step_jacobian(const F& f, const Vector& x) {
  VectorOf<std::complex<double>> z = x.cast<std::complex<double>>();
  Matrix J(0, x.size());
  for (Index j = 0; j < x.size(); ++j) {
    z[j].imag(complex_step);
    const auto values = f(std::as_const(z));
    if (j == 0) J.resize(static_cast<Index>(std::size(values)), x.size());
    for (Index i = 0; i < J.rows(); ++i) {
      J(i, j) =
          std::complex<double>(values[static_cast<decltype(std::size(values))>(i)]).imag() / complex_step;
    }
    z[j].imag(0.0);
  }
  return J;
}

}  // namespace quadric::differences
