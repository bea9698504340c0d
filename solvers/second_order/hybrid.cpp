#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "solvers/bounded_direction.hpp"
#include "solvers/second_order/directions.hpp"

namespace quadric {

namespace {

/// JᵀJ predicted the change of f badly when it erred by this share of what it predicted: near a minimum,
/// where that is the share of the curvature along the step that JᵀJ misses, Gauss-Newton's error shrinks by
/// about as much a step.
constexpr double badly = 0.25;
/// The exact quadric would have done better when its error is smaller by this factor (Dennis, Gay & Welsch,
/// ACM TOMS 7, 1981).
constexpr double better = 1.5;
/// A step speaks for ∇²f where both hold, else against it. With so many more for than against, steps go on by
/// ∇²f; twice as many each time that it then fails.
constexpr Index enough = 4;
/// ∇²f fails where so many of its steps in a row are rejected, as it does far from a minimum.
constexpr Index most_rejected = 2;
/// What is below this share of f says nothing of the quadric.
constexpr double measurable = 1e-10;

/// Lets a part of this part remember under names of its own.
void remember_as(const std::string& prefix, Direction& part, Memory& memory) {
  if (!memory.reading()) {
    Memory own;
    part.remember(own);
    for (const auto& [name, value] : own.items()) {
      const std::string full = prefix + name;
      std::visit([&](auto copy) { memory.item(full, copy); }, value);
    }
    return;
  }
  Memory::Items items;
  for (const auto& [name, value] : memory.items())
    if (name.starts_with(prefix)) items.emplace_back(name.substr(prefix.size()), value);
  Memory own(std::move(items), "the checkpoint's " + prefix);
  part.remember(own);
}

/// By JᵀJ where it is about right, by ∇²f where residuals are large and bend.
///
/// f changes along a step p by gᵀp + ½‖Jp‖² + ½ pᵀSp to second order, S = Σ rᵢ ∇²rᵢ. Gauss-Newton leaves out
/// the last term, which the next Jacobian shows without a second derivative: Sp = ΔJᵀr.
class HybridDirection final : public Direction {
 public:
  /// `is_predicted`: what Gauss-Newton predicts is what JᵀJ says of the whole step.
  HybridDirection(std::unique_ptr<Direction> gauss_newton, std::unique_ptr<Direction> newton,
                  bool is_predicted)
      : gauss_newton_(std::move(gauss_newton)), newton_(std::move(newton)), is_predicted_(is_predicted) {}

  std::string_view name() const override { return "gauss-newton-hybrid"; }
  Curvature needs() const override {
    return balance_ >= enough_ ? Curvature::Hessian : Curvature::GaussNewton;
  }
  bool exact() const override { return by_hessian_; }
  double norm(const Vector& p) const override { return active().norm(p); }
  double first_radius(const LocalModel& model) const override { return active().first_radius(model); }
  double lambda_min() const override { return active().lambda_min(); }

  void restart() override {
    gauss_newton_->restart();
    newton_->restart();
    balance_ = rejected_ = 0;
    enough_ = enough;
    last_ = {};
  }

  void prepare(const LocalModel& model) override {
    const bool by_hessian = model.form == Curvature::Hessian;
    changed_ = by_hessian != by_hessian_;
    by_hessian_ = by_hessian;
    if (!by_hessian) {
      weigh(model);
    } else if (rejected_ >= most_rejected) {
      balance_ = 0;
      enough_ *= 2;
      last_ = {};
    }
    rejected_ = 0;
    active().prepare(model);
  }

  void unrestricted(const LocalModel& model, Proposal& proposal) override {
    active().unrestricted(model, proposal);
    proposed(model, proposal);
  }
  void within(const LocalModel& model, double radius, Proposal& proposal) override {
    active().within(model, radius, proposal);
    proposed(model, proposal);
  }
  bool damped(const LocalModel& model, double damping, Proposal& proposal) override {
    if (!active().damped(model, damping, proposal)) return false;
    proposed(model, proposal);
    return true;
  }

