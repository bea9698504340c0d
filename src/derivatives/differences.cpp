#include "quadric/derivatives/differences.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include "quadric/base/misuse.hpp"

#include "derivatives/lines.hpp"

namespace quadric::differences {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

VectorFunction of_one_component(const ScalarFunction& f) {
  return [&f](const Vector& x, Vector& value) {
    value.resize(1);
    value[0] = f(x);
  };
}

constexpr auto only = [](Index) { return Index{0}; };

Piece variable(Index j) { return {.direction = {{j, 1.0}}}; }

/// A second derivative along a variable, and the step that served it, signed where f is finite on one side.
struct Bend {
  double curvature, error, step;
};

Bend bend_of(Sampler& sampler, Index j, bool extrapolate) {
  const LineDerivatives line =
      differentiate(sampler, {variable(j)}, only, Order::Second, {.extrapolate = extrapolate});
  const double square = line.step[0] * line.step[0];
  return {.curvature = line.derivative[0] / square,
          .error = line.error[0] / square,
          .step = line.side[0] < 0 ? -line.step[0] : line.step[0]};
}

/// ∂²f/∂xᵢ∂xⱼ and its error, from the second derivative along both steps together less those along each.
std::pair<double, double> mixed(Sampler& sampler, Index i, const Bend& a, Index j, const Bend& b,
                                bool extrapolate) {
  const Piece diagonal{.direction = {{i, a.step}, {j, b.step}}, .step = 1.0};
  const LineDerivatives line =
      differentiate(sampler, {diagonal}, only, Order::Second, {.extrapolate = extrapolate, .adapt = false});
  const double square = line.step[0] * line.step[0];
  const double aa = a.step * a.step, bb = b.step * b.step, ab = 2.0 * a.step * b.step;
  return {(line.derivative[0] / square - a.curvature * aa - b.curvature * bb) / ab,
          (line.error[0] / square + a.error * aa + b.error * bb) / std::abs(ab)};
}

void require_pattern(const Pattern& pattern, Index rows, Index columns, const char* what) {
  if (pattern.rows == rows && pattern.columns() == columns) return;
  misuse(std::string("the pattern of ") + what + " must be " + std::to_string(rows) + " x " +
         std::to_string(columns) + ", but is " + std::to_string(pattern.rows) + " x " +
         std::to_string(pattern.columns()));
}

/// Products of a Jacobian with the seeds of a coloring, and their errors (m × colors each).
struct Products {
  Matrix values, errors;
  Vector noise;
};

/// The columns of one color, and which of them each component of F depends on.
class ColorGroup {
 public:
  ColorGroup(const Pattern& pattern, const Coloring& coloring, Index color)
      : owner_(static_cast<std::size_t>(pattern.rows), nobody) {
    for (Index j = 0; j < pattern.columns(); ++j) {
      if (coloring.color[static_cast<std::size_t>(j)] != color) continue;
      const Index begin = pattern.start[static_cast<std::size_t>(j)];
      const Index end = pattern.start[static_cast<std::size_t>(j) + 1];
      for (Index k = begin; k < end; ++k) {
        Index& owner = owner_[static_cast<std::size_t>(pattern.row[static_cast<std::size_t>(k)])];
        owner = owner == nobody ? static_cast<Index>(pieces_.size()) : several;
      }
      pieces_.push_back(variable(j));
    }
  }
  const std::vector<Piece>& pieces() const { return pieces_; }
  /// The piece of component i; negative when there is none or more than one.
  Index owner(Index i) const { return owner_[static_cast<std::size_t>(i)]; }

