#include "curvature/higher_orders.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include "curvature/measurable.hpp"
#include "curvature/quartic_expansion.hpp"
#include "linalg/quadratic.hpp"
#include "linalg/symmetric.hpp"
#include "linalg/symmetric_spectrum.hpp"

namespace quadric {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// A form over more dimensions is not known to be positive by its values on a few directions.
constexpr Index most_dimensions = 2;
/// A direction is not flat where its curvature has this share of itself and of what it changes by over a
/// length.
constexpr double lasting_share = 0.3;
/// In variables that count the same a curvature below this is none.
constexpr double least_curvature = 1e-8;
/// Lengths of the differences, as shares of the size of x.
constexpr double long_length = 2e-2, shortening = 0.1;
/// Gradients that differ from the integral of the Hessians by this share of what those change by are not of
/// the same smooth function.
constexpr double contradicting_share = 0.5;
/// Of the difference between derivatives from Hessians and from gradients, the error of the former: the next
/// term of third derivatives is ℓ²/6 and ℓ²/12 of them, that of fourth derivatives ℓ²/12 and ℓ²/20.
constexpr double third_doubt = 1.5, fourth_doubt = 2.0;

/// What f is at x ± step.
struct Pair {
  Vector step = {};
  Vector g_ahead = {}, g_behind = {};
  Matrix H_ahead = {}, H_behind = {};
};

/// The problem in variables y = (x − x₀) / size: every length is a share of the size of x.
class Surroundings {
 public:
  Surroundings(const NearbyEvaluations& nearby, const LocalModel& here, const Vector& size)
      : gradient(size.cwiseProduct(here.gradient)),
        hessian(size.asDiagonal() * here.full_hessian() * size.asDiagonal()),
        nearby_(nearby),
        here_(here),
        size_(size) {}

  bool pair(Pair& at) const {
    return nearby_.hessian(place(at.step), at.g_ahead, at.H_ahead) &&
           nearby_.hessian(place(-at.step), at.g_behind, at.H_behind) && scale(at.g_ahead) &&
           scale(at.g_behind) && scale(at.H_ahead) && scale(at.H_behind);
  }
  bool pair_of_gradients(Pair& at) const {
    return nearby_.gradient(place(at.step), at.g_ahead) && nearby_.gradient(place(-at.step), at.g_behind) &&
           scale(at.g_ahead) && scale(at.g_behind);
  }
  /// Whether f is lower there by more than rounding.
  bool falls(const Vector& y) const {
    const double rounding = std::abs(here_.value) + hessian.cwiseAbs().maxCoeff() * y.squaredNorm();
    double there = 0.0;
    return nearby_.value(place(y), there) && there < here_.value - measurable_fall * rounding;
  }
  Vector step(const Vector& y) const { return size_.cwiseProduct(y); }

  const Vector gradient;
  const Matrix hessian;

 private:
  Vector place(const Vector& y) const { return here_.x + size_.cwiseProduct(y); }
  bool scale(Vector& g) const {
    g = size_.cwiseProduct(g).eval();
    return true;
  }
  bool scale(Matrix& H) const {
    H = (size_.asDiagonal() * H * size_.asDiagonal()).eval();
    return true;
  }

  const NearbyEvaluations& nearby_;
  const LocalModel& here_;
  const Vector& size_;
};

/// Variables that no Hessian couples with others, n of them, and their flat directions, k.
struct Part {
  std::vector<Index> variables = {};
  double length = 0.0;  ///< of its differences
  Vector g = {};
  Matrix H = {};
  Matrix null = {};  ///< orthonormal, n × k
  Matrix rest = {};  ///< its complement, n × (n − k)
  Eigen::LLT<Matrix> on_rest = {};
  bool vanishes = false;  ///< what there is of third and fourth derivatives along the flat directions

