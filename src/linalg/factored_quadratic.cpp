#include "linalg/factored_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "linalg/dense_quadratic.hpp"
#include "linalg/iterative_quadratic.hpp"
#include "linalg/lanczos.hpp"
#include "linalg/sums.hpp"

namespace quadric::linalg {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Share of the radius by which a step may miss it, and of the decrease that it may leave.
constexpr double enough = 0.1;
/// Where nothing better is known, the next shift lies this far into its bracket.
constexpr double into_bracket = 0.01;
constexpr int most_factorizations = 60;
/// Steps of inverse iteration for the lowest eigenvectors.
constexpr int inverse_steps = 2;
/// Share of the size of B + λI by which rounding may move a curvature of it.
constexpr double rounding = 1e-12;

// Where solves are spent to spare factors:
/// Share of the decrease that a minimizer in the space may leave to the vector that is added last.
constexpr double enough_in_space = 0.1;
/// What is left may be so many times what it seems to be.
constexpr double most_underrated = 10.0;
/// A step so many times as short is as good if it has this share of the decrease.
constexpr double much_shorter = 0.1, nearly_as_good = 0.95;
/// Solves after which another factor may do better, and most of these.
constexpr int most_solves = 8, most_poles = 6;
/// A shift of up to so many times the lowest curvature can be done without.
constexpr double little_beside = 4.0;
/// A shift after one that failed is so many times as large, and so many times what the lowest Ritz value,
/// with this residual relative to the size of B, asks for, and at least this share of that size.
constexpr double safely_larger = 4.0, beyond_ritz = 1.25, rough = 0.02, least_share = 1e-3;
/// Where a space does not show how B bends down, the next shift is so many times the last one.
constexpr double smaller = 0.1;

/// What Gershgorin's discs say of the eigenvalues.
struct Discs {
  double lowest = std::numeric_limits<double>::infinity(), highest = -lowest, lowest_diagonal = lowest;

  void add(double diagonal, double radius) {
    lowest = std::min(lowest, diagonal - radius);
    highest = std::max(highest, diagonal + radius);
    lowest_diagonal = std::min(lowest_diagonal, diagonal);
  }
};

Discs discs_of(const Symmetric& B) {
  Discs discs;
  const Index n = B.size();
  Vector radii = Vector::Zero(n);
  if (!B.is_sparse()) {
    radii = B.radii();
    for (Index j = 0; j < n; ++j) discs.add(B.dense()(j, j), radii[j]);
    return discs;
  }
  // A column completes its row: those before have added their entries.
  const SparseMatrix& lower = B.unscaled();
  const double* const s = B.scaling().size() > 0 ? B.scaling().data() : nullptr;
  for (Index j = 0; j < n; ++j) {
    double diagonal = 0.0, radius = radii[j];
    for (SparseMatrix::InnerIterator entry(lower, j); entry; ++entry) {
      const Index i = entry.row();
      const double value = s ? entry.value() * (s[i] * s[j]) : entry.value();
      if (i == j) {
        diagonal = value;
      } else {
        radii[i] += std::abs(value);
        radius += std::abs(value);
      }
    }
    discs.add(diagonal, radius);
  }
  return discs;
}

}  // namespace

double to_boundary(const Vector& p, const Vector& u, double radius) {
  const double along = p.dot(u), room = (radius - p.norm()) * (radius + p.norm());
  return room / (along + std::copysign(std::sqrt(along * along + room), along));
}

/// The shift λ of the minimizer is in [low, high].
struct FactoredQuadratic::Bracket {
  double low;
  double high;

  double inside() const {
    return std::max(std::sqrt(low) * std::sqrt(high), low + into_bracket * (high - low));
  }
  bool holds(double shift) const { return shift > low && shift < high; }
  bool is_empty() const { return high <= low * (1.0 + 4.0 * epsilon); }
};

void FactoredQuadratic::reset(Symmetric B, const Vector& g) {
  if (g.size() != g_.size()) last_shift_ = 0.0;
  B_ = std::move(B);
  g_ = g;
  cholesky_.reset(B_);
  tried_ = false;
  has_newton_ = false;
  discs_.reset();
  factored_.reset();
  has_space_ = false;
}

