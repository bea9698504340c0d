#include "quadric/curvature/analyzer.hpp"

#include <cmath>
#include <limits>

#include <Eigen/Cholesky>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/problem.hpp"

#include "base/text.hpp"
#include "linalg/symmetric_spectrum.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Beyond this relative error of the Hessian, zero curvature can not be told from negative curvature.
constexpr double hopeless_error = 1e-2;

const Matrix& dense_hessian(const LocalModel& model) {
  if (model.form != Curvature::Hessian) misuse("the eigenvalues need a local model with a Hessian");
  return model.hessian;
}

/// Sets kind, index, nullity and direction from the inertia of the equilibrated Hessian.
void read_inertia(const linalg::Spectrum& scaled, const Vector& scaling, CriticalPoint& point) {
  const Index n = scaled.values.size();
  const double zero = point.tolerance;
  const Index positive = (scaled.values.array() > zero).count();
  point.index = (scaled.values.array() < -zero).count();
  point.nullity = n - positive - point.index;
  point.direction = (scaling.asDiagonal() * scaled.vectors.col(0)).normalized();
  if (point.index == n) {
    point.kind = CriticalKind::Maximum;
  } else if (point.index > 0) {
    point.kind = CriticalKind::Saddle;
  } else {
    point.kind = point.nullity > 0 ? CriticalKind::Degenerate : CriticalKind::Minimum;
  }
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

CriticalPoint CurvatureAnalyzer::classify(double hessian_error) const {
  const Matrix& H = dense_hessian(model_);
  CriticalPoint point{.gradient_norm = model_.gradient.stableNorm()};
  if (!H.allFinite()) {
    point.reason = "the Hessian is not finite";
    return point;
  }
  const Vector scaling = linalg::equilibrate(H);
  const linalg::Spectrum scaled = linalg::symmetric_spectrum(scaling.asDiagonal() * H * scaling.asDiagonal());
  const double size = scaled.values.cwiseAbs().maxCoeff();
  const double relative = hessian_error + 4.0 * epsilon * static_cast<double>(H.rows());
  point.tolerance = relative * size;

  const Vector eigenvalues = linalg::symmetric_eigenvalues(H);
  point.lambda_min = eigenvalues[0];
  point.lambda_max = eigenvalues[eigenvalues.size() - 1];
  point.error_bound = relative * eigenvalues.cwiseAbs().maxCoeff();
  if (relative > hopeless_error) {
    point.reason = "the second derivatives carry a relative error of " + text::number(relative, 2);
    return point;
  }
  read_inertia(scaled, scaling, point);
  if (point.is_minimum() && point.lambda_min < 1e-8 * point.lambda_max) {
    point.lambda_min = linalg::smallest_of_positive_definite(H, scaling);
  }
  return point;
}

std::optional<Vector> CurvatureAnalyzer::newton_step() const {
  const Matrix& H = dense_hessian(model_);
  const Vector d = linalg::equilibrate(H);
  const Eigen::LLT<Matrix> factor(Matrix(d.asDiagonal() * H * d.asDiagonal()));
  if (factor.info() != Eigen::Success) return std::nullopt;
  Vector step = -(d.asDiagonal() * factor.solve(Vector(d.asDiagonal() * model_.gradient)));
  if (!step.allFinite()) return std::nullopt;
  return step;
}

LocalModel local_model(const Objective& f, const Point& x) {
  require_point(x, "the point of the local model");
  LocalModel model;
  model.form = Curvature::Hessian;
  model.x = x;
  model.value = f.hessian(x, model.gradient, model.hessian);
  return model;
}

CriticalPoint classify(const Objective& f, const Point& x, double tolerance) {
  const LocalModel model = local_model(f, x);
  CriticalPoint point = CurvatureAnalyzer(model).classify(f.hessian_error(x));
  const Vector scale = model.hessian.cwiseAbs() * model.x.cwiseAbs().cwiseMax(1.0);
  if ((model.gradient.cwiseAbs().array() <= tolerance * scale.array()).all()) return point;
  point.kind = CriticalKind::NotCritical;
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