  Index size() const { return H.rows(); }
  Index flat() const { return null.cols(); }
  Pair of(const Pair& whole) const {
    Pair own{.step = whole.step(variables),
             .g_ahead = whole.g_ahead(variables),
             .g_behind = whole.g_behind(variables)};
    if (whole.H_ahead.size() > 0) own.H_ahead = whole.H_ahead(variables, variables);
    if (whole.H_behind.size() > 0) own.H_behind = whole.H_behind(variables, variables);
    return own;
  }
};

/// A step in no particular direction, by which every variable moves about as far as by the others.
Vector step_aside(Index n, double length) {
  Vector aside(n);
  for (Index j = 0; j < n; ++j) {
    const double c = std::cos(1.0 + 2.4 * static_cast<double>(j));
    aside[j] = c + std::copysign(0.5, c);
  }
  return aside * (length / aside.norm() * std::sqrt(static_cast<double>(n)));
}

/// Whether the gradients differ by the integral of the Hessians between (Simpson's rule), as those of a
/// smooth function do.
bool is_smooth(const Matrix& H, const Pair& at) {
  const Vector integral = (at.H_ahead + 4.0 * H + at.H_behind) * at.step / 3.0;
  const double change = ((at.H_ahead - H) * at.step).norm() + ((at.H_behind - H) * at.step).norm();
  const double rounding = least_curvature * H.cwiseAbs().maxCoeff() * at.step.norm();
  return (at.g_ahead - at.g_behind - integral).norm() <= contradicting_share * change + rounding;
}

/// The parts into which variables fall that none of the Hessians couples. What entries are zero at points in
/// no particular directions is zero around.
std::vector<Part> parts_of(const Surroundings& at, const Pair& aside) {
  const Index n = at.hessian.rows();
  std::vector<bool> taken(static_cast<std::size_t>(n), false);
  std::vector<Part> parts;
  for (Index first = 0; first < n; ++first) {
    if (taken[static_cast<std::size_t>(first)]) continue;
    std::vector<Index> reached = {first};
    taken[static_cast<std::size_t>(first)] = true;
    for (std::size_t next = 0; next < reached.size(); ++next) {
      const Index i = reached[next];
      for (Index j = 0; j < n; ++j) {
        const bool coupled =
            at.hessian(i, j) != 0.0 || aside.H_ahead(i, j) != 0.0 || aside.H_behind(i, j) != 0.0;
        if (!coupled || taken[static_cast<std::size_t>(j)]) continue;
        taken[static_cast<std::size_t>(j)] = true;
        reached.push_back(j);
      }
    }
    std::sort(reached.begin(), reached.end());
    Part part{.variables = std::move(reached)};
    part.g = at.gradient(part.variables);
    part.H = at.hessian(part.variables, part.variables);
    parts.push_back(std::move(part));
  }
  return parts;
}

bool couples(const std::vector<Part>& parts, const Matrix& H) {
  Matrix between = H;
  for (const Part& part : parts) between(part.variables, part.variables).setZero();
  return !between.isZero(0.0);
}

/// By eigenvalues of the Hessian against those of what it changes by.
class Flatness {
 public:
  Flatness(const Matrix& H, const Matrix& ahead, const Matrix& behind)
      : d_(linalg::equilibrate(Matrix(H.cwiseAbs() + ahead.cwiseAbs() + behind.cwiseAbs()))),
        // What a flat direction has nothing of, in variables that count the same.
        pencil_(scaled(H), magnitude(scaled(H)) + magnitude(scaled(ahead)) + magnitude(scaled(behind)) +
                               least_curvature * Matrix::Identity(H.rows(), H.rows())) {}

  bool is_known() const { return pencil_.info() == Eigen::Success; }
  Index count() const { return (pencil_.eigenvalues().array() < lasting_share).count(); }
  Matrix directions() const { return d_.asDiagonal() * pencil_.eigenvectors().leftCols(count()); }

 private:
  Matrix scaled(const Matrix& A) const { return d_.asDiagonal() * A * d_.asDiagonal(); }
  static Matrix magnitude(const Matrix& A) {
    const linalg::Spectrum spectrum = linalg::symmetric_spectrum(A);
    return spectrum.vectors * spectrum.values.cwiseAbs().asDiagonal() * spectrum.vectors.transpose();
  }