bool FactoredQuadratic::positive_definite() {
  if (std::exchange(tried_, true)) return has_newton_;
  if (!factor(0.0)) return false;
  newton_ = -g_;
  cholesky_.solve_in_place(newton_);
  has_newton_ = all_finite(newton_);
  if (!has_newton_) factored_.reset();
  return has_newton_;
}

Vector FactoredQuadratic::minus_solution() const {
  Vector solution = -g_;
  cholesky_.solve_in_place(solution);
  return solution;
}

bool FactoredQuadratic::minimizes_without_ball(double radius) {
  return positive_definite() && newton_.norm() <= radius;
}

const Vector* FactoredQuadratic::minimizer_inside(double radius) {
  if (!(tried_ || last_shift_ == 0.0) || !minimizes_without_ball(radius)) return nullptr;
  last_shift_ = 0.0;
  return &newton_;
}

bool FactoredQuadratic::factor(double shift) {
  if (factored_ == shift) return true;
  factored_.reset();
  ++factorizations_;
  if (cholesky_.factor(shift)) factored_ = shift;
  return factored_.has_value();
}

/// By Gershgorin's discs.
double FactoredQuadratic::size() {
  if (!discs_) {
    const Discs discs = discs_of(B_);
    lowest_diagonal_ = discs.lowest_diagonal;
    discs_.emplace(discs.lowest, discs.highest);
  }
  return std::max(std::abs(discs_->first), std::abs(discs_->second));
}

FactoredQuadratic::Bracket FactoredQuadratic::bracket(double radius) {
  size();
  const double stretch = g_.norm() / radius;
  return {std::max({0.0, -lowest_diagonal_, stretch - discs_->second}),
          std::max(0.0, stretch - discs_->first)};
}

/// Whether solves are spent to spare factors.
bool FactoredQuadratic::spares_factors() const { return spares_factors_.value_or(cholesky_.is_dear()); }

/// Turns `lowest_` towards the lowest eigenvectors by the factor at hand, of B + λI; returns its curvature
/// there.
double FactoredQuadratic::lowest_vector() {
  if (lowest_.size() != g_.size()) lowest_ = any_vector(g_.size());
  double curvature = 0.0;
  for (int step = 0; step < inverse_steps; ++step) {
    Vector next = lowest_;
    cholesky_.solve_in_place(next);
    const double length = next.norm();
    if (!(length > 0.0) || !std::isfinite(length)) break;
    curvature = next.dot(lowest_) / (length * length);
    lowest_ = next / length;
  }
  return curvature;
}

FactoredQuadratic::Minimizer FactoredQuadratic::within(double radius) {
  if (const Vector* inside = minimizer_inside(radius)) return {.step = *inside};
  return spares_factors() ? within_by_space(radius) : within_by_factors(radius);
}

/// Factors B + λI with a λ of which the last minimizer or else the lowest Ritz value says that it is enough.
/// False where no shift is.
bool FactoredQuadratic::factor_pole(double radius) {
  if (has_newton_ && factor(0.0)) return true;
  const Bracket range = bracket(radius);
  double shift = range.holds(last_shift_) ? last_shift_ : tried_ ? 0.0 : range.inside();
  if (shift > 0.0 && factor(shift)) return true;
  const auto multiply = [this](const Vector& v) { return B_.multiply(v); };
  const EigenPair lowest = lanczos(B_.size(), multiply, rough).lowest;
  const double needed = std::max({beyond_ritz * (lowest.residual - lowest.value), least_share * size(),
                                  std::numeric_limits<double>::min()});
  do {
    shift = std::max(safely_larger * shift, needed);
    if (!std::isfinite(shift)) return false;
  } while (!factor(shift));
  return true;
}

/// Adds what the factor at hand knows of the minimizers.
void FactoredQuadratic::extend_space() {
  if (has_newton_) {
    space_.add(factored_ == 0.0 ? newton_ : minus_solution());
    return;
  }
  if (lowest_.size() != g_.size()) lowest_vector();
  space_.add(lowest_);
  Matrix solutions(g_.size(), 2);
  solutions << -g_, lowest_;
  solutions = cholesky_.solve_columns(solutions);
  for (Index j = 0; j < 2; ++j) space_.add(solutions.col(j));
}