  void rejected() override { ++rejected_; }

  void remember(Memory& memory) override {
    memory.item("by_hessian", by_hessian_);
    memory.item("balance", balance_);
    memory.item("enough", enough_);
    memory.item("rejected", rejected_);
    memory.item("last_x", last_.x);
    memory.item("last_step", last_.step);
    memory.item("last_curvature", last_.curvature);
    memory.item("last_residuals", last_.residuals);
    memory.item("last_value", last_.value);
    memory.item("last_slope", last_.slope);
    memory.item("error_of_gauss_newton", error_);
    remember_as("gauss_newton.", *gauss_newton_, memory);
    remember_as("newton.", *newton_, memory);
  }

 private:
  /// A step of Gauss-Newton's that was proposed.
  struct Step {
    Vector x = {}, step = {};  ///< from where, and p (n)
    Vector residuals = {};     ///< r (m)
    double value = 0.0, slope = 0.0;
    double curvature = 0.0;  ///< ‖J p‖²
  };

  Direction& active() const { return by_hessian_ ? *newton_ : *gauss_newton_; }

  void proposed(const LocalModel& model, Proposal& proposal) {
    if (std::exchange(changed_, false)) {
      proposal.events.add(Event::ChangedModel);
      proposal.note = by_hessian_ ? "JᵀJ missed the change of f by " + text::number(100.0 * error_, 2) +
                                        " %, which the residuals' own curvature explains: steps go on by ∇²f"
                                  : "steps by ∇²f were rejected: they go on by JᵀJ";
    }
    if (by_hessian_) return;
    last_.x = model.x;
    last_.step = proposal.step;
    last_.residuals = model.residuals;
    last_.value = model.value;
    last_.slope = model.slope(proposal.step);
    last_.curvature =
        is_predicted_ ? 2.0 * (proposal.predicted - last_.slope) : model.curvature(proposal.step);
  }

  /// Whether ∇²f would have known better what the last step led to.
  void weigh(const LocalModel& model) {
    if (last_.x.size() != model.size()) return;
    const Vector p = model.x - last_.x;
    const double multiple = p.dot(last_.step) / last_.step.squaredNorm();
    if (!((p - multiple * last_.step).norm() <= 1e-6 * p.norm())) return;  // another step was taken
    const double predicted = multiple * last_.slope + 0.5 * multiple * multiple * last_.curvature;
    if (!(-predicted > measurable * std::abs(last_.value))) return;
    const double error = model.value - last_.value - predicted;
    error_ = std::abs(error / predicted);
    bool speaks_for = false;
    if (error_ > badly) {
      double missed = -multiple * last_.slope;  // pᵀS p = pᵀΔJᵀr
      for (Index j = 0; j < p.size(); ++j) missed += p[j] * model.jacobian.col(j).dot(last_.residuals);
      speaks_for = better * std::abs(error - 0.5 * missed) < std::abs(error);
    }
    balance_ = speaks_for ? balance_ + 1 : std::max<Index>(0, balance_ - 1);
  }

  std::unique_ptr<Direction> gauss_newton_, newton_;
  bool is_predicted_;
  bool by_hessian_ = false;
  bool changed_ = false;  ///< since the model before
  Index balance_ = 0;     ///< of steps that spoke for ∇²f and against it, at least 0
  Index enough_ = enough;
  Index rejected_ = 0;  ///< steps from the model at hand
  double error_ = 0.0;  ///< of JᵀJ's last prediction, relative
  Step last_;
};

}  // namespace

std::unique_ptr<Direction> hybrid_direction(std::unique_ptr<Direction> gauss_newton, bool geodesic,
                                            bool bounded) {
  auto newton = newton_direction();
  if (bounded) {
    gauss_newton = keep_within_bounds(std::move(gauss_newton));
    newton = keep_within_bounds(std::move(newton));
  }
  return std::make_unique<HybridDirection>(std::move(gauss_newton), std::move(newton), !geodesic && !bounded);
}

}  // namespace quadric
