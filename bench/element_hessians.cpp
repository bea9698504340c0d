// The symmetric Dirichlet energy of a triangulated grid, Σ area (‖J‖² + ‖J⁻¹‖²) with J the 2 × 2 deformation
// of a triangle: value, gradient and sparse Hessian, by element, in nanoseconds an element. Everybody adds
// into the same compressed matrix through a map that is ready; peers take turns and must agree.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <ceres/jet.h>
#include <Eigen/Dense>
#include <Eigen/SparseCore>
#include <quadric/quadric.hpp>

#include "alternate.hpp"

namespace {

namespace qd = quadric;

constexpr int cells = 224;  // a side of the grid, two triangles each
constexpr int turns = 15;
constexpr int packed_size = 21;  // the lower triangle of 6 × 6, row by row

using Sparse = Eigen::SparseMatrix<double>;
using Matrix6 = Eigen::Matrix<double, 6, 6>;

// ---- The problem

struct Triangle {
  std::array<int, 3> corners;
  std::array<double, 4> rest_inverse;  // of the edges at rest [x1 - x0, x2 - x0], row by row
  double area;
};

/// The unknowns are x = (x₀, y₀, x₁, y₁, …), two a vertex.
struct Grid {
  std::vector<Triangle> triangles;
  qd::Vector x;
  Sparse pattern;                                    // lower triangle, all values 0
  std::vector<std::array<int, packed_size>> places;  // where an element's entries stand in `pattern`
};

int unknown(const Triangle& triangle, int i) {
  return 2 * triangle.corners[static_cast<std::size_t>(i / 2)] + i % 2;
}

void add_triangle(Grid& grid, const qd::Vector& rest, const std::array<int, 3>& corners) {
  const auto at = [&](int k) -> Eigen::Vector2d {
    return rest.segment<2>(2 * corners[static_cast<std::size_t>(k)]);
  };
  Eigen::Matrix2d edges;
  edges << at(1) - at(0), at(2) - at(0);
  const Eigen::Matrix2d inverse = edges.inverse();
  grid.triangles.push_back(
      {corners, {inverse(0, 0), inverse(0, 1), inverse(1, 0), inverse(1, 1)}, 0.5 * edges.determinant()});
}

void find_places(Grid& grid) {
  std::vector<Eigen::Triplet<double>> entries;
  for (const Triangle& triangle : grid.triangles) {
    for (int i = 0; i < 6; ++i) {
      for (int j = 0; j <= i; ++j) {
        const auto [low, high] = std::minmax({unknown(triangle, i), unknown(triangle, j)});
        entries.emplace_back(high, low, 0.0);
      }
    }
  }
  grid.pattern.resize(grid.x.size(), grid.x.size());
  grid.pattern.setFromTriplets(entries.begin(), entries.end());
  for (const Triangle& triangle : grid.triangles) {
    std::array<int, packed_size> places{};
    for (int i = 0, k = 0; i < 6; ++i) {
      for (int j = 0; j <= i; ++j, ++k) {
        const auto [low, high] = std::minmax({unknown(triangle, i), unknown(triangle, j)});
        places[static_cast<std::size_t>(k)] =
            static_cast<int>(&grid.pattern.coeffRef(high, low) - grid.pattern.valuePtr());
      }
    }
    grid.places.push_back(places);
  }
}

/// Unit cells, bent by a few random waves and shaken a little; no triangle is flipped.
Grid make_grid() {
  Grid grid;
  constexpr int side = cells + 1;
  qd::Vector rest(2 * side * side);
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) rest.segment<2>(2 * (row * side + column)) << column, row;
  }
  for (int row = 0; row < cells; ++row) {
    for (int column = 0; column < cells; ++column) {
      const int corner = row * side + column;
      add_triangle(grid, rest, {corner, corner + 1, corner + side + 1});
      add_triangle(grid, rest, {corner, corner + side + 1, corner + side});
    }
  }
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  grid.x = rest;
  for (int wave = 0; wave < 8; ++wave) {
    const Eigen::Vector2d frequency(0.1 * uniform(random), 0.1 * uniform(random));
    const Eigen::Vector2d amplitude(uniform(random), uniform(random));
    const double phase = 3.0 * uniform(random);
    for (qd::Index v = 0; v < rest.size(); v += 2) {
      grid.x.segment<2>(v) += amplitude * std::sin(frequency.dot(rest.segment<2>(v)) + phase);
    }
  }
  for (double& coordinate : grid.x) coordinate += 0.05 * uniform(random);
  find_places(grid);
  return grid;
}

