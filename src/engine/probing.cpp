#include "engine/probing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <Eigen/Eigenvalues>

#include "engine/typical_size.hpp"
#include "linalg/sums.hpp"
#include "problem/line_derivatives.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
/// "Beside the point" is this share of each variable's size away, halved as long as f fails there.
constexpr double beside = 0x1p-5;
constexpr int most_halvings = 6;
/// A derivative is contradicted by a difference of so many errors and this share of its size.
constexpr double suspicious_errors = 10.0, suspicious_share = 1e-5;
/// Three widths for values, one for gradients, in units of each variable's size.
constexpr LineSteps value_steps{.largest = 0x1p-8, .smallest = 0x1p-16};
constexpr LineSteps gradient_steps{.largest = 0x1p-12, .smallest = 0x1p-12};
constexpr double spacing_of_noise = 0x1p-20;
/// Distances to both sides at which the slope is compared, each an eighth of the one before: over a kink its
/// jump stays, of a smooth function it falls to an eighth.
constexpr std::array<double, 6> sides{0x1p-9, 0x1p-12, 0x1p-15, 0x1p-18, 0x1p-21, 0x1p-24};
constexpr double kept_share = 0.7;     ///< of the jump, at an eighth of the width
constexpr double same_side = 0.2;      ///< of the jump: how much the slope may vary on one side
constexpr double visible_jump = 1e-6;  ///< of Σ |gⱼ vⱼ|
constexpr double clear_of_noise = 30.0;
/// A variable whose size is below this share of what its curvature suggests has come close to zero.
constexpr double vanished = 1e-3;
/// A run of so many iterations is looked at even where nothing went wrong.
constexpr Index many_iterations = 50;
/// Hessians of more variables are not decomposed for their condition.
constexpr Index largest_decomposed = 200;

/// ±(½ … 1) for each variable, the same every time (a Weyl sequence of the golden ratio).
Vector generic_signs(Index n, double shift) {
  Vector v(n);
  double place = shift;
  for (Index j = 0; j < n; ++j) {
    place = std::fmod(place + 0.6180339887498949, 1.0);
    const double magnitude = 0.5 + std::fmod(4.0 * place, 1.0) / 2.0;
    v[j] = place < 0.5 ? magnitude : -magnitude;
  }
  return v;
}

/// In units of the room to the nearest bound: a line that reaches a sixteenth of v stays in the box, with
/// something to spare for rounding.
constexpr double room_used = 15.0;

/// v, its entries so short that x ± v / 16 stays within bounds.
Vector within_bounds(Vector v, const Vector& x, const Bounds& bounds) {
  if (bounds.empty()) return v;
  for (Index j = 0; j < v.size(); ++j) {
    const double room = room_used * std::min(x[j] - bounds.lower()[j], bounds.upper()[j] - x[j]);
    if (std::abs(v[j]) > room) v[j] = std::copysign(room, v[j]);
  }
  return v;
}

class Prober {
 public:
  Prober(Evaluator& evaluator, const Vector& x, const Vector& size, Probe& probe)
      : evaluator_(evaluator), x_(x), size_(size), probe_(probe) {}

  void look() {
    const Bounds& bounds = evaluator_.problem().bounds();
    Vector v = within_bounds(generic_signs(x_.size(), 0.0).cwiseProduct(size_), x_, bounds);
    look_around(v);
    look_across(v);
    if (!go_beside()) return;
    v = within_bounds(generic_signs(x_.size(), 0.3).cwiseProduct(size_), beside_, bounds);
    measure_noise_along(v);
    compare_gradient(v);
    if (!probe_.gradient.contradicts) compare_hessian(v);
  }

 private:
  /// f or its slope along v at a point of the line p + t v.
  LineFunction values_along(const Vector& p, const Vector& v) {
    return [this, &p, &v](double t, Vector& values) {
      values.resize(1);
      return evaluator_.value(p + t * v, values[0]);
    };
  }
  LineFunction gradients_along(const Vector& p, const Vector& v) {
    return [this, &p, &v](double t, Vector& gradient) {
      if (!evaluator_.model(p + t * v, Curvature::Gradient, there_)) return false;
      gradient = there_.full_gradient();
      return true;
    };
  }

  /// Whether f can be evaluated nearby.
  void look_around(const Vector& v) {
    double value = 0.0;
    for (const double share : {0x1p-4, 0x1p-7, 0x1p-10, 0x1p-16}) {
      for (const double side : {share, -share}) {
        ++probe_.points;
        if (!evaluator_.value(x_ + side * v, value)) ++probe_.failed;
      }
    }
  }

