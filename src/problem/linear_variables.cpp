#include "quadric/problem/linear_variables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace quadric {

namespace {

/// Second derivatives count as zero below this share of what first derivatives change r by.
constexpr double negligible = 1e-10;
/// The same for second differences of values, which carry their rounding.
constexpr double negligible_bend = 1e-9;
/// Derivatives known no better than this tell nothing.
constexpr double exact = 1e-12;
constexpr int probes = 3;
/// How far from x probes are, as a share of each variable.
constexpr double spread = 0.1;

/// In [-1, 1), the same on every machine.
class Numbers {
 public:
  double next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state_ >> 32U) / 2147483648.0 - 1.0;
  }
  Vector vector(Index n) {
    return Vector::NullaryExpr(n, [this](Index) { return next(); });
  }

 private:
  std::uint64_t state_ = 1;
};

/// What variables change r by, and pairs of them beyond that, all for moves of each by its size.
struct Changes {
  Vector first;
  Matrix second;
};

/// Of the sum of all residuals with random weights, over several points.
Changes changes_near(const Residuals& residuals, const Vector& x, const Vector& size, Numbers& numbers) {
  const Index n = x.size();
  Changes changes{.first = Vector::Zero(n), .second = Matrix::Zero(n, n)};
  Vector r;
  Matrix J, S;
  for (int probe = 0; probe < probes; ++probe) {
    const Vector at = x + spread * probe * numbers.vector(n).cwiseProduct(size);
    residuals.jacobian(at, r, J);
    const Vector weights = Vector::Constant(r.size(), 1.0) + 0.5 * numbers.vector(r.size());
    residuals.weighted_hessian(at, weights, S);
    if (!J.allFinite() || !S.allFinite()) continue;
    changes.first += size.cwiseProduct(J.cwiseAbs().transpose() * weights);
    changes.second += size.asDiagonal() * S.cwiseAbs() * size.asDiagonal();
  }
  return changes;
}

/// r at the middle of two points is the mean of theirs.
bool is_linear_between(const Residuals& residuals, const Vector& from, const Vector& to) {
  Vector one, other, middle;
  residuals.value(from, one);
  residuals.value(to, other);
  residuals.value(0.5 * (from + to), middle);
  const Vector bend = one + other - 2.0 * middle;
  const double size = one.norm() + other.norm() + 2.0 * middle.norm();
  return bend.allFinite() && bend.norm() <= negligible_bend * size;
}

}  // namespace

std::vector<Index> linear_variables(const Residuals& residuals, const Vector& x) {
  if (!(residuals.provider().second_error <= exact)) return {};
  const Index n = x.size();
  const Vector size = (x.array() != 0.0).select(x.array().abs(), 1.0);
  Numbers numbers;
  const Changes changes = changes_near(residuals, x, size, numbers);
  const auto excludes = [&](Index j, Index k) {
    return !(std::abs(changes.second(j, k)) <= negligible * std::sqrt(changes.first[j] * changes.first[k]));
  };
  std::vector<Index> candidates;
  std::vector<Index> excluded(static_cast<std::size_t>(n), 0);
  for (Index j = 0; j < n; ++j) {
    if (!(changes.first[j] > 0.0) || excludes(j, j)) continue;
    candidates.push_back(j);
    for (Index k = 0; k < n; ++k) excluded[static_cast<std::size_t>(j)] += excludes(j, k) ? 1 : 0;
  }
  std::stable_sort(candidates.begin(), candidates.end(), [&](Index j, Index k) {
    return excluded[static_cast<std::size_t>(j)] < excluded[static_cast<std::size_t>(k)];
  });
  std::vector<Index> linear;
  for (const Index j : candidates) {
    if (std::none_of(linear.begin(), linear.end(), [&](Index k) { return excludes(j, k); }))
      linear.push_back(j);
  }
  std::sort(linear.begin(), linear.end());
  // Second derivatives of |b| vanish, too.
  Vector from = x, to = x;
  const Vector away = numbers.vector(n);
  for (const Index j : linear) {
    from[j] -= (3.0 + away[j]) * size[j];  // to the other side of 0
    to[j] += (3.0 - away[j]) * size[j];
  }
  if (!linear.empty() && !is_linear_between(residuals, from, to)) return {};
  return linear;
}

}  // namespace quadric