 private:
  static constexpr Index nobody = -1;
  static constexpr Index several = -2;
  std::vector<Piece> pieces_;
  std::vector<Index> owner_;
};

/// Each variable moves by its own step. Components that depend on several variables of a color stay NaN:
/// recovery does not read them.
Products differentiate_colors(Sampler& sampler, const Pattern& pattern, const Coloring& coloring,
                              bool extrapolate) {
  const Matrix unset = Matrix::Constant(pattern.rows, coloring.colors, not_a_number);
  Products products{.values = unset, .errors = unset, .noise = Vector::Zero(pattern.rows)};
  for (Index color = 0; color < coloring.colors; ++color) {
    const ColorGroup group(pattern, coloring, color);
    const auto owner = [&](Index i) { return group.owner(i); };
    const LineDerivatives line =
        differentiate(sampler, group.pieces(), owner, Order::First, {.extrapolate = extrapolate});
    for (Index i = 0; i < pattern.rows; ++i) {
      if (owner(i) < 0) continue;
      const double step = line.step[static_cast<std::size_t>(owner(i))];
      products.values(i, color) = line.derivative[i] / step;
      products.errors(i, color) = line.error[i] / step;
    }
    products.noise = products.noise.cwiseMax(line.noise);
  }
  return products;
}

/// ½ (A + Aᵀ).
Matrix symmetric_part(const Matrix& A) { return 0.5 * (A + A.transpose()); }

}  // namespace

Estimate<double, Vector> gradient(const ScalarFunction& f, const Vector& x, const Options& options) {
  const Estimate<Vector, Matrix> row = jacobian(of_one_component(f), x, options);
  return {.value = row.value[0],
          .derivative = row.derivative.row(0).transpose(),
          .error = row.error.row(0).transpose(),
          .noise = row.noise[0],
          .evaluations = row.evaluations};
}

Estimate<Vector, Matrix> jacobian(const VectorFunction& f, const Vector& x, const Options& options) {
  Sampler sampler(f, x, options);
  const Index m = sampler.center().size();
  Estimate<Vector, Matrix> result{.value = sampler.center(),
                                  .derivative = Matrix(m, x.size()),
                                  .error = Matrix(m, x.size()),
                                  .noise = Vector::Zero(m)};
  for (Index j = 0; j < x.size(); ++j) {
    const LineDerivatives line =
        differentiate(sampler, {variable(j)}, only, Order::First, {.extrapolate = options.extrapolate});
    result.derivative.col(j) = line.derivative / line.step[0];
    result.error.col(j) = line.error / line.step[0];
    result.noise = result.noise.cwiseMax(line.noise);
  }
  result.evaluations = sampler.evaluations();
  return result;
}

Estimate<double, Matrix> hessian(const ScalarFunction& f, const Vector& x, const Options& options) {
  const VectorFunction of_vector = of_one_component(f);
  Sampler sampler(of_vector, x, options);
  const Index n = x.size();
  Estimate<double, Matrix> result{
      .value = sampler.center()[0], .derivative = Matrix(n, n), .error = Matrix(n, n), .noise = 0.0};
  std::vector<Bend> bends;
  for (Index j = 0; j < n; ++j) {
    bends.push_back(bend_of(sampler, j, options.extrapolate));
    result.derivative(j, j) = bends.back().curvature;
    result.error(j, j) = bends.back().error;
    for (Index i = 0; i < j; ++i) {
      const auto [value, error] =
          mixed(sampler, i, bends[static_cast<std::size_t>(i)], j, bends.back(), options.extrapolate);
      result.derivative(i, j) = result.derivative(j, i) = value;
      result.error(i, j) = result.error(j, i) = error;
    }
  }
  result.noise = sampler.measured_noise()[0];
  result.evaluations = sampler.evaluations();
  return result;
}

Estimate<Vector, Matrix> hessian_from_gradient(const VectorFunction& gradient, const Vector& x,
                                               const Options& options) {
  Estimate<Vector, Matrix> result = jacobian(gradient, x, options);
  if (result.derivative.rows() != x.size()) {
    misuse("the gradient of a function of " + std::to_string(x.size()) + " variables has " +
           std::to_string(result.derivative.rows()) + " entries");
  }
  result.derivative = symmetric_part(result.derivative);
  result.error = symmetric_part(result.error);
  return result;
}

