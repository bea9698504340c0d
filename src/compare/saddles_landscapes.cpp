#include <cmath>
#include <numbers>

#include "compare/saddles.hpp"

/// Functions whose saddles are known by symmetry or in closed form. Each formula is followed by its facts.
namespace quadric::saddles {

namespace {

constexpr double pi = std::numbers::pi;

Vector point(std::initializer_list<double> x) { return Point(x); }
Vector rotated(std::initializer_list<double> y) { return reflected(Vector(Point(y))); }

/// c (((x/a)² − 1)²/4 + (y/b)²/2): wells at (±a, 0), between them the saddle 0, reached along x = 0.
KnownFunction double_well(std::string name, double a, double b, double c) {
  return {.name = std::move(name),
          .f =
              [=](const auto& x) {
                const auto u = x[0] / a, v = x[1] / b;
                const auto well = u * u - 1.0;
                return c * (0.25 * well * well + 0.5 * v * v);
              },
          .saddle = point({0.0, 0.0}),
          .ridge = point({0.0, b}),
          .scale = point({a, b}),
          .minima = {0.0}};
}

/// x²/2 + c (y⁴/4 − y²/2): a saddle whose curvature −c is small beside the other, 1.
KnownFunction weak_saddle(std::string name, double c) {
  return {.name = std::move(name),
          .f =
              [c](const auto& x) {
                const auto square = x[1] * x[1];
                return 0.5 * x[0] * x[0] + c * (0.25 * square * square - 0.5 * square);
              },
          .saddle = point({0.0, 0.0}),
          .ridge = point({1.0, 0.0}),
          .minima = {-0.25 * c}};
}

/// Σ over the first k of sᵢ (yᵢ² − 1)²/4 and over the others of sᵢ yᵢ²/2, sᵢ = 1 … n, in reflected
/// coordinates y: 0 is critical of index k, and the 2ᵏ minima are 0.
KnownFunction morse(Index n, Index index) {
  Vector y = Vector::Ones(n);
  y.head(index).setZero();
  std::string name = "Morse index " + std::to_string(index);
  if (n != 6) name.append(" of ").append(std::to_string(n));
  return {.name = std::move(name),
          .f =
              [index](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                const auto z = reflected(x);
                for (Index i = 0; i < z.size(); ++i) {
                  const auto square = z[i] * z[i];
                  const auto well = square - 1.0;
                  sum += real(i + 1) * (i < index ? 0.25 * well * well : 0.5 * square);
                }
                return sum;
              },
          .saddle = Vector::Zero(n),
          .index = index,
          .ridge = index < n ? reflected(y) : Vector(),
          .minima = {0.0}};
}

/// Re (x + iy)ᵏ + c (x² + y²)ᵖ, in polar coordinates rᵏ cos kφ + c r²ᵖ: at 0 all derivatives below the k-th
/// vanish; f falls to it along φ = 0 and from it along φ = π/k.
KnownFunction multiple_saddle(std::string name, int k, double c, int p, double minimum) {
  return {.name = std::move(name),
          .f =
              [=](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                T re(x[0]), im(x[1]);
                for (int i = 1; i < k; ++i) {
                  const T next = re * x[0] - im * x[1];
                  im = re * x[1] + im * x[0];
                  re = next;
                }
                const T square = x[0] * x[0] + x[1] * x[1];
                return T(re + c * power(square, p));
              },
          .saddle = point({0.0, 0.0}),
          .index = 0,
          .nullity = 2,
          .ridge = point({1.0, 0.0}),
          .minima = {minimum}};
}

/// s y₁ᵏ + y₁ᵐ + y₂²/2 + y₃², or with a double well in y₂, in reflected coordinates: at 0 the curvature along
/// y₁ is zero, and higher derivatives decide.
KnownFunction line(std::string name, double s, int k, int m, double minimum, bool well = false) {
  return {.name = std::move(name),
          .f =
              [=](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                const auto y = reflected(x);
                const T square = y[1] * y[1];
                const T across = well ? T(0.25 * (square - 1.0) * (square - 1.0)) : T(0.5 * square);
                return T(s * power(y[0], k) + power(y[0], m) + across + y[2] * y[2]);
              },
          .saddle = Vector::Zero(3),
          .index = well ? 1 : 0,
          .nullity = 1,
          .ridge = well     ? rotated({1.0, 0.0, 1.0})
                   : s < 0. ? rotated({0.0, 1.0, 1.0})
                            : rotated({1.0, 1.0, 1.0}),
          .minima = {minimum},
          .degenerate = well};
}

/// (x₁² − 1)²/4 + c Σ (xᵢ₊₁ − xᵢ²)²: a curved valley with two bottoms and a saddle at 0 between them.
KnownFunction valley(std::string name, Index n, double c) {
  Vector ridge = Vector::Ones(n);
  ridge[0] = 0.0;
  return {.name = std::move(name),
          .f =
              [c](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                const T well = x[0] * x[0] - 1.0;
                T sum = 0.25 * well * well;
                for (Index i = 0; i + 1 < x.size(); ++i) {
                  const T bend = x[i + 1] - x[i] * x[i];
                  sum += c * bend * bend;
                }
                return sum;
              },
          .saddle = Vector::Zero(n),
          .ridge = ridge,
          .minima = {0.0}};
}

/// Σ (1 − uᵢ²)²/4 + κ/2 Σ (uᵢ₊₁ − uᵢ)², with or without fixed ends u₀ = uₙ₊₁ = 0 (Allen–Cahn in one
/// dimension). At 0 the curvatures are κ μⱼ − 1, μⱼ the eigenvalues 2 − 2 cos of the second difference.
KnownFunction phases(std::string name, Index n, double coupling, bool fixed_ends) {
  Index index = 0, first_stable = -1;
  for (Index j = 0; j < n; ++j) {
    const double angle = fixed_ends ? pi * real(j + 1) / real(n + 1) : pi * real(j) / real(n);
    if (coupling * (2.0 - 2.0 * std::cos(angle)) < 1.0) {
      ++index;
    } else if (first_stable < 0) {
      first_stable = j;
    }
  }
  Vector ridge(n);
  for (Index i = 0; i < n; ++i) {
    const double mode = real(first_stable);
    ridge[i] = fixed_ends ? std::sin(pi * (mode + 1.0) * real(i + 1) / real(n + 1))
                          : std::cos(pi * mode * (real(i) + 0.5) / real(n));
  }
  // The first odd mode alone is an invariant subspace that holds no growing one.
  if (index > 1) ridge *= 1e-2;
  return {.name = std::move(name),
          .f =
              [=](const auto& u) {
                using T = ScalarOf<decltype(u)>;
                T sum(0.0);
                for (Index i = 0; i < u.size(); ++i) {
                  const T well = 1.0 - u[i] * u[i];
                  sum += 0.25 * well * well;
                  if (i > 0) sum += 0.5 * coupling * (u[i] - u[i - 1]) * (u[i] - u[i - 1]);
                }
                if (fixed_ends) sum += 0.5 * coupling * (u[0] * u[0] + u[u.size() - 1] * u[u.size() - 1]);
                return sum;
              },
          .saddle = Vector::Zero(n),
          .index = index,
          .ridge = ridge};
}

/// A strut of n links on springs, clamped below, under a load P: ½ θ₁² + ½ Σ (θᵢ₊₁ − θᵢ)² + P Σ cos θᵢ.
/// Upright its curvatures are 2 − 2 cos((2j − 1)π/(2n + 1)) − P (Euler buckling).
KnownFunction strut(std::string name, Index n, double load) {
  Index index = 0;
  Vector ridge(n);
  for (Index j = 1; j <= n; ++j) {
    if (2.0 - 2.0 * std::cos(real(2 * j - 1) * pi / real(2 * n + 1)) < load) ++index;
  }
  for (Index i = 0; i < n; ++i)
    ridge[i] = 1e-2 * std::sin(real(2 * n - 1) * pi * real(i + 1) / real(2 * n + 1));
  return {.name = std::move(name),
          .f =
              [load](const auto& x) {
                using std::cos;
                using T = ScalarOf<decltype(x)>;
                T sum(0.0);
                for (Index i = 0; i < x.size(); ++i) {
                  const T bend = i == 0 ? T(x[0]) : T(x[i] - x[i - 1]);
                  sum += 0.5 * bend * bend + load * cos(x[i]);
                }
                return sum;
              },
          .saddle = Vector::Zero(n),
          .index = index,
          .ridge = ridge};
}

/// Himmelblau (1972): four minima 0, four saddles, one maximum; roots of ∇f to 16 digits.
KnownFunction himmelblau(std::string name, Vector saddle, Index index, Vector ridge) {
  return {.name = std::move(name),
          .f =
              [](const auto& x) {
                const auto a = x[0] * x[0] + x[1] - 11.0;
                const auto b = x[0] + x[1] * x[1] - 7.0;
                return a * a + b * b;
              },
          .saddle = std::move(saddle),
          .index = index,
          .ridge = std::move(ridge),
          .minima = {0.0}};
}

/// 2x² − 1.05x⁴ + x⁶/6 + xy + y²: y = −x/2, and x² = u with u² − 4.2u + 3.5 = 0 at the saddles (lower root)
/// and the outer minima (upper root).
KnownFunction three_hump_camel() {
  const double root = std::sqrt(4.2 * 4.2 - 14.0);
  const double low = 0.5 * (4.2 - root), high = 0.5 * (4.2 + root), x = std::sqrt(low);
  return {.name = "three-hump camel",
          .f =
              [](const auto& p) {
                const auto u = p[0] * p[0];
                return 2.0 * u - 1.05 * u * u + u * u * u / 6.0 + p[0] * p[1] + p[1] * p[1];
              },
          .saddle = point({x, -0.5 * x}),
          .ridge = point({x + 1e-2 * 0.166, -0.5 * x + 1e-2}),
          .minima = {0.0, (1.75 + (-1.05 + high / 6.0) * high) * high}};
}

/// (4 − 2.1x² + x⁴/3)x² + xy + (4y² − 4)y² (Dixon & Szegö 1978): at 0 the Hessian is (8, 1; 1, −8).
KnownFunction six_hump_camel() {
  return {.name = "six-hump camel",
          .f =
              [](const auto& p) {
                const auto u = p[0] * p[0], v = p[1] * p[1];
                return (4.0 - 2.1 * u + u * u / 3.0) * u + p[0] * p[1] + (4.0 * v - 4.0) * v;
              },
          .saddle = point({0.0, 0.0}),
          .ridge = point({1e-2, 1e-2 / 16.0}),
          .minima = {-1.0316284534898774, -0.21546382438371792, 2.1042503103112593}};
}

/// Σ (x⁴ − 16x² + 5x)/2: of each coordinate the middle root of 4x³ − 32x + 5 (Viète) is a maximum.
KnownFunction styblinski_tang(std::string name, Index n, Index index) {
  const double amplitude = std::sqrt(32.0 / 3.0);
  const double angle = std::acos(-5.0 / 8.0 / std::pow(8.0 / 3.0, 1.5)) / 3.0;
  const double high = amplitude * std::cos(angle), low = amplitude * std::cos(angle + 2.0 * pi / 3.0);
  const double middle = -high - low;
  const auto value = [](double x) { return 0.5 * (x * x * x * x - 16.0 * x * x + 5.0 * x); };
  Vector saddle(n), ridge(n);
  std::vector<double> minima;
  for (Index j = 0; j < n; ++j) {
    saddle[j] = j < index ? middle : j % 2 == 0 ? low : high;
    ridge[j] = j < index ? middle : saddle[j] * 1.3;
  }
  for (Index j = 0; j <= n; ++j) minima.push_back(real(n - j) * value(low) + real(j) * value(high));
  return {.name = std::move(name),
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index j = 0; j < x.size(); ++j) {
                  const auto square = x[j] * x[j];
                  sum += 0.5 * (square * square - 16.0 * square + 5.0 * x[j]);
                }
                return sum;
              },
          .saddle = saddle,
          .index = index,
          .ridge = ridge,
          .minima = minima};
}

