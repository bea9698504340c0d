#include "quadric/curvature/analyzer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/problem.hpp"

#include "base/text.hpp"
#include "curvature/equilibrated_hessian.hpp"
#include "curvature/higher_orders.hpp"
#include "linalg/inertia.hpp"
#include "linalg/lanczos.hpp"
#include "linalg/quadratic.hpp"
#include "linalg/sums.hpp"
#include "linalg/symmetric_spectrum.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Beyond this relative error of the Hessian, zero curvature can not be told from negative curvature.
constexpr double hopeless_error = 1e-2;
/// Roundings of a sparse factorization add up over the entries of a column, which are few.
constexpr Index most_accumulated = 1000;
/// Up to this many variables all eigenvalues are computed where negative ones are counted.
constexpr Index largest_counted = 500;
/// Residuals relative to the largest eigenvalue at which Lanczos' method stops: where the signs of the ends
/// are all that counts, and for the ends that are reported. A value is good to about the square of its
/// residual.
constexpr double rough = 0.1;
constexpr double sharp = 1e-2;

void require_hessian(const LocalModel& model) {
  if (model.form != Curvature::Hessian) misuse("the eigenvalues need a local model with a Hessian");
}

Matrix dense_hessian(const LocalModel& model) {
  require_hessian(model);
  return model.full_hessian();
}

/// Sets kind, index, nullity and direction from the inertia of the equilibrated Hessian.
void read_inertia(const linalg::LowSpectrum& scaled, const Vector& scaling, CriticalPoint& point) {
  const Index n = scaled.values.size();
  const double zero = point.tolerance;
  const Index positive = (scaled.values.array() > zero).count();
  point.index = (scaled.values.array() < -zero).count();
  point.nullity = n - positive - point.index;
  point.direction = (scaling.asDiagonal() * scaled.lowest).normalized();
  if (point.index == n) {
    point.kind = CriticalKind::Maximum;
  } else if (point.index > 0) {
    point.kind = CriticalKind::Saddle;
  } else {
    point.kind = point.nullity > 0 ? CriticalKind::Degenerate : CriticalKind::Minimum;
  }
}

/// Of the error of a Hessian: what the eigenvalue tolerance is, relative to the largest.
double relative_tolerance(double hessian_error, Index n) {
  return hessian_error + 4.0 * epsilon * static_cast<double>(std::min(n, most_accumulated));
}

bool is_hopeless(double relative, CriticalPoint& point) {
  if (relative <= hopeless_error) return false;
  point.reason = "the second derivatives carry a relative error of " + text::number(relative, 2);
  return true;
}

/// The lowest eigenvalue of a minimum, with its direction, where it is but rounding of the highest.
void sharpen_lowest(const Matrix& H, const Vector& scaling, CriticalPoint& point) {
  if (point.lambda_min >= 1e-8 * point.lambda_max) return;
  linalg::SmallestPair smallest = linalg::smallest_of_positive_definite(H, scaling);
  point.lambda_min = smallest.value;
  if (smallest.vector.size() > 0) point.direction = std::move(smallest.vector);
}

void classify_by_eigenvalues(const Matrix& H, const Vector& scaling, double hessian_error,
                             CriticalPoint& point) {
  const linalg::LowSpectrum scaled = linalg::low_spectrum(scaling.asDiagonal() * H * scaling.asDiagonal());
  const double size = scaled.values.cwiseAbs().maxCoeff();
  const double relative = relative_tolerance(hessian_error, H.rows());
  point.tolerance = relative * size;

  const Vector eigenvalues = linalg::symmetric_eigenvalues(H);
  point.lambda_min = eigenvalues[0];
  point.lambda_max = eigenvalues[eigenvalues.size() - 1];
  point.error_bound = relative * eigenvalues.cwiseAbs().maxCoeff();
  if (is_hopeless(relative, point)) return;
  read_inertia(scaled, scaling, point);
  if (point.is_minimum()) sharpen_lowest(H, scaling, point);
}

/// A minimum, which factors show for less than a spectrum of the scaled Hessian takes; false where they do
/// not show one.
bool classify_minimum(const Matrix& H, EquilibratedHessian& factors, double hessian_error,
                      CriticalPoint& point) {
  const double relative = relative_tolerance(hessian_error, H.rows());
  point.tolerance = relative * linalg::eigenvalue_bound(factors.scaled());
  if (relative > hopeless_error || !factors.exceeds(point.tolerance)) return false;
  linalg::LowSpectrum spectrum = linalg::low_spectrum(H);
  point.kind = CriticalKind::Minimum;
  point.lambda_min = spectrum.values[0];
  point.lambda_max = spectrum.values[H.rows() - 1];
  point.error_bound = relative * spectrum.values.cwiseAbs().maxCoeff();
  point.direction = std::move(spectrum.lowest);
  sharpen_lowest(H, factors.scaling(), point);
  factors.know_lowest(point.lambda_min);
  return true;
}