Estimate<Vector, Vector> hessian_product(const VectorFunction& gradient, const Vector& x, const Vector& v,
                                         const Options& options) {
  Sampler sampler(gradient, x, options);
  Estimate<Vector, Vector> result{.value = sampler.center(),
                                  .derivative = Vector::Zero(x.size()),
                                  .error = Vector::Zero(x.size()),
                                  .noise = Vector::Zero(x.size()),
                                  .evaluations = 1};
  Piece along;
  for (Index j = 0; j < v.size(); ++j) {
    if (v[j] != 0.0) along.direction.emplace_back(j, v[j]);
  }
  if (along.direction.empty()) return result;
  const LineDerivatives line =
      differentiate(sampler, {along}, only, Order::First, {.extrapolate = options.extrapolate});
  result.derivative = line.derivative / line.step[0];
  result.error = line.error / line.step[0];
  result.noise = line.noise;
  result.evaluations = sampler.evaluations();
  return result;
}

Estimate<Vector, Eigen::SparseMatrix<double>> sparse_jacobian(const VectorFunction& f, const Vector& x,
                                                              const Pattern& pattern,
                                                              const Options& options) {
  return sparse_jacobian(f, x, pattern, color_columns(pattern), options);
}

Estimate<Vector, Eigen::SparseMatrix<double>> sparse_jacobian(const VectorFunction& f, const Vector& x,
                                                              const Pattern& pattern,
                                                              const Coloring& coloring,
                                                              const Options& options) {
  Sampler sampler(f, x, options);
  require_pattern(pattern, sampler.center().size(), x.size(), "the Jacobian");
  const Products products = differentiate_colors(sampler, pattern, coloring, options.extrapolate);
  return {.value = sampler.center(),
          .derivative = recover_columns(pattern, coloring, products.values),
          .error = recover_columns(pattern, coloring, products.errors),
          .noise = products.noise,
          .evaluations = sampler.evaluations()};
}

Estimate<Vector, Eigen::SparseMatrix<double>> sparse_hessian(const VectorFunction& gradient, const Vector& x,
                                                             const Pattern& pattern, const Options& options) {
  return sparse_hessian(gradient, x, pattern, star_coloring(pattern), options);
}

Estimate<Vector, Eigen::SparseMatrix<double>> sparse_hessian(const VectorFunction& gradient, const Vector& x,
                                                             const Pattern& pattern, const Coloring& coloring,
                                                             const Options& options) {
  require_pattern(pattern, x.size(), x.size(), "the Hessian");
  Sampler sampler(gradient, x, options);
  const Products products =
      differentiate_colors(sampler, symmetric_pattern(pattern), coloring, options.extrapolate);
  return {.value = sampler.center(),
          .derivative = recover_symmetric(pattern, coloring, products.values),
          .error = recover_symmetric(pattern, coloring, products.errors),
          .noise = products.noise,
          .evaluations = sampler.evaluations()};
}

double relative_error(const Matrix& H, const Matrix& E) {
  constexpr int sweeps = 8;  // of Ruiz' scaling (2001), which halves the logarithms of what is uneven
  Matrix scaled = H.cwiseAbs();
  Matrix errors = E.cwiseAbs();
  if (!scaled.allFinite() || !errors.allFinite()) return std::numeric_limits<double>::infinity();
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const Vector size = scaled.rowwise().maxCoeff();
    const Vector d = (size.array() > 0.0).select(size.cwiseSqrt().cwiseInverse(), 1.0);
    scaled = (d.asDiagonal() * scaled * d.asDiagonal()).eval();
    errors = (d.asDiagonal() * errors * d.asDiagonal()).eval();
  }
  const double size = scaled.norm();
  return size > 0.0           ? errors.norm() / size
         : errors.isZero(0.0) ? 0.0
                              : std::numeric_limits<double>::infinity();
}

Vector noise(const VectorFunction& f, const Vector& x, const Options& options) {
  return Sampler(f, x, options).measured_noise();
}

double noise(const ScalarFunction& f, const Vector& x, const Options& options) {
  return noise(of_one_component(f), x, options)[0];
}

}  // namespace quadric::differences