/// Adds what the factor at hand sees beyond the space; returns about what it is worth, 0 where it is nothing.
double FactoredQuadratic::look_beyond(const BallSpace::Minimizer& found) {
  if (!found.at_boundary) {  // B bends down, but not in the space
    if (has_newton_) return 0.0;
    lowest_vector();
    return space_.add(lowest_) ? std::numeric_limits<double>::infinity() : 0.0;
  }
  // Too little where the shift is less than that of the factor: by what it is beside the lowest curvature.
  const double lowest = space_.lowest_curvature();
  const double ratio = (*factored_ + lowest) / (found.shift + lowest);
  const Vector missing = cholesky_.solve(found.residual);
  const double worth = 0.5 * std::clamp(ratio, 1.0, most_underrated) * missing.dot(found.residual);
  return space_.add(missing) ? worth : 0.0;
}

/// The step where numbers are so far apart that no shift gives factors: only the plane is left.
Vector FactoredQuadratic::by_plane(double radius) const {
  const double slope = g_.stableNorm();
  return slope > 0.0 ? Vector(-radius * (g_ / slope)) : Vector(Vector::Zero(g_.size()));
}

/// Goes on with another factor; false where rounding hides its shift.
bool FactoredQuadratic::move_pole(double shift, double radius) {
  if (shift <= epsilon * size()) return false;
  if (!factor(shift) && !factor_pole(radius)) return false;
  extend_space();
  return true;
}

FactoredQuadratic::Minimizer FactoredQuadratic::within_by_space(double radius) {
  if (!factored_ && !factor_pole(radius)) return {.step = by_plane(radius), .at_boundary = true};
  if (!std::exchange(has_space_, true)) {
    space_.reset(B_, g_);
    extend_space();
  }
  if (space_.dimensions() == 0) return within_by_factors(radius);  // products with B overflow
  double left = std::numeric_limits<double>::infinity(), before = 0.0;
  for (int solves = 0, poles = 1;; ++solves) {
    BallSpace::Minimizer found = space_.within(radius);
    if (!found.at_boundary && !tried_) {  // the ball may not bind at all
      if (minimizes_without_ball(radius)) {
        last_shift_ = 0.0;
        return {.step = newton_};
      }
      if (!has_newton_ && !factor_pole(radius)) return as_minimizer(std::move(found));
      extend_space();
      continue;
    }
    if (std::max(left, before - found.value) <= enough_in_space * -found.value)
      return as_minimizer(std::move(found));
    if (solves < most_solves) {
      left = look_beyond(found);
      before = found.value;
      if (left > 0.0) continue;
      return as_minimizer(std::move(found));
    }
    const double shift = found.at_boundary ? found.shift : smaller * *factored_;
    if (++poles > most_poles || !move_pole(shift, radius)) return as_minimizer(std::move(found));
    solves = 0;
  }
}

FactoredQuadratic::Minimizer FactoredQuadratic::as_minimizer(BallSpace::Minimizer found) {
  // Inside of the ball, B is singular or nearly so: a space that holds its null vector only roughly may go a
  // long way along it for what little else that vector has.
  while (!found.at_boundary && found.value < 0.0) {
    BallSpace::Minimizer shorter = space_.within(much_shorter * found.step.norm());
    if (!(shorter.value <= nearly_as_good * found.value)) break;
    found = std::move(shorter);
    found.at_boundary = false;
    found.shift = 0.0;
  }
  EigenPair lowest = space_.lowest();
  last_shift_ = found.shift <= little_beside * lowest.value ? 0.0 : found.shift;
  if (!has_newton_) lowest_ = std::move(lowest.vector);
  return {.step = std::move(found.step),
          .shift = found.shift,
          .at_boundary = found.at_boundary,
          .hard_case = found.hard_case};
}

