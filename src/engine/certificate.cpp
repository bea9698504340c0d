#include "engine/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "quadric/curvature/analyzer.hpp"

#include "base/text.hpp"
#include "curvature/higher_orders.hpp"
#include "curvature/product_curvature.hpp"
#include "curvature/symmetric_hessian.hpp"
#include "engine/typical_size.hpp"
#include "linalg/lanczos.hpp"
#include "linalg/shifted_cholesky.hpp"

namespace quadric {

namespace {

/// The lowest curvature of a minimum must keep this share over twice the distance to the bottom of its
/// quadric.
constexpr double lasting_share = 0.5;

/// How far a minimum that was confirmed nearby says that curvature lasts around x.
double radius_from(const Certificate* nearby, const Vector& x) {
  return nearby ? nearby->confirmed_radius - (x - nearby->model.x).stableNorm() : 0.0;
}

/// What higher derivatives say along the directions where the curvature vanishes.
void look_further(Evaluator& evaluator, const Vector& typical, Certificate& certificate) {
  const LocalModel& here = certificate.model;
  LocalModel there;
  const NearbyEvaluations nearby{
      .value = [&](const Vector& x, double& value) { return evaluator.value(x, value); },
      .gradient =
          [&](const Vector& x, Vector& g) {
            if (!evaluator.model(x, Curvature::Gradient, there)) return false;
            g = there.gradient;
            return true;
          },
      .hessian =
          [&](const Vector& x, Vector& g, Matrix& H) {
            if (!evaluator.model(x, Curvature::Hessian, there)) return false;
            g = there.gradient;
            H = there.full_hessian();
            return true;
          }};
  const HigherOrders seen = look_at_higher_orders(nearby, here, size_of_each(typical));
  apply(seen, certificate.point);
  if (seen.verdict == HigherOrders::Verdict::Falls) certificate.step_down = seen.step;
}

void confirm_minimum(Evaluator& evaluator, const Certificate* nearby, Certificate& certificate) {
  const LocalModel& here = certificate.model;
  const double far = 2.0 * certificate.newton_step->stableNorm();
  certificate.confirmed_radius = std::max(0.0, radius_from(nearby, here.x));
  if (far <= certificate.confirmed_radius) return;
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
  if (cholesky.factor(-lasting_share * lowest)) {
    certificate.confirmed_radius = far;
    return;
  }
  certificate.point.kind = CriticalKind::Degenerate;
  certificate.point.nullity = 1;
  certificate.point.reason = "the lowest curvature fades over the distance " +
                             text::number(certificate.newton_step->norm()) +
                             " that is left to the critical point";
}

Certificate certificate_of(Evaluator& evaluator, LocalModel model, const Vector& typical,
                           const Stopping& stop, const Certificate* nearby) {
  Certificate certificate;
  certificate.model = std::move(model);
  certificate.small_gradient =
      gradient_is_small(certificate.model.gradient, gradient_scale(certificate.model, typical), stop);
  double error = 0.0;
  if (!evaluator.hessian_error(certificate.model.x, error)) {
    certificate.point.reason = evaluator.failure();
    return certificate;
  }
  const CurvatureAnalyzer analyzer(certificate.model);
  certificate.point = analyzer.classify(std::max(error, evaluator.asymmetry()));
  if (!certificate.point.has_negative_curvature()) certificate.newton_step = analyzer.newton_step();
  if (certificate.point.is_minimum() && certificate.newton_step)
    confirm_minimum(evaluator, nearby, certificate);
  if (certificate.point.kind == CriticalKind::Degenerate && certificate.small_gradient)
    look_further(evaluator, typical, certificate);
  return certificate;
}

/// Up to this many variables a full Hessian is evaluated and factored.
constexpr Index largest_full = 2000;

/// The same by products alone.
Certificate certificate_by_products(Evaluator& evaluator, LocalModel model, const Vector& typical,
                                    const Stopping& stop, const Certificate* nearby) {
  Certificate certificate;
  certificate.model = std::move(model);
  const LocalModel& here = certificate.model;
  CriticalPoint& point = certificate.point;
  certificate.small_gradient = gradient_is_small(here.gradient, gradient_scale(here, typical), stop);
  point = classify_by_products(here, evaluator.problem().objective().provider().second_error);
  if (point.has_negative_curvature()) return certificate;
  certificate.newton_step = newton_step_by_products(here);
  if (!point.is_minimum() || !certificate.newton_step) return certificate;
  const double far = 2.0 * certificate.newton_step->stableNorm();
  certificate.confirmed_radius = std::max(0.0, radius_from(nearby, here.x));
  const Vector beyond = here.x + 2.0 * *certificate.newton_step;
  if (far <= certificate.confirmed_radius || beyond == here.x) return certificate;
  LocalModel there;
  if (!evaluator.model(beyond, Curvature::Product, there)) return certificate;
  if (stays_above_by_products(there, lasting_share * point.lambda_min, point.doubt)) {
    certificate.confirmed_radius = far;
    return certificate;
  }
  point.kind = CriticalKind::Undecided;
  point.reason = "products do not show that the lowest curvature lasts over the distance " +
                 text::number(certificate.newton_step->norm()) + " that is left to the critical point";
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

Certificate certify(Evaluator& evaluator, const LocalModel& here, const Vector& typical, const Stopping& stop,
                    const Certificate* nearby) {
  if (here.form == Curvature::Hessian) return certificate_of(evaluator, here, typical, stop, nearby);
  LocalModel model;
  if (here.x.size() > largest_full && evaluator.has_full_hessian(here.x)) {
    if (here.form == Curvature::Product)
      return certificate_by_products(evaluator, here, typical, stop, nearby);
    if (evaluator.model(here.x, Curvature::Product, model))
      return certificate_by_products(evaluator, std::move(model), typical, stop, nearby);
  } else if (evaluator.model(here.x, Curvature::Hessian, model)) {
    return certificate_of(evaluator, std::move(model), typical, stop, nearby);
  }
  Certificate certificate;
  certificate.point.reason = evaluator.failure();
  return certificate;
}

Certificate certify(Evaluator& evaluator, const Vector& x, const Vector& typical, const Stopping& stop) {
  LocalModel here;
  here.form = Curvature::Gradient;
  here.x = x;
  return certify(evaluator, here, typical, stop);
}

}  // namespace quadric
