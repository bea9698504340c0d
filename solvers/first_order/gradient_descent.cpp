#include "quadric/solvers/gradient_descent.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/assemble.hpp"
#include "solvers/first_order/barzilai_borwein.hpp"

namespace quadric {

namespace {

/// A step without curvature to measure it by grows by this factor over the last one.
constexpr double growth = 2.0;
/// Values that a step of Barzilai & Borwein's length is measured against (Raydan 1997, section 4).
constexpr Index raydan_memory = 10;
/// Curvature along the gradient below this share of the Hessian's size there counts as zero.
constexpr double flat = 1e-12;

/// B = (1/α) I, with 1/α the curvature along the gradient.
class GradientDirection final : public Direction {
 public:
  std::string_view name() const override { return "gradient-descent"; }
  Curvature needs() const override { return Curvature::Product; }
  void restart() override { previous_.resize(0); }

  void prepare(const LocalModel& model) override {
    last_step_ = previous_.size() > 0 ? (model.x - previous_).norm() : 0.0;
    previous_ = model.x;
    squared_norm_ = model.gradient.squaredNorm();
    curvature_ = model.gradient.dot(model.gradient_product);
  }

  void unrestricted(const LocalModel& model, Proposal& proposal) override {
    propose(model, length(model), proposal);
  }

  void within(const LocalModel& model, double radius, Proposal& proposal) override {
    const double full = length(model);
    propose(model, bends_up(model) ? std::min(full, radius) : radius, proposal);
    if (radius < full) proposal.restricted = true;
  }

  double first_radius(const LocalModel& model) const override { return length(model); }
  void remember(Memory& memory) override { memory.item("previous", previous_); }

 private:
  bool bends_up(const LocalModel& model) const {
    return curvature_ > flat * std::sqrt(squared_norm_) * model.gradient_product.norm();
  }

  /// ‖p‖ of the step to the bottom of the quadric along −g, or twice the last step where there is none.
  double length(const LocalModel& model) const {
    if (bends_up(model)) return squared_norm_ / curvature_ * std::sqrt(squared_norm_);
    if (last_step_ > 0.0) return growth * last_step_;
    const double size = model.x.norm();
    return size > 0.0 ? size : 1.0;
  }

  void propose(const LocalModel& model, double step_length, Proposal& proposal) const {
    const double t = step_length / std::sqrt(squared_norm_);
    proposal.step = -t * model.gradient;
    proposal.predicted = -t * squared_norm_ + 0.5 * t * t * curvature_;
    proposal.restricted = !bends_up(model);
    if (proposal.restricted && last_step_ > 0.0) proposal.events.add(Event::LongStep);
  }

  double squared_norm_ = 0.0;
  double curvature_ = 0.0;  ///< gᵀH g
  Vector previous_;
  double last_step_ = 0.0;  ///< ‖p‖ of the step accepted last, 0 at the start
};

}  // namespace

std::shared_ptr<const Method> method(const GradientDescent& options) {
  if (options.length == DescentLength::BarzilaiBorwein) {
    return assemble("gradient-descent-bb", barzilai_borwein,
                    options.step.value_or(LineSearch{.memory = raydan_memory}), options.stop,
                    options.at_saddle);
  }
  return assemble(
      "gradient-descent", [] { return std::make_unique<GradientDirection>(); },
      options.step.value_or(LineSearch{}), options.stop, options.at_saddle);
}

}  // namespace quadric
