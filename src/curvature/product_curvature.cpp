#include "curvature/product_curvature.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "linalg/krylov_quadratic.hpp"
#include "linalg/lanczos.hpp"

namespace quadric {

namespace {

/// The probability of an eigenvalue that was missed is to be no more than this.
constexpr double most_doubt = 1e-10;
/// Enough for condition numbers up to some thousands: about 15 products for each unit of its square root.
constexpr Index most_products = 1000;
/// What counts as zero beside the largest curvature: a product's own rounding, which grows with n.
constexpr double rounding = 1e-12;
/// The relative residual of the step to the bottom.
constexpr double step_residual = 1e-4;

linalg::LowestProbe probe(const LocalModel& model, double zero, double floor) {
  return linalg::probe_lowest(
      model.size(), [&](const Vector& v) { return model.multiply(v); },
      {.zero = zero, .floor = floor, .aim = most_doubt, .most_products = most_products});
}

}  // namespace

CriticalPoint classify_by_products(const LocalModel& model, double hessian_error) {
  CriticalPoint point{.gradient_norm = model.gradient.stableNorm()};
  const double relative = hessian_error + rounding;
  const linalg::LowestProbe ends = probe(model, relative, 0.0);
  if (ends.failed) {
    point.reason = "a Hessian-vector product could not be had";
    return point;
  }
  const double size = std::max(std::abs(ends.lowest), std::abs(ends.highest));
  point.lambda_min = ends.lowest;
  point.lambda_max = ends.highest;
  point.error_bound = ends.error + relative * size;
  point.tolerance = relative * size;
  if (ends.doubt <= most_doubt) {
    point.kind = CriticalKind::Minimum;
    point.doubt = ends.doubt;
    return point;
  }
  if (ends.vector.size() > 0) {
    const double curvature = model.curvature(ends.vector);
    if (curvature < -point.tolerance) {
      point.kind = CriticalKind::Saddle;
      point.index = 1;
      point.index_is_bound = true;
      point.direction = ends.vector;
      point.lambda_min = curvature;
      return point;
    }
  }
  point.reason = "the Hessian is known by products only, the lowest curvature that they showed is " +
                 text::number(ends.lowest) + ", the highest " + text::number(ends.highest) +
                 ", and a negative one may have been missed";
  return point;
}

bool stays_above_by_products(const LocalModel& model, double floor, double& doubt) {
  const linalg::LowestProbe ends = probe(model, rounding, floor);
  doubt += ends.doubt;
  return !ends.failed && ends.doubt <= most_doubt;
}

std::optional<Vector> newton_step_by_products(const LocalModel& model) {
  if (model.gradient.isZero(0.0)) return Vector::Zero(model.size());
  linalg::KrylovQuadratic quadratic;
  quadratic.reset([&](const Vector& v) { return model.multiply(v); }, model.gradient,
                  {.tolerance = step_residual, .most_products = most_products, .most_vectors = 1},
                  model.gradient_product);
  const auto bottom = quadratic.descent();
  if (quadratic.bends_down() || quadratic.failed() || quadratic.size() >= most_products) return std::nullopt;
  return bottom.step;
}

}  // namespace quadric
