#include "quadric/solvers/matrix_free_newton.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"

#include "linalg/krylov_quadratic.hpp"
#include "solvers/assemble.hpp"
#include "solvers/variable_scaling.hpp"

namespace quadric {

namespace {

/// Largest share of the gradient that a step may leave (Dembo & Steihaug 1983).
constexpr double crudest = 0.5;
/// No step need leave less than this share of it.
constexpr double sharpest = 1e-10;
/// While the quadric has no bottom, an unrestricted step knows no length of its own: it grows by this factor.
constexpr double growth = 2.0;

/// B = ∇²f, known by its products.
class MatrixFreeDirection final : public Direction {
 public:
  explicit MatrixFreeDirection(const MatrixFreeNewton& options) : options_(options) {}

  std::string_view name() const override { return "newton-matrix-free"; }
  Curvature needs() const override { return Curvature::Product; }
  bool exact() const override { return true; }
  bool forms_hessian() const override { return false; }
  void restart() override {
    scaling_.restart();
    first_gradient_ = 0.0;
    stretch_ = 1.0;
    bottomless_ = false;
  }

  void prepare(const LocalModel& model) override {
    update_scaling(model.x);
    const Vector inverse = scaling_.diagonal().cwiseInverse();
    const Vector g = inverse.cwiseProduct(model.gradient);
    const double size = g.norm();
    if (!(first_gradient_ > 0.0)) first_gradient_ = size;
    const double share = std::clamp(std::sqrt(size / first_gradient_), sharpest, crudest);
    quadratic_.reset(
        [&model, inverse](const Vector& v) -> Vector {
          return inverse.cwiseProduct(model.multiply(inverse.cwiseProduct(v)));
        },
        g,
        {.tolerance = share,
         .most_products = options_.most_products,
         .most_vectors = options_.most_vectors,
         .stop_at_boundary = options_.at_boundary == AtBoundary::Stop},
        options_.diagonal ? Vector() : model.gradient_product);
    stretch_ = bottomless_ ? growth * stretch_ : 1.0;
  }

  void unrestricted(const LocalModel& model, Proposal& proposal) override {
    const auto minimizer = quadratic_.descent();
    bottomless_ = quadratic_.bends_down();
    if (!bottomless_) stretch_ = 1.0;
    const double slope = model.slope(minimizer.step.cwiseQuotient(scaling_.diagonal()));
    const double curvature = 2.0 * (minimizer.change - slope);
    set_step(stretch_ * minimizer.step, stretch_ * (slope + 0.5 * stretch_ * curvature), proposal);
    proposal.restricted = minimizer.at_boundary;
    if (proposal.restricted) proposal.predicted = std::min(proposal.predicted, 0.5 * stretch_ * slope);
  }

  void within(const LocalModel& /*model*/, double radius, Proposal& proposal) override {
    const auto minimizer = quadratic_.within(radius);
    set_step(minimizer.step, minimizer.change, proposal);
    proposal.restricted = minimizer.at_boundary;
  }

  double norm(const Vector& p) const override { return scaling_.norm(p); }
  double first_radius(const LocalModel& model) const override {
    return model.gradient.cwiseQuotient(scaling_.diagonal()).norm();
  }
  void remember(Memory& memory) override {
    memory.option("most_products", static_cast<double>(options_.most_products));
    memory.option("most_vectors", static_cast<double>(options_.most_vectors));
    memory.option("stop_at_boundary", options_.at_boundary == AtBoundary::Stop ? 1.0 : 0.0);
    memory.option("has_diagonal", options_.diagonal ? 1.0 : 0.0);
    scaling_.remember(memory);
    memory.item("first_gradient", first_gradient_);
    memory.item("stretch", stretch_);
    memory.item("bottomless", bottomless_);
  }

 private:
  void update_scaling(const Vector& x) {
    if (!options_.diagonal) {
      if (scaling_.diagonal().size() != x.size()) scaling_.update(Vector::Ones(x.size()));
      return;
    }
    const Vector given = diagonal_at(x);
    if (given.size() != x.size()) {
      misuse("the diagonal given to MatrixFreeNewton has " + std::to_string(given.size()) +
             " entries, but the point has " + std::to_string(x.size()));
    }
    const auto usable = given.array().isFinite() && given.array() > 0.0;
    scaling_.update(usable.select(given.cwiseSqrt(), 0.0));
  }

  /// What a diagonal that throws would have said is unknown.
  Vector diagonal_at(const Vector& x) const {
    try {
      return options_.diagonal(x);
    } catch (const Misuse&) {
      throw;
    } catch (...) {
      return Vector::Zero(x.size());
    }
  }

  void set_step(const Vector& scaled, double change, Proposal& proposal) const {
    proposal.step = scaled.cwiseQuotient(scaling_.diagonal());
    proposal.predicted = change;
    if (quadratic_.failed()) proposal.events.add(Event::NonFinite);
  }

  MatrixFreeNewton options_;
  VariableScaling scaling_;
  linalg::KrylovQuadratic quadratic_;
  double first_gradient_ = 0.0;  ///< ‖D⁻¹g‖ at the start
  bool bottomless_ = false;      ///< the quadric has no bottom over the last space
  double stretch_ = 1.0;         ///< of an unrestricted step, growing while there is no bottom
};

}  // namespace

std::shared_ptr<const Method> method(const MatrixFreeNewton& options) {
  if (options.most_products < 1) misuse("MatrixFreeNewton needs at least one product a step");
  if (options.most_vectors < 1) misuse("MatrixFreeNewton must keep at least one vector of a step's space");
  return assemble(
      "newton-matrix-free", [options] { return std::make_unique<MatrixFreeDirection>(options); },
      options.step, options.stop, options.at_saddle);
}

}  // namespace quadric
