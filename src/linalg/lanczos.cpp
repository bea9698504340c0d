#include "linalg/lanczos.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>

#include "linalg/tridiagonal.hpp"

namespace quadric::linalg {

namespace {

constexpr Index most_steps = 60;
/// Up to this many variables the basis is kept orthogonal, which costs the square of the steps. Without,
/// copies of ends that were found turn up, which do no harm to the ends (Paige 1971).
constexpr Index largest_orthogonalized = 100;
/// Steps between two looks at the ends, and the number of variables beyond which a look costs next to nothing
/// beside a step.
constexpr Index between_looks = 5;
constexpr Index looked_at_always = 5000;

/// The unit eigenvector of T for an eigenvalue.
Vector ritz_vector(const Tridiagonal& T, double value) {
  const Index k = T.size();
  // Eigen's test of convergence wants entries of size 1: with larger ones it may fail, which leaves the
  // values unsorted, with smaller ones it is passed too early.
  const double size = T.largest() > 0.0 ? T.largest() : 1.0;
  Vector d(k), e(k - 1);
  for (Index i = 0; i < k; ++i) d[i] = T.diagonal(i) / size;
  for (Index i = 1; i < k; ++i) e[i - 1] = T.below(i) / size;
  Eigen::SelfAdjointEigenSolver<Matrix> solver;
  solver.computeFromTridiagonal(d, e);
  Index nearest = 0;
  (solver.eigenvalues().array() - value / size).abs().minCoeff(&nearest);
  return solver.eigenvectors().col(nearest);
}

}  // namespace

Vector any_vector(Index n) {
  std::uint64_t state = 1;
  return Vector::NullaryExpr(n,
                             [&state](Index) {
                               state = state * 6364136223846793005U + 1442695040888963407U;
                               return 0.5 + static_cast<double>(state >> 11U) * 0x1p-53;
                             })
      .normalized();
}

Extremes lanczos(Index n, const Product& multiply, double tolerance, Ends wanted, Vectors vectors) {
  const Index steps = std::min(n, most_steps);
  const bool orthogonalized = n <= largest_orthogonalized,
             kept = orthogonalized || vectors == Vectors::Wanted;
  std::vector<Vector> basis = {any_vector(n)};  // all vectors, or the last two
  Tridiagonal T;
  RitzValues found;
  double beta = 0.0;
  Index low = 0, high = 0;
  Vector next;
  for (Index k = 0; k < steps; ++k) {
    const Vector& last = basis.back();
    multiply(last, next);
    T.append(last.dot(next), beta);
    if (orthogonalized) {
      for (int twice = 0; twice < 2; ++twice) {
        for (const Vector& v : basis) next -= v.dot(next) * v;
      }
    } else if (k == 0) {
      next -= T.diagonal(0) * last;
    } else {
      next -= T.diagonal(k) * last + beta * basis[basis.size() - 2];
    }
    beta = next.norm();
    const bool is_last = k + 1 == steps || !(beta > 0.0) || !std::isfinite(beta);
    if (is_last || n >= looked_at_always || (k + 1) % between_looks == 0) {
      found = ritz_values(T);
      found.values.minCoeff(&low);
      found.values.maxCoeff(&high);
      const double size = found.values.cwiseAbs().maxCoeff();
      const double at_low = std::abs(found.last[low]), at_high = std::abs(found.last[high]);
      const double off = beta * (wanted == Ends::Highest ? at_high : std::max(at_low, at_high));
      if (is_last || off <= tolerance * size || beta <= 1e-14 * size) break;
    }
    next /= beta;
    if (!kept && k > 0) {  // the memory of the one before the last serves again
      basis[0].swap(basis[1]);
      basis[1].swap(next);
    } else {
      basis.push_back(std::move(next));
    }
  }
  const auto pair = [&](Index i, bool with_vector) {
    EigenPair end{.value = found.values[i], .residual = beta * std::abs(found.last[i])};
    if (!with_vector) return end;
    const Vector coordinates = ritz_vector(T, end.value);
    end.vector.setZero(n);
    for (Index k = 0; k < T.size(); ++k) end.vector += coordinates[k] * basis[static_cast<std::size_t>(k)];
    end.vector.normalize();
    return end;
  };
  const bool with_vectors = vectors == Vectors::Wanted;
  return {.lowest = pair(low, with_vectors && wanted == Ends::Both), .highest = pair(high, with_vectors)};
}

Vector random_direction(Index n, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  // In (0, 1], the same on every machine.
  const auto uniform = [&] { return (static_cast<double>(engine() >> 11U) + 1.0) * 0x1p-53; };
  Vector v(n);
  for (Index i = 0; i < n; ++i) {
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    v[i] = radius * std::cos(2.0 * std::numbers::pi * uniform());
  }
  return v.normalized();
}

namespace {

/// A coupling below this share of T leads out of the space by rounding alone.
constexpr double no_coupling = 1e-14;
/// The lowest Ritz value is settled when so many products more take it down by less than this share.
constexpr double settled = 0.1;
/// Each look at T comes after this share of products more.
constexpr double between_probes = 0.2;
constexpr std::uint64_t start_seed = 1;

/// Lanczos' recurrence from a random start, two vectors at a time.
class Recurrence {
 public:
  Recurrence(Index n, const std::function<Vector(const Vector&)>& multiply)
      : multiply_(multiply), next_(random_direction(n, start_seed)) {}