/// What factorizations say about the signs of the curvatures.
enum class Signs { Positive, Zero, Negative, Open };

/// A vector along which the scaled Hessian S bends down by more than the tolerance; empty where none was
/// found.
Vector negative_direction(EquilibratedHessian& H, const linalg::EigenPair& lowest, double tolerance) {
  Vector u = lowest.vector;
  double curvature = lowest.value;
  // With a shift that makes S definite, inverse iteration turns u to the lowest eigenvectors: the faster, the
  // less that is. Where Lanczos' method saw no negative curvature, there is next to none.
  double shift = curvature < -tolerance ? std::max(2.0 * tolerance, 1.1 * (lowest.residual - curvature))
                                        : 4.0 * tolerance;
  bool definite = false;
  for (int attempt = 0; attempt < 40 && !definite; ++attempt, shift *= 4.0) definite = H.factor(shift);
  for (int step = 0; definite && step < 6; ++step) {
    const Vector next = H.solve(u).normalized();
    if (!next.allFinite()) break;
    const double bends = next.dot(H.scaled().multiply(next));
    if (!(bends < curvature)) break;
    u = next;
    curvature = bends;
  }
  return curvature < -tolerance ? u : Vector();
}

/// The signs by Cholesky factors of the equilibrated Hessian shifted by the tolerance, down and up; the ends
/// of the spectrum by Lanczos' method.
Signs classify_by_factors(EquilibratedHessian& factors, double hessian_error, CriticalPoint& point) {
  const linalg::Symmetric& H = factors.hessian();
  const linalg::Symmetric& S = factors.scaled();
  const Vector& d = factors.scaling();
  const Index n = H.size();
  const double relative = relative_tolerance(hessian_error, n);
  const double size = linalg::eigenvalue_bound(S);
  point.tolerance = relative * size;
  if (size == 0.0) {
    point.kind = CriticalKind::Degenerate;
    point.nullity = n;
    point.direction = Vector::Unit(n, 0);
    return Signs::Zero;
  }
  if (!std::isfinite(size)) {
    point.reason = "the entries of the Hessian underflow";
    return Signs::Open;
  }
  const bool is_positive = relative <= hopeless_error && factors.exceeds(point.tolerance);
  // The lowest end of a positive spectrum is found more sharply by the factors.
  const linalg::Extremes ends = linalg::lanczos(
      n, [&](const Vector& v, Vector& product) { H.multiply(v, product); }, sharp,
      is_positive ? linalg::Ends::Highest : linalg::Ends::Both);
  point.lambda_min = ends.lowest.value;
  point.lambda_max = ends.highest.value;
  point.error_bound = std::max(ends.lowest.residual, ends.highest.residual) +
                      relative * std::max(std::abs(point.lambda_min), std::abs(point.lambda_max));
  if (is_hopeless(relative, point)) return Signs::Open;

  const auto set_direction = [&](const Vector& u) {
    point.direction = d.cwiseProduct(u).normalized();
    point.lambda_min = std::min(point.lambda_min, point.direction.dot(H.multiply(point.direction)));
  };
  if (is_positive) {
    linalg::EigenPair lowest = factors.lowest_pair();
    point.kind = CriticalKind::Minimum;
    point.lambda_min = lowest.value;
    point.error_bound = std::max(ends.highest.residual, lowest.residual) + relative * point.lambda_max;
    point.direction = std::move(lowest.vector);
    return Signs::Positive;
  }
  if (factors.factor(point.tolerance)) {
    const linalg::Extremes inverse = linalg::lanczos(
        n,
        [&](const Vector& v, Vector& product) {
          product = v;
          factors.solve_in_place(product);
        },
        sharp, linalg::Ends::Highest, linalg::Vectors::Wanted);
    point.kind = CriticalKind::Degenerate;
    point.nullity = 1;
    set_direction(inverse.highest.vector);
    return Signs::Zero;
  }
  const linalg::EigenPair lowest = linalg::lanczos(
                                       n, [&](const Vector& v, Vector& product) { S.multiply(v, product); },
                                       rough, linalg::Ends::Both, linalg::Vectors::Wanted)
                                       .lowest;
  const Vector u = negative_direction(factors, lowest, point.tolerance);
  if (u.size() == 0) {
    point.reason =
        "no factorization shows the Hessian to be semidefinite, and no direction of negative "
        "curvature was found";
    return Signs::Open;
  }
  point.kind = CriticalKind::Saddle;
  point.index = 1;
  point.index_is_bound = true;
  set_direction(u);
  return Signs::Negative;
}

}  // namespace

