#include <array>
#include <cmath>
#include <numbers>

#include "compare/saddles.hpp"

/// Saddles of problems from data analysis and learning, in closed form. Each formula is followed by its
/// facts.
namespace quadric::saddles {

namespace {

constexpr double pi = std::numbers::pi;

Vector point(std::initializer_list<double> x) { return Point(x); }

/// Column k (from 0) of the reflection Q of `reflected`.
Vector axis(Index n, Index k) { return reflected(Vector(Vector::Unit(n, k))); }

/// ‖uuᵀ − M‖²/4 with M = Q diag(4, 3, 2, 1) Q: critical at 0, the maximum, and at √dₖ qₖ, of index k − 1; the
/// minima ±√d₁ q₁ have a quarter of the sum of the other squared eigenvalues.
KnownFunction rank_one(std::string name, Index which) {
  const double d = 4.0 - real(which);
  const bool origin = which == 4;
  Vector ridge;
  if (!origin) ridge = 1.3 * axis(4, which);
  if (which < 3) ridge += 0.5 * axis(4, which + 1);
  return {.name = std::move(name),
          .f =
              [](const auto& u) {
                using T = ScalarOf<decltype(u)>;
                const auto y = reflected(u);
                T sum(0.0);
                for (Index i = 0; i < 4; ++i) {
                  for (Index j = 0; j < 4; ++j) {
                    const T r = y[i] * y[j] - (i == j ? 4.0 - real(i) : 0.0);
                    sum += 0.25 * r * r;
                  }
                }
                return sum;
              },
          .saddle = origin ? Vector(Vector::Zero(4)) : Vector(std::sqrt(d) * axis(4, which)),
          .index = which,
          .ridge = ridge,
          .minima = {0.25 * (9.0 + 4.0 + 1.0)}};
}

/// ‖UUᵀ − M‖²/4 with U of two columns and the same M: U = (√dᵢ qᵢ, √dⱼ qⱼ) is critical, and so is every
/// rotation of its columns: no point but 0 is isolated, and no minimum strict.
KnownFunction rank_two(std::string name, Vector saddle, Index index, Index nullity, Vector ridge) {
  return {.name = std::move(name),
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                const Vector w = Point{1.0, 2.0, 3.0, 4.0};
                T sum(0.0);
                for (Index i = 0; i < 4; ++i) {
                  for (Index j = 0; j < 4; ++j) {
                    double M = 0.0;
                    for (Index k = 0; k < 4; ++k) {
                      const double qi = (i == k ? 1.0 : 0.0) - w[i] * w[k] / 15.0;
                      const double qj = (j == k ? 1.0 : 0.0) - w[j] * w[k] / 15.0;
                      M += (4.0 - real(k)) * qi * qj;
                    }
                    const T r = x[i] * x[j] + x[4 + i] * x[4 + j] - M;
                    sum += 0.25 * r * r;
                  }
                }
                return sum;
              },
          .saddle = std::move(saddle),
          .index = index,
          .nullity = nullity,
          .ridge = std::move(ridge),
          .minima = {0.25 * (4.0 + 1.0)},
          .degenerate = true};
}

Vector columns(const Vector& first, const Vector& second) {
  Vector both(first.size() + second.size());
  both << first, second;
  return both;
}

/// ‖uvᵀ − M‖²/2 + (‖u‖² − ‖v‖²)²/8, M = diag(2, 1): at 0 the curvatures are ±2 and ±1; f falls to it along
/// u = −v.
KnownFunction two_factors() {
  return {.name = "two factors",
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                const T a = x[0] * x[2] - 2.0, b = x[1] * x[3] - 1.0, c = x[0] * x[3], d = x[1] * x[2];
                const T e = x[0] * x[0] + x[1] * x[1] - x[2] * x[2] - x[3] * x[3];
                return T(0.5 * (a * a + b * b + c * c + d * d) + 0.125 * e * e);
              },
          .saddle = Vector::Zero(4),
          .index = 2,
          .ridge = point({1.0, 0.5, -1.0, -0.5}),
          .minima = {0.5}};
}