// ---- What a peer computes

struct Assembled {
  double value = 0.0;
  qd::Vector gradient;
  Sparse hessian;  // lower triangle
};

using Work = std::function<void(Assembled&)>;

struct Peer {
  Work value, gradient, hessian;  // hessian: with value and gradient
  Work projected = {};            // the same, every element's 6 × 6 Hessian made positive semidefinite
};

struct Element {
  double value;
  std::array<double, 6> gradient;
  std::array<double, packed_size> hessian;
};

std::array<double, 6> gather(const qd::Vector& x, const Triangle& triangle) {
  std::array<double, 6> corners;
  for (std::size_t k = 0; k < 3; ++k) {
    corners[2 * k] = x[2 * triangle.corners[k]];
    corners[2 * k + 1] = x[2 * triangle.corners[k] + 1];
  }
  return corners;
}

/// `element(corners, triangle, result)` fills value and gradient of an Element.
template <class F>
Work gradient_by(const Grid& grid, F element) {
  return [&grid, element](Assembled& sum) {
    sum.value = 0.0;
    sum.gradient.setZero(grid.x.size());
    for (const Triangle& triangle : grid.triangles) {
      Element part;
      element(gather(grid.x, triangle), triangle, part);
      sum.value += part.value;
      for (std::size_t k = 0; k < 3; ++k) {
        sum.gradient[2 * triangle.corners[k]] += part.gradient[2 * k];
        sum.gradient[2 * triangle.corners[k] + 1] += part.gradient[2 * k + 1];
      }
    }
  };
}

/// The same with the Hessian.
template <class F>
Work hessian_by(const Grid& grid, F element) {
  return [&grid, element](Assembled& sum) {
    sum.value = 0.0;
    sum.gradient.setZero(grid.x.size());
    if (sum.hessian.nonZeros() != grid.pattern.nonZeros()) sum.hessian = grid.pattern;
    sum.hessian.coeffs().setZero();
    double* const values = sum.hessian.valuePtr();
    for (std::size_t t = 0; t < grid.triangles.size(); ++t) {
      const Triangle& triangle = grid.triangles[t];
      Element part;
      element(gather(grid.x, triangle), triangle, part);
      sum.value += part.value;
      for (std::size_t k = 0; k < 3; ++k) {
        sum.gradient[2 * triangle.corners[k]] += part.gradient[2 * k];
        sum.gradient[2 * triangle.corners[k] + 1] += part.gradient[2 * k + 1];
      }
      for (std::size_t k = 0; k < packed_size; ++k) values[grid.places[t][k]] += part.hessian[k];
    }
  };
}

// ---- One element, the function as its user writes it

/// area (‖J‖² + ‖J⁻¹‖²), where ‖J⁻¹‖ = ‖J‖ / det J; the constants are of type C.
template <class C, class T>
T energy(const std::array<T, 6>& x, const Triangle& triangle) {
  const C r00(triangle.rest_inverse[0]), r01(triangle.rest_inverse[1]);
  const C r10(triangle.rest_inverse[2]), r11(triangle.rest_inverse[3]);
  const T ax = x[2] - x[0], ay = x[3] - x[1], bx = x[4] - x[0], by = x[5] - x[1];
  const T j00 = ax * r00 + bx * r10, j01 = ax * r01 + bx * r11;
  const T j10 = ay * r00 + by * r10, j11 = ay * r01 + by * r11;
  const T norm = j00 * j00 + j01 * j01 + j10 * j10 + j11 * j11, determinant = j00 * j11 - j01 * j10;
  return (norm + norm / (determinant * determinant)) * C(triangle.area);
}