  const Vector& vector() const { return next_; }
  /// A row of T more; false where a product was not finite.
  bool advance(Tridiagonal& T) {
    Vector product = multiply_(next_);
    if (!product.allFinite()) return false;
    const double curvature = next_.dot(product);
    T.append(curvature, coupling_);
    product -= curvature * next_;
    if (T.size() > 1) product -= coupling_ * last_;
    coupling_ = product.norm();
    last_ = std::exchange(next_, product / coupling_);
    return true;
  }
  double coupling() const { return coupling_; }

 private:
  const std::function<Vector(const Vector&)>& multiply_;
  Vector last_, next_;
  double coupling_ = 0.0;
};

/// The Ritz vector of the lowest eigenvalue of T, by a second pass; empty where that failed.
Vector lowest_vector_of(Index n, const std::function<Vector(const Vector&)>& multiply, const Tridiagonal& T,
                        double lowest) {
  const Vector h = lowest_vector(T, lowest);
  Recurrence recurrence(n, multiply);
  Tridiagonal again;
  Vector sum = Vector::Zero(n);
  for (Index i = 0; i < T.size(); ++i) {
    sum += h[i] * recurrence.vector();
    if (i + 1 < T.size() && !recurrence.advance(again)) return {};
  }
  return sum.normalized();
}

/// Bounds the probability that λmin < floor, from the Ritz values after k products.
double doubt_of(Index n, Index k, double lowest, double highest, double floor) {
  if (!(lowest > floor)) return 1.0;
  const double room = (lowest - floor) / (highest - lowest), share = room / (1.0 + 2.0 * room);
  const double steps = static_cast<double>(2 * k - 1);
  return std::min(1.0, 2.0 * 1.648 * std::sqrt(static_cast<double>(n)) * std::exp(-std::sqrt(share) * steps));
}

/// How far both ends may be off but for a probability of `aim`.
double error_of(Index n, Index k, double spread, double aim) {
  const double exponent = std::log(2.0 * 1.648 * std::sqrt(static_cast<double>(n)) / aim);
  const double root = exponent / static_cast<double>(2 * k - 1), share = root * root;
  return share < 0.5 ? share * spread / (1.0 - 2.0 * share) : std::numeric_limits<double>::infinity();
}

}  // namespace

LowestProbe probe_lowest(Index n, const std::function<Vector(const Vector&)>& multiply,
                         const ProbeOptions& options) {
  LowestProbe probe;
  Tridiagonal T;
  Recurrence recurrence(n, multiply);
  const Index most = std::min(n, options.most_products);
  Index look = std::min<Index>(10, most);
  double before = std::numeric_limits<double>::infinity();
  while (true) {
    if (!recurrence.advance(T)) {
      probe.failed = true;
      return probe;
    }
    const Index k = T.size();
    const bool is_invariant = !(recurrence.coupling() > no_coupling * T.largest());
    if (k < look && !is_invariant) continue;
    std::tie(probe.lowest, probe.highest) = T.ends();
    const double size = std::max(std::abs(probe.lowest), std::abs(probe.highest));
    // A start with next to nothing along an eigenvector would look the same.
    const double blind = 10.0 * no_coupling * std::sqrt(static_cast<double>(n));
    const double floor = std::max(options.floor, options.zero * size);
    probe.doubt = doubt_of(n, k, probe.lowest, probe.highest, floor);
    probe.error = error_of(n, k, probe.highest - probe.lowest, options.aim);
    if (is_invariant) {
      probe.doubt = probe.lowest > floor ? blind : 1.0;
      probe.error = 0.0;
    }
    const bool is_deep = probe.lowest < -options.zero * size;
    const bool is_settled = probe.lowest >= before - settled * std::abs(probe.lowest);
    before = probe.lowest;
    if (probe.doubt <= options.aim || (is_deep && is_settled) || is_invariant || k == most) {
      if (is_deep) probe.vector = lowest_vector_of(n, multiply, T, probe.lowest);
      return probe;
    }
    look =
        std::min(most, k + std::max<Index>(5, static_cast<Index>(between_probes * static_cast<double>(k))));
  }
}

}  // namespace quadric::linalg