  /// Whether the gradient jumps across x.
  void look_across(const Vector& v) {
    const LineFunction gradient = gradients_along(x_, v);
    std::vector<Vector> before, after;
    for (const double side : sides) {
      Vector down, up;
      if (!gradient(-side, down) || !gradient(side, up)) return;
      before.push_back(down.cwiseProduct(v));
      after.push_back(up.cwiseProduct(v));
    }
    LineFunction slope = [&](double t, Vector& s) {
      Vector g;
      if (!gradient(t, g)) return false;
      s = Vector::Constant(1, g.dot(v));
      return true;
    };
    const Vector noise =
        measure_noise([&](double t, Vector& s) { return slope(t + sides[0], s); }, spacing_of_noise);
    for (std::size_t k = 0; k + 1 < sides.size() && !probe_.kink.found; ++k) {
      const Vector wide = after[k] - before[k], narrow = after[k + 1] - before[k + 1];
      const double jump = narrow.sum();
      const double size = narrow.cwiseAbs().sum(), level = after[k + 1].cwiseAbs().sum();
      if (!(std::abs(jump) >= kept_share * std::abs(wide.sum()))) continue;
      const double varied =
          std::max(std::abs((after[k] - after[k + 1]).sum()), std::abs((before[k] - before[k + 1]).sum()));
      if (!(varied <= same_side * std::abs(jump)) || !(std::abs(jump) > visible_jump * level)) continue;
      if (noise.size() != 1 || !(std::abs(jump) > clear_of_noise * noise[0])) continue;
      if (!(std::abs(jump) >= 0.1 * size)) continue;
      probe_.kink = {.before = before[k + 1].sum(),
                     .after = after[k + 1].sum(),
                     .width = 2.0 * sides[k + 1],
                     .found = true};
      narrow.cwiseAbs().maxCoeff(&probe_.kink.variable);
    }
  }

  /// To where f is as good a witness, and no special point is near.
  bool go_beside() {
    const Bounds& bounds = evaluator_.problem().bounds();
    double share = beside;
    for (int k = 0; k < most_halvings; ++k, share *= 0.5) {
      const Vector away = generic_signs(x_.size(), 0.7).cwiseProduct(size_) * share;
      beside_ = x_ + away;
      if (!bounds.empty()) {
        for (Index j = 0; j < x_.size(); ++j) {  // into the box, and off its sides
          const double low = bounds.lower()[j], high = bounds.upper()[j];
          const double off = std::min(std::abs(away[j]), 0.25 * (high - low));
          beside_[j] = std::clamp(beside_[j], low + off, high - off);
        }
      }
      if (evaluator_.model(beside_, Curvature::Product, here_)) return true;
    }
    return evaluator_.model(beside_ = x_, Curvature::Product, here_);
  }

  void measure_noise_along(const Vector& v) {
    const Vector noise = measure_noise(values_along(beside_, v), spacing_of_noise);
    if (noise.size() == 1) probe_.noise = noise[0];
    probe_.rounding = epsilon * std::abs(here_.value);
    const LineFunction gradient = gradients_along(beside_, v);
    const Vector jumps = measure_noise(
        [&](double t, Vector& s) {
          Vector g;
          if (!gradient(t, g)) return false;
          s = Vector::Constant(1, g.dot(v));
          return true;
        },
        spacing_of_noise);
    const double size = here_.full_gradient().cwiseProduct(v).cwiseAbs().sum();
    if (jumps.size() == 1 && size > 0.0) probe_.noise_of_slope = jumps[0] / size;
  }

  /// The slope along v by the gradient and by values.
  Probe::Comparison compare_slope(const Vector& v) {
    const Vector g = here_.full_gradient();
    Probe::Comparison seen{.claimed = g.dot(v)};
    const LineDerivatives line = differentiate_line(values_along(beside_, v), value_steps);
    if (line.first.size() != 1 || !std::isfinite(line.first_error[0])) return seen;
    seen.measured = line.first[0];
    seen.error = line.first_error[0];
    const double slack =
        suspicious_errors * seen.error + suspicious_share * g.cwiseProduct(v).cwiseAbs().sum();
    seen.contradicts = std::abs(seen.claimed - seen.measured) > slack;
    return seen;
  }

