#include "derivatives/stencil.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quadric::differences {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// What the extrapolation takes off may exceed the noise by this factor: beyond, its remainder counts.
constexpr double cut_over_noise = 1e6;
/// Times noise, above which a difference means something: the noise itself is known to a factor of 3 or so.
constexpr double significant = 10.0;
/// Steps are never longer than this part of the length over which the function changes its shape.
constexpr double longest = 0.125;

/// Differences of one component and, for independent errors of standard deviation 1 in each value, theirs.
struct Differences {
  double first, first_noise;            ///< φ', error O(h⁴)
  double second, second_noise;          ///< φ'', error O(h⁴), on one side O(h³)
  double first_cut, first_cut_noise;    ///< what the better formula of φ' takes off the lower one
  double second_cut, second_cut_noise;  ///< the same of φ''
  double third, fourth;                 ///< |φ'''| and |φ''''| as the cuts show them
};

Differences central(double below2, double below1, double above1, double above2) {
  Differences d{};
  d.first = (8.0 * (above1 - below1) - (above2 - below2)) / 12.0;
  d.first_noise = std::sqrt(130.0) / 12.0;
  d.second = (16.0 * (above1 + below1) - (above2 + below2)) / 12.0;
  d.second_noise = std::sqrt(1414.0) / 12.0;
  d.first_cut = std::abs((above2 - below2) / 4.0 - (above1 - below1) / 2.0);
  d.first_cut_noise = std::sqrt(10.0) / 4.0;
  d.second_cut = std::abs((above2 + below2) / 4.0 - (above1 + below1));
  d.second_cut_noise = std::sqrt(70.0) / 4.0;
  d.third = 2.0 * d.first_cut;
  d.fourth = 4.0 * d.second_cut;
  return d;
}

Differences one_sided(double side, double v1, double v2, double v3, double v4) {
  Differences d{};
  const double slope = (48.0 * v1 - 36.0 * v2 + 16.0 * v3 - 3.0 * v4) / 12.0;
  d.first = side * slope;
  d.first_noise = std::sqrt(4490.0) / 12.0;
  d.second = (-104.0 * v1 + 114.0 * v2 - 56.0 * v3 + 11.0 * v4) / 12.0;
  d.second_noise = std::sqrt(28294.0) / 12.0;
  d.first_cut = std::abs((4.0 * v2 - v4) / 4.0 - slope);
  d.first_cut_noise = 6.0;
  d.second_cut = std::abs((v4 - 2.0 * v2) / 4.0 - d.second);
  d.second_cut_noise = 14.0;
  d.third = 0.75 * d.first_cut;
  d.fourth = std::abs(v4 - 4.0 * v3 + 6.0 * v2 - 4.0 * v1);
  return d;
}

/// L with a + bL = cL²: the length over which a derivative c, two orders up, shows beside a and b.
double length_of(double a, double b, double c) {
  if (c == 0.0) return infinity;
  return (b + std::sqrt(b * b + 4.0 * a * c)) / (2.0 * c);
}

}  // namespace

Stencil sample(Sampler& sampler, const Move& move) {
  constexpr double shorter = 1.0 / 16.0;
  Stencil stencil;
  if (!sampler.center().allFinite()) return stencil;
  Move steps = move;
  std::array<Vector, 4>& v = stencil.values;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const bool above = sampler.at(steps, 1.0, v[2]) && sampler.at(steps, 2.0, v[3]);
    const bool below = sampler.at(steps, -1.0, v[1]) && sampler.at(steps, -2.0, v[0]);
    stencil.side = above == below ? 0 : above ? 1 : -1;
    stencil.finite = above && below;
    if (stencil.side != 0) {
      if (above) std::swap(v[0], v[2]), std::swap(v[1], v[3]);  // the near ones first
      if (below) std::swap(v[0], v[1]);
      stencil.finite =
          sampler.at(steps, 3.0 * stencil.side, v[2]) && sampler.at(steps, 4.0 * stencil.side, v[3]);
    }
    if (stencil.finite) break;
    for (auto& [j, length] : steps) length *= shorter;
    stencil.shrunk *= shorter;
  }
  if (!stencil.finite) return stencil;
  stencil.largest = sampler.center().cwiseAbs();
  for (Vector& values : v) {
    stencil.largest = stencil.largest.cwiseMax(values.cwiseAbs());
    values -= sampler.center();
  }
  stencil.fourth = stencil.side == 0 ? Vector((v[0] + v[3]) - 4.0 * (v[1] + v[2]))
                                     : Vector((v[3] - 4.0 * v[2]) + (6.0 * v[1] - 4.0 * v[0]));
  stencil.fourth = stencil.fourth.cwiseAbs();
  return stencil;
}