Work value_by_doubles(const Grid& grid) {
  return [&grid](Assembled& sum) {
    sum.value = 0.0;
    for (const Triangle& triangle : grid.triangles) {
      sum.value += energy<double>(gather(grid.x, triangle), triangle);
    }
  };
}

/// Clamps the negative eigenvalues of an element's Hessian to 0.
void project(Element& element) {
  Matrix6 H;
  for (int i = 0, k = 0; i < 6; ++i) {
    for (int j = 0; j <= i; ++j, ++k) H(i, j) = H(j, i) = element.hessian[static_cast<std::size_t>(k)];
  }
  const Eigen::SelfAdjointEigenSolver<Matrix6> eigen(H);
  if (eigen.eigenvalues()[0] >= 0.0) return;
  const Matrix6 clamped = eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0.0).asDiagonal() *
                          eigen.eigenvectors().transpose();
  for (int i = 0, k = 0; i < 6; ++i) {
    for (int j = 0; j <= i; ++j, ++k) element.hessian[static_cast<std::size_t>(k)] = clamped(i, j);
  }
}

/// The element, then its projection.
template <class F>
auto then_projected(F element) {
  return [element](const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
    element(x, triangle, result);
    project(result);
  };
}

// ---- Ceres: jets, nested for second derivatives

void jet_gradient(const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
  using T = ceres::Jet<double, 6>;
  std::array<T, 6> variables;
  for (std::size_t i = 0; i < 6; ++i) variables[i] = T(x[i], static_cast<int>(i));
  const T f = energy<double>(variables, triangle);
  result.value = f.a;
  for (std::size_t i = 0; i < 6; ++i) result.gradient[i] = f.v[static_cast<int>(i)];
}

void jet_hessian(const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
  using Inner = ceres::Jet<double, 6>;
  using T = ceres::Jet<Inner, 6>;
  std::array<T, 6> variables;
  for (std::size_t i = 0; i < 6; ++i) {
    variables[i] = T(Inner(x[i], static_cast<int>(i)), static_cast<int>(i));
  }
  const T f = energy<Inner>(variables, triangle);
  result.value = f.a.a;
  for (int i = 0, k = 0; i < 6; ++i) {
    result.gradient[static_cast<std::size_t>(i)] = f.a.v[i];
    for (int j = 0; j <= i; ++j, ++k) result.hessian[static_cast<std::size_t>(k)] = f.v[i].v[j];
  }
}

// ---- Derived by hand

/// The energy as a function of J, E = area s (1 + d⁻²) with s = ‖J‖² and d = det J, and its derivatives:
///   ∂E = 2 φ J + s φ' D,   ∂²E = 2 φ I + 2 φ' (J Dᵀ + D Jᵀ) + s φ'' D Dᵀ + s φ' K,
/// φ = 1 + d⁻², D = ∂d the cofactors, K = ∂²d, all times the area. J and D are taken as (J00, J01, J10, J11).
struct Deformation {
  std::array<double, 4> J, D;
  double s, d, phi, slope, bend;  // φ, φ', φ''

  Deformation(const std::array<double, 6>& x, const std::array<double, 4>& r) {
    const double ax = x[2] - x[0], ay = x[3] - x[1], bx = x[4] - x[0], by = x[5] - x[1];
    J = {ax * r[0] + bx * r[2], ax * r[1] + bx * r[3], ay * r[0] + by * r[2], ay * r[1] + by * r[3]};
    D = {J[3], -J[2], -J[1], J[0]};
    s = J[0] * J[0] + J[1] * J[1] + J[2] * J[2] + J[3] * J[3];
    d = J[0] * J[3] - J[1] * J[2];
    const double inverse = 1.0 / d, square = inverse * inverse;
    phi = 1.0 + square;
    slope = -2.0 * square * inverse;
    bend = 6.0 * square * square;
  }
};

