#include "quadric/curvature/spectral_density.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "quadric/base/misuse.hpp"
#include "quadric/problem/problem.hpp"

#include "linalg/symmetric_spectrum.hpp"
#include "linalg/tridiagonal.hpp"

namespace quadric {

namespace {

/// Up to this many variables the space of a probe is kept orthogonal. Beyond, copies of a node turn up that
/// share its weight (Greenbaum 1989).
constexpr Index largest_orthogonalized = 2000;
/// A coupling below this share of T leads out of the space by rounding alone.
constexpr double no_coupling = 1e-13;
/// The width of a node, as a share of their range, that nothing else is known of.
constexpr double usual_width = 0.01;

Vector random_signs(Index n, std::mt19937_64& engine) {
  return Vector::NullaryExpr(n, [&](Index) { return (engine() >> 63U) == 0 ? 1.0 : -1.0; });
}

Vector checked_product(const std::function<Vector(const Vector&)>& multiply, const Vector& v) {
  Vector product = multiply(v);
  if (product.size() != v.size()) {
    misuse("a product of a spectral density has " + std::to_string(product.size()) +
           " entries, but must have " + std::to_string(v.size()));
  }
  if (!product.allFinite()) misuse("a product of a spectral density is not finite");
  return product;
}

/// What A is in the space of a start (n, not zero) that so many products span.
linalg::Tridiagonal tridiagonal(const std::function<Vector(const Vector&)>& multiply, const Vector& start,
                                Index products) {
  linalg::Tridiagonal T;
  std::vector<Vector> basis;
  Vector last, next = start.normalized();
  double coupling = 0.0;
  while (T.size() < std::min(products, start.size())) {
    Vector product = checked_product(multiply, next);
    const double curvature = next.dot(product);
    T.append(curvature, coupling);
    product -= curvature * next;
    if (T.size() > 1) product -= coupling * last;
    if (start.size() <= largest_orthogonalized) {
      basis.push_back(next);
      for (int twice = 0; twice < 2; ++twice) {
        for (const Vector& v : basis) product -= v.dot(product) * v;
      }
    }
    coupling = product.norm();
    if (!(coupling > no_coupling * T.largest())) break;
    last = std::exchange(next, product / coupling);
  }
  return T;
}

}  // namespace

Vector SpectralDensity::smoothed(const Vector& points, double width) const {
  if (!(width > 0.0 && std::isfinite(width))) misuse("the width of a spectral density must be positive");
  const double height = 1.0 / (width * std::sqrt(2.0 * std::numbers::pi));
  return Vector::NullaryExpr(points.size(), [&](Index i) {
    const auto away = (nodes.array() - points[i]) / width;
    return height * (weights.array() * (-0.5 * away.square()).exp()).sum();
  });
}

Vector SpectralDensity::smoothed(const Vector& points) const {
  const double range = nodes[nodes.size() - 1] - nodes[0], size = nodes.cwiseAbs().maxCoeff();
  const double measure = range > 0.0 ? range : size > 0.0 ? size : 1.0;
  return smoothed(points, usual_width * measure);
}

double SpectralDensity::condition_number() const {
  if (!(nodes[0] > 0.0)) return std::numeric_limits<double>::quiet_NaN();
  return nodes[nodes.size() - 1] / nodes[0];
}

SpectralDensity spectral_density(Index n, const std::function<Vector(const Vector&)>& multiply,
                                 const SpectralDensityOptions& options) {
  if (n < 1) misuse("a spectral density needs at least one variable");
  if (options.probes < 1 || options.products < 1)
    misuse("a spectral density needs at least one probe and one product for it");
  std::mt19937_64 engine(options.seed);
  std::vector<std::pair<double, double>> found;
  for (Index probe = 0; probe < options.probes; ++probe) {
    const linalg::Tridiagonal T = tridiagonal(multiply, random_signs(n, engine), options.products);
    const linalg::Spectrum spectrum = linalg::symmetric_spectrum(T.dense());
    for (Index i = 0; i < T.size(); ++i) {
      const double first = spectrum.vectors(0, i);
      found.emplace_back(spectrum.values[i], first * first / static_cast<double>(options.probes));
    }
  }
  std::sort(found.begin(), found.end());
  SpectralDensity density{.nodes = Vector(static_cast<Index>(found.size())),
                          .weights = Vector(static_cast<Index>(found.size()))};
  for (std::size_t i = 0; i < found.size(); ++i) {
    density.nodes[static_cast<Index>(i)] = found[i].first;
    density.weights[static_cast<Index>(i)] = found[i].second;
  }
  return density;
}

SpectralDensity spectral_density(const Objective& f, const Point& x, const SpectralDensityOptions& options) {
  require_point(x, "the point of the spectral density");
  const Vector at = x;
  const auto multiply = [&](const Vector& v) {
    Vector Hv;
    f.hessian_product(at, v, Hv);
    return Hv;
  };
  return spectral_density(at.size(), multiply, options);
}

}  // namespace quadric