  void compare_gradient(const Vector& v) {
    probe_.gradient = compare_slope(v);
    if (!probe_.gradient.contradicts) return;
    // The variable to blame, by halves of which the one that is further off is kept.
    std::vector<Index> suspects(static_cast<std::size_t>(v.size()));
    std::iota(suspects.begin(), suspects.end(), Index{0});
    while (suspects.size() > 1) {
      const auto middle = suspects.begin() + static_cast<std::ptrdiff_t>(suspects.size() / 2);
      const std::vector<Index> left(suspects.begin(), middle), right(middle, suspects.end());
      const Probe::Comparison a = compare_slope(part(v, left)), b = compare_slope(part(v, right));
      const auto off = [](const Probe::Comparison& c) {
        return c.contradicts ? std::abs(c.claimed - c.measured) : 0.0;
      };
      if (off(a) == 0.0 && off(b) == 0.0) return;
      suspects = off(a) >= off(b) ? left : right;
      probe_.gradient = off(a) >= off(b) ? a : b;
    }
    probe_.gradient.variable = suspects.front();
    const double length = v[suspects.front()];
    probe_.gradient.claimed /= length;
    probe_.gradient.measured /= length;
    probe_.gradient.error /= std::abs(length);
  }

  static Vector part(const Vector& v, const std::vector<Index>& variables) {
    Vector kept = Vector::Zero(v.size());
    for (const Index j : variables) kept[j] = v[j];
    return kept;
  }

  /// ∇²f v by the provider and by gradients.
  void compare_hessian(const Vector& v) {
    const Vector Hv = here_.multiply(v);
    if (!Hv.allFinite()) return;
    const LineDerivatives line = differentiate_line(gradients_along(beside_, v), gradient_steps);
    if (line.first.size() != Hv.size()) return;
    const double size = Hv.cwiseProduct(v).cwiseAbs().maxCoeff();
    double most = 0.0;
    for (Index j = 0; j < Hv.size(); ++j) {
      if (!std::isfinite(line.first_error[j]) || v[j] == 0.0) continue;
      const double off = std::abs((Hv[j] - line.first[j]) * v[j]);
      const double slack = suspicious_errors * line.first_error[j] * std::abs(v[j]) + suspicious_share * size;
      if (!(off > slack) || !(off > most)) continue;
      most = off;
      probe_.hessian = {.claimed = Hv[j],
                        .measured = line.first[j],
                        .error = line.first_error[j],
                        .contradicts = true,
                        .variable = j};
    }
  }

  Evaluator& evaluator_;
  const Vector& x_;
  const Vector& size_;
  Probe& probe_;
  Vector beside_;
  LocalModel here_;   ///< at `beside_`
  LocalModel there_;  ///< on a line
};

/// The ratio of the largest to the smallest magnitude of the eigenvalues; infinite where the smallest is
/// nothing but rounding.
double condition_of(const Matrix& A) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(A, Eigen::EigenvaluesOnly);
  if (solver.info() != Eigen::Success) return Probe::unknown;
  const Vector magnitudes = solver.eigenvalues().cwiseAbs();
  const double most = magnitudes.maxCoeff(), least = magnitudes.minCoeff();
  return least > epsilon * static_cast<double>(A.rows()) * most ? most / least : infinity;
}

}  // namespace

Vector sizes_to_probe(const Vector& typical, const LocalModel* exact) {
  if (exact == nullptr || exact->form != Curvature::Hessian || exact->size() != typical.size())
    return size_of_each(typical);
  const Vector bend =
      exact->is_sparse() ? Vector(exact->sparse_hessian->diagonal()) : Vector(exact->hessian.diagonal());
  Vector unit = bend.cwiseAbs().cwiseSqrt().cwiseInverse();
  if (!unit.allFinite()) return size_of_each(typical);
  // How many of its units a variable is: half of those that are not next to zero are more.
  std::vector<double> lengths;
  const Vector in_units = typical.cwiseQuotient(unit);
  for (const double length : in_units)
    if (length > vanished * vanished * in_units.maxCoeff()) lengths.push_back(length);
  if (lengths.empty()) return size_of_each(typical);
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  const double usual = *middle;
  if (!std::isfinite(usual)) return size_of_each(typical);
  Vector size = typical;
  for (Index j = 0; j < size.size(); ++j)
    if (size[j] < vanished * usual * unit[j]) size[j] = 0.1 * usual * unit[j];
  return size;
}

void probe_function(Evaluator& evaluator, const Vector& x, const Vector& size, Probe& probe) {
  Prober(evaluator, x, size, probe).look();
}