/// The gradient by the corners from the gradient P by J: corner 1 moves J by the first row of R = rest⁻¹,
/// corner 2 by the second, corner 0 by minus their sum.
void corner_gradient(const Deformation& at, const Triangle& triangle, Element& result) {
  const std::array<double, 4>& r = triangle.rest_inverse;
  const double of_J = 2.0 * at.phi * triangle.area, of_D = at.s * at.slope * triangle.area;
  result.value = triangle.area * at.s * at.phi;
  for (std::size_t c = 0; c < 2; ++c) {
    const double p0 = of_J * at.J[2 * c] + of_D * at.D[2 * c],
                 p1 = of_J * at.J[2 * c + 1] + of_D * at.D[2 * c + 1];
    const double first = p0 * r[0] + p1 * r[1], second = p0 * r[2] + p1 * r[3];
    result.gradient[2 + c] = first;
    result.gradient[4 + c] = second;
    result.gradient[c] = -(first + second);
  }
}

void hand_gradient(const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
  corner_gradient(Deformation(x, triangle.rest_inverse), triangle, result);
}

/// The blocks M (2 × 2 each, row by row) of the Hessian by J: of its first row with itself, of the second
/// with the first, of the second with itself.
struct Blocks {
  std::array<double, 4> xx, yx, yy;

  Blocks(const Deformation& at, double area) {
    const double diagonal = 2.0 * area * at.phi, mixed = 2.0 * area * at.slope;
    const double outer = area * at.s * at.bend, twist = area * at.s * at.slope;
    const auto entry = [&](std::size_t i, std::size_t j) {
      return mixed * (at.J[i] * at.D[j] + at.D[i] * at.J[j]) + outer * at.D[i] * at.D[j];
    };
    xx = {entry(0, 0) + diagonal, entry(1, 0), entry(1, 0), entry(1, 1) + diagonal};
    yx = {entry(2, 0), entry(2, 1) - twist, entry(3, 0) + twist, entry(3, 1)};
    yy = {entry(2, 2) + diagonal, entry(3, 2), entry(3, 2), entry(3, 3) + diagonal};
  }
};

/// R M Rᵀ, the block by corners 1 and 2.
std::array<double, 4> by_corners(const std::array<double, 4>& r, const std::array<double, 4>& M) {
  const double a = r[0] * M[0] + r[1] * M[2], b = r[0] * M[1] + r[1] * M[3];
  const double c = r[2] * M[0] + r[3] * M[2], d = r[2] * M[1] + r[3] * M[3];
  return {a * r[0] + b * r[1], a * r[2] + b * r[3], c * r[0] + d * r[1], c * r[2] + d * r[3]};
}

/// The packed Hessian by (x0, y0, x1, y1, x2, y2); rows and columns over the corners sum to 0.
void corner_hessian(const Blocks& M, const Triangle& triangle, Element& result) {
  const std::array<double, 4> xx = by_corners(triangle.rest_inverse, M.xx);
  const std::array<double, 4> yx = by_corners(triangle.rest_inverse, M.yx);
  const std::array<double, 4> yy = by_corners(triangle.rest_inverse, M.yy);
  const double xx01 = -(xx[0] + xx[2]), xx02 = -(xx[1] + xx[3]);  // x of corner 0 with x of corners 1 and 2
  const double yy01 = -(yy[0] + yy[2]), yy02 = -(yy[1] + yy[3]);
  const double y0x1 = -(yx[0] + yx[2]), y0x2 = -(yx[1] + yx[3]);
  const double y1x0 = -(yx[0] + yx[1]), y2x0 = -(yx[2] + yx[3]);
  result.hessian = {-(xx01 + xx02),                                               // x0
                    -(y0x1 + y0x2), -(yy01 + yy02),                               // y0
                    xx01,           y0x1,           xx[0],                        // x1
                    y1x0,           yy01,           yx[0], yy[0],                 // y1
                    xx02,           y0x2,           xx[2], yx[1], xx[3],          // x2
                    y2x0,           yy02,           yx[2], yy[2], yx[3], yy[3]};  // y2
}

void hand_hessian(const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
  const Deformation at(x, triangle.rest_inverse);
  corner_gradient(at, triangle, result);
  corner_hessian(Blocks(at, triangle.area), triangle, result);
}

