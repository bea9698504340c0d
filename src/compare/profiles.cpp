#include "quadric/compare/profiles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quadric {

namespace {

/// The curve of what is reached by so many of `total` problems: their values in any order, of which infinite
/// ones are never reached.
StepCurve steps(std::vector<double> reached, Index total) {
  std::erase_if(reached, [](double value) { return !std::isfinite(value); });
  std::sort(reached.begin(), reached.end());
  StepCurve curve;
  for (std::size_t k = 0; k < reached.size(); ++k) {
    const double share = static_cast<double>(k + 1) / static_cast<double>(total);
    if (!curve.empty() && curve.back().first == reached[k]) {
      curve.back().second = share;
    } else {
      curve.emplace_back(reached[k], share);
    }
  }
  return curve;
}

template <class Scaled>
std::vector<StepCurve> profiles(const Matrix& costs, const Scaled& scaled) {
  std::vector<StepCurve> curves;
  for (Index s = 0; s < costs.cols(); ++s) {
    std::vector<double> reached;
    for (Index p = 0; p < costs.rows(); ++p) {
      if (!std::isnan(costs(p, s))) reached.push_back(scaled(p, costs(p, s)));
    }
    const auto total = static_cast<Index>(reached.size());
    curves.push_back(steps(std::move(reached), total));
  }
  return curves;
}

}  // namespace

std::vector<StepCurve> performance_profiles(const Matrix& costs) {
  Vector least = Vector::Constant(costs.rows(), std::numeric_limits<double>::infinity());
  for (Index p = 0; p < costs.rows(); ++p) {
    for (Index s = 0; s < costs.cols(); ++s) {
      if (costs(p, s) < least[p]) least[p] = costs(p, s);
    }
  }
  return profiles(costs,
                  [&least](Index p, double cost) { return std::isfinite(cost) ? cost / least[p] : cost; });
}

std::vector<StepCurve> data_profiles(const Matrix& costs, const Vector& variables) {
  return profiles(costs, [&variables](Index p, double cost) { return cost / (variables[p] + 1.0); });
}

double share_at(const StepCurve& curve, double x) {
  const auto after = std::upper_bound(curve.begin(), curve.end(), x,
                                      [](double at, const auto& step) { return at < step.first; });
  return after == curve.begin() ? 0.0 : std::prev(after)->second;
}

}  // namespace quadric