  Vector d_;
  Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> pencil_;
};

/// How a look at one length goes on.
enum class Sight { Clear, TryShorter, Hopeless };

/// Splits the space of a part in flat directions and the rest.
Sight split(Part& part, const Pair& aside) {
  const Index n = part.size();
  const Matrix ahead = aside.H_ahead - part.H, behind = aside.H_behind - part.H;
  const Flatness flatness(part.H, ahead, behind);
  if (!flatness.is_known()) return Sight::TryShorter;
  const Index k = flatness.count();
  if (k > most_dimensions) {
    const Matrix odd = 0.5 * shortening * (ahead - behind),
                 even = 0.5 * shortening * shortening * (ahead + behind);
    const Flatness closer(part.H, even + odd, even - odd);
    return closer.is_known() && closer.count() <= most_dimensions ? Sight::TryShorter : Sight::Hopeless;
  }
  Matrix directions = flatness.directions();
  // Where all is flat, the pair aside is the first line.
  if (k == n) directions.col(0) = aside.step;
  if (k == 2 && k == n)
    directions.col(1) = Vector::Unit(2, std::abs(aside.step[0]) < std::abs(aside.step[1]) ? 0 : 1);
  const Matrix basis = Eigen::HouseholderQR<Matrix>(directions).householderQ() * Matrix::Identity(n, n);
  part.null = basis.leftCols(k);
  if (k == n) part.null.col(0) = aside.step.normalized();  // which the factorization may turn round
  part.rest = basis.rightCols(n - k);
  part.on_rest.compute(part.rest.transpose() * part.H * part.rest);
  if (part.on_rest.info() != Eigen::Success) return Sight::TryShorter;
  const double rounding = 4.0 * epsilon *
                          std::max({part.H.cwiseAbs().maxCoeff(), aside.H_ahead.cwiseAbs().maxCoeff(),
                                    aside.H_behind.cwiseAbs().maxCoeff()});
  part.vanishes = k > 0 && (part.null.transpose() * ahead * part.null).cwiseAbs().maxCoeff() <= rounding &&
                  (part.null.transpose() * behind * part.null).cwiseAbs().maxCoeff() <= rounding;
  return Sight::Clear;
}

/// The derivatives of a part along its flat directions v₁, v₂, by one kind of evaluations.
struct Derivatives {
  BinaryForm<3> third = {};
  BinaryForm<4> fourth = {};
  std::array<Vector, 3> cross = {};  ///< L⁻¹ Wᵀ ∂³f(vᵢ, vⱼ, ·) of the complement W: 11, 12, 22

  /// That of φ: that of f, less what the complement gives way by.
  BinaryForm<4> reduced() const {
    const auto& [a, b, c] = cross;
    BinaryForm<4> form = fourth;
    form.at[0] -= 3.0 * a.squaredNorm();
    form.at[1] -= 3.0 * a.dot(b);
    form.at[2] -= 2.0 * b.squaredNorm() + a.dot(c);
    form.at[3] -= 3.0 * b.dot(c);
    form.at[4] -= 3.0 * c.squaredNorm();
    return form;
  }
  double size() const {
    double largest = 0.0;
    for (const double entry : fourth.at) largest = std::max(largest, std::abs(entry));
    for (const Vector& v : cross) largest = std::max(largest, 3.0 * v.squaredNorm());
    return largest;
  }
  /// L⁻¹ Wᵀ ∂³f(t, t, ·).
  Vector give_way(const Eigen::Vector2d& t) const {
    return t[0] * t[0] * cross[0] + 2.0 * t[0] * t[1] * cross[1] + t[1] * t[1] * cross[2];
  }
};

/// φ of a part, from pairs along its flat directions and, where it has two, one of gradients between them.
class Reduction {
 public:
  Reduction(const Part& part, const std::vector<Pair>& lines, const Pair& between) : part_(part) {
    const Index k = part.flat();
    for (Vector& v : by_hessians_.cross) v = Vector::Zero(part.size() - k);
    by_gradients_.cross = by_hessians_.cross;
    const Pair first = part.of(lines.front());
    take(first, 0);
    if (k == 2) {
      const Pair second = part.of(lines.back());
      take(second, 1);
      take_between(part.of(between));
    }
    expand();
  }

  const QuarticExpansion& phi() const { return phi_; }
  /// The whole step to where φ is lowest, t: with what the complement gives way.
  Vector step(const Eigen::Vector2d& t) const {
    const Vector away = -0.5 * by_hessians_.give_way(t);
    return part_.null * t.head(part_.flat()) + part_.rest * part_.on_rest.matrixU().solve(away);
  }

 private:
  Vector onto_rest(const Vector& v) const {
    return part_.on_rest.matrixL().solve(part_.rest.transpose() * v);
  }

  /// Third derivatives from gradients: ∂³f(u, u, ·), ℓ = ‖step‖; and fourth: ∂⁴f(u, u, u, ·).
  Vector third_from_gradients(const Pair& at) const {
    return (at.g_ahead + at.g_behind - 2.0 * part_.g) / at.step.squaredNorm();
  }
  Vector fourth_from_gradients(const Pair& at) const {
    const double length = at.step.norm();
    return 3.0 * (at.g_ahead - at.g_behind - 2.0 * part_.H * at.step) / (length * length * length);
  }

