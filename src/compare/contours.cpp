#include "compare/contours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <exception>
#include <iterator>
#include <limits>
#include <unordered_map>
#include <utility>

#include <Eigen/Dense>

namespace quadric {

namespace {

constexpr Index grid = 49;         ///< points a side
constexpr Index newton_grid = 11;  ///< starts a side for landmarks
constexpr int contour_count = 12;
constexpr double margin = 0.25;  ///< of the points' extent, on each side
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// The edges of a grid, numbered: those along x first.
class Edges {
 public:
  explicit Edges(const Matrix& values) : values_(values) {}

  Index along_x(Index i, Index j) const { return i * values_.cols() + j; }
  Index along_y(Index i, Index j) const { return values_.size() + i * values_.cols() + j; }

  /// Where the level is met on an edge.
  std::pair<double, double> crossing(Index edge, double level) const {
    const bool is_along_y = edge >= values_.size();
    const Index cell = is_along_y ? edge - values_.size() : edge;
    const Index i = cell / values_.cols(), j = cell % values_.cols();
    const double from = values_(i, j), to = is_along_y ? values_(i + 1, j) : values_(i, j + 1);
    const double way = (level - from) / (to - from);
    const auto x = static_cast<double>(j), y = static_cast<double>(i);
    return is_along_y ? std::pair(x, y + way) : std::pair(x + way, y);
  }