/// (x₁x₂…xₙ − 1)²/2 + Σ (xᵢ² − xᵢ₊₁²)²/8, a deep linear network: at 0 a saddle of order n.
KnownFunction deep_linear(std::string name, Index n) {
  Vector ridge = Vector::Ones(n);
  ridge[0] = -1.0;
  return {.name = std::move(name),
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                T product(1.0), balance(0.0);
                for (Index i = 0; i < x.size(); ++i) {
                  product *= x[i];
                  if (i == 0) continue;
                  const T e = x[i] * x[i] - x[i - 1] * x[i - 1];
                  balance += 0.125 * e * e;
                }
                return T(0.5 * (product - 1.0) * (product - 1.0) + balance);
              },
          .saddle = Vector::Zero(n),
          .index = n == 2 ? 1 : 0,
          .nullity = n == 2 ? 0 : n,
          .ridge = ridge,
          .minima = {0.0}};
}

/// Phase retrieval, the mean of ((aᵀx)² − (aᵀz)²)²/4 over Gaussian a: (3‖x‖⁴ + 3 − 2‖x‖² − 4(zᵀx)²)/4 with
/// ‖z‖ = 1 in the plane. 0 is the maximum; saddles across z, at ‖x‖² = 1/3 (Sun, Qu & Wright 2018).
KnownFunction phase_retrieval(std::string name, bool at_origin) {
  const Vector z = point({std::cos(0.3), std::sin(0.3)}), across = point({-z[1], z[0]});
  return {.name = std::move(name),
          .f =
              [](const auto& x) {
                const auto square = x[0] * x[0] + x[1] * x[1];
                const auto along = std::cos(0.3) * x[0] + std::sin(0.3) * x[1];
                return 0.25 * (3.0 * square * square + 3.0 - 2.0 * square - 4.0 * along * along);
              },
          .saddle = at_origin ? Vector(Vector::Zero(2)) : Vector(across / std::sqrt(3.0)),
          .index = at_origin ? 2 : 1,
          .ridge = at_origin ? Vector() : across,
          .minima = {0.0}};
}

/// The same from 20 measurements in three dimensions: at 0 the Hessian −Σ (aᵀz)² aaᵀ/20 is negative definite.
KnownFunction measured_phases() {
  return {.name = "phase retrieval, measured",
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                T sum(0.0);
                for (Index k = 0; k < 20; ++k) {
                  T seen(0.0);
                  double right = 0.0;
                  for (Index j = 0; j < 3; ++j) {
                    const double a = 1.5 * std::sin(real((k + 1) * (3 * j + 2)) + 0.5 * real(j));
                    seen += a * x[j];
                    right += a * (j == 0 ? 1.0 : j == 1 ? -0.5 : 0.7);
                  }
                  const T r = seen * seen - right * right;
                  sum += r * r / 80.0;
                }
                return sum;
              },
          .saddle = Vector::Zero(3),
          .index = 3};
}

/// A network of h tanh units without bias, Σₖ vₖ tanh(wₖ t) fitted to 1.5 tanh(2t) at t = −1, −½, ½, 1, with
/// weight decay ½ λ: at 0 each unit has the curvatures λ ± Σ t y.
constexpr std::array inputs{-1.0, -0.5, 0.5, 1.0};
constexpr double decay = 0.1;
KnownFunction network(std::string name, Index units) {
  Vector ridge(2 * units);
  for (Index k = 0; k < units; ++k) ridge.segment(2 * k, 2) = point({1e-2, -1e-2});
  return {.name = std::move(name),
          .f =
              [](const auto& x) {
                using std::tanh;
                using T = ScalarOf<decltype(x)>;
                T sum(0.0);
                for (Index j = 0; j < x.size(); ++j) sum += 0.5 * decay * x[j] * x[j];
                for (const double t : inputs) {
                  T r(-1.5 * std::tanh(2.0 * t));
                  for (Index k = 0; k < x.size(); k += 2) r += x[k] * tanh(t * x[k + 1]);
                  sum += 0.5 * r * r;
                }
                return sum;
              },
          .saddle = Vector::Zero(2 * units),
          .index = units,
          .ridge = ridge};
}

