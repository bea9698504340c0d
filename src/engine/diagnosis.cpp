#include "engine/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.hpp"
#include "engine/typical_size.hpp"
#include "problem/line_derivatives.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Two slopes differ where they do by so many times the error of the one from values and by this share.
constexpr double suspicious_errors = 10.0, suspicious_share = 0.01;
/// A slope of so many times its noise is lost in it.
constexpr double lost = 4.0;
/// Noise of so many roundings of f is more than rounding.
constexpr double noisy = 1e3;
/// Steps along a line, in units of the size of x.
constexpr LineSteps steps{.largest = 0x1p-8, .smallest = 0x1p-16};
constexpr double spacing_of_noise = 0x1p-20;

/// −g, as long as x in variables that count the same.
Vector downhill(const Vector& gradient, const Vector& typical) {
  const Vector size = size_of_each(typical);
  const Vector scaled = size.cwiseProduct(gradient);
  return -size.cwiseProduct(scaled) / scaled.norm();
}

/// f on the line x + t d.
LineFunction value_along(Evaluator& evaluator, const Vector& x, const Vector& d) {
  return [&evaluator, &x, &d](double t, Vector& values) {
    values.resize(1);
    return evaluator.value(x + t * d, values[0]);
  };
}

}  // namespace

double noise_of_value(Evaluator& evaluator, const Vector& x, const Vector& direction, const Vector& typical) {
  const Vector d = direction / direction.cwiseQuotient(size_of_each(typical)).lpNorm<Eigen::Infinity>();
  if (!d.allFinite()) return 0.0;
  const Vector noise = measure_noise(value_along(evaluator, x, d), spacing_of_noise);
  return noise.size() == 1 ? noise[0] : 0.0;
}

Finding diagnose_stall(Evaluator& evaluator, const LocalModel& here, const Vector& typical) {
  const Vector d = downhill(here.gradient, typical);
  if (!d.allFinite()) return {};
  const LineFunction value = value_along(evaluator, here.x, d);
  LocalModel there;
  const LineFunction slope = [&](double t, Vector& slopes) {
    if (!evaluator.model(here.x + t * d, Curvature::Gradient, there)) return false;
    slopes = Vector::Constant(1, there.slope(d));
    return true;
  };
  const LineDerivatives line = differentiate_line(value, steps);
  const Vector noise_of_value = measure_noise(value, spacing_of_noise);
  const Vector noise_of_slope = measure_noise(slope, spacing_of_noise);
  // A function that fails where it was evaluated before says nothing.
  if (line.first.size() == 0 || noise_of_value.size() == 0 || noise_of_slope.size() == 0) return {};
  const double claimed = here.slope(d), measured = line.first[0], error = line.first_error[0];
  const double size = std::max(std::abs(claimed), std::abs(measured));
  const bool is_lost = std::abs(claimed) <= lost * noise_of_slope[0];
  Finding seen;
  if (std::abs(claimed - measured) > suspicious_errors * error + suspicious_share * size && !is_lost) {
    seen.events.add(Event::Contradicted);
    seen.sentence += "; the gradient contradicts the values of f: along −g it gives a slope of " +
                     text::number(claimed, 3) + ", f one of " + text::number(measured, 3);
  }
  if (is_lost) {
    seen.sentence += "; the gradient is within its noise: its slope along −g is " + text::number(claimed, 2) +
                     ", which jumps by " + text::number(noise_of_slope[0], 2) + " between points close by";
  }
  const double roundings = epsilon * std::abs(here.value);
  if (noise_of_value[0] > noisy * roundings) {
    seen.events.add(Event::Noisy);
    seen.sentence += "; f carries noise of " + text::number(noise_of_value[0], 2) +
                     ", where its rounding would be " + text::number(roundings, 2);
  }
  return seen;
}

}  // namespace quadric
