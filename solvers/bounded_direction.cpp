#include "solvers/bounded_direction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include <Eigen/SparseCore>

namespace quadric {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// A bent step must gain this share of what its slope promises, as a step on the quadric.
constexpr double sufficient = 0.01;
/// Of the faces that a step runs into, so many are minimized on.
constexpr int most_faces = 20;
/// So often a step that bounds bend is halved; then it goes to the first bound at most.
constexpr int most_halvings = 10;
/// The quadric is low enough on a face when what is left of its gradient is this share of the first one's.
constexpr double low_enough = 0.01;
/// With this share of the radius used up, the step ends.
constexpr double used_up = 0.9;
/// The step must gain this share of what one along the gradient, bent into the box, gains.
constexpr double share_of_gradient = 0.1;
/// A step that bounds bend, where no quadric is known, must keep this share of its slope.
constexpr double kept_slope = 0.1;

/// Products with B on a face, B that of another model.
class FaceProducts final : public ObjectiveSource {
 public:
  void set(const LocalModel& model, const std::vector<bool>& held) {
    model_ = &model;
    held_ = &held;
  }
  double value(const Vector& /*x*/) const override { return model_->value; }
  double gradient(const Vector& /*x*/, Vector& g) const override {
    g = model_->gradient;
    return model_->value;
  }
  double hessian(const Vector& x, Vector& g, Matrix& H) const override {
    return model_->objective->hessian(x, g, H);
  }
  void hessian_product(const Vector& /*x*/, const Vector& v, Vector& Hv) const override {
    Hv = model_->multiply(masked(v));
    Hv = masked(Hv);
  }
  Provider provider() const override { return model_->objective->provider(); }

 private:
  Vector masked(Vector v) const {
    for (Index i = 0; i < v.size(); ++i)
      if ((*held_)[static_cast<std::size_t>(i)]) v[i] = 0.0;
    return v;
  }

  const LocalModel* model_ = nullptr;
  const std::vector<bool>* held_ = nullptr;
};

class BoundedDirection final : public Direction {
 public:
  explicit BoundedDirection(std::unique_ptr<Direction> free)
      : free_(std::move(free)),
        products_(std::make_shared<FaceProducts>()),
        on_face_(std::static_pointer_cast<const ObjectiveSource>(products_)) {}

  std::string_view name() const override { return free_->name(); }
  Curvature needs() const override { return free_->needs(); }
  bool exact() const override { return free_->exact(); }
  bool forms_hessian() const override { return free_->forms_hessian(); }
  void restart() override { free_->restart(); }
  double norm(const Vector& p) const override { return free_->norm(p); }
  double first_radius(const LocalModel& model) const override { return free_->first_radius(model); }
  double lambda_min() const override { return free_->lambda_min(); }
  void remember(Memory& memory) override { free_->remember(memory); }

  void prepare(const LocalModel& model) override {
    if (model.form == Curvature::Gradient) return free_->prepare(model);
    load_start(model);
  }

  void unrestricted(const LocalModel& model, Proposal& proposal) override { go(model, infinity, proposal); }
  void within(const LocalModel& model, double radius, Proposal& proposal) override {
    go(model, radius, proposal);
  }
  bool damped(const LocalModel& model, double damping, Proposal& proposal) override {
    if (!at_start_) load_start(model);
    if (!free_->damped(*loaded_, damping, proposal)) return false;
    keep(model, free_->norm(proposal.step), proposal);
    return true;
  }
  void rejected() override { free_->rejected(); }

 private:
  /// A point within the box, and what the quadric says of it.
  struct Place {
    Vector step;          ///< from the model's point (n)
    Vector gradient;      ///< of the quadric (n); without what bounds held at the start
    double change = 0.0;  ///< of the quadric
    std::vector<bool> held = {};
  };

  static bool on_bound(const LocalModel& model, Index i, double x) {
    return x <= model.bounds->lower()[i] || x >= model.bounds->upper()[i];
  }

  static Place start(const LocalModel& model) {
    Place place{.step = Vector::Zero(model.size()), .gradient = model.gradient};
    place.held.resize(static_cast<std::size_t>(model.size()));
    for (Index i = 0; i < model.size(); ++i)
      place.held[static_cast<std::size_t>(i)] = model.multipliers[i] != 0.0 || model.bounds->fix(i);
    return place;
  }

