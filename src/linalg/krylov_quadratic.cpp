#include "linalg/krylov_quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "linalg/symmetric_spectrum.hpp"

namespace quadric::linalg {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Up to this many variables the space is kept orthogonal, which costs the square of its dimensions.
constexpr Index largest_orthogonalized = 2000;
/// A coupling below this share of T leads out of the space by rounding alone.
constexpr double no_coupling = 1e-14;
/// Eigenvalues below this share of the largest count as zero.
constexpr double negligible = 1e-8;
/// A recovered step may pass the radius by this share, as rounding bends the space.
constexpr double close_enough = 1e-6;

/// β h₀ + ½ hᵀT h.
double change_of(const Tridiagonal& T, double beta, const Vector& h) {
  return beta * h[0] + 0.5 * h.dot(T.multiply(h));
}

}  // namespace

void KrylovQuadratic::reset(Multiply multiply, const Vector& g, const Options& options,
                            const Vector& first_product) {
  multiply_ = std::move(multiply);
  options_ = options;
  g_ = g;
  first_product_ = first_product;
  length_ = g.norm();
  if (orthogonalizes()) options_.most_vectors = std::max(options_.most_products, options_.most_vectors);
  options_.most_vectors = std::max<Index>(1, options_.most_vectors);
  T_.clear();
  basis_.clear();
  next_ = g / length_;
  coupling_ = change_ = last_shift_ = 0.0;
  ended_ = failed_ = bends_down_ = false;
  iterate_ = Vector::Zero(g.size());
}

bool KrylovQuadratic::orthogonalizes() const { return g_.size() <= largest_orthogonalized; }

/// Adds a dimension; false where there is none to be had.
bool KrylovQuadratic::extend() {
  const Index k = size();
  if (ended_ || k >= std::min(options_.most_products, g_.size())) return false;
  const bool given = k == 0 && first_product_.size() > 0;
  Vector product = given ? Vector(first_product_ / length_) : multiply_(next_);
  if (!product.allFinite()) {
    failed_ = ended_ = true;
    return false;
  }
  const double curvature = next_.dot(product);
  T_.append(curvature, coupling_);
  if (k < options_.most_vectors) basis_.push_back(next_);
  product -= curvature * next_;
  if (k > 0) product -= coupling_ * last_;
  for (int twice = 0; orthogonalizes() && twice < 2; ++twice) {
    for (const Vector& v : basis_) product -= v.dot(product) * v;
  }
  advance_iterate(next_);
  std::swap(last_, next_);
  coupling_ = product.norm();
  if (!(coupling_ > no_coupling * T_.largest()) || k + 1 == g_.size()) {
    coupling_ = 0.0;
    ended_ = true;
  } else {
    next_ = product / coupling_;
  }
  return true;
}

/// Takes the iterate of conjugate gradients to the space that v, its last vector, completes.
void KrylovQuadratic::advance_iterate(const Vector& v) {
  if (bends_down_) return;
  const Index k = size() - 1;
  const double lower = k > 0 ? T_.below(k) / pivot_ : 0.0;
  pivot_ = T_.diagonal(k) - (k > 0 ? lower * T_.below(k) : 0.0);
  if (!(pivot_ > 4.0 * epsilon * T_.largest())) {
    bends_down_ = true;
    return;
  }
  along_ = k > 0 ? -lower * along_ : -length_;
  conjugate_ = k > 0 ? Vector(v - lower * conjugate_) : v;
  iterate_ += (along_ / pivot_) * conjugate_;
  change_ -= 0.5 * along_ * along_ / pivot_;
}

/// Whether the minimizer over the space is in the ball.
bool KrylovQuadratic::interior(double radius) const { return !bends_down_ && iterate_.norm() <= radius; }

/// The residual of a minimizer over the space points along the vector that comes next.
bool KrylovQuadratic::converged(double last_entry) const {
  return coupling_ * std::abs(last_entry) <= options_.tolerance * length_;
}

KrylovQuadratic::Minimizer KrylovQuadratic::within(double radius) {
  while (true) {
    const bool grown = size() > 0 || extend();
    if (!grown) return plane_step(radius);
    if (interior(radius)) {
      if (converged(along_ / pivot_) || !extend()) return {.step = iterate_, .change = change_};
      continue;
    }
    if (options_.stop_at_boundary) {
      const TridiagonalMinimizer end = truncated(radius);
      return expanded(end.step, 0.0, true);
    }
    const TridiagonalMinimizer lowest = minimize_in_ball(T_, length_, radius, last_shift_);
    last_shift_ = lowest.shift;
    if (converged(lowest.step[size() - 1]) || !extend()) {
      Minimizer result = expanded(lowest.step, lowest.shift, lowest.at_boundary);
      const double length = result.step.norm();
      if (length <= (1.0 + close_enough) * radius) return result;
      const double t = radius / length, slope = g_.dot(result.step);
      result.step *= t;
      result.change = t * slope + t * t * (result.change - slope);
      return result;
    }
  }
}