  /// All that the pair along vᵢ tells; the entry of both directions alike has two estimates from Hessians.
  void take(const Pair& at, Index i) {
    const Index k = part_.flat();
    const Vector u = part_.null.col(i);
    const double length = at.step.norm();
    const Matrix third = (at.H_ahead - at.H_behind) / (2.0 * length);
    const Matrix fourth = (at.H_ahead - 2.0 * part_.H + at.H_behind) / (length * length);
    const Vector third_too = third_from_gradients(at), fourth_too = fourth_from_gradients(at);
    const auto end3 = static_cast<std::size_t>(3 * i), end4 = static_cast<std::size_t>(4 * i);
    by_hessians_.third.at[end3] = u.dot(third * u);
    by_gradients_.third.at[end3] = third_too.dot(u);
    by_hessians_.fourth.at[end4] = u.dot(fourth * u);
    by_gradients_.fourth.at[end4] = fourth_too.dot(u);
    by_hessians_.cross[static_cast<std::size_t>(2 * i)] = onto_rest(third * u);
    by_gradients_.cross[static_cast<std::size_t>(2 * i)] = onto_rest(third_too);
    rounding_ =
        std::max(rounding_, 4.0 * epsilon *
                                std::max({part_.H.cwiseAbs().maxCoeff(), at.H_ahead.cwiseAbs().maxCoeff(),
                                          at.H_behind.cwiseAbs().maxCoeff()}) /
                                (length * length));
    reach_ = i == 0 ? length : std::min(reach_, length);
    if (k == 1) return;
    const Vector v = part_.null.col(1 - i);
    const auto beside3 = static_cast<std::size_t>(1 + i), beside4 = static_cast<std::size_t>(1 + 2 * i);
    by_hessians_.third.at[beside3] = u.dot(third * v);
    by_gradients_.third.at[beside3] = third_too.dot(v);
    by_hessians_.fourth.at[beside4] = u.dot(fourth * v);
    by_gradients_.fourth.at[beside4] = fourth_too.dot(v);
    (i == 0 ? by_hessians_ : by_gradients_).cross[1] = onto_rest(third * v);
    middle_[static_cast<std::size_t>(i)] = v.dot(fourth * v);
  }

  void take_between(const Pair& at) {
    const auto& [a, b, c, d, e] = by_hessians_.fourth.at;
    const double whole = fourth_from_gradients(at).dot(at.step.normalized());
    by_hessians_.fourth.at[2] = 0.5 * (middle_[0] + middle_[1]);
    by_gradients_.fourth.at[2] = (4.0 * whole - a - 4.0 * b - 4.0 * d - e) / 6.0;
  }

  void expand() {
    const Index k = part_.flat();
    const Matrix coupling = part_.on_rest.matrixL().solve(part_.rest.transpose() * part_.H * part_.null);
    phi_.dimensions = k;
    phi_.length = reach_;
    phi_.first.head(k) = part_.null.transpose() * part_.g - coupling.transpose() * onto_rest(part_.g);
    phi_.second.topLeftCorner(k, k) =
        part_.null.transpose() * part_.H * part_.null - coupling.transpose() * coupling;
    phi_.third = by_hessians_.third;
    phi_.fourth = by_hessians_.reduced();
    phi_.fourth_size = by_hessians_.size();
    const BinaryForm<4> too = by_gradients_.reduced();
    for (std::size_t j = 0; j < phi_.third.at.size(); ++j) {
      phi_.third_error.at[j] =
          third_doubt * std::abs(by_gradients_.third.at[j] - phi_.third.at[j]) + 0.5 * reach_ * rounding_;
    }
    for (std::size_t j = 0; j < phi_.fourth.at.size(); ++j)
      phi_.fourth_error.at[j] = fourth_doubt * std::abs(too.at[j] - phi_.fourth.at[j]) + rounding_;
    phi_.fourth_error.at[2] =
        std::max(phi_.fourth_error.at[2], fourth_doubt * std::abs(middle_[0] - middle_[1]));
  }

  const Part& part_;
  Derivatives by_hessians_, by_gradients_;
  std::array<double, 2> middle_ = {};  ///< ∂⁴f(v₁, v₁, v₂, v₂) from either direction
  double rounding_ = 0.0;              ///< of a fourth derivative
  double reach_ = 0.0;
  QuarticExpansion phi_;
};

/// A look at one length.
class Look {
 public:
  Look(const Surroundings& at, double length) : at_(at), length_(length) {}

