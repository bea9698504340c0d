#include "fit/bates_watts.hpp"

#include <cmath>

#include "fit/distributions.hpp"

namespace quadric {

namespace {

/// Second derivatives of the residuals along pairs of directions, the columns of `directions` (n × p).
class SecondDerivatives {
 public:
  SecondDerivatives(const Residuals& residuals, const Vector& x, const Matrix& directions)
      : residuals_(residuals), x_(x), directions_(directions) {
    for (Index a = 0; a < directions.cols(); ++a) along_.push_back(of(directions.col(a)));
  }

  /// uᵀ∇²rᵢ v for each i (m), u and v the directions a and b.
  Vector operator()(Index a, Index b) const {
    const Vector &u = along(a), &v = along(b);
    if (a == b) return u;
    return 0.5 * (of(directions_.col(a) + directions_.col(b)) - u - v);
  }

 private:
  const Vector& along(Index a) const { return along_[static_cast<std::size_t>(a)]; }
  Vector of(const Vector& v) const {
    Vector second;
    residuals_.second_directional(x_, v, second);
    return second;
  }

  const Residuals& residuals_;
  const Vector& x_;
  const Matrix& directions_;
  std::vector<Vector> along_;
};

/// What the mean square over all directions takes: 2 Σ ‖a_kl‖² + ‖Σ a_kk‖².
struct MeanSquare {
  double squares = 0.0;
  Vector trace = {};

  void add(const Vector& bend, bool diagonal) {
    squares += (diagonal ? 2.0 : 4.0) * bend.squaredNorm();
    if (!diagonal) return;
    if (trace.size() == 0) trace = Vector::Zero(bend.size());
    trace += bend;
  }
  double root(double p) const { return std::sqrt((squares + trace.squaredNorm()) / (p * (p + 2.0))); }
};

}  // namespace

BatesWatts bates_watts(const Residuals& residuals, const Vector& x, const std::vector<Index>& free,
                       const Matrix& J, const Matrix& L, double deviation) {
  const Index p = J.cols();
  Matrix directions = Matrix::Zero(x.size(), p);
  directions(free, Eigen::all) = L;
  const Matrix tangents = J * L;  // orthonormal
  const SecondDerivatives second(residuals, x, directions);
  MeanSquare tangential, normal;
  for (Index a = 0; a < p; ++a) {
    for (Index b = 0; b <= a; ++b) {
      const Vector bend = second(a, b);
      const Vector within = tangents.transpose() * bend;
      tangential.add(within, a == b);
      normal.add(bend - tangents * within, a == b);
    }
  }
  const auto count = static_cast<double>(p);
  const double radius = deviation * std::sqrt(count);  // of the standard region
  const double scale = radius * std::sqrt(fisher_quantile(0.95, count, static_cast<double>(J.rows() - p)));
  BatesWatts found{.intrinsic = scale * normal.root(count),
                   .parameter_effects = scale * tangential.root(count)};
  if (!std::isfinite(found.intrinsic) || !std::isfinite(found.parameter_effects)) return {};
  return found;
}

}  // namespace quadric