KrylovQuadratic::Minimizer KrylovQuadratic::descent() {
  while (true) {
    const bool grown = size() > 0 || extend();
    if (!grown) return plane_step(length_);
    if (bends_down_) break;
    if (converged(along_ / pivot_) || !extend()) return {.step = iterate_, .change = change_};
  }
  const Spectrum spectrum = symmetric_spectrum(T_.dense());
  const Vector magnitude = spectrum.values.cwiseAbs();
  const double largest = magnitude.maxCoeff() > 0.0 ? magnitude.maxCoeff() : 1.0;
  const Vector curvature = (magnitude.array() >= negligible * largest).select(magnitude, largest);
  const Vector rotated = length_ * spectrum.vectors.row(0).transpose();
  return expanded(-spectrum.vectors * rotated.cwiseQuotient(curvature), 0.0, true);
}

/// Where nothing is known of B.
KrylovQuadratic::Minimizer KrylovQuadratic::plane_step(double length) const {
  return {.step = -(length / length_) * g_, .change = -length * length_, .at_boundary = true};
}

/// Where the path of conjugate gradients leaves the ball, in coordinates of the space.
TridiagonalMinimizer KrylovQuadratic::truncated(double radius) const {
  const Index k = size();
  Vector h = Vector::Zero(k), direction = Vector::Zero(k);
  double pivot = 0.0, along = 0.0;
  for (Index i = 0; i < k; ++i) {
    const double lower = i > 0 ? T_.below(i) / pivot : 0.0;
    pivot = T_.diagonal(i) - (i > 0 ? lower * T_.below(i) : 0.0);
    along = i > 0 ? -lower * along : -length_;
    direction *= -lower;
    direction[i] = 1.0;
    const Vector full = h + (along / pivot) * direction;
    if (!(pivot > 0.0) || full.norm() > radius) break;
    h = full;
  }
  const Vector downhill = std::copysign(1.0, along) * direction.normalized();
  const double ahead = h.dot(downhill), room = (radius - h.norm()) * (radius + h.norm());
  const double t = room / (ahead + std::sqrt(ahead * ahead + room));
  return {.step = h + t * downhill, .at_boundary = true};
}

/// The step with coordinates h in the space (k).
KrylovQuadratic::Minimizer KrylovQuadratic::expanded(const Vector& h, double shift, bool at_boundary) {
  Minimizer result{.step = multiply_basis(h),
                   .change = change_of(T_, length_, h),
                   .shift = shift,
                   .at_boundary = at_boundary};
  if (result.step.size() > 0) return result;
  // A product that could be had before can not be had now: what was kept must do.
  const auto kept = static_cast<Index>(basis_.size());
  const double radius = h.norm();
  T_.truncate(kept);
  failed_ = ended_ = bends_down_ = true;
  coupling_ = 0.0;
  const Vector shorter = minimize_in_ball(T_, length_, radius).step;
  return {.step = multiply_basis(shorter), .change = change_of(T_, length_, shorter), .at_boundary = true};
}

/// Σ hᵢ vᵢ (n); empty where a product failed.
Vector KrylovQuadratic::multiply_basis(const Vector& h) {
  Vector sum = Vector::Zero(g_.size());
  const auto kept = std::min<Index>(h.size(), static_cast<Index>(basis_.size()));
  for (Index i = 0; i < kept; ++i) sum += h[i] * basis_[static_cast<std::size_t>(i)];
  if (kept == h.size()) return sum;
  Vector before = kept > 1 ? basis_[static_cast<std::size_t>(kept - 2)] : Vector::Zero(g_.size());
  Vector v = basis_.back();
  for (Index i = kept; i < h.size(); ++i) {
    Vector product = i == 1 && first_product_.size() > 0 ? Vector(first_product_ / length_) : multiply_(v);
    product -= T_.diagonal(i - 1) * v;
    if (i > 1) product -= T_.below(i - 1) * before;
    if (!product.allFinite()) return {};
    before = std::exchange(v, product / T_.below(i));
    sum += h[i] * v;
  }
  return sum;
}

}  // namespace quadric::linalg