/// Adds `weight` t tᵀ to the Hessian by J.
void add_outer(Blocks& M, const std::array<double, 4>& t, double weight) {
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      M.xx[2 * i + j] += weight * t[i] * t[j];
      M.yx[2 * i + j] += weight * t[2 + i] * t[j];
      M.yy[2 * i + j] += weight * t[2 + i] * t[2 + j];
    }
  }
}

/// The Hessian by J made positive semidefinite. Of its eigenvalues (Smith, de Goes & Kim, Analytic
/// eigensystems for isotropic distortion energies, 2019) only the one of the twist, 2 - 2 (σ₁⁻³ + σ₂⁻³) / (σ₁
/// + σ₂), can be negative here. With p = σ₁ + σ₂, the norm of (J00 + J11, J10 - J01), it is 2 - 2 (p² - 3 d)
/// / d³, and the twist is the rotation of J, turned by a quarter.
void project_twist(const Deformation& at, double area, Blocks& M) {
  const double a = at.J[0] + at.J[3], b = at.J[2] - at.J[1], p2 = a * a + b * b;
  const double eigenvalue = 2.0 - 2.0 * (p2 - 3.0 * at.d) / (at.d * at.d * at.d);
  if (eigenvalue < 0.0) add_outer(M, {-b, -a, a, -b}, -area * eigenvalue / (2.0 * p2));
}

void hand_projected(const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
  const Deformation at(x, triangle.rest_inverse);
  corner_gradient(at, triangle, result);
  Blocks M(at, triangle.area);
  project_twist(at, triangle.area, M);
  corner_hessian(M, triangle, result);
}

/// The same projection by a numerical eigendecomposition of the 4 × 4 Hessian by J: what checks it.
void eigen_projected(const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
  const Deformation at(x, triangle.rest_inverse);
  corner_gradient(at, triangle, result);
  Blocks M(at, triangle.area);
  Eigen::Matrix4d H;
  H << M.xx[0], M.xx[1], M.yx[0], M.yx[2],  //
      M.xx[2], M.xx[3], M.yx[1], M.yx[3],   //
      M.yx[0], M.yx[1], M.yy[0], M.yy[1],   //
      M.yx[2], M.yx[3], M.yy[2], M.yy[3];
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> eigen(H);
  for (int k = 0; k < 4; ++k) {
    const double value = eigen.eigenvalues()[k];
    std::array<double, 4> t;
    Eigen::Map<Eigen::Vector4d>(t.data()) = eigen.eigenvectors().col(k);
    if (value < 0.0) add_outer(M, t, -value);
  }
  corner_hessian(M, triangle, result);
}

// ---- Our packed second-order dual numbers, one element at a time

void dual_gradient(const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
  using T = qd::Dual<double, 6>;
  std::array<T, 6> variables;
  for (std::size_t i = 0; i < 6; ++i) variables[i] = T::variable(x[i], static_cast<int>(i));
  const T f = energy<double>(variables, triangle);
  result.value = f.value;
  result.gradient = f.gradient;
}

void dual_hessian(const std::array<double, 6>& x, const Triangle& triangle, Element& result) {
  using T = qd::SecondDual<double, 6>;
  std::array<T, 6> variables;
  for (std::size_t i = 0; i < 6; ++i) variables[i] = T::variable(x[i], static_cast<int>(i));
  const T f = energy<double>(variables, triangle);
  result = {f.value, f.gradient, f.hessian};
}

// ---- The comparison

