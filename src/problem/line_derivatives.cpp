#include "problem/line_derivatives.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int reach = 4;
constexpr int points = 2 * reach + 1;
constexpr double shrinking = 16.0;
constexpr int most_levels = 24;
/// The noise is that of the narrowest stencils at least: they see nothing else.
constexpr std::size_t noisy_levels = 3;
/// Estimates contradict each other when they are further apart than this times their errors.
constexpr double contradiction = 3.0;

using Weights =
    std::array<double, reach + 1>;  // of the distances 0 … 4 (Fornberg, Math. Comp. 51 (1988) 699)
constexpr Weights first_8{0.0, 4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
constexpr Weights first_6{0.0, 3.0 / 4, -3.0 / 20, 1.0 / 60, 0.0};
constexpr Weights second_8{-205.0 / 72, 8.0 / 5, -1.0 / 5, 8.0 / 315, -1.0 / 560};
constexpr Weights second_6{-49.0 / 18, 3.0 / 2, -3.0 / 20, 1.0 / 90, 0.0};

using Samples = std::array<double, points>;

double first_difference(const Weights& w, const Samples& f) {
  double sum = 0.0;
  for (int k = reach; k > 0; --k) {
    const auto up = static_cast<std::size_t>(reach + k), down = static_cast<std::size_t>(reach - k);
    sum += w[static_cast<std::size_t>(k)] * (f[up] - f[down]);
  }
  return sum;
}

double second_difference(const Weights& w, const Samples& f) {
  const double center = f[reach];
  double sum = 0.0;  // the weights add to zero: take the center off, so that only differences are summed
  for (int k = reach; k > 0; --k) {
    const auto up = static_cast<std::size_t>(reach + k), down = static_cast<std::size_t>(reach - k);
    sum += w[static_cast<std::size_t>(k)] * ((f[up] - center) + (f[down] - center));
  }
  return sum;
}

double weight_of_noise(const Weights& w) {
  double sum = std::abs(w[0]);
  for (std::size_t k = 1; k < w.size(); ++k) sum += 2.0 * std::abs(w[k]);
  return sum;
}

/// Standard deviation of the noise by differences of the orders from `lowest` to 8, the largest of them.
double noise_of(Samples f, int lowest) {
  double noise = 0.0;
  double binomial = 1.0;  // C(2k, k): what differences of order k do to the variance of noise
  for (int k = 1; k < points; ++k) {
    const int left = points - k;
    double squares = 0.0;
    for (int i = 0; i < left; ++i) {
      const auto at = static_cast<std::size_t>(i);
      f[at] = f[at + 1] - f[at];
      squares += f[at] * f[at];
    }
    binomial *= 2.0 * (2.0 * k - 1.0) / k;
    if (k >= lowest) noise = std::max(noise, std::sqrt(squares / left / binomial));
  }
  return noise;
}

/// Whether no two values on a side of the center are equal, as they are where rounding has left but a few of
/// them. (The two sides of an even function are the same.)
bool all_differ(const Samples& f) {
  for (std::size_t side : {std::size_t{0}, std::size_t{reach}}) {
    for (std::size_t a = side; a <= side + reach; ++a) {
      for (std::size_t b = side; b < a; ++b) {
        if (f[a] == f[b]) return false;
      }
    }
  }
  return true;
}

/// The values of all functions on one stencil: c × 9, empty where a point failed for all.
struct Level {
  double spacing = 0.0;
  Matrix values;
};

Samples row(const Matrix& values, Index i) {
  Samples samples{};
  for (std::size_t k = 0; k < samples.size(); ++k) samples[k] = values(i, static_cast<Index>(k));
  return samples;
}

bool fill(const LineFunction& f, const Vector& center, Level& level) {
  level.values.resize(center.size(), points);
  level.values.col(reach) = center;
  Vector values;
  for (int k = -reach; k <= reach; ++k) {
    if (k == 0) continue;
    if (!f(k * level.spacing, values) || values.size() != center.size()) return false;
    level.values.col(reach + k) = values;
  }
  return true;
}

/// One derivative of one function on one stencil.
struct Guess {
  double value = 0.0, error = infinity, size = 0.0;
};

/// Chooses among guesses from the narrowest stencil to the widest.
Guess choose(const std::vector<Guess>& guesses) {
  Guess best;
  double low = -infinity, high = infinity;
  for (const Guess& guess : guesses) {
    const double margin = contradiction * guess.error;
    low = std::max(low, guess.value - margin);
    high = std::min(high, guess.value + margin);
    if (low > high) break;
    if (guess.error <= best.error) best = guess;
  }
  return best;
}

/// Everything about one function, the levels from the narrowest.
class OneFunction {
 public:
  OneFunction(const std::vector<Level>& levels, Index i, const LineSteps& steps) {
    std::vector<double> noise;
    for (const Level& level : levels) {
      const Samples samples = row(level.values, i);
      const auto [least, most] = std::minmax_element(samples.begin(), samples.end());
      if (!std::all_of(samples.begin(), samples.end(), [](double f) { return std::isfinite(f); })) continue;
      const double value = std::max(std::abs(*least), std::abs(*most));
      if (!all_differ(samples)) {  // lost in rounding, or f hardly varies
        bound(samples, level.spacing, (*most - *least) + epsilon * value, value);
        continue;
      }
      stencils_.push_back({level.spacing, samples});
      noise.push_back(std::max(noise_of(samples, 7), steps.rounding_of_values * epsilon * value));
    }
    if (stencils_.empty()) return;
    double worst = *std::max_element(
        noise.begin(), noise.begin() + static_cast<std::ptrdiff_t>(std::min(noisy_levels, noise.size())));
    std::vector<Guess> first, second;
    for (std::size_t l = 0; l < stencils_.size(); ++l) {
      worst = std::max(worst, noise[l]);
      first.push_back(first_guess(stencils_[l], worst, steps));
      second.push_back(second_guess(stencils_[l], worst, steps));
    }
    first_ = choose(first);
    second_ = choose(second);
  }

  const Guess& first() const { return first_; }
  const Guess& second() const { return second_; }

 private:
  struct Stencil {
    double spacing;
    Samples samples;
  };

  /// What is known of derivatives where f, of magnitude `value`, varies by no more than `range`.
  void bound(const Samples& samples, double spacing, double range, double value) {
    const double secant = (samples.back() - samples.front()) / (2.0 * reach * spacing);
    const double square = spacing * spacing;
    first_ = {.value = secant, .error = range / spacing, .size = value / (reach * spacing)};
    second_ = {.value = second_difference(second_8, samples) / square,
               .error = weight_of_noise(second_8) * range / square,
               .size = value / (reach * reach * square)};
  }

  static Guess first_guess(const Stencil& at, double noise, const LineSteps& steps) {
    const double value = first_difference(first_8, at.samples) / at.spacing;
    const double lower_order = first_difference(first_6, at.samples) / at.spacing;
    Guess guess{.value = value,
                .error = weight_of_noise(first_8) * noise / at.spacing + std::abs(value - lower_order) +
                         steps.rounding_of_t / at.spacing * std::abs(value),
                .size = std::abs(value)};
    for (int k = 1; k <= reach; ++k) {
      for (const int side : {-k, k}) {
        const double rise = at.samples[static_cast<std::size_t>(reach + side)] - at.samples[reach];
        guess.size = std::max(guess.size, std::abs(rise) / (k * at.spacing));
      }
    }
    return guess;
  }

  static Guess second_guess(const Stencil& at, double noise, const LineSteps& steps) {
    const double square = at.spacing * at.spacing;
    const double value = second_difference(second_8, at.samples) / square;
    const double lower_order = second_difference(second_6, at.samples) / square;
    const double slope = std::abs(first_difference(first_8, at.samples) / at.spacing);
    Guess guess{.value = value,
                .error = weight_of_noise(second_8) *
                             (noise + steps.rounding_of_t * (slope + at.spacing * std::abs(value))) / square +
                         std::abs(value - lower_order),
                .size = std::abs(value)};
    for (int k = 1; k <= reach; ++k) {
      const double bend = (at.samples[static_cast<std::size_t>(reach + k)] - at.samples[reach]) +
                          (at.samples[static_cast<std::size_t>(reach - k)] - at.samples[reach]);
      guess.size = std::max(guess.size, std::abs(bend) / (k * k * square));
    }
    return guess;
  }

  std::vector<Stencil> stencils_;
  Guess first_, second_;
};

double power_of_two_below(double x) { return std::ldexp(1.0, std::ilogb(x)); }

}  // namespace