  static Vector masked(Vector v, const std::vector<bool>& held) {
    for (Index i = 0; i < v.size(); ++i)
      if (held[static_cast<std::size_t>(i)]) v[i] = 0.0;
    return v;
  }

  /// The step that a step from the model's point becomes in the box.
  static Vector bent(const LocalModel& model, const Vector& step) {
    Vector x = model.x + step;
    model.bounds->place(x);
    return x - model.x;
  }

  /// A direction without the entries that lead out of the box at once.
  static Vector unblocked(const LocalModel& model, const Place& here, Vector direction) {
    for (Index i = 0; i < direction.size(); ++i) {
      const double x = model.x[i] + here.step[i];
      const bool low = x <= model.bounds->lower()[i], high = x >= model.bounds->upper()[i];
      if ((low && direction[i] < 0.0) || (high && direction[i] > 0.0)) direction[i] = 0.0;
    }
    return direction;
  }

  /// So many times a direction leads from a step to the first bound.
  static double longest_straight(const LocalModel& model, const Vector& from, const Vector& direction) {
    double least = infinity;
    for (Index i = 0; i < direction.size(); ++i) {
      if (direction[i] == 0.0) continue;
      const double bound = direction[i] > 0.0 ? model.bounds->upper()[i] : model.bounds->lower()[i];
      least = std::min(least, (bound - model.x[i] - from[i]) / direction[i]);
    }
    return least;
  }

  /// The place that a step from the model's point leads to, bent into the box.
  static Place at(const LocalModel& model, const Vector& step, const std::vector<bool>& held) {
    Place place{.step = bent(model, step), .gradient = model.gradient, .held = held};
    const Vector product = model.multiply(place.step);
    place.gradient += product;
    place.change = model.slope(place.step) + 0.5 * place.step.dot(product);
    return place;
  }

  void load(const LocalModel& model, Place place);
  void load_start(const LocalModel& model) {
    load(model, start(model));
    at_start_ = true;
  }
  void set_face_hessian(const LocalModel& model);
  void go(const LocalModel& model, double radius, Proposal& proposal);
  void keep(const LocalModel& model, double radius, Proposal& proposal);
  void ask(double radius, Proposal& proposal);
  void minimize_on_faces(const LocalModel& model, double radius, const Vector& first, Proposal& proposal);
  bool search(const LocalModel& model, const Vector& direction, Place& here, bool& shortened) const;
  Place along_gradient(const LocalModel& model, double radius) const;
  static void bend_blindly(const LocalModel& model, Proposal& proposal);
  static double longest(const LocalModel& model, const Vector& step);

