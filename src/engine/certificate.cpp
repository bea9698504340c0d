#include "engine/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "quadric/curvature/analyzer.hpp"

#include "base/text.hpp"
#include "linalg/symmetric_spectrum.hpp"

namespace quadric {

namespace {

/// The lowest curvature of a minimum must keep this share over twice the distance to the bottom of its
/// quadric.
constexpr double lasting_share = 0.5;

void confirm_minimum(Evaluator& evaluator, Certificate& certificate) {
  const LocalModel& here = certificate.model;
  const Vector d = linalg::equilibrate(here.hessian);
  const Matrix scaled = d.asDiagonal() * here.hessian * d.asDiagonal();
  const Vector beyond = here.x + 2.0 * *certificate.newton_step;
  if (beyond == here.x) return;
  LocalModel there;
  if (!evaluator.model(beyond, Curvature::Hessian, there)) return;
  const double before = linalg::symmetric_eigenvalues(scaled)[0];
  const double after = linalg::symmetric_eigenvalues(d.asDiagonal() * there.hessian * d.asDiagonal())[0];
  if (after >= lasting_share * before) return;
  certificate.point.kind = CriticalKind::Degenerate;
  certificate.point.nullity = 1;
  certificate.point.reason = "the lowest curvature fades over the distance " +
                             text::number(certificate.newton_step->norm()) +
                             " that is left to the critical point";
}

}  // namespace

Vector gradient_scale(const LocalModel& model, const Vector& typical) {
  switch (model.form) {
    case Curvature::Hessian:
      return model.hessian.cwiseAbs() * typical;
    case Curvature::GaussNewton:
      return model.jacobian.cwiseAbs().transpose() * (model.jacobian.cwiseAbs() * typical);
    case Curvature::Product:
      break;
  }
  const double length = model.gradient.stableNorm();
  const double stretch = length > 0.0 ? model.gradient_product.stableNorm() / length : 0.0;
  return Vector::Constant(model.size(), stretch * typical.norm());
}

double largest_ratio(const Vector& v, const Vector& scale) {
  double largest = 0.0;
  for (Index j = 0; j < v.size(); ++j) {
    if (v[j] != 0.0) largest = std::max(largest, std::abs(v[j]) / scale[j]);
  }
  return largest;
}

bool gradient_is_small(const Vector& gradient, const Vector& scale, const Stopping& stop) {
  return largest_ratio(gradient, scale) <= stop.gradient_tolerance ||
         gradient.cwiseAbs().maxCoeff() <= stop.gradient_norm;
}

double Certificate::decrement() const {
  if (!newton_step) return std::numeric_limits<double>::infinity();
  return -0.5 * model.slope(*newton_step);
}

double Certificate::distance(const Vector& typical) const {
  if (!newton_step) return std::numeric_limits<double>::infinity();
  return largest_ratio(*newton_step, typical);
}

Certificate certify(Evaluator& evaluator, const Vector& x, const Vector& typical, const Stopping& stop) {
  Certificate certificate;
  if (!evaluator.model(x, Curvature::Hessian, certificate.model)) {
    certificate.point.reason = evaluator.failure();
    return certificate;
  }
  const CurvatureAnalyzer analyzer(certificate.model);
  certificate.point =
      analyzer.classify(std::max(evaluator.problem().objective().hessian_error(x), evaluator.asymmetry()));
  certificate.small_gradient =
      gradient_is_small(certificate.model.gradient, gradient_scale(certificate.model, typical), stop);
  if (!certificate.point.has_negative_curvature()) certificate.newton_step = analyzer.newton_step();
  if (certificate.point.is_minimum() && certificate.newton_step) confirm_minimum(evaluator, certificate);
  return certificate;
}

}  // namespace quadric