  Sight take(HigherOrders& seen) {
    Pair aside{.step = step_aside(at_.hessian.rows(), length_)};
    if (!at_.pair(aside) || !is_smooth(at_.hessian, aside)) return Sight::TryShorter;
    parts_ = parts_of(at_, aside);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      // Lengths that differ, so that the lines of parts lead in no particular direction together.
      parts_[i].length = length_ * (0.8 + 0.2 * std::cos(2.4 * static_cast<double>(i)));
      const Sight sight = split(parts_[i], parts_[i].of(aside));
      if (sight != Sight::Clear) return sight;
      seen.nullity += parts_[i].flat();
    }
    if (seen.nullity == 0 || !take_lines(aside)) return Sight::TryShorter;
    return read(seen);
  }

 private:
  static bool is_expanded(const Part& part) { return part.flat() > 0 && !part.vanishes; }

  /// Pairs along the first flat directions of all parts together, and so on; false where one fails.
  bool take_lines(const Pair& aside) {
    Index most = 0;
    for (const Part& part : parts_) most = std::max(most, is_expanded(part) ? part.flat() : 0);
    const bool has_first = parts_.size() == 1 && parts_.front().flat() == parts_.front().size();
    for (Index i = 0; i < most; ++i) {
      Pair line{.step = together([i](const Part& part) -> Vector {
                  return i < part.flat() ? Vector(part.null.col(i)) : Vector(Vector::Zero(part.size()));
                })};
      if (i == 0 && has_first) {
        line = aside;
      } else if (!at_.pair(line) || couples(parts_, line.H_ahead) || couples(parts_, line.H_behind)) {
        return false;
      }
      lines_.push_back(std::move(line));
    }
    if (most < 2) return true;
    between_.step = together([](const Part& part) -> Vector {
      return part.flat() == 2 ? Vector(part.null.rowwise().sum() / std::numbers::sqrt2)
                              : Vector(Vector::Zero(part.size()));
    });
    return at_.pair_of_gradients(between_);
  }

  /// A step along the direction that each of the parts has.
  template <class DirectionOf>
  Vector together(const DirectionOf& direction_of) const {
    Vector step = Vector::Zero(at_.hessian.rows());
    for (const Part& part : parts_) {
      if (is_expanded(part)) step(part.variables) = part.length * direction_of(part);
    }
    return step;
  }

  Sight read(HigherOrders& seen) const {
    bool is_minimum = true, is_known = true;
    for (const Part& part : parts_) {
      is_minimum = is_minimum && !part.vanishes;
      if (!is_expanded(part)) continue;
      const Reduction reduction(part, lines_, between_);
      const QuarticExpansion::Reading reading = reduction.phi().read();
      using Shape = QuarticExpansion::Shape;
      is_minimum = is_minimum && reading.shape == Shape::Minimum;
      is_known = is_known && (reading.shape == Shape::Minimum || reading.shape == Shape::Vanishes);
      if (reading.shape != Shape::Falls) continue;
      Vector step = Vector::Zero(at_.hessian.rows());
      step(part.variables) = reduction.step(reading.lowest);
      if (!at_.falls(step)) continue;
      seen.verdict = HigherOrders::Verdict::Falls;
      seen.order = reading.order;
      seen.step = at_.step(step);
      return Sight::Clear;
    }
    if (!is_minimum) return is_known ? Sight::Hopeless : Sight::TryShorter;
    seen.verdict = HigherOrders::Verdict::Minimum;
    return Sight::Clear;
  }

  const Surroundings& at_;
  double length_;
  std::vector<Part> parts_;
  std::vector<Pair> lines_;
  Pair between_;
};

}  // namespace

HigherOrders look_at_higher_orders(const NearbyEvaluations& nearby, const LocalModel& here,
                                   const Vector& size) {
  if (here.size() > linalg::largest_decomposed) return {};
  const Surroundings at(nearby, here, size);
  for (const double length : {long_length, shortening * long_length}) {
    HigherOrders seen;
    const Sight sight = Look(at, length).take(seen);
    if (sight == Sight::Clear) return seen;
    if (sight == Sight::Hopeless) break;
  }
  return {};
}

void apply(const HigherOrders& seen, CriticalPoint& point) {
  if (seen.verdict == HigherOrders::Verdict::Open) return;
  point.order = seen.order;
  point.nullity = seen.nullity;
  if (seen.verdict == HigherOrders::Verdict::Minimum) {
    point.kind = CriticalKind::Minimum;
    point.fades = false;
    point.reason.clear();
  } else {
    point.direction = seen.step.normalized();
  }
}

}  // namespace quadric