LineSteps steps_at(double x) {
  const double size = std::abs(x);
  LineSteps steps{.largest = 0.0625 * std::max(size, 1.0)};
  steps.smallest = size > 0.0 ? std::max(1e-9 * std::min(size, 1.0), 64.0 * epsilon * size) : 1e-14;
  steps.rounding_of_t = 0.0;  // a power of two is added to x: exact, but for the last bit beside a binade
  return steps;
}

LineDerivatives differentiate_line(const LineFunction& f, const LineSteps& steps) {
  LineDerivatives result;
  Vector center;
  if (!f(0.0, center)) return result;
  std::vector<Level> levels;
  double spacing = power_of_two_below(steps.largest);
  for (int l = 0; l < most_levels && (l == 0 || spacing >= steps.smallest); ++l, spacing /= shrinking) {
    Level level{.spacing = spacing, .values = {}};
    if (fill(f, center, level)) levels.push_back(std::move(level));
  }
  std::reverse(levels.begin(), levels.end());
  const Index c = center.size();
  for (Vector* part : {&result.first, &result.first_error, &result.second, &result.second_error,
                       &result.first_size, &result.second_size})
    part->resize(c);
  for (Index i = 0; i < c; ++i) {
    const OneFunction function(levels, i, steps);
    result.first[i] = function.first().value;
    result.first_error[i] = function.first().error;
    result.first_size[i] = function.first().size;
    result.second[i] = function.second().value;
    result.second_error[i] = function.second().error;
    result.second_size[i] = function.second().size;
  }
  return result;
}

Vector measure_noise(const LineFunction& f, double spacing) {
  Vector center;
  if (!f(0.0, center)) return {};
  Vector noise = Vector::Zero(center.size());
  Level level{.spacing = spacing, .values = {}};
  if (!fill(f, center, level)) return noise;
  for (Index i = 0; i < noise.size(); ++i) {
    const double sigma = noise_of(row(level.values, i), 4);
    if (std::isfinite(sigma)) noise[i] = sigma;
  }
  return noise;
}

}  // namespace quadric