/// −Σ yᵢ⁴/4 + (‖y‖² − 1)²/2 in reflected coordinates, an orthogonal tensor: critical where k of the yᵢ are
/// ±c, c² = 2/(2k − 1), and the others zero; of index k − 1.
KnownFunction tensor(std::string name, Index k) {
  Vector y = Vector::Zero(4);
  y.head(k).setConstant(std::sqrt(2.0 / (2.0 * real(k) - 1.0)));
  return {.name = std::move(name),
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                const auto z = reflected(x);
                T sum(0.0), square(-1.0);
                for (Index i = 0; i < z.size(); ++i) {
                  const T s = z[i] * z[i];
                  sum -= 0.25 * s * s;
                  square += s;
                }
                return T(sum + 0.5 * square * square);
              },
          .saddle = reflected(y),
          .index = k - 1,
          .ridge = reflected(Vector(1.5 * y)),
          .minima = {-0.5}};
}

/// Alignment of a box of half sides 3, 2, 1 with itself: Σ ‖R(q)p − p‖²/16 over the four upper corners p, R
/// the rotation of the quaternion q = (w, x, y, z), plus (‖q‖² − 1)². On the sphere that is 5x² + 10y² +
/// 13z²: the half turns about the three axes are critical, of index 1, 2 and 3.
KnownFunction box_alignment(std::string name, Index which) {
  Vector ridge = Vector::Unit(4, which) * 1.2;
  if (which < 3) ridge[which + 1] = 0.5;
  return {.name = std::move(name),
          .f =
              [](const auto& q) {
                using T = ScalarOf<decltype(q)>;
                const T size = q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3];
                T sum(0.0);
                for (const double s : {1.0, -1.0}) {
                  for (const double t : {1.0, -1.0}) {
                    const double a = 3.0 * s, b = 2.0 * t, c = 1.0;
                    // R(q)p − p = 2 v × (v × p + w p) / ‖q‖², v = (q₁, q₂, q₃), w = q₀.
                    const T x = q[2] * c - q[3] * b + q[0] * a, y = q[3] * a - q[1] * c + q[0] * b,
                            z = q[1] * b - q[2] * a + q[0] * c;
                    const T u = q[2] * z - q[3] * y, v = q[3] * x - q[1] * z, w = q[1] * y - q[2] * x;
                    sum += (u * u + v * v + w * w) / (4.0 * size * size);
                  }
                }
                return T(sum + (size - 1.0) * (size - 1.0));
              },
          .saddle = Vector::Unit(4, which),
          .index = which,
          .ridge = ridge,
          .minima = {0.0}};
}

/// Rigid alignment in the plane by an angle and a shift, Σ ‖R(θ)p + t − q‖²/2 with centred p: the half turn
/// from the right angle is a saddle, and at that angle the shift is found.
KnownFunction rigid_alignment() {
  return {.name = "rigid alignment",
          .f =
              [](const auto& x) {
                using std::cos, std::sin;
                using T = ScalarOf<decltype(x)>;
                constexpr std::array<std::array<double, 2>, 4> points{
                    {{1.0, 0.0}, {-0.5, 1.0}, {0.5, -2.0}, {-1.0, 1.0}}};
                const T c = cos(x[0]), s = sin(x[0]);
                T sum(0.0);
                for (const auto& p : points) {
                  const double a = std::cos(0.7) * p[0] - std::sin(0.7) * p[1] + 1.0;
                  const double b = std::sin(0.7) * p[0] + std::cos(0.7) * p[1] - 2.0;
                  const T u = c * p[0] - s * p[1] + x[1] - a, v = s * p[0] + c * p[1] + x[2] - b;
                  sum += 0.5 * (u * u + v * v);
                }
                return sum;
              },
          .saddle = point({0.7 + pi, 1.0, -2.0}),
          .ridge = point({0.7 + pi, 3.0, 0.0}),
          .minima = {0.0}};
}

