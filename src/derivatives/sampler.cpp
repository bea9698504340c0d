#include "derivatives/sampler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include "quadric/base/misuse.hpp"

namespace quadric::differences {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Standard deviation of the rounding of a number to double, relative to the number: ulp / √12.
constexpr double rounding = 0.29 * epsilon;
/// Fourth differences above this many roundings call for a measurement.
constexpr double suspicious = 30.0;
/// A variable so much smaller than the others is a zero.
constexpr double zero = 1e-20;

constexpr std::size_t points = 7;
using Values = std::array<double, points>;

/// Typical magnitudes of the variables: their own; for zeros the geometric mean of the others; else 1.
Vector typical_lengths(const Vector& x, const Vector& scale) {
  const Vector size = x.cwiseAbs();
  const double largest = size.size() > 0 ? size.maxCoeff() : 0.0;
  double logarithms = 0.0;
  double count = 0.0;
  for (const double s : size) {
    if (s == 0.0 || s < zero * largest) continue;
    logarithms += std::log2(s);
    count += 1.0;
  }
  const double fallback = count > 0.0 ? std::exp2(logarithms / count) : 1.0;
  Vector lengths = (size.array() > zero * largest).select(size, fallback);
  if (scale.size() == 0) return lengths;
  if (scale.size() != x.size() || !scale.allFinite() || (scale.array() < 0.0).any()) {
    misuse("the scale of differences takes " + std::to_string(x.size()) +
           " magnitudes, finite and not negative");
  }
  return (scale.array() > 0.0).select(scale, lengths);
}

/// Noise in equally spaced values of one component (Moré & Wild 2011, algorithm ECnoise): differences of
/// order k of independent errors have the variance (2k)!/(k!)² σ², whereas those of a smooth function fade.
double noise_in(Values values) {
  std::array<double, points> level{};
  std::array<bool, points> alternates{};
  double gamma = 1.0;
  for (std::size_t k = 1; k < points; ++k) {
    gamma *= 0.5 * static_cast<double>(k) / static_cast<double>(2 * k - 1);
    double squares = 0.0;
    bool rises = false, falls = false;
    for (std::size_t i = 0; i + k < points; ++i) {
      values[i] = values[i + 1] - values[i];
      squares += values[i] * values[i];
      rises = rises || values[i] > 0.0;
      falls = falls || values[i] < 0.0;
    }
    level[k] = std::sqrt(gamma * squares / static_cast<double>(points - k));
    alternates[k] = rises && falls;
  }
  for (std::size_t k = 1; k + 2 < points; ++k) {
    const auto [low, high] = std::minmax({level[k], level[k + 1], level[k + 2]});
    if (alternates[k] && high <= 4.0 * low) return level[k];
  }
  return std::min({level[4], level[5], level[6]});
}

/// Do at least half of the neighbors coincide? Then the points are closer than what the function resolves.
bool coincide(const Values& values) {
  std::size_t ties = 0;
  for (std::size_t i = 0; i + 1 < points; ++i) ties += values[i] == values[i + 1] ? 1 : 0;
  return 2 * ties >= points - 1;
}

Values component(const std::vector<Vector>& values, Index i) {
  Values result{};
  for (std::size_t k = 0; k < points; ++k) result[k] = values[k][i];
  return result;
}

}  // namespace

Sampler::Sampler(const VectorFunction& f, const Vector& x, const Options& options)
    : f_(f), x_(x), moved_(x), lengths_(typical_lengths(x, options.scale)), given_noise_(options.noise) {
  if (!std::isfinite(given_noise_) || given_noise_ < 0.0) {
    misuse("the noise of a function must be finite and not negative");
  }
  if (x_.size() > 0) largest_ = x_.cwiseAbs().maxCoeff();
  f_(x_, center_);
  ++evaluations_;
  measured_noise_ = Vector::Zero(center_.size());
}

double Sampler::reach(Index j) const { return 0.1 * std::max({lengths_[j], largest_, 1.0}); }

bool Sampler::at(const Move& move, double k, Vector& values) {
  for (const auto& [j, length] : move) moved_[j] = x_[j] + k * length;
  f_(moved_, values);
  for (const auto& [j, length] : move) moved_[j] = x_[j];
  ++evaluations_;
  if (values.size() != center_.size()) {
    misuse("a function must always return the same number of values, but it returned " +
           std::to_string(center_.size()) + " and then " + std::to_string(values.size()));
  }
  return values.allFinite();
}

Vector Sampler::noise(const Vector& largest, const Vector& fourth) {
  const Vector floor = rounding * largest;
  if (given_noise_ > 0.0) return floor.cwiseMax(given_noise_);
  const Vector shown = fourth / std::sqrt(70.0);
  if (!measured_) {
    std::vector<bool> suspect(static_cast<std::size_t>(floor.size()));
    for (Index i = 0; i < floor.size(); ++i)
      suspect[static_cast<std::size_t>(i)] = shown[i] > suspicious * floor[i];
    if (std::ranges::none_of(suspect, [](bool s) { return s; }))
      return floor.cwiseMax(shown).cwiseMax(measured_noise_);
    measure(suspect);
  }
  return floor.cwiseMax(measured_noise_);
}

void Sampler::learn_noise(Index i, double noise) { measured_noise_[i] = std::max(measured_noise_[i], noise); }

Vector Sampler::measured_noise() {
  if (given_noise_ > 0.0) return Vector::Constant(center_.size(), given_noise_);
  if (!measured_) measure(std::vector<bool>(static_cast<std::size_t>(center_.size()), true));
  return measured_noise_.cwiseMax(rounding * center_.cwiseAbs());
}

double Sampler::relative_noise() const {
  std::vector<double> relative;
  for (Index i = 0; i < center_.size(); ++i) {
    const double size = std::abs(center_[i]);
    if (size == 0.0) continue;
    relative.push_back(given_noise_ > 0.0 ? given_noise_ / size : measured_noise_[i] / size);
  }
  if (relative.empty()) return epsilon;
  const auto middle = relative.begin() + static_cast<std::ptrdiff_t>(relative.size() / 2);
  std::ranges::nth_element(relative, middle);
  return std::clamp(*middle, epsilon, 1e-2);
}

bool Sampler::sample_closely(double spacing, std::vector<Vector>& values) {
  Move move;
  for (Index j = 0; j < x_.size(); ++j) {
    // Different parts of the lengths, so that no symmetry of the function cancels the moves.
    const double golden = 0.6180339887498949 * static_cast<double>(j + 1);
    move.emplace_back(j, spacing * lengths_[j] * (0.5 + 0.5 * (golden - std::floor(golden))));
  }
  values.assign(points, center_);
  for (std::size_t k = 1; k < points; ++k) {
    if (!at(move, static_cast<double>(k), values[k])) return false;
  }
  return true;
}

void Sampler::measure(const std::vector<bool>& suspect) {
  measured_ = true;
  std::vector<Vector> values;
  for (double spacing = 1e-10; spacing < 1e-5; spacing *= 100.0) {
    if (!sample_closely(spacing, values) && !sample_closely(-spacing, values)) return;
    bool unresolved = false;
    for (Index i = 0; i < center_.size(); ++i) {
      const Values of_component = component(values, i);
      if (coincide(of_component)) {
        unresolved = unresolved || suspect[static_cast<std::size_t>(i)];
      } else if (measured_noise_[i] == 0.0) {
        measured_noise_[i] = noise_in(of_component);
      }
    }
    if (!unresolved) return;
  }
}

}  // namespace quadric::differences
