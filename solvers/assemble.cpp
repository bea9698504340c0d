#include "solvers/assemble.hpp"

#include <utility>
#include <variant>

#include "quadric/base/misuse.hpp"

#include "solvers/bounded_direction.hpp"
#include "solvers/step_controls/cubic_regularization.hpp"
#include "solvers/step_controls/damping.hpp"
#include "solvers/step_controls/line_search.hpp"
#include "solvers/step_controls/strong_wolfe.hpp"
#include "solvers/step_controls/trust_region.hpp"

namespace quadric {

namespace {

std::unique_ptr<StepControl> make_control(const StepRule& rule) {
  if (const auto* region = std::get_if<TrustRegion>(&rule))
    return std::make_unique<TrustRegionControl>(*region);
  if (const auto* cubic = std::get_if<CubicRegularization>(&rule))
    return std::make_unique<CubicRegularizationControl>(*cubic);
  if (const auto* wolfe = std::get_if<StrongWolfe>(&rule))
    return std::make_unique<StrongWolfeControl>(*wolfe);
  if (const auto* damping = std::get_if<Damping>(&rule)) return std::make_unique<DampingControl>(*damping);
  return std::make_unique<LineSearchControl>(std::get<LineSearch>(rule));
}

class AssembledMethod final : public Method {
 public:
  AssembledMethod(std::string name, MakeDirection direction, StepRule step, Stopping stop, AtSaddle at_saddle,
                  MakeDirection bounded)
      : name_(std::move(name)),
        direction_(std::move(direction)),
        bounded_(std::move(bounded)),
        step_(step),
        stop_(stop),
        at_saddle_(at_saddle) {
    const auto control = make_control(step_);
    if (stop_.max_iterations < 0) misuse(name_ + ": the limit on iterations is negative");
    if (!(stop_.gradient_tolerance >= 0.0)) misuse(name_ + ": the gradient tolerance must be at least 0");
    name_ += " (" + std::string(control->name()) + ")";
  }

  std::string name() const override { return name_; }

  bool needs_residuals() const override { return direction_()->needs() == Curvature::GaussNewton; }

  Result run(const Problem& problem, const Vector& start, const Observers& observers) const override {
    return iterate(problem, start, assembly_for(problem), observers);
  }

  Result resume(const Problem& problem, const Checkpoint& from, const Observers& observers) const override {
    return iterate(problem, from, assembly_for(problem), observers);
  }

 private:
  Assembly assembly_for(const Problem& problem) const {
    if (needs_residuals() && !problem.residuals()) {
      misuse(
          name_ +
          " needs residuals, but the problem is a general objective: use Newton, or hand over the residuals");
    }
    const auto make = [&] {
      if (problem.bounds().empty()) return direction_();
      return bounded_ ? bounded_() : keep_within_bounds(direction_());
    };
    return {.name = name_,
            .direction = make(),
            .control = make_control(step_),
            .stop = stop_,
            .at_saddle = at_saddle_};
  }

  std::string name_;
  MakeDirection direction_, bounded_;
  StepRule step_;
  Stopping stop_;
  AtSaddle at_saddle_;
};

}  // namespace

std::shared_ptr<const Method> assemble(std::string name, MakeDirection direction, StepRule step,
                                       Stopping stop, AtSaddle at_saddle, MakeDirection bounded) {
  return std::make_shared<const AssembledMethod>(std::move(name), std::move(direction), step, stop, at_saddle,
                                                 std::move(bounded));
}

}  // namespace quadric