/// The surface of Müller & Brown (1979), of three minima and two saddles; roots of ∇f to 16 digits.
KnownFunction muller_brown(std::string name, Vector saddle, Vector ridge) {
  return {.name = std::move(name),
          .f =
              [](const auto& p) {
                using std::exp;
                constexpr double A[] = {-200.0, -100.0, -170.0, 15.0}, a[] = {-1.0, -1.0, -6.5, 0.7};
                constexpr double b[] = {0.0, 0.0, 11.0, 0.6}, c[] = {-10.0, -10.0, -6.5, 0.7};
                constexpr double x[] = {1.0, 0.0, -0.5, -1.0}, y[] = {0.0, 0.5, 1.5, 1.0};
                ScalarOf<decltype(p)> sum(0.0);
                for (int k = 0; k < 4; ++k) {
                  const auto u = p[0] - x[k], v = p[1] - y[k];
                  sum += A[k] * exp(a[k] * u * u + b[k] * u * v + c[k] * v * v);
                }
                return sum;
              },
          .saddle = std::move(saddle),
          .ridge = std::move(ridge),
          .minima = {-146.699517209954, -108.16672411685235, -80.76781812965903}};
}

/// Σ (xᵢ³ + xᵢ⁴/4), the hyperbolic umbilic with quartic growth: zero Hessian at 0, the minimum at xᵢ = −3.
KnownFunction umbilic() {
  return {.name = "hyperbolic umbilic",
          .f =
              [](const auto& x) {
                return power(x[0], 3) + power(x[1], 3) + 0.25 * (power(x[0], 4) + power(x[1], 4));
              },
          .saddle = point({0.0, 0.0}),
          .index = 0,
          .nullity = 2,
          .ridge = point({1.0, 1.0}),
          .minima = {-13.5}};
}

}  // namespace