  std::unique_ptr<Direction> free_;
  std::shared_ptr<FaceProducts> products_;
  Objective on_face_;
  LocalModel face_;  ///< the quadric around `place_`, with the variables held there taken out
  Place place_;
  const LocalModel* loaded_ = nullptr;  ///< what `free_` was prepared with
  bool at_start_ = false;               ///< it is the face at the model's own point
};

/// Prepares the direction for the face at a place: rows and columns of what is held vanish but for the
/// diagonal, so that no step is taken there.
void BoundedDirection::load(const LocalModel& model, Place place) {
  place_ = std::move(place);
  at_start_ = false;
  const bool moved = !place_.step.isZero(0.0);
  const bool any_held = std::find(place_.held.begin(), place_.held.end(), true) != place_.held.end();
  if (!moved && !any_held) {
    loaded_ = &model;
    return free_->prepare(model);
  }
  face_.form = model.form;
  face_.bounds = nullptr;
  face_.x = model.x + place_.step;
  face_.value = model.value + place_.change;
  face_.gradient = masked(place_.gradient, place_.held);
  if (model.form == Curvature::Hessian) {
    set_face_hessian(model);
  } else if (model.form == Curvature::GaussNewton) {
    face_.residuals = model.residuals + model.jacobian * place_.step;
    face_.jacobian = model.jacobian;
    for (Index i = 0; i < model.size(); ++i)
      if (place_.held[static_cast<std::size_t>(i)]) face_.jacobian.col(i).setZero();
  } else {
    products_->set(model, place_.held);
    face_.objective = &on_face_;
    face_.gradient_product = face_.multiply(face_.gradient);
  }
  loaded_ = &face_;
  free_->prepare(face_);
}

void BoundedDirection::set_face_hessian(const LocalModel& model) {
  const auto is_held = [this](Index i) -> bool { return place_.held[static_cast<std::size_t>(i)]; };
  const Vector diagonal =
      model.is_sparse() ? Vector(model.sparse_hessian->diagonal()) : Vector(model.hessian.diagonal());
  double sum = 0.0;
  Index count = 0;
  for (Index i = 0; i < model.size(); ++i) {
    if (is_held(i)) continue;
    sum += std::abs(diagonal[i]);
    ++count;
  }
  const double usual = sum > 0.0 ? sum / static_cast<double>(count) : 1.0;
  if (!model.is_sparse()) {
    face_.sparse_hessian = nullptr;
    face_.hessian = model.hessian;
    for (Index i = 0; i < model.size(); ++i) {
      if (!is_held(i)) continue;
      face_.hessian.row(i).setZero();
      face_.hessian.col(i).setZero();
      face_.hessian(i, i) = usual;
    }
    return;
  }
  face_.sparse_hessian = std::make_shared<SparseMatrix>(*model.sparse_hessian);
  for (Index j = 0; j < model.size(); ++j) {
    for (SparseMatrix::InnerIterator entry(*face_.sparse_hessian, j); entry; ++entry) {
      if (is_held(j) || is_held(entry.row())) entry.valueRef() = entry.row() == j ? usual : 0.0;
    }
  }
}

/// The step of the direction on the face that is loaded.
void BoundedDirection::ask(double radius, Proposal& proposal) {
  if (radius < infinity) {
    free_->within(*loaded_, radius, proposal);
  } else {
    free_->unrestricted(*loaded_, proposal);
  }
}

void BoundedDirection::go(const LocalModel& model, double radius, Proposal& proposal) {
  const bool blind = model.form == Curvature::Gradient;
  if (blind) {
    loaded_ = &model;
  } else if (!at_start_) {
    load_start(model);
  }
  ask(radius, proposal);
  keep(model, radius, proposal);
}

/// Bends a step from the model's point into the box.
void BoundedDirection::keep(const LocalModel& model, double radius, Proposal& proposal) {
  const bool blind = model.form == Curvature::Gradient;
  if (!proposal.step.allFinite()) return;
  const Vector step = masked(proposal.step, blind ? start(model).held : place_.held);
  if (model.bounds->contain(model.x + step)) {
    if (step != proposal.step)
      proposal.predicted = blind ? 0.5 * model.slope(step) : model.predicted_change(step);
    proposal.step = step;
  } else if (blind) {
    proposal.step = step;
    bend_blindly(model, proposal);
  } else {
    minimize_on_faces(model, radius, step, proposal);
  }
  proposal.longest = longest(model, proposal.step);
}

/// From the step to the bottom of the first face, which leaves the box, to the bottom of the quadric within
/// the box or the radius, or near it.
void BoundedDirection::minimize_on_faces(const LocalModel& model, double radius, const Vector& first,
                                         Proposal& proposal) {
  Place here = place_;
  const double first_gradient = masked(here.gradient, here.held).norm();
  Vector step = first;
  for (int face = 0; face < most_faces; ++face) {
    Place next = here;
    bool shortened = false;
    if (!search(model, step, next, shortened)) break;
    // What a line search follows must descend.
    if (radius == infinity && !(model.slope(next.step) <= share_of_gradient * next.change)) break;
    here = std::move(next);
    bool runs_into_bound = false;
    for (Index i = 0; i < model.size(); ++i) {
      const auto place = static_cast<std::size_t>(i);
      if (here.held[place] || !on_bound(model, i, model.x[i] + here.step[i])) continue;
      here.held[place] = step[i] != 0.0;
      runs_into_bound = runs_into_bound || here.held[place];
    }
    if (!runs_into_bound && !shortened) break;
    if (masked(here.gradient, here.held).norm() <= low_enough * first_gradient) break;
    const double used = free_->norm(here.step);
    if (used >= used_up * radius) break;
    load(model, here);
    Proposal further;
    ask(radius - used, further);
    proposal.events.add(further.events);
    if (!further.step.allFinite()) break;
    step = masked(std::move(further.step), here.held);
  }
  const Place least = along_gradient(model, radius);
  if (!(here.change <= share_of_gradient * least.change)) here = least;
  proposal.step = here.step;
  proposal.predicted = here.change;
  proposal.restricted = true;
}

/// Goes from a place along a direction that the box bends, by as much as lowers the quadric enough: by all of
/// it, or half of that, and so on; at last no further than to the first bound. Up to there the quadric is a
/// parabola, so that it takes no more products with B than one to come to its bottom.
bool BoundedDirection::search(const LocalModel& model, const Vector& direction, Place& here,
                              bool& shortened) const {
  const auto lowers = [&](const Place& there) {
    const double slope = here.gradient.dot(there.step - here.step);
    return slope < 0.0 && there.change - here.change <= sufficient * slope;
  };
  const Vector along = unblocked(model, here, direction);
  const double straight = std::min(1.0, longest_straight(model, here.step, along));
  double share = 1.0;
  for (int halving = 0; halving < most_halvings && share > straight; ++halving, share *= 0.5) {
    if (!(here.gradient.dot(bent(model, here.step + share * direction) - here.step) < 0.0)) continue;
    Place there = at(model, here.step + share * direction, here.held);
    if (!std::isfinite(there.change)) return false;
    if (!lowers(there)) continue;
    here = std::move(there);
    shortened = halving > 0;
    return true;
  }
  const double slope = here.gradient.dot(along);
  if (!(slope < 0.0) || !(straight > 0.0)) return false;
  Place there = at(model, here.step + straight * along, here.held);
  double length = straight;
  if (!lowers(there)) {
    // change = slope t + ½ curvature t², with the bottom at −slope / curvature
    const double rise = there.change - here.change - straight * slope;
    if (!(rise > 0.0) || !std::isfinite(rise)) return false;
    length = -0.5 * slope * straight * straight / rise;
    there = at(model, here.step + length * along, here.held);
    if (!lowers(there)) return false;
  }
  here = std::move(there);
  shortened = length < 1.0;
  return true;
}

/// The Cauchy point of the box: where the gradient, bent, leads to.
BoundedDirection::Place BoundedDirection::along_gradient(const LocalModel& model, double radius) const {
  Place here = start(model);
  const Vector& g = model.gradient;
  const double curvature = model.curvature(g), square = g.squaredNorm(), length = free_->norm(g);
  double t = curvature > 0.0 ? square / curvature : infinity;
  if (length > 0.0) t = std::min(t, radius / length);
  if (!std::isfinite(t)) t = model.x.norm() > 0.0 ? model.x.norm() / std::sqrt(square) : 1.0;
  bool shortened = false;
  search(model, -t * g, here, shortened);
  return here;
}

/// A step that leaves the box, where no quadric says what it gains there: bent, if that keeps enough of its
/// slope; else the gradient of the same length, bent.
void BoundedDirection::bend_blindly(const LocalModel& model, Proposal& proposal) {
  const double promised = model.slope(proposal.step);
  Vector step = bent(model, proposal.step);
  if (!(model.slope(step) <= kept_slope * promised))
    step = bent(model, -(proposal.step.stableNorm() / model.gradient.stableNorm()) * model.gradient);
  proposal.step = std::move(step);
  proposal.predicted = 0.5 * model.slope(proposal.step);
  proposal.restricted = true;
}

/// So many times the step stays within the box.
double BoundedDirection::longest(const LocalModel& model, const Vector& step) {
  return std::max(1.0, longest_straight(model, Vector::Zero(step.size()), step));
}

}  // namespace

std::unique_ptr<Direction> keep_within_bounds(std::unique_ptr<Direction> direction) {
  return std::make_unique<BoundedDirection>(std::move(direction));
}

}  // namespace quadric