/// −Σ wᵢⱼ cos(θᵢ − θⱼ) over three angles, the first held at 0. With all w = −1 (max-cut of a triangle, Burer
/// & Monteiro) the minimum is −3/2; with w = (1, 1, 0.1) (two coupled pendulums) −2.1. 0 and π are critical.
KnownFunction angles(std::string name, double w01, double w02, double w12, Vector saddle, Index index,
                     Vector ridge, double minimum) {
  return {.name = std::move(name),
          .f =
              [=](const auto& x) {
                using std::cos;
                return -w01 * cos(x[0]) - w02 * cos(x[1]) - w12 * cos(x[0] - x[1]);
              },
          .saddle = std::move(saddle),
          .index = index,
          .ridge = std::move(ridge),
          .minima = {minimum}};
}

/// Σ ‖x‖²/2 − log cosh(β x₁)/β …: mean-field magnets at inverse temperatures 2 (which magnetizes) and ½.
KnownFunction magnets() {
  return {.name = "mean-field magnets",
          .f =
              [](const auto& x) {
                using std::cosh, std::log;
                return 0.5 * (x[0] * x[0] + x[1] * x[1]) - 0.5 * log(cosh(2.0 * x[0])) -
                       2.0 * log(cosh(0.5 * x[1]));
              },
          .saddle = point({0.0, 0.0}),
          .ridge = point({0.0, 2.0})};
}

/// The negative log likelihood Σ (‖μ‖²/2 − log cosh μᵀx) of two Gaussians at ±μ, for data that are symmetric
/// in the first coordinate: at 0 the Hessian is N I − Σ xxᵀ = diag(−8.5, 3.32).
KnownFunction mixture() {
  return {.name = "mixture of two",
          .f =
              [](const auto& x) {
                using std::cosh, std::log;
                using T = ScalarOf<decltype(x)>;
                constexpr std::array<std::array<double, 2>, 4> data{
                    {{2.0, 0.5}, {-2.0, 0.5}, {1.5, 0.3}, {-1.5, 0.3}}};
                T sum = 2.0 * (x[0] * x[0] + x[1] * x[1]);
                for (const auto& p : data) sum -= log(cosh(p[0] * x[0] + p[1] * x[1]));
                return sum;
              },
          .saddle = point({0.0, 0.0}),
          .ridge = point({0.0, 1.0})};
}

}  // namespace

std::vector<KnownFunction> learning() {
  const Vector none = Vector::Zero(4);
  const Vector q1 = 2.0 * axis(4, 0), q3 = std::sqrt(2.0) * axis(4, 2);
  return {
      rank_one("rank-one factor index 1", 1),
      rank_one("rank-one factor index 2", 2),
      rank_one("rank-one factor index 3", 3),
      rank_one("rank-one factor at 0", 4),
      rank_two("rank-two factor at 0", Vector::Zero(8), 8, 0, {}),
      rank_two("rank-two factor of rank one", columns(q1, none), 3, 1,
               columns(1.2 * q1 + 0.3 * axis(4, 1), none)),
      rank_two("rank-two factor index 1", columns(q1, q3), 1, 1, columns(q1 + 0.2 * axis(4, 3), 1.2 * q3)),
      two_factors(),
      deep_linear("deep linear of 2", 2),
      deep_linear("deep linear of 3", 3),
      phase_retrieval("phase retrieval", false),
      phase_retrieval("phase retrieval at 0", true),
      measured_phases(),
      network("tanh network of 1", 1),
      network("tanh network of 2", 2),
      tensor("tensor index 1", 2),
      tensor("tensor index 2", 3),
      tensor("tensor index 3", 4),
      box_alignment("box alignment index 1", 1),
      box_alignment("box alignment index 2", 2),
      box_alignment("box alignment index 3", 3),
      rigid_alignment(),
      angles("triangle cut index 1", -1.0, -1.0, -1.0, point({pi, 0.0}), 1,
             point({pi + 1e-2, 1e-2 * (1.0 - std::sqrt(2.0))}), -1.5),
      angles("triangle cut index 2", -1.0, -1.0, -1.0, point({0.0, 0.0}), 2, {}, -1.5),
      angles("pendulums index 1", 1.0, 1.0, 0.1, point({pi, 0.0}), 1, point({pi + 5e-4, 1e-2}), -2.1),
      angles("pendulums index 2", 1.0, 1.0, 0.1, point({pi, pi}), 2, {}, -2.1),
      magnets(),
      mixture(),
  };
}

}  // namespace quadric::saddles
