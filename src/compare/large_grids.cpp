#include <algorithm>
#include <cmath>
#include <numbers>

#include "compare/large.hpp"

/// Discretized energies: of values or points on the inner nodes of a grid, those on its border being given.
namespace quadric::large {

namespace {

/// A square grid of `cells` × `cells` cells; the inner nodes are numbered row by row.
struct Grid {
  Index cells;

  /// With about `count` inner nodes.
  static Grid with_nodes(double count) {
    return {std::max<Index>(2, static_cast<Index>(std::sqrt(count) + 1e-9) + 1)};
  }
  Index inner() const { return (cells - 1) * (cells - 1); }
  bool is_inner(Index i, Index j) const { return i > 0 && j > 0 && i < cells && j < cells; }
  Index number(Index i, Index j) const { return (i - 1) * (cells - 1) + j - 1; }
  double width() const { return 1.0 / real(cells); }
};

/// The value at node (i, j): a variable, or `border(s, t)` at (s, t) = (i, j) / cells.
template <class X, class Border>
ScalarOf<X> value_at(const X& x, const Grid& grid, Index i, Index j, const Border& border) {
  using T = ScalarOf<X>;
  return grid.is_inner(i, j) ? T(x[grid.number(i, j)])
                             : T(border(real(i) * grid.width(), real(j) * grid.width()));
}

/// The area of the graph over the unit square, where the differences along both diagonals of a cell stand for
/// its slopes (Toint; CUTE's LMINSURF and NLMSURF), started at 0.
template <class Border>
KnownFunction minimal_surface(const std::string& name, Border border, Index n) {
  const Grid grid = Grid::with_nodes(real(n));
  return {.name = name,
          .f =
              [grid, border](const auto& x) {
                using std::sqrt;
                using T = ScalarOf<decltype(x)>;
                const double area = square(grid.width());
                T sum(0.0);
                for (Index i = 0; i < grid.cells; ++i) {
                  for (Index j = 0; j < grid.cells; ++j) {
                    const auto u = [&](Index a, Index b) { return value_at(x, grid, i + a, j + b, border); };
                    const T falling = u(0, 0) - u(1, 1), rising = u(1, 0) - u(0, 1);
                    sum += area * sqrt(1.0 + 0.5 / area * (square(falling) + square(rising)));
                  }
                }
                return sum;
              },
          .start = Vector::Zero(grid.inner())};
}
/// With a plane for a border, which is then the answer: the square root of 1 + 8² + 4².
KnownFunction plane(Index n) {
  KnownFunction known = minimal_surface(
      "Minimal surface, plane", [](double s, double t) { return 1.0 + 8.0 * t + 4.0 * s; }, n);
  known.minima = {9.0};
  return known;
}
KnownFunction bent_surface(Index n) {
  return minimal_surface(
      "Minimal surface, bent", [](double s, double t) { return 4.0 * (s * s - t * t); }, n);
}

/// ∫ |u'|⁴/4 − u over (0, 1), u = 0 at both ends, in n + 1 pieces of width h. By the stationary point's own
/// equations u'³ falls by h from piece to piece, and the energy is −3/4 h Σ u'⁴.
KnownFunction p_laplacian_line(Index n) {
  const double h = 1.0 / real(n + 1);
  double minimum = 0.0;
  for (Index i = 0; i <= n; ++i) {
    minimum -= 0.75 * h * std::pow(std::abs(0.5 * real(n) - real(i)) * h, 4.0 / 3.0);
  }
  Vector start(n);
  for (Index i = 0; i < n; ++i) start[i] = real(i + 1) * h * (1.0 - real(i + 1) * h);
  return {.name = "p-Laplacian, line",
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                const double pieces = real(x.size() + 1);
                T sum(0.0);
                for (Index i = 0; i <= x.size(); ++i) {
                  T slope(0.0);
                  if (i < x.size()) slope += x[i] * pieces;
                  if (i > 0) slope -= x[i - 1] * pieces;
                  sum += 0.25 / pieces * fourth(slope);
                  if (i < x.size()) sum -= x[i] / pieces;
                }
                return sum;
              },
          .start = start,
          .minima = {minimum}};
}

/// ∫ |∇u|⁴/4 − u over the unit square, u = 0 on its border, linear on two triangles a cell.
KnownFunction p_laplacian_square(Index n) {
  const Grid grid = Grid::with_nodes(real(n));
  Vector start(grid.inner());
  for (Index i = 1; i < grid.cells; ++i) {
    for (Index j = 1; j < grid.cells; ++j) {
      const double s = real(i) * grid.width(), t = real(j) * grid.width();
      start[grid.number(i, j)] = s * (1.0 - s) * t * (1.0 - t);
    }
  }
  return {.name = "p-Laplacian, square",
          .f =
              [grid](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                const double h = grid.width();
                T sum(0.0);
                for (Index i = 0; i < grid.cells; ++i) {
                  for (Index j = 0; j < grid.cells; ++j) {
                    const auto u = [&](Index a, Index b) {
                      return value_at(x, grid, i + a, j + b, [](double, double) { return 0.0; });
                    };
                    const T corner = u(0, 0), right = u(1, 0), up = u(0, 1), opposite = u(1, 1);
                    sum += 0.125 / (h * h) *
                           (square(square(right - corner) + square(up - corner)) +
                            square(square(opposite - right) + square(opposite - up)));
                    if (grid.is_inner(i, j)) sum -= h * h * corner;
                  }
                }
                return sum;
              },
          .start = start};
}

/// The symmetric Dirichlet energy ½(‖J‖² + ‖J⁻¹‖²), J = (a b), of half a unit square whose legs have become a
/// and b. By way of the root it is not a number where the triangle is flipped, beyond the infinite wall.
template <class T>
T distortion(const T& ax, const T& ay, const T& bx, const T& by) {
  using std::sqrt;
  const T norm = ax * ax + ay * ay + bx * bx + by * by, root = sqrt(ax * by - bx * ay);
  return 0.5 * (norm + norm / fourth(root));
}

/// Of a triangulated square of unit cells whose border stays where it is, bent by two waves and shaken; no
/// triangle is flipped at the start. The rest shape is the minimum, 2 a triangle. Points are (x, y), node by
/// node.
KnownFunction symmetric_dirichlet(Index n) {
  const Grid grid = Grid::with_nodes(0.5 * real(n));
  const double wave = 2.0 * std::numbers::pi * grid.width(), height = 0.6 / wave;
  Vector start(2 * grid.inner());
  for (Index i = 1; i < grid.cells; ++i) {
    for (Index j = 1; j < grid.cells; ++j) {
      const Index k = 2 * grid.number(i, j);
      const double bend = std::sin(wave * real(i)) * std::sin(wave * real(j));
      start[k] = real(i) + height * bend + 0.08 * std::sin(real(k * k % 997));
      start[k + 1] = real(j) - height * bend + 0.08 * std::cos(real(k * k % 991));
    }
  }
  return {.name = "Symmetric Dirichlet",
          .f =
              [grid](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                T sum(0.0);
                for (Index i = 0; i < grid.cells; ++i) {
                  for (Index j = 0; j < grid.cells; ++j) {
                    const auto coordinate = [&](Index a, Index b, Index axis) {
                      const bool inner = grid.is_inner(i + a, j + b);
                      return inner ? T(x[2 * grid.number(i + a, j + b) + axis])
                                   : T(real(axis == 0 ? i + a : j + b));
                    };
                    const T x00 = coordinate(0, 0, 0), y00 = coordinate(0, 0, 1);
                    const T x10 = coordinate(1, 0, 0), y10 = coordinate(1, 0, 1);
                    const T x01 = coordinate(0, 1, 0), y01 = coordinate(0, 1, 1);
                    const T x11 = coordinate(1, 1, 0), y11 = coordinate(1, 1, 1);
                    sum += distortion<T>(x10 - x00, y10 - y00, x11 - x10, y11 - y10) +
                           distortion<T>(x11 - x01, y11 - y01, x01 - x00, y01 - y00);
                  }
                }
                return sum;
              },
          .start = start,
          .minima = {4.0 * real(grid.cells * grid.cells)}};
}

}  // namespace

std::vector<KnownFunction> grids(Index n) {
  std::vector<KnownFunction> list;
  for (auto* make : {plane, bent_surface, p_laplacian_line, p_laplacian_square, symmetric_dirichlet}) {
    list.push_back(make(n));
  }
  return list;
}

}  // namespace quadric::large
