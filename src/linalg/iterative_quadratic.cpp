#include "linalg/iterative_quadratic.hpp"

#include <cmath>
#include <utility>

namespace quadric::linalg {

namespace {

/// The share of g that may be left of the residual.
constexpr double left = 1e-4;
constexpr Index most_products = 2000;
/// A damping under which B still bends down is raised by this factor.
constexpr double raised = 4.0;

}  // namespace

void IterativeQuadratic::reset(Symmetric B, const Vector& g) {
  B_ = std::move(B);
  g_ = g;
  if (g_.isZero(0.0)) return;
  space_.reset([this](const Vector& v) { return B_.multiply(v); }, g,
               {.tolerance = left, .most_products = most_products});
}

bool IterativeQuadratic::positive_definite() {
  if (g_.isZero(0.0)) return true;
  space_.descent();
  return !space_.bends_down();
}

IterativeQuadratic::Minimizer IterativeQuadratic::within(double radius) {
  if (g_.isZero(0.0)) return {.step = Vector::Zero(g_.size())};
  auto minimizer = space_.within(radius);
  return {.step = std::move(minimizer.step), .shift = minimizer.shift, .at_boundary = minimizer.at_boundary};
}

Vector IterativeQuadratic::descent() {
  if (g_.isZero(0.0)) return Vector::Zero(g_.size());
  return space_.descent().step;
}

Vector IterativeQuadratic::damped(double damping) {
  if (g_.isZero(0.0)) return Vector::Zero(g_.size());
  for (double shift = damping;; shift *= raised) {
    KrylovQuadratic shifted;
    shifted.reset([this, shift](const Vector& v) -> Vector { return B_.multiply(v) + shift * v; }, g_,
                  {.tolerance = left, .most_products = most_products});
    Vector step = shifted.descent().step;
    if (!shifted.bends_down() || !std::isfinite(raised * shift)) return step;
  }
}

}  // namespace quadric::linalg
