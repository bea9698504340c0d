// The residual of one observation of bundle adjustment (Snavely's camera: 2 × 12) and of one relative pose in
// SE(3) (6 × 12), with Jacobians: through the public interface, by Ceres' jets, through Ceres' cost function,
// and by hand, in nanoseconds an evaluation. Peers take turns and must agree.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <ceres/autodiff_cost_function.h>
#include <ceres/jet.h>
#include <Eigen/Dense>
#include <quadric/quadric.hpp>

#include "alternate.hpp"

namespace {

namespace qd = quadric;

constexpr int turns = 25;
constexpr std::size_t points = 2000;  // evaluated in each turn
constexpr int unknowns = 12;

template <class T>
using Vector3 = std::array<T, 3>;

template <class T>
Vector3<T> cross(const Vector3<T>& a, const Vector3<T>& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
template <class T>
T dot(const Vector3<T>& a, const Vector3<T>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// v turned by the angle-axis w, |w| > 0 (Rodrigues' formula).
template <class T>
Vector3<T> rotate(const Vector3<T>& w, const Vector3<T>& v) {
  using std::cos, std::sin, std::sqrt;
  const T angle = sqrt(dot(w, w)), c = cos(angle), s = sin(angle), inverse = 1.0 / angle;
  const Vector3<T> axis{w[0] * inverse, w[1] * inverse, w[2] * inverse};
  const Vector3<T> side = cross(axis, v);
  const T along = dot(axis, v) * (1.0 - c);
  return {v[0] * c + side[0] * s + axis[0] * along, v[1] * c + side[1] * s + axis[1] * along,
          v[2] * c + side[2] * s + axis[2] * along};
}

/// x: angle-axis (3), translation (3), focal length, two radial distortions, point (3).
constexpr std::array<double, 2> observed{0.3, -0.2};

struct Observation {
  static constexpr int residuals = 2;
  template <class X>
  auto operator()(const X& x) const {
    using T = std::remove_cvref_t<decltype(x[0])>;
    Vector3<T> p = rotate<T>({x[0], x[1], x[2]}, {x[9], x[10], x[11]});
    for (std::size_t i = 0; i < 3; ++i) p[i] = p[i] + x[static_cast<int>(3 + i)];
    const T u = -p[0] / p[2], v = -p[1] / p[2], r2 = u * u + v * v;
    const T scale = x[6] * (1.0 + r2 * (x[7] + r2 * x[8]));
    return std::array<T, 2>{scale * u - observed[0], scale * v - observed[1]};
  }
};

/// The angle-axis of a unit quaternion (w, v) with v ≠ 0.
template <class T>
Vector3<T> logarithm(const T& w, const Vector3<T>& v) {
  using std::atan2, std::sqrt;
  const T sine = sqrt(dot(v, v)), factor = 2.0 * atan2(sine, w) / sine;
  return {v[0] * factor, v[1] * factor, v[2] * factor};
}

template <class T>
struct Quaternion {
  T w;
  Vector3<T> v;
};
template <class T>
Quaternion<T> exponential(const Vector3<T>& w) {
  using std::cos, std::sin, std::sqrt;
  const T angle = sqrt(dot(w, w)), factor = sin(0.5 * angle) / angle;
  return {cos(0.5 * angle), {w[0] * factor, w[1] * factor, w[2] * factor}};
}
template <class T>
Quaternion<T> product(const Quaternion<T>& a, const Quaternion<T>& b) {
  const Vector3<T> side = cross(a.v, b.v);
  return {a.w * b.w - dot(a.v, b.v),
          {a.w * b.v[0] + b.w * a.v[0] + side[0], a.w * b.v[1] + b.w * a.v[1] + side[1],
           a.w * b.v[2] + b.w * a.v[2] + side[2]}};
}

/// Two poses of angle-axis (3) and translation (3) each: the second seen from the first, less what was
/// measured.
struct RelativePose {
  static constexpr int residuals = 6;
  template <class X>
  auto operator()(const X& x) const {
    using T = std::remove_cvref_t<decltype(x[0])>;
    const Vector3<T> back{-x[0], -x[1], -x[2]};
    const Vector3<T> moved = rotate<T>(back, {x[9] - x[3], x[10] - x[4], x[11] - x[5]});
    const Quaternion<T> turn = product(exponential(back), exponential<T>({x[6], x[7], x[8]}));
    const Vector3<T> angles = logarithm(turn.w, turn.v);
    return std::array<T, 6>{moved[0] - 0.1,  moved[1] - 0.2,  moved[2] - 0.3,
                            angles[0] - 0.1, angles[1] - 0.1, angles[2] - 0.1};
  }
};

/// The residuals (m) and, row by row, their Jacobian (m × 12) at one point.
struct Evaluated {
  std::array<double, 6> r;
  std::array<double, 6 * unknowns> J;
};
using Evaluate = std::function<void(const qd::Vector&, Evaluated&)>;

template <class F>
Evaluate by_quadric() {
  return [residuals = qd::Residuals([](const auto& x) { return F{}(x); }), r = qd::Vector(),
          J = qd::Matrix()](const qd::Vector& x, Evaluated& result) mutable {
    residuals.jacobian(x, r, J);
    for (int i = 0; i < F::residuals; ++i) {
      result.r[static_cast<std::size_t>(i)] = r[i];
      for (int j = 0; j < unknowns; ++j) result.J[static_cast<std::size_t>(i * unknowns + j)] = J(i, j);
    }
  };
}

template <class F>
Evaluate by_jets() {
  return [](const qd::Vector& x, Evaluated& result) {
    using T = ceres::Jet<double, unknowns>;
    std::array<T, unknowns> variables;
    for (std::size_t i = 0; i < unknowns; ++i) {
      variables[i] = T(x[static_cast<int>(i)], static_cast<int>(i));
    }
    const auto r = F{}(variables.data());
    for (std::size_t i = 0; i < F::residuals; ++i) {
      result.r[i] = r[i].a;
      for (std::size_t j = 0; j < unknowns; ++j) result.J[i * unknowns + j] = r[i].v[static_cast<int>(j)];
    }
  };
}

template <class F>
struct CeresFunctor {
  template <class T>
  bool operator()(const T* x, T* r) const {
    const auto values = F{}(x);
    std::copy(values.begin(), values.end(), r);
    return true;
  }
};
template <class F>
Evaluate by_cost_function() {
  using Cost = ceres::AutoDiffCostFunction<CeresFunctor<F>, F::residuals, unknowns>;
  const auto cost = std::make_shared<Cost>(new CeresFunctor<F>);
  return [cost](const qd::Vector& x, Evaluated& result) {
    const double* parameters = x.data();
    double* jacobian = result.J.data();
    cost->Evaluate(&parameters, result.r.data(), &jacobian);
  };
}

/// The observation's Jacobian derived by hand. With p = R v + t and (u, v) = -(p₀, p₁) / p₂, everything
/// follows from ∂r/∂p; ∂(R v)/∂w = -R [v]ₓ J_r(w) with the right Jacobian of SO(3) (Chirikjian 2012), J_r = I
/// - (1 - cos θ)/θ² [w]ₓ + (θ - sin θ)/θ³ [w]ₓ².
void observation_by_hand(const qd::Vector& x, Evaluated& result) {
  const double a = x[0], b = x[1], c = x[2], t2 = a * a + b * b + c * c, t = std::sqrt(t2);
  const double sine = std::sin(t), cosine = std::cos(t), k0 = sine / t, k1 = (1.0 - cosine) / t2,
               k2 = (1.0 - k0) / t2;
  const std::array<double, 9> R{cosine + k1 * a * a, k1 * a * b - k0 * c, k1 * a * c + k0 * b,
                                k1 * a * b + k0 * c, cosine + k1 * b * b, k1 * b * c - k0 * a,
                                k1 * a * c - k0 * b, k1 * b * c + k0 * a, cosine + k1 * c * c};
  const double X = x[9], Y = x[10], Z = x[11];
  const double p0 = R[0] * X + R[1] * Y + R[2] * Z + x[3], p1 = R[3] * X + R[4] * Y + R[5] * Z + x[4];
  const double p2 = R[6] * X + R[7] * Y + R[8] * Z + x[5];
  const double inverse = 1.0 / p2, u = -p0 * inverse, v = -p1 * inverse, r2 = u * u + v * v;
  const double radial = x[7] + r2 * x[8], distortion = 1.0 + r2 * radial, scale = x[6] * distortion;
  const double slope = 2.0 * x[6] * (radial + r2 * x[8]);  // of scale, by u²+v², twice
  result.r[0] = scale * u - observed[0];
  result.r[1] = scale * v - observed[1];
  const double uu = scale + slope * u * u, uv = slope * u * v, vv = scale + slope * v * v;
  const std::array<double, 6> by_p{-uu * inverse, -uv * inverse, -(uu * u + uv * v) * inverse,
                                   -uv * inverse, -vv * inverse, -(uv * u + vv * v) * inverse};
  for (std::size_t i = 0; i < 2; ++i) {
    double* const row = &result.J[i * unknowns];
    const double q0 = by_p[3 * i], q1 = by_p[3 * i + 1], q2 = by_p[3 * i + 2], w = i == 0 ? u : v;
    const double m0 = q0 * R[0] + q1 * R[3] + q2 * R[6], m1 = q0 * R[1] + q1 * R[4] + q2 * R[7];
    const double m2 = q0 * R[2] + q1 * R[5] + q2 * R[8];
    const double n0 = m2 * Y - m1 * Z, n1 = m0 * Z - m2 * X, n2 = m1 * X - m0 * Y;  // -m [v]ₓ = v × m
    const double along = k2 * (n0 * a + n1 * b + n2 * c), still = 1.0 - k2 * t2;
    row[0] = still * n0 + along * a - k1 * (n1 * c - n2 * b);
    row[1] = still * n1 + along * b - k1 * (n2 * a - n0 * c);
    row[2] = still * n2 + along * c - k1 * (n0 * b - n1 * a);
    row[3] = q0;
    row[4] = q1;
    row[5] = q2;
    row[6] = distortion * w;
    row[7] = x[6] * r2 * w;
    row[8] = x[6] * r2 * r2 * w;
    row[9] = m0;
    row[10] = m1;
    row[11] = m2;
  }
}

std::vector<qd::Vector> make_points() {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(0.1, 1.0);
  std::vector<qd::Vector> all;
  for (std::size_t k = 0; k < points; ++k) {
    qd::Vector x(unknowns);
    for (double& coordinate : x) coordinate = uniform(random);
    x[5] -= 6.0;  // before the camera
    all.push_back(x);
  }
  return all;
}

void compare(const std::string& name, int residuals, const std::map<std::string, Evaluate>& peers) {
  const std::vector<qd::Vector> all = make_points();
  std::map<std::string, std::function<void()>> runs;
  std::map<std::string, Evaluated> last;
  for (const auto& peer : peers) {
    for (const qd::Vector& x : all) {
      Evaluated expected{}, found{};
      peers.at("Jet")(x, expected);
      peer.second(x, found);
      for (int k = 0; k < residuals * unknowns; ++k) {
        const double right = expected.J[static_cast<std::size_t>(k)],
                     given = found.J[static_cast<std::size_t>(k)];
        if (std::abs(given - right) <= 1e-10 * (1.0 + std::abs(right))) continue;
        std::printf("%s: entry %d is %.15g instead of %.15g\n", peer.first.c_str(), k, given, right);
        std::exit(1);
      }
    }
    runs[peer.first] = [&evaluate = peer.second, &result = last[peer.first], &all] {
      for (const qd::Vector& x : all) evaluate(x, result);
    };
  }
  const std::map<std::string, double> times = bench::alternate(runs, turns);
  for (const auto& [peer, time] : times) {
    std::printf("%-14s %-8s %7.1f ns\n", name.c_str(), peer.c_str(),
                1e9 * time / static_cast<double>(points));
  }
  for (const auto& [peer, time] : times) {
    if (peer != "quadric") bench::print_ratio(name, peer, time / times.at("quadric"));
  }
}

template <class F>
std::map<std::string, Evaluate> generic_peers() {
  return {{"quadric", by_quadric<F>()}, {"Jet", by_jets<F>()}, {"ceres", by_cost_function<F>()}};
}

}  // namespace

int main() {
  std::map<std::string, Evaluate> observation = generic_peers<Observation>();
  observation["hand"] = observation_by_hand;
  compare("observation", Observation::residuals, observation);
  compare("relative_pose", RelativePose::residuals, generic_peers<RelativePose>());
}