/// The peers by name; the library's entry is "quadric".
std::map<std::string, Peer> make_peers(const Grid& grid) {
  std::map<std::string, Peer> peers;
  const qd::Elements sum = qd::elements<6>(
      static_cast<qd::Index>(grid.triangles.size()),
      [&grid](qd::Index e) {
        std::array<int, 6> unknowns{};
        for (int i = 0; i < 6; ++i) {
          unknowns[static_cast<std::size_t>(i)] = unknown(grid.triangles[static_cast<std::size_t>(e)], i);
        }
        return unknowns;
      },
      [&grid](const auto& x, qd::Index e) {
        return energy<double>(std::array{x[0], x[1], x[2], x[3], x[4], x[5]},
                              grid.triangles[static_cast<std::size_t>(e)]);
      });
  peers["quadric"] = {
      .value = [&grid, sum](Assembled& to) { to.value = sum.value(grid.x); },
      .gradient = [&grid, sum](Assembled& to) { to.value = sum.gradient(grid.x, to.gradient); },
      .hessian = [&grid, sum](Assembled& to) { to.value = sum.hessian(grid.x, to.gradient, to.hessian); },
      .projected =
          [&grid, sum](Assembled& to) { to.value = sum.projected_hessian(grid.x, to.gradient, to.hessian); }};
  peers["duals"] = {.value = value_by_doubles(grid),
                    .gradient = gradient_by(grid, dual_gradient),
                    .hessian = hessian_by(grid, dual_hessian),
                    .projected = hessian_by(grid, then_projected(dual_hessian))};
  peers["Jet"] = {.value = value_by_doubles(grid),
                  .gradient = gradient_by(grid, jet_gradient),
                  .hessian = hessian_by(grid, jet_hessian),
                  .projected = hessian_by(grid, then_projected(jet_hessian))};
  // Projected by J instead of by the corners: positive semidefinite too, but another matrix.
  peers["hand"] = {.value = value_by_doubles(grid),
                   .gradient = gradient_by(grid, hand_gradient),
                   .hessian = hessian_by(grid, hand_hessian),
                   .projected = hessian_by(grid, hand_projected)};
  return peers;
}

/// The largest difference of two results, relative to the largest number in them.
double distance(const Assembled& a, const Assembled& b) {
  const double values = std::abs(a.value - b.value) / std::abs(a.value);
  const double gradients =
      (a.gradient - b.gradient).lpNorm<Eigen::Infinity>() / a.gradient.lpNorm<Eigen::Infinity>();
  if (a.hessian.nonZeros() == 0) return std::max(values, gradients);
  const Sparse difference = a.hessian - b.hessian;
  return std::max(
      {values, gradients, difference.coeffs().abs().maxCoeff() / a.hessian.coeffs().abs().maxCoeff()});
}

void require_agreement(const std::string& what, const Work& one, const Work& other) {
  Assembled a, b;
  one(a);
  other(b);
  const double apart = distance(a, b);
  if (apart <= 1e-10) return;
  std::printf("%s: %.1e apart\n", what.c_str(), apart);
  std::exit(1);
}

}  // namespace

int main() {
  const Grid grid = make_grid();
  const std::map<std::string, Peer> peers = make_peers(grid);
  for (const std::string name : {"quadric", "duals", "hand"}) {
    require_agreement(name + " gradient", peers.at("Jet").gradient, peers.at(name).gradient);
    require_agreement(name + " hessian", peers.at("Jet").hessian, peers.at(name).hessian);
  }
  require_agreement("quadric projected", peers.at("Jet").projected, peers.at("quadric").projected);
  require_agreement("hand projected", hessian_by(grid, eigen_projected), peers.at("hand").projected);

  for (const auto& [task, work] :
       std::vector<std::pair<std::string, Work Peer::*>>{{"value", &Peer::value},
                                                         {"gradient", &Peer::gradient},
                                                         {"hessian", &Peer::hessian},
                                                         {"projected", &Peer::projected}}) {
    std::map<std::string, std::function<void()>> runs;
    std::map<std::string, Assembled> sums;
    for (const auto& peer : peers) {
      runs[peer.first] = [&sum = sums[peer.first], &run = peer.second.*work] { run(sum); };
    }
    const std::map<std::string, double> times = bench::alternate(runs, turns);
    for (const auto& [name, time] : times) {
      std::printf("%-10s %-8s %7.1f ns an element\n", task.c_str(), name.c_str(),
                  1e9 * time / static_cast<double>(grid.triangles.size()));
    }
    if (task == "value") continue;
    for (const std::string peer : {"Jet", "hand"}) {
      bench::print_ratio("element_" + task, peer, times.at(peer) / times.at("quadric"));
    }
  }
}
