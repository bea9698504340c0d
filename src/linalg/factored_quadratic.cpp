#include "linalg/factored_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "linalg/dense_quadratic.hpp"
#include "linalg/iterative_quadratic.hpp"
#include "linalg/lanczos.hpp"

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
  newton_.reset();
  discs_.reset();
  factored_.reset();
}

bool FactoredQuadratic::positive_definite() {
  if (std::exchange(tried_, true)) return newton_.has_value();
  if (!factor(0.0)) return false;
  newton_ = -cholesky_.solve(g_);
  if (!newton_->allFinite()) newton_.reset();
  return newton_.has_value();
}

bool FactoredQuadratic::minimizes_without_ball(double radius) {
  return positive_definite() && newton_->norm() <= radius;
}

bool FactoredQuadratic::factor(double shift) {
  if (factored_ == shift) return true;
  factored_.reset();
  if (cholesky_.factor(shift)) factored_ = shift;
  return factored_.has_value();
}

FactoredQuadratic::Bracket FactoredQuadratic::bracket(double radius) {
  const Vector diagonal = B_.diagonal();
  if (!discs_) {
    const Vector radii = B_.radii();
    discs_.emplace((diagonal - radii).minCoeff(), (diagonal + radii).maxCoeff());
  }
  const double stretch = g_.norm() / radius;
  return {std::max({0.0, -diagonal.minCoeff(), stretch - discs_->second}),
          std::max(0.0, stretch - discs_->first)};
}

/// Turns `lowest_` towards the lowest eigenvectors by the factor at hand, of B + λI; returns its curvature
/// there.
double FactoredQuadratic::lowest_vector() {
  if (lowest_.size() != g_.size()) lowest_ = any_vector(g_.size());
  double curvature = 0.0;
  for (int step = 0; step < inverse_steps; ++step) {
    const Vector next = cholesky_.solve(lowest_);
    const double length = next.norm();
    if (!(length > 0.0) || !std::isfinite(length)) break;
    curvature = next.dot(lowest_) / (length * length);
    lowest_ = next / length;
  }
  return curvature;
}

FactoredQuadratic::Minimizer FactoredQuadratic::within(double radius) {
  if ((tried_ || last_shift_ == 0.0) && minimizes_without_ball(radius)) {
    last_shift_ = 0.0;
    return {.step = *newton_};
  }
  Bracket range = bracket(radius);
  const double size = std::max(std::abs(discs_->first), std::abs(discs_->second));
  Minimizer result{.at_boundary = true};
  bool bottomless = (tried_ && !newton_) || B_.diagonal().minCoeff() < 0.0;
  // The factors at hand, of a larger radius if not of the bare B, are the best ones to start from.
  double shift = factored_.value_or(last_shift_);
  if (!factored_ && !range.holds(shift)) shift = range.inside();
  for (int count = 0; count < most_factorizations; ++count) {
    if (!factor(shift)) {
      bottomless = true;
      range.low = std::max(range.low, shift);
      if (range.is_empty()) range.high = 2.0 * range.low + std::numeric_limits<double>::min();
      shift = range.inside();
      continue;
    }
    const Vector p = shift == 0.0 && newton_ ? *newton_ : Vector(-cholesky_.solve(g_));
    const double length = p.norm();
    result.step = p;
    result.shift = shift;
    if (std::abs(length - radius) <= enough * radius) break;
    const double slope = p.dot(cholesky_.solve(p));
    const double next = shift + length * length / slope * (length - radius) / radius;
    if (length >= radius) {
      range.low = std::max(range.low, shift);
      if (range.is_empty() && shift >= range.low) break;
    } else {
      range.high = std::min(range.high, shift);
      double curvature = 0.0;
      if (!newton_) {
        curvature = lowest_vector() + rounding * (shift + size);
        bottomless = bottomless || curvature < shift;
      }
      // The ball may not bind at all.
      if (!bottomless && !range.holds(next) && minimizes_without_ball(radius)) {
        last_shift_ = 0.0;
        return {.step = *newton_};
      }
      bottomless = bottomless || (tried_ && !newton_);
      if (bottomless) {
        range.low = std::max(range.low, shift - curvature);
        const double t = to_boundary(p, lowest_, radius);
        if (t * t * curvature <= enough * (shift * radius * radius - g_.dot(p)) || range.is_empty()) {
          result.step += t * lowest_;
          result.hard_case = true;
          break;
        }
      }
      if (shift <= epsilon * size) break;  // which the rounding of B hides: a smaller one changes nothing
    }
    shift = range.holds(next) ? next : range.inside();
  }
  // Where numbers are so far apart that no shift gave factors, only the plane is left.
  if (result.step.size() == 0 || !result.step.allFinite()) {
    const double slope = g_.stableNorm();
    result.step = slope > 0.0 ? Vector(-radius * (g_ / slope)) : Vector(Vector::Zero(g_.size()));
  }
  // A factorization that rounding let pass leaves a step that may be long.
  if (result.step.norm() > (1.0 + enough) * radius) result.step *= radius / result.step.norm();
  last_shift_ = result.shift;
  return result;
}

Vector FactoredQuadratic::descent() {
  if (positive_definite()) return *newton_;
  const Vector diagonal = B_.diagonal();
  const double size = (diagonal.cwiseAbs() + B_.radii()).maxCoeff();
  if (!(size > 0.0)) return -g_;
  return damped(std::max(1e-3 * size, -2.0 * diagonal.minCoeff()));
}

Vector FactoredQuadratic::damped(double damping) {
  double shift = damping;
  while (!factor(shift)) shift *= 4.0;
  return -cholesky_.solve(g_);
}

std::unique_ptr<Quadratic> make_quadratic(const Symmetric& B) {
  if (!B.is_sparse() && B.size() <= largest_decomposed) return std::make_unique<DenseQuadratic>();
  if (B.is_sparse() && fills_up(B.unscaled())) return std::make_unique<IterativeQuadratic>();
  return std::make_unique<FactoredQuadratic>();
}

}  // namespace quadric::linalg