 private:
  const Matrix& values_;
};

/// To which edges the line goes on from an edge: one at the border of the grid, else two.
using Links = std::unordered_map<Index, std::vector<Index>>;

void link(Links& links, Index a, Index b) {
  links[a].push_back(b);
  links[b].push_back(a);
}

void link_cell(const Matrix& values, double level, const Edges& edges, Index i, Index j, Links& links) {
  const std::array<double, 4> corners = {values(i, j), values(i, j + 1), values(i + 1, j + 1),
                                         values(i + 1, j)};
  if (!std::all_of(corners.begin(), corners.end(), [](double v) { return std::isfinite(v); })) return;
  const std::array<Index, 4> sides = {edges.along_x(i, j), edges.along_y(i, j + 1), edges.along_x(i + 1, j),
                                      edges.along_y(i, j)};
  std::vector<Index> cut;
  for (std::size_t k = 0; k < 4; ++k) {
    if ((corners[k] > level) != (corners[(k + 1) % 4] > level)) cut.push_back(sides[k]);
  }
  if (cut.size() == 2) {
    link(links, cut[0], cut[1]);
  } else if (cut.size() == 4) {
    const double middle = 0.25 * (corners[0] + corners[1] + corners[2] + corners[3]);
    // The corners 0 and 2 are cut off, or 1 and 3.
    const bool first_is_apart = (corners[0] > level) != (middle > level);
    link(links, cut[0], cut[first_is_apart ? 3 : 1]);
    link(links, cut[2], cut[first_is_apart ? 1 : 3]);
  }
}

/// Takes a line out of the links, from an edge to its end or back to it.
Polyline walk(Links& links, Index from, const Edges& edges, double level) {
  Polyline line;
  Index at = from;
  while (true) {
    line.push_back(edges.crossing(at, level));
    std::vector<Index>& ways = links[at];
    if (ways.empty()) return line;
    const Index next = ways.back();
    ways.pop_back();
    std::vector<Index>& back = links[next];
    back.erase(std::find(back.begin(), back.end(), at));
    at = next;
  }
}

double value_or_none(const Objective& f, double x, double y) {
  try {
    return f.value(Vector{{x, y}});
  } catch (const std::exception&) {
    return none;
  }
}

void set_box(const std::vector<Vector>& points, Landscape& map) {
  Vector low = points.front(), high = low;
  for (const Vector& point : points) {
    low = low.cwiseMin(point);
    high = high.cwiseMax(point);
  }
  for (Index k = 0; k < 2; ++k) {
    double extent = high[k] - low[k];
    const double size = std::max(std::abs(low[k]), std::abs(high[k]));
    if (extent <= 1e-6 * size || extent == 0.0) extent = size > 0.0 ? size : 1.0;
    low[k] -= margin * extent;
    high[k] += margin * extent;
  }
  map.left = low[0];
  map.right = high[0];
  map.bottom = low[1];
  map.top = high[1];
}

/// Values that shares of the grid lie below, more of them low ones.
std::vector<double> levels_of(const Matrix& values) {
  std::vector<double> finite;
  std::copy_if(values.data(), values.data() + values.size(), std::back_inserter(finite),
               [](double value) { return std::isfinite(value); });
  std::vector<double> levels;
  if (finite.empty()) return levels;
  std::sort(finite.begin(), finite.end());
  for (int k = 0; k < contour_count; ++k) {
    const double share = std::pow((k + 0.5) / contour_count, 2.0);
    const double level = finite[static_cast<std::size_t>(share * static_cast<double>(finite.size() - 1))];
    if (levels.empty() || level > levels.back()) levels.push_back(level);
  }
  return levels;
}

/// Newton's method for ∇f = 0, of any kind, from a point of the box; nothing where it leaves the box or does
/// not settle.
bool settle(const Objective& f, const Landscape& map, Vector& x, Matrix& H) {
  const Vector size{{map.right - map.left, map.top - map.bottom}};
  Vector g;
  for (int k = 0; k < 40; ++k) {
    f.hessian(x, g, H);
    if (!g.allFinite() || !H.allFinite()) return false;
    const Vector step = H.fullPivLu().solve(-g);
    if (!step.allFinite()) return false;
    const double length = step.cwiseQuotient(size).cwiseAbs().maxCoeff();
    x += std::min(1.0, 0.3 / length) * step;
    if (x[0] < map.left || x[0] > map.right || x[1] < map.bottom || x[1] > map.top) return false;
    if (length < 1e-10) return true;
  }
  return false;
}

CriticalKind kind_of(const Matrix& H) {
  // Of unit rows and columns, which keeps the signs.
  const Vector scale = H.cwiseAbs().rowwise().sum().cwiseSqrt().cwiseMax(1e-300).cwiseInverse();
  const Matrix scaled = scale.asDiagonal() * H * scale.asDiagonal();
  const Vector ends = Eigen::SelfAdjointEigenSolver<Matrix>(scaled, Eigen::EigenvaluesOnly).eigenvalues();
  constexpr double zero = 1e-7;
  if (ends[0] > zero) return CriticalKind::Minimum;
  if (ends[1] < -zero) return CriticalKind::Maximum;
  return ends[0] < -zero && ends[1] > zero ? CriticalKind::Saddle : CriticalKind::Degenerate;
}

void add_landmark(const Objective& f, Vector x, Landscape& map) {
  constexpr double same = 1e-4;
  Matrix H;
  try {
    if (!settle(f, map, x, H)) return;
  } catch (const std::exception&) {
    return;
  }
  for (const Landmark& known : map.landmarks) {
    if (std::abs(known.x - x[0]) <= same * (map.right - map.left) &&
        std::abs(known.y - x[1]) <= same * (map.top - map.bottom))
      return;
  }
  map.landmarks.push_back({kind_of(H), x[0], x[1]});
}

/// On a line of critical points there is no end of them.
constexpr std::size_t most_landmarks = 40;

}  // namespace

std::vector<Polyline> contour_lines(const Matrix& values, double level) {
  const Edges edges(values);
  Links links;
  for (Index i = 0; i + 1 < values.rows(); ++i) {
    for (Index j = 0; j + 1 < values.cols(); ++j) link_cell(values, level, edges, i, j, links);
  }
  std::vector<Index> starts;
  for (const auto& [edge, ways] : links) starts.push_back(edge);
  std::sort(starts.begin(), starts.end());
  // Open lines from their ends first; what is left is closed.
  std::stable_partition(starts.begin(), starts.end(),
                        [&links](Index edge) { return links[edge].size() == 1; });
  std::vector<Polyline> lines;
  for (const Index edge : starts) {
    if (!links[edge].empty()) lines.push_back(walk(links, edge, edges, level));
  }
  return lines;
}

Landscape landscape(const Objective& f, const std::vector<Vector>& points) {
  Landscape map;
  set_box(points, map);
  const double dx = (map.right - map.left) / static_cast<double>(grid - 1);
  const double dy = (map.top - map.bottom) / static_cast<double>(grid - 1);
  Matrix values(grid, grid);
  for (Index i = 0; i < grid; ++i) {
    for (Index j = 0; j < grid; ++j)
      values(i, j) =
          value_or_none(f, map.left + dx * static_cast<double>(j), map.bottom + dy * static_cast<double>(i));
  }
  for (const double level : levels_of(values)) {
    std::vector<Polyline> lines = contour_lines(values, level);
    for (Polyline& line : lines) {
      for (auto& [x, y] : line) {
        x = map.left + dx * x;
        y = map.bottom + dy * y;
      }
    }
    map.contours.push_back(std::move(lines));
  }
  for (const Vector& point : points) add_landmark(f, point, map);
  const double width = (map.right - map.left) / static_cast<double>(newton_grid - 1);
  const double height = (map.top - map.bottom) / static_cast<double>(newton_grid - 1);
  for (Index i = 0; i < newton_grid && map.landmarks.size() < most_landmarks; ++i) {
    for (Index j = 0; j < newton_grid && map.landmarks.size() < most_landmarks; ++j)
      add_landmark(
          f,
          Vector{{map.left + width * static_cast<double>(j), map.bottom + height * static_cast<double>(i)}},
          map);
  }
  return map;
}

}  // namespace quadric