FactoredQuadratic::Minimizer FactoredQuadratic::within_by_factors(double radius) {
  Bracket range = bracket(radius);
  const double size = this->size();
  Minimizer result{.at_boundary = true};
  bool bottomless = (tried_ && !has_newton_) || lowest_diagonal_ < 0.0;
  // The factors at hand, of a larger radius if not of the bare B, are the best ones to start from.
  double shift = factored_.value_or(last_shift_);
  if (!factored_ && !range.holds(shift)) shift = range.inside();
  Vector p, solved;
  for (int count = 0; count < most_factorizations; ++count) {
    if (!factor(shift)) {
      bottomless = true;
      range.low = std::max(range.low, shift);
      if (range.is_empty()) range.high = 2.0 * range.low + std::numeric_limits<double>::min();
      shift = range.inside();
      continue;
    }
    if (shift == 0.0 && has_newton_) {
      p = newton_;
    } else {
      p = -g_;
      cholesky_.solve_in_place(p);
    }
    const double length = p.norm();
    result.shift = shift;
    if (std::abs(length - radius) <= enough * radius) break;
    solved = p;
    cholesky_.solve_in_place(solved);
    const double slope = p.dot(solved);
    const double next = shift + length * length / slope * (length - radius) / radius;
    if (length >= radius) {
      range.low = std::max(range.low, shift);
      if (range.is_empty() && shift >= range.low) break;
    } else {
      range.high = std::min(range.high, shift);
      double curvature = 0.0;
      if (!has_newton_) {
        curvature = lowest_vector() + rounding * (shift + size);
        bottomless = bottomless || curvature < shift;
      }
      // The ball may not bind at all.
      if (!bottomless && !range.holds(next) && minimizes_without_ball(radius)) {
        last_shift_ = 0.0;
        return {.step = newton_};
      }
      bottomless = bottomless || (tried_ && !has_newton_);
      if (bottomless) {
        range.low = std::max(range.low, shift - curvature);
        const double t = to_boundary(p, lowest_, radius);
        if (t * t * curvature <= enough * (shift * radius * radius - g_.dot(p)) || range.is_empty()) {
          // Where the curvature may as well vanish, there is nothing to be gained by it on the way to the
          // boundary.
          const double fall = 0.5 * (shift * length * length - g_.dot(p));
          const double beyond = t * (shift * lowest_.dot(p) + 0.5 * t * std::max(0.0, shift - curvature));
          result.hard_case = result.at_boundary = curvature < shift || beyond > enough * fall;
          if (result.hard_case) p += t * lowest_;
          break;
        }
      }
      if (shift <= epsilon * size) {  // which the rounding of B hides: a smaller one changes nothing
        result.at_boundary = false;
        break;
      }
    }
    shift = range.holds(next) ? next : range.inside();
  }
  result.step = std::move(p);
  if (result.step.size() == 0 || !result.step.allFinite()) result.step = by_plane(radius);
  // A factorization that rounding let pass leaves a step that may be long.
  if (result.step.norm() > (1.0 + enough) * radius) result.step *= radius / result.step.norm();
  last_shift_ = result.shift;
  return result;
}

Vector FactoredQuadratic::descent() {
  if (positive_definite()) return newton_;
  const Vector diagonal = B_.diagonal();
  const double size = (diagonal.cwiseAbs() + B_.radii()).maxCoeff();
  if (!(size > 0.0)) return -g_;
  return damped(std::max(1e-3 * size, -2.0 * diagonal.minCoeff()));
}

Vector FactoredQuadratic::damped(double damping) {
  double shift = damping;
  while (!factor(shift)) {
    shift *= 4.0;
    if (!std::isfinite(shift)) return Vector::Zero(g_.size());
  }
  return minus_solution();
}

std::unique_ptr<Quadratic> make_quadratic(const Symmetric& B) {
  if (!B.is_sparse() && B.size() <= largest_decomposed) return std::make_unique<DenseQuadratic>();
  if (B.is_sparse() && fills_up(B.unscaled())) return std::make_unique<IterativeQuadratic>();
  return std::make_unique<FactoredQuadratic>();
}

}  // namespace quadric::linalg
