#include "engine/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "quadric/curvature/analyzer.hpp"

#include "base/text.hpp"
#include "curvature/symmetric_hessian.hpp"
#include "linalg/lanczos.hpp"
#include "linalg/shifted_cholesky.hpp"

namespace quadric {

namespace {

/// The lowest curvature of a minimum must keep this share over twice the distance to the bottom of its
/// quadric.
constexpr double lasting_share = 0.5;

void confirm_minimum(Evaluator& evaluator, Certificate& certificate) {
  const LocalModel& here = certificate.model;
  const Vector beyond = here.x + 2.0 * *certificate.newton_step;
  if (beyond == here.x) return;
  LocalModel there;
  if (!evaluator.model(beyond, Curvature::Hessian, there)) return;
  linalg::Symmetric before = symmetric_hessian(here), after = symmetric_hessian(there);
  const Vector d = linalg::equilibrate(before);
  before.scale(d);
  after.scale(d);
  linalg::ShiftedCholesky cholesky;
  cholesky.reset(before);
  if (!cholesky.factor(0.0)) return;
  const double lowest =
      1.0 / linalg::lanczos(
                here.size(), [&](const Vector& v) { return cholesky.solve(v); }, 1e-2, linalg::Ends::Highest)
                .highest.value;
  cholesky.reset(after);
  if (cholesky.factor(-lasting_share * lowest)) return;
  certificate.point.kind = CriticalKind::Degenerate;
  certificate.point.nullity = 1;
  certificate.point.reason = "the lowest curvature fades over the distance " +
                             text::number(certificate.newton_step->norm()) +
                             " that is left to the critical point";
}

Certificate certificate_of(Evaluator& evaluator, LocalModel model, const Vector& typical,
                           const Stopping& stop) {
  Certificate certificate;
  certificate.model = std::move(model);
  const CurvatureAnalyzer analyzer(certificate.model);
  certificate.point = analyzer.classify(
      std::max(evaluator.problem().objective().hessian_error(certificate.model.x), evaluator.asymmetry()));
  certificate.small_gradient =
      gradient_is_small(certificate.model.gradient, gradient_scale(certificate.model, typical), stop);
  if (!certificate.point.has_negative_curvature()) certificate.newton_step = analyzer.newton_step();
  if (certificate.point.is_minimum() && certificate.newton_step) confirm_minimum(evaluator, certificate);
  return certificate;
}

}  // namespace

Vector gradient_scale(const LocalModel& model, const Vector& typical) {
  if (model.form == Curvature::Gradient)
    return Vector::Constant(model.size(), model.stretch * typical.norm());
  if (model.form != Curvature::Product) return model.multiply_magnitudes(typical);
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

Certificate certify(Evaluator& evaluator, const LocalModel& here, const Vector& typical,
                    const Stopping& stop) {
  if (here.form != Curvature::Hessian) return certify(evaluator, here.x, typical, stop);
  return certificate_of(evaluator, here, typical, stop);
}

Certificate certify(Evaluator& evaluator, const Vector& x, const Vector& typical, const Stopping& stop) {
  LocalModel model;
  if (evaluator.model(x, Curvature::Hessian, model))
    return certificate_of(evaluator, std::move(model), typical, stop);
  Certificate certificate;
  certificate.point.reason = evaluator.failure();
  return certificate;
}

}  // namespace quadric
