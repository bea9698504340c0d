#include "engine/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "curvature/equilibrated_hessian.hpp"
#include "curvature/higher_orders.hpp"
#include "curvature/measurable.hpp"
#include "curvature/product_curvature.hpp"
#include "engine/typical_size.hpp"
#include "linalg/quadratic.hpp"
#include "linalg/shifted_cholesky.hpp"
#include "linalg/sums.hpp"
#include "linalg/symmetric.hpp"
#include "problem/face.hpp"

namespace quadric {

namespace {

/// The lowest curvature of a minimum must keep this share over twice the distance to the bottom of its
/// quadric.
constexpr double lasting_share = 0.5;
/// A Hessian stands for that after a Newton step of at most this relative length, which leaves at most this
/// share of the way to the bottom: as much, about, as the curvature along the step changed.
constexpr double farthest_carried = 1e-4;
constexpr double most_left = 0.05;
/// Up to this many variables a full Hessian is evaluated and factored.
constexpr Index largest_full = 2000;
/// A unit vector whose entry is below this leads along a bound, not across it.
constexpr double along_bound = 1e-12;

/// How far a minimum that was confirmed nearby says that curvature lasts around x.
double radius_from(const Certificate* nearby, const Vector& x) {
  return nearby ? std::max(0.0, nearby->confirmed_radius - linalg::norm(x - nearby->model.x)) : 0.0;
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

/// Twice the distance to the bottom of the quadric, in units of x.
double distance_to_confirm(const Certificate& certificate) {
  return 2.0 * linalg::norm(*certificate.newton_step);
}

void confirm_minimum(Evaluator& evaluator, EquilibratedHessian& H, Certificate& certificate) {
  const LocalModel& here = certificate.model;
  const double far = distance_to_confirm(certificate);
  if (far <= certificate.confirmed_radius) return;
  Vector beyond = here.x + 2.0 * *certificate.newton_step;
  evaluator.problem().bounds().place(beyond);
  if (beyond == here.x) return;
  LocalModel there;
  if (!evaluator.model(beyond, Curvature::Hessian, there)) return;
  if (H.keeps(lasting_share, there)) {
    certificate.confirmed_radius = far;
    return;
  }
  certificate.point.kind = CriticalKind::Degenerate;
  certificate.point.nullity = 1;
  certificate.point.fades = true;
  // Along which f may fall: the flattest one of variables that count the same.
  if (H.size() <= linalg::largest_decomposed) certificate.point.direction = H.flattest_direction();
  certificate.point.reason = "the lowest curvature fades over the distance " +
                             text::number(certificate.newton_step->norm()) +
                             " that is left to the critical point";
}

/// What is left to be seen once the curvature at the point is known.
void look_around(Evaluator& evaluator, const Vector& typical, EquilibratedHessian& H,
                 Certificate& certificate) {
  if (certificate.point.is_minimum() && certificate.newton_step) confirm_minimum(evaluator, H, certificate);
  if (certificate.point.kind == CriticalKind::Degenerate && certificate.small_gradient)
    look_further(evaluator, typical, certificate);
}

Certificate certificate_by_hessian(Evaluator& evaluator, LocalModel model, const Vector& typical,
                                   const Stopping& stop, double confirmed, Confirmation confirmation) {
  Certificate certificate;
  certificate.model = std::move(model);
  certificate.confirmed_radius = confirmed;
  certificate.small_gradient =
      gradient_is_small(certificate.model.gradient, gradient_scale(certificate.model, typical), stop);
  double error = 0.0;
  if (!evaluator.hessian_error(certificate.model.x, error)) {
    certificate.point.reason = evaluator.failure();
    return certificate;
  }
  const auto factors = std::make_shared<EquilibratedHessian>(certificate.model);
  EquilibratedHessian& H = *factors;
  certificate.point = classify(certificate.model, H, std::max(error, evaluator.asymmetry()));
  if (!certificate.point.has_negative_curvature())
    certificate.newton_step = H.newton_step(certificate.model.gradient);
  const bool later = confirmation == Confirmation::Later && certificate.point.is_minimum() &&
                     certificate.newton_step.has_value();
  if (later) {
    certificate.to_confirm = factors;
  } else {
    look_around(evaluator, typical, H, certificate);
  }
  return certificate;
}

/// The same by products alone.
Certificate certificate_by_products(Evaluator& evaluator, LocalModel model, const Vector& typical,
                                    const Stopping& stop, double confirmed) {
  Certificate certificate;
  certificate.model = std::move(model);
  const LocalModel& here = certificate.model;
  CriticalPoint& point = certificate.point;
  certificate.small_gradient = gradient_is_small(here.gradient, gradient_scale(here, typical), stop);
  point = classify_by_products(here, evaluator.problem().objective().provider().second_error);
  if (point.has_negative_curvature()) return certificate;
  certificate.newton_step = newton_step_by_products(here);
  if (!point.is_minimum() || !certificate.newton_step) return certificate;
  const double far = distance_to_confirm(certificate);
  certificate.confirmed_radius = confirmed;
  Vector beyond = here.x + 2.0 * *certificate.newton_step;
  evaluator.problem().bounds().place(beyond);
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

Certificate certificate_of(Evaluator& evaluator, LocalModel model, const Vector& typical,
                           const Stopping& stop, double confirmed,
                           Confirmation confirmation = Confirmation::Now) {
  return model.form == Curvature::Hessian
             ? certificate_by_hessian(evaluator, std::move(model), typical, stop, confirmed, confirmation)
             : certificate_by_products(evaluator, std::move(model), typical, stop, confirmed);
}

/// The certificate of f on a face through the point, which has at least one variable.
Certificate certificate_on(const Face& face, Evaluator& evaluator, const LocalModel& whole,
                           const Vector& typical, const Stopping& stop) {
  if (face.size() == whole.size()) return certificate_of(evaluator, whole, typical, stop, 0.0);
  const Problem part = Problem(face.restrict(evaluator.problem().objective(), whole.x))
                           .with_bounds(face.restrict(evaluator.problem().bounds()));
  Evaluator on_face(part, evaluator.by_products());
  Certificate certificate;
  LocalModel model;
  if (whole.form == Curvature::Hessian) {
    certificate = certificate_of(on_face, face.restrict(whole), face.restrict(typical), stop, 0.0);
  } else if (on_face.model(face.restrict(whole.x), whole.form, model)) {
    certificate = certificate_of(on_face, std::move(model), face.restrict(typical), stop, 0.0);
  } else {
    certificate.point.reason = on_face.failure();
  }
  evaluator.count(on_face.counts());
  certificate.point.direction = face.extend(certificate.point.direction);
  if (certificate.newton_step) certificate.newton_step = face.extend(*certificate.newton_step);
  if (certificate.step_down) certificate.step_down = face.extend(*certificate.step_down);
  return certificate;
}

/// All variables are held: f rises along every way into the box.
Certificate certificate_of_corner(const LocalModel& whole) {
  Certificate certificate;
  certificate.point.kind = CriticalKind::Minimum;
  certificate.point.lambda_min = certificate.point.lambda_max = std::numeric_limits<double>::quiet_NaN();
  certificate.newton_step = Vector::Zero(whole.size());
  return certificate;
}

/// A face of the box at a point on it: without the variables that bounds hold, and which of the others can go
/// one way only. Those whose multiplier counts as zero are among them.
struct OpenFace {
  std::vector<Index> variables, one_sided;
};

OpenFace open_face(const LocalModel& model, const Vector& scale, const Stopping& stop) {
  const Bounds& box = *model.bounds;
  OpenFace open;
  for (Index i = 0; i < model.size(); ++i) {
    const double multiplier = std::abs(model.multipliers[i]);
    if (box.fix(i) || multiplier > std::max(stop.gradient_tolerance * scale[i], stop.gradient_norm)) continue;
    open.variables.push_back(i);
    if (model.x[i] <= box.lower()[i] || model.x[i] >= box.upper()[i]) open.one_sided.push_back(i);
  }
  return open;
}

/// Whether the point can move along a vector, if only a little.
bool is_way(const Vector& v, const LocalModel& model, const std::vector<Index>& one_sided) {
  return std::all_of(one_sided.begin(), one_sided.end(), [&](Index i) {
    return model.x[i] <= model.bounds->lower()[i] ? v[i] >= -along_bound : v[i] <= along_bound;
  });
}

/// Whether f is lower a little way into the box from all bounds that hold a variable, where their multipliers
/// say that it rises: then the derivatives are not those of f.
bool falls_into_box(Evaluator& evaluator, const LocalModel& model, const Vector& typical) {
  const Vector size = size_of_each(typical);
  for (const double share : {1e-3, 1e-5}) {
    Vector inside = model.x;
    for (Index i = 0; i < model.size(); ++i)
      if (model.multipliers[i] != 0.0) inside[i] += std::copysign(share * size[i], model.multipliers[i]);
    model.bounds->place(inside);
    double value = 0.0;
    if (!evaluator.value(inside, value)) return false;
    if (!(value < model.value - measurable_fall * std::abs(model.value))) return false;
  }
  return true;
}

Certificate certificate_within_bounds(Evaluator& evaluator, LocalModel model, const Vector& typical,
                                      const Stopping& stop) {
  const Vector scale = gradient_scale(model, typical);
  const OpenFace open = open_face(model, scale, stop);
  const auto on = [&](const std::vector<Index>& variables) {
    return variables.empty() ? certificate_of_corner(model)
                             : certificate_on(Face(model.size(), variables), evaluator, model, typical, stop);
  };
  Certificate certificate = on(open.variables);
  const auto leads_out = [&] {
    const Vector& v = certificate.point.direction;
    return !is_way(v, model, open.one_sided) && !is_way(-v, model, open.one_sided);
  };
  if (certificate.point.has_negative_curvature() && leads_out()) {
    std::vector<Index> inner;
    std::set_difference(open.variables.begin(), open.variables.end(), open.one_sided.begin(),
                        open.one_sided.end(), std::back_inserter(inner));
    certificate = on(inner);
    if (!certificate.point.has_negative_curvature()) {
      certificate.point.kind = CriticalKind::Undecided;
      certificate.point.reason =
          "curvature is negative along directions that bounds block; whether f falls between them is open";
    }
  }
  CriticalPoint& point = certificate.point;
  if (point.is_minimum() && !model.multipliers.isZero(0.0) && falls_into_box(evaluator, model, typical)) {
    point.kind = CriticalKind::Undecided;
    point.reason = "f falls from the bounds into the box, where its derivatives say that it rises";
  }
  point.multipliers = model.multipliers;
  point.held = model.size() - static_cast<Index>(open.variables.size());
  point.gradient_norm = linalg::norm(model.gradient);
  certificate.small_gradient = gradient_is_small(model.gradient, scale, stop);
  certificate.model = std::move(model);
  return certificate;
}

}  // namespace

Vector gradient_scale(const LocalModel& model, const Vector& typical) {
  if (model.form == Curvature::Gradient)
    return Vector::Constant(model.size(), model.stretch * typical.norm());
  if (model.form != Curvature::Product) return model.multiply_magnitudes(typical);
  const double length = linalg::norm(model.gradient);
  const double stretch = length > 0.0 ? linalg::norm(model.gradient_product) / length : 0.0;
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

bool may_be_small(const LocalModel& model, const Vector& typical, const Stopping& stop) {
  if (model.is_sparse()) {
    // Where every entry is below its share, so is their sum.
    const double most = stop.gradient_tolerance * linalg::sum_of_magnitudes(*model.sparse_hessian, typical);
    return model.gradient.lpNorm<1>() <= 2.0 * most ||
           model.gradient.lpNorm<Eigen::Infinity>() <= stop.gradient_norm;
  }
  if (model.form != Curvature::GaussNewton) return true;
  if (model.gradient.cwiseAbs().maxCoeff() <= stop.gradient_norm) return true;
  // Σₖ (|J|ᵀ|J|)ⱼₖ xₖ ≤ ‖J eⱼ‖ Σₖ ‖J eₖ‖ xₖ
  double length = 0.0;
  for (Index j = 0; j < model.size(); ++j) length += linalg::norm(model.jacobian.col(j)) * typical[j];
  for (Index j = 0; j < model.size(); ++j) {
    const double most = stop.gradient_tolerance * linalg::norm(model.jacobian.col(j)) * length;
    if (std::abs(model.gradient[j]) > 2.0 * most) return false;
  }
  return true;
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
                    const Certificate* nearby, Confirmation confirmation) {
  const bool by_products = here.form == Curvature::Hessian
                               ? here.is_sparse() && linalg::fills_up(*here.sparse_hessian)
                               : here.x.size() > largest_full && evaluator.has_full_hessian(here.x);
  const Curvature form = by_products ? Curvature::Product : Curvature::Hessian;
  LocalModel exact;
  if (here.form == form) {
    exact = here;
  } else if (!evaluator.model(here.x, form, exact)) {
    Certificate certificate;
    certificate.point.reason = evaluator.failure();
    return certificate;
  }
  if (exact.bounds) return certificate_within_bounds(evaluator, std::move(exact), typical, stop);
  const double confirmed = radius_from(nearby, exact.x);
  return certificate_of(evaluator, std::move(exact), typical, stop, confirmed, confirmation);
}

bool is_confirmed_by(const LocalModel& other, const Certificate& certificate) {
  const LocalModel& here = certificate.model;
  if (!certificate.to_confirm || other.form != Curvature::Hessian || other.size() != here.size())
    return false;
  EquilibratedHessian& H = *certificate.to_confirm;
  const auto length = [&H](const Vector& v) { return linalg::norm(v.cwiseQuotient(H.scaling())); };
  return length(*certificate.newton_step) <= most_left * length(here.x - other.x) && H.resembles(other);
}

void count_signs(Certificate& certificate) {
  const LocalModel& model = certificate.model;
  CriticalPoint& point = certificate.point;
  // Within bounds the verdict is of a face.
  if (!point.has_negative_curvature() || !point.index_is_bound || model.form != Curvature::Hessian ||
      model.bounds)
    return;
  count_signs(EquilibratedHessian(model), point);
}

void confirm(Evaluator& evaluator, const Vector& typical, Certificate& certificate) {
  if (const auto factors = std::exchange(certificate.to_confirm, nullptr))
    look_around(evaluator, typical, *factors, certificate);
}

bool carry_over(Certificate& certificate, const LocalModel& there, const Vector& typical,
                const Stopping& stop) {
  if (!certificate.to_confirm) return false;
  const double before = certificate.distance(typical);
  if (!(before <= farthest_carried)) return false;
  auto left = certificate.to_confirm->newton_step(there.gradient);
  if (!left || !(largest_ratio(*left, typical) <= most_left * before)) return false;
  certificate.to_confirm = nullptr;
  certificate.confirmed_radius = linalg::norm(*certificate.newton_step);
  certificate.newton_step = std::move(left);
  certificate.model.x = there.x;
  certificate.model.value = there.value;
  certificate.model.gradient = there.gradient;
  certificate.point.gradient_norm = linalg::norm(there.gradient);
  certificate.small_gradient =
      gradient_is_small(there.gradient, gradient_scale(certificate.model, typical), stop);
  return true;
}

Certificate certify(Evaluator& evaluator, const Vector& x, const Vector& typical, const Stopping& stop) {
  LocalModel here;
  here.form = Curvature::Gradient;
  here.x = x;
  return certify(evaluator, here, typical, stop);
}

}  // namespace quadric