std::string Bend::describe() const {
  const std::string numbers =
      "slope " + text::number(slope) + ", curvature " + text::number(curvature) + ": ";
  if (slope == 0.0 && curvature == 0.0) return numbers + "flat to second order";
  if (curvature == 0.0) return numbers + "no bend, a step gains what the slope promises";
  if (curvature < 0.0) return numbers + "bends down, a step gains more than the slope promises";
  return numbers + "bends up, the best step is " + text::number(step) +
         " and gains half of what the slope promises";
}

Bend CurvatureAnalyzer::along(const Vector& d) const {
  Bend bend{.slope = model_.slope(d), .curvature = model_.curvature(d)};
  if (bend.curvature > 0.0) {
    bend.step = -bend.slope / bend.curvature;
  } else if (bend.slope != 0.0 || bend.curvature < 0.0) {
    bend.step = std::copysign(std::numeric_limits<double>::infinity(), -bend.slope);
  }
  return bend;
}

Vector CurvatureAnalyzer::eigenvalues() const { return linalg::symmetric_eigenvalues(dense_hessian(model_)); }

CriticalPoint classify(const LocalModel& model, EquilibratedHessian& H, double hessian_error) {
  CriticalPoint point{.gradient_norm = linalg::norm(model.gradient)};
  if (!H.hessian().is_finite()) {
    point.reason = "the Hessian is not finite";
    return point;
  }
  if (model.size() <= linalg::largest_decomposed) {
    const auto classify_dense = [&](const Matrix& full) {
      if (!classify_minimum(full, H, hessian_error, point))
        classify_by_eigenvalues(full, H.scaling(), hessian_error, point);
    };
    model.is_sparse() ? classify_dense(model.full_hessian()) : classify_dense(model.hessian);
    return point;
  }
  const Signs signs = classify_by_factors(H, hessian_error, point);
  const bool unseen = signs == Signs::Open && point.tolerance > 0.0 && std::isfinite(point.tolerance);
  if ((signs == Signs::Negative || unseen) && model.size() <= largest_counted) {
    point.reason.clear();
    classify_by_eigenvalues(model.full_hessian(), H.scaling(), hessian_error, point);
  }
  return point;
}

void count_signs(const EquilibratedHessian& H, CriticalPoint& point) {
  if (!point.has_negative_curvature() || !point.index_is_bound || !(point.tolerance > 0.0)) return;
  const auto signs = linalg::inertia(H.scaled(), point.tolerance);
  if (!signs || signs->negative == 0) return;
  point.index = signs->negative;
  point.nullity = signs->zero;
  point.index_is_bound = false;
  if (point.index == H.size()) point.kind = CriticalKind::Maximum;
}

CriticalPoint CurvatureAnalyzer::classify(double hessian_error) const {
  require_hessian(model_);
  EquilibratedHessian H(model_);
  CriticalPoint point = quadric::classify(model_, H, hessian_error);
  count_signs(H, point);
  return point;
}

std::optional<Vector> CurvatureAnalyzer::newton_step() const {
  require_hessian(model_);
  return EquilibratedHessian(model_).newton_step(model_.gradient);
}

LocalModel local_model(const Objective& f, const Point& x) {
  require_point(x, "the point of the local model");
  LocalModel model;
  model.form = Curvature::Hessian;
  model.x = x;
  model.objective = &f;
  model.fill_hessian();
  model.objective = nullptr;  // which may not live as long as the model
  return model;
}

CriticalPoint classify(const Objective& f, const Point& x, double tolerance) {
  const LocalModel model = local_model(f, x);
  const CurvatureAnalyzer analyzer(model);
  CriticalPoint point = analyzer.classify(f.hessian_error(x));
  const Vector size = model.x.cwiseAbs().cwiseMax(1.0);
  const Vector scale = model.multiply_magnitudes(size);
  if (!(model.gradient.cwiseAbs().array() <= tolerance * scale.array()).all()) {
    point.kind = CriticalKind::NotCritical;
  } else if (point.kind == CriticalKind::Degenerate) {
    const NearbyEvaluations nearby{
        .value =
            [&](const Vector& y, double& value) {
              value = f.value(y);
              return std::isfinite(value);
            },
        .gradient = [&](const Vector& y,
                        Vector& g) { return std::isfinite(f.gradient(y, g)) && g.allFinite(); },
        .hessian =
            [&](const Vector& y, Vector& g, Matrix& H) {
              return std::isfinite(f.hessian(y, g, H)) && g.allFinite() && H.allFinite();
            }};
    apply(look_at_higher_orders(nearby, model, size), point);
  }
  return point;
}

Bend curvature_along(const Objective& f, const Point& x, const Point& direction) {
  require_point(direction, "the direction");
  if (direction.size() != x.size()) {
    misuse("the direction has " + std::to_string(direction.size()) + " entries, but the point has " +
           std::to_string(x.size()));
  }
  if (direction.vector().isZero(0.0)) misuse("the direction is zero");
  return CurvatureAnalyzer(local_model(f, x)).along(direction);
}

}  // namespace quadric
