#include "linalg/tridiagonal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "linalg/lanczos.hpp"
#include "linalg/quadratic.hpp"

namespace quadric::linalg {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Share of the radius by which a step may miss it.
constexpr double close_enough = 1e-8;
/// Where nothing better is known, the next shift lies this far into its bracket.
constexpr double into_bracket = 0.01;
constexpr int most_factorizations = 200;
/// Steps of inverse iteration next to the eigenvalue, of which each gains many digits.
constexpr int inverse_steps = 3;
/// How far from singular, as a share of T, a matrix is that inverse iteration factors.
constexpr double next_to_singular = 1e-14;
/// Sweeps of QL for an eigenvalue; two are usual.
constexpr int most_sweeps = 60;

}  // namespace

void Tridiagonal::clear() { truncate(0); }

void Tridiagonal::reserve(Index rows) {
  diagonal_.reserve(static_cast<std::size_t>(rows));
  below_.reserve(static_cast<std::size_t>(rows));
}

void Tridiagonal::append(double diagonal, double below) {
  below_.push_back(diagonal_.empty() ? 0.0 : below);
  diagonal_.push_back(diagonal);
}

void Tridiagonal::truncate(Index rows) {
  diagonal_.resize(static_cast<std::size_t>(rows));
  below_.resize(static_cast<std::size_t>(rows));
}

double Tridiagonal::largest() const {
  double largest = 0.0;
  for (Index i = 0; i < size(); ++i) largest = std::max({largest, std::abs(diagonal(i)), std::abs(below(i))});
  return largest;
}

Vector Tridiagonal::multiply(const Vector& v) const {
  Vector product(size());
  for (Index i = 0; i < size(); ++i) product[i] = diagonal(i) * v[i];
  for (Index i = 1; i < size(); ++i) {
    product[i] += below(i) * v[i - 1];
    product[i - 1] += below(i) * v[i];
  }
  return product;
}

std::pair<double, double> Tridiagonal::range() const {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (Index i = 0; i < size(); ++i) {
    const double radius = std::abs(below(i)) + (i + 1 < size() ? std::abs(below(i + 1)) : 0.0);
    low = std::min(low, diagonal(i) - radius);
    high = std::max(high, diagonal(i) + radius);
  }
  return {low, high};
}

Matrix Tridiagonal::dense() const {
  Matrix T = Matrix::Zero(size(), size());
  for (Index i = 0; i < size(); ++i) T(i, i) = diagonal(i);
  for (Index i = 1; i < size(); ++i) T(i, i - 1) = T(i - 1, i) = below(i);
  return T;
}

std::pair<double, double> Tridiagonal::ends() const {
  const auto [lowest, highest] = range();
  const double rounding = 4.0 * epsilon * std::max(std::abs(lowest), std::abs(highest));
  Tridiagonal T = *this, negated = *this;
  for (double& entry : negated.diagonal_) entry = -entry;
  // The largest shift down that leaves a matrix positive definite, between one that does and one that does
  // not.
  const auto lowest_of = [&](Tridiagonal& A, double low, double high) {
    while (high - low > rounding) {
      const double middle = 0.5 * (low + high);
      (A.factor(-middle) ? low : high) = middle;
    }
    return 0.5 * (low + high);
  };
  return {lowest_of(T, lowest - rounding, highest + rounding),
          -lowest_of(negated, -highest - rounding, -lowest + rounding)};
}

bool Tridiagonal::factor(double shift) {
  pivots_.resize(diagonal_.size());
  lower_.resize(diagonal_.size());
  for (std::size_t i = 0; i < diagonal_.size(); ++i) {
    lower_[i] = i > 0 ? below_[i] / pivots_[i - 1] : 0.0;
    pivots_[i] = diagonal_[i] + shift - lower_[i] * below_[i];
    if (!(pivots_[i] > 0.0)) return false;
  }
  return true;
}

Vector Tridiagonal::solve(Vector b) const {
  solve_in_place(b);
  return b;
}

void Tridiagonal::solve_in_place(Vector& b) const {
  for (Index i = 1; i < size(); ++i) b[i] -= lower_[static_cast<std::size_t>(i)] * b[i - 1];
  for (Index i = 0; i < size(); ++i) b[i] /= pivots_[static_cast<std::size_t>(i)];
  for (Index i = size() - 1; i > 0; --i) b[i - 1] -= lower_[static_cast<std::size_t>(i)] * b[i];
}

