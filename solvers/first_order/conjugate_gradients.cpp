#include "quadric/solvers/conjugate_gradients.hpp"

#include <algorithm>
#include <utility>

#include "solvers/assemble.hpp"
#include "solvers/first_order/secant_direction.hpp"

namespace quadric {

namespace {

/// β is at least this share of what would take the new direction off the last one (Hager & Zhang 2013, eq.
/// 8).
constexpr double least_share = 0.4;

/// A step that leaves more of its slope than this was cut, as by a region where f is not finite: the next one
/// starts anew, or it would run into the same wall.
constexpr double most_slope_left = 0.9;

/// p = τ (−g + β d), with the last step s for d, to which β is then the share.
class ConjugateDirection final : public SecantDirection {
 public:
  std::string_view name() const override { return "conjugate-gradients"; }

 private:
  void choose(const LocalModel& model) override {
    if (!bends_up()) return steepest(model);
    const Vector &s = last_step(), &y = gradient_change(), &g = model.gradient;
    const double sy = s.dot(y), sg = s.dot(g);
    if (sg < most_slope_left * (sg - sy)) return steepest(model);
    const double beta = (y.dot(g) - 2.0 * sg * (y.squaredNorm() / sy)) / sy;
    Vector step = std::max(beta, least_share * sg / s.squaredNorm()) * s - g;
    const double slope = model.slope(step);
    if (!(slope < 0.0)) return steepest(model);
    // As long as if f had along it the curvature that it has along the last step.
    step *= -slope / (step.squaredNorm() * (sy / s.squaredNorm()));
    set_step(model, std::move(step));
  }
};

}  // namespace

std::shared_ptr<const Method> method(const ConjugateGradients& options) {
  return assemble(
      "conjugate-gradients", [] { return std::make_unique<ConjugateDirection>(); }, options.step,
      options.stop, options.at_saddle);
}

}  // namespace quadric