void measure_conditioning(const LocalModel& exact, Probe& probe) {
  if (exact.form != Curvature::Hessian || exact.size() == 0 || exact.size() > largest_decomposed) return;
  const Matrix H = exact.full_hessian();
  if (!linalg::all_finite(H)) return;
  std::vector<Index> open;
  for (Index j = 0; j < exact.size(); ++j) {
    const bool held = exact.bounds && (exact.bounds->fix(j) || exact.multipliers[j] != 0.0);
    if (!held) open.push_back(j);
  }
  if (open.size() < 2) return;
  const Matrix free = H(open, open);
  probe.condition = condition_of(free);
  const Vector bend = free.diagonal().cwiseAbs();
  std::vector<Index> curved;  // by themselves
  for (Index j = 0; j < bend.size(); ++j)
    if (bend[j] > 0.0) curved.push_back(j);
  if (curved.size() < 2) return;
  const Vector units = Vector(bend(curved)).cwiseSqrt().cwiseInverse();
  Index longest = 0, shortest = 0;
  probe.unit_ratio = units.maxCoeff(&longest) / units.minCoeff(&shortest);
  probe.longest = open[static_cast<std::size_t>(curved[static_cast<std::size_t>(longest)])];
  probe.shortest = open[static_cast<std::size_t>(curved[static_cast<std::size_t>(shortest)])];
  const Matrix scaled = units.asDiagonal() * Matrix(free(curved, curved)) * units.asDiagonal();
  if (linalg::all_finite(scaled)) probe.scaled_condition = condition_of(scaled);
}

bool contradicts_its_quadrics(const std::vector<Iteration>& trace) {
  constexpr std::size_t window = 8;
  constexpr double measured = 1e-11;             // of f: a gain that f measures to a percent
  constexpr double cancelled = 100.0 * epsilon;  // of what f was: terms that cancel leave as much of rounding
  constexpr double much_shorter = 0.1, off = 0.1;
  const Iteration* shortest = nullptr;
  double longest = 0.0, largest = 0.0;
  for (std::size_t i = 0; i < std::min(window, trace.size()); ++i)
    largest = std::max(largest, std::abs(trace[trace.size() - 1 - i].value));
  std::size_t seen = 0;
  for (auto at = trace.rbegin(); at != trace.rend() && seen < window; ++at) {
    // What a quadric of another form predicted says nothing of this one.
    if (at != trace.rbegin() && (at - 1)->events.has(Event::ChangedModel)) break;
    const bool plain = std::isfinite(at->ratio) && !at->events.has(Event::Polished) &&
                       !at->events.has(Event::Summed) && !at->events.has(Event::Extrapolated) &&
                       !at->events.has(Event::Escaped);
    if (!plain || !(std::abs(at->predicted) > measured * std::abs(at->value))) continue;
    ++seen;
    longest = std::max(longest, at->step_norm);
    if (shortest == nullptr || at->step_norm < shortest->step_norm) shortest = &*at;
  }
  if (shortest == nullptr || shortest->step_norm > much_shorter * longest) return false;
  const double error = std::abs(shortest->actual - shortest->predicted);
  return error > off * std::abs(shortest->predicted) && error > cancelled * largest;
}

std::shared_ptr<const Probe> inquire(Evaluator& evaluator, const Result& result, const LookBack& from) {
  const bool slow = result.iterations >= many_iterations;
  // Of a gradient that is zero where a curvature vanishes nothing is left to be asked.
  const bool singular = from.zero_gradient && result.critical_point.kind == CriticalKind::Degenerate;
  const bool failed =
      result.status == Status::Stalled || (result.status == Status::UndecidedCurvature && !singular) ||
      result.status == Status::EvaluationFailed ||
      ((result.status == Status::IterationLimit || result.status == Status::SaddlePoint) && slow);
  const bool inconsistent = from.by_exact_quadrics && contradicts_its_quadrics(result.trace);
  if (!failed && !inconsistent && !slow) return nullptr;
  const bool over = from.stop.token.stop_requested() || result.status == Status::StoppedByUser ||
                    evaluator.counts().total() >= from.stop.max_evaluations ||
                    evaluator.seconds() > from.stop.max_seconds;
  auto probe = std::make_shared<Probe>();
  if (from.exact != nullptr) measure_conditioning(*from.exact, *probe);
  if ((failed || inconsistent) && !over)
    probe_function(evaluator, result.x, sizes_to_probe(from.typical, from.exact), *probe);
  return probe;
}

}  // namespace quadric