namespace {

/// A sweep of QL over the rows from `first` to `end`, with Wilkinson's shift; the columns of Q are turned
/// with them. The entries are of size 1, so that squares which underflow are nothing beside them.
void sweep(Vector& d, Vector& e, Matrix& Q, Index first, Index end) {
  double g = (d[first + 1] - d[first]) / (2.0 * e[first]);
  g = d[end] - d[first] + e[first] / (g + std::copysign(std::sqrt(g * g + 1.0), g));
  double sine = 1.0, cosine = 1.0, p = 0.0;
  for (Index i = end - 1; i >= first; --i) {
    const double f = sine * e[i], b = cosine * e[i], length = std::sqrt(f * f + g * g);
    e[i + 1] = length;
    if (length == 0.0) {
      d[i + 1] -= p;
      e[end] = 0.0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    g = d[i + 1] - p;
    const double r = (d[i] - g) * sine + 2.0 * cosine * b;
    p = sine * r;
    d[i + 1] = g + p;
    g = cosine * r - b;
    double *const here = &Q(0, i), *const next = &Q(0, i + 1);
    for (Index row = 0; row < Q.rows(); ++row) {
      const double above = here[row], below = next[row];
      next[row] = sine * above + cosine * below;
      here[row] = cosine * above - sine * below;
    }
  }
  d[first] -= p;
  e[first] = g;
  e[end] = 0.0;
}

}  // namespace

Vector diagonalize(const Tridiagonal& T, Matrix& Q) {
  const Index k = T.size();
  const double size = T.largest() > 0.0 ? T.largest() : 1.0;  // whose square may not be a number
  Vector d(k), e(k);
  e[k - 1] = 0.0;
  for (Index i = 0; i < k; ++i) d[i] = T.diagonal(i) / size;
  for (Index i = 1; i < k; ++i) e[i - 1] = T.below(i) / size;
  for (Index first = 0; first < k; ++first) {
    for (int count = 0; count < most_sweeps; ++count) {
      Index end = first;
      while (end + 1 < k && std::abs(e[end]) > epsilon * (std::abs(d[end]) + std::abs(d[end + 1]))) ++end;
      if (end == first) break;
      sweep(d, e, Q, first, end);
    }
  }
  d *= size;
  return d;
}

RitzValues ritz_values(const Tridiagonal& T) {
  Matrix last = Matrix::Zero(1, T.size());
  last(0, T.size() - 1) = 1.0;
  Vector values = diagonalize(T, last);
  return {.values = std::move(values), .last = last.transpose()};
}

Vector lowest_vector(Tridiagonal T, double lowest) {
  double off = next_to_singular * (T.largest() > 0.0 ? T.largest() : 1.0);
  while (!T.factor(off - lowest) && std::isfinite(off)) off *= 10.0;
  Vector h = any_vector(T.size());
  for (int step = 0; step < inverse_steps; ++step) {
    T.solve_in_place(h);
    h /= h.norm();
  }
  return h;
}

TridiagonalMinimizer minimize_in_ball(Tridiagonal& T, double beta, double radius, double near) {
  const Vector right = -beta * Vector::Unit(T.size(), 0);
  if (T.factor(0.0)) {
    const Vector h = T.solve(right);
    if (h.norm() <= radius) return {.step = h};
  }
  const auto [lowest, highest] = T.range();
  double low = std::max(0.0, beta / radius - highest), high = std::max(low, beta / radius - lowest);
  const auto inside = [&] { return std::max(std::sqrt(low * high), low + into_bracket * (high - low)); };
  double shift = near > low && near < high ? near : inside();
  TridiagonalMinimizer result{.at_boundary = true};
  for (int count = 0; count < most_factorizations; ++count) {
    const bool collapsed = high <= low * (1.0 + 4.0 * epsilon);
    if (collapsed) shift = high;
    if (!T.factor(shift)) {
      low = std::max(low, shift);
      // The eigenvalue is where the bracket ended: rounding hides on which side.
      if (collapsed) high *= 1.0 + 8.0 * epsilon;
      shift = collapsed ? high : inside();
      continue;
    }
    const Vector h = T.solve(right);
    const double length = h.norm();
    result.step = h;
    result.shift = shift;
    if (std::abs(length - radius) <= close_enough * radius) break;
    if (collapsed) {
      // Next to nothing of e₀ lies along the lowest eigenvector, which then makes up for the length.
      if (length < radius) {
        Vector u = any_vector(T.size());
        for (int step = 0; step < inverse_steps; ++step) u = T.solve(u).normalized();
        if (u.allFinite()) result.step += to_boundary(h, u, radius) * u;
      }
      break;
    }
    (length > radius ? low : high) = shift;
    shift += length * length / h.dot(T.solve(h)) * (length - radius) / radius;
    if (!(shift > low && shift < high)) shift = inside();
  }
  if (result.step.size() == 0) result.step = right * (radius / beta);
  if (result.step.norm() > radius) result.step *= radius / result.step.norm();
  return result;
}

}  // namespace quadric::linalg