std::vector<KnownFunction> landscapes() {
  std::vector<KnownFunction> all = {
      double_well("double well", 1.0, 1.0, 1.0),
      double_well("double well, unlike scales", 1e-4, 1e3, 1.0),
      double_well("double well times 1e-12", 1.0, 1.0, 1e-12),
      weak_saddle("weak saddle 1e-3", 1e-3),
      weak_saddle("weak saddle 1e-7", 1e-7),
      multiple_saddle("monkey saddle", 3, 0.25, 2, -6.75),
      multiple_saddle("fourfold saddle", 4, 1.0, 3, -4.0 / 27.0),
      multiple_saddle("fivefold saddle", 5, 1.0, 3, -std::pow(5.0 / 6.0, 5) / 6.0),
      line("cubic line", 1.0, 3, 4, -27.0 / 256.0),
      line("falling quartic line", -1.0, 4, 6, -4.0 / 27.0),
      line("quintic line", 1.0, 5, 6, -std::pow(5.0 / 6.0, 5) / 6.0),
      line("quartic line between wells", 1.0, 4, 6, 0.0, true),
      valley("curved valley", 2, 100.0),
      valley("curved valley, steep", 2, 1e6),
      valley("curved valley of 4", 4, 100.0),
      phases("coupled wells index 1", 5, 10.0, false),
      phases("coupled wells index 2", 5, 1.0, false),
      phases("Allen-Cahn index 1", 15, 20.0, true),
      phases("Allen-Cahn index 2", 15, 5.0, true),
      strut("strut index 1", 4, 0.5),
      strut("strut index 2", 4, 2.0),
      strut("strut index 3", 4, 3.0),
      himmelblau("Himmelblau index 1", point({0.08667750455539634, 2.884254701174776}), 1,
                 point({0.08667750455539634 + 1.1e-3, 2.884254701174776 + 1e-2})),
      himmelblau("Himmelblau index 2", point({-0.2708445906673476, -0.9230385564799815}), 2, {}),
      three_hump_camel(),
      six_hump_camel(),
      styblinski_tang("Styblinski-Tang index 1", 4, 1),
      styblinski_tang("Styblinski-Tang index 3", 4, 3),
      muller_brown("Muller-Brown, upper saddle", point({-0.8220015587327322, 0.6243128028148713}),
                   point({-0.8220015587327322 + 7e-4, 0.6243128028148713 + 8.2e-4})),
      muller_brown("Muller-Brown, lower saddle", point({0.21248658200066203, 0.2929883251073678}),
                   point({0.21248658200066203 + 8.6e-4, 0.2929883251073678 + 5.1e-4})),
      umbilic(),
  };
  for (Index index = 1; index <= 6; ++index) all.push_back(morse(6, index));
  for (const Index index : {3, 11}) all.push_back(morse(12, index));
  return all;
}

}  // namespace quadric::saddles