Reading read(const Stencil& stencil, Index i, double noise, Order order) {
  const auto& v = stencil.values;
  const Differences d = stencil.side == 0 ? central(v[0][i], v[1][i], v[2][i], v[3][i])
                                          : one_sided(stencil.side, v[0][i], v[1][i], v[2][i], v[3][i]);
  const double s1 = std::abs(d.first);
  const double s2 = std::abs(d.second);
  const bool third_seen = d.first_cut > significant * d.first_cut_noise * noise;
  const bool fourth_seen = d.second_cut > significant * d.second_cut_noise * noise;
  const double by_third = length_of(s1, s2, d.third);
  const double by_fourth = length_of(s2, d.third, d.fourth);

  Reading reading;
  reading.length = std::min(third_seen ? by_third : infinity, fourth_seen ? by_fourth : infinity);
  const bool bends = s2 > significant * d.second_noise * noise;
  reading.says_something = bends || s1 > significant * d.first_noise * noise || third_seen || fourth_seen;

  const bool first = order == Order::First;
  const double cut = first ? d.first_cut : d.second_cut;
  const double added = (first ? d.first_noise : d.second_noise) * noise;
  const double length = std::min(reading.length, first ? by_third : by_fourth);
  // The better formula leaves about this share of what it took off.
  const double share = std::min(1.0, 1.0 / (first || stencil.side == 0 ? length * length : length));
  reading.derivative = first ? d.first : d.second;
  reading.error = added + cut * share;

  if (first ? third_seen : fourth_seen) {
    const double L = reading.length;
    const double balanced = first ? std::pow(30.0 * added * L * L / d.third, 0.2)
                                  : std::pow(90.0 * added * L * L / d.fourth, 1.0 / 6.0);
    const double cautious = first
                                ? std::cbrt(cut_over_noise * d.first_cut_noise * noise / d.first_cut)
                                : std::pow(cut_over_noise * d.second_cut_noise * noise / d.second_cut, 0.25);
    reading.advice = std::min({balanced, cautious, longest * L});
    return reading;
  }
  // No sign of what the formula cuts off: the step may grow, and should unless noise is small already.
  const double small = first ? 1e-10 * s1 + 1e-7 * s2 : 1e-7 * s2 + 2e-12 * s1;
  if (added <= small) return reading;
  const bool nothing = v[0][i] == 0.0 && v[1][i] == 0.0 && v[2][i] == 0.0 && v[3][i] == 0.0;
  const double growth = nothing ? 1e6 : bends ? 50.0 : 1e3;
  reading.advice = std::min(growth, longest * reading.length);
  return reading;
}

void Tableau::add(double difference, double noise) {
  if (size_ == levels) return;
  double coarser = difference, coarser_noise = noise;
  std::swap(coarser, row_[0]);
  std::swap(coarser_noise, noise_[0]);
  if (size_ == 0) {
    best_ = difference;
    error_ = infinity;
  }
  double factor = 1.0;
  for (std::size_t m = 1; m <= size_; ++m) {
    factor *= growth_;
    const double lower = row_[m - 1];
    const double value = lower + (lower - coarser) / (factor - 1.0);
    const double amplified = (factor * noise_[m - 1] + coarser_noise) / (factor - 1.0);
    const double error = std::max(std::abs(value - lower), std::abs(value - coarser)) + amplified;
    if (error < error_) {
      best_ = value;
      error_ = error;
    }
    coarser = std::exchange(row_[m], value);
    coarser_noise = std::exchange(noise_[m], amplified);
  }
  ++size_;
}

}  // namespace quadric::differences
