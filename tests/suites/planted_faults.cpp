#include "suites/planted_faults.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

#include "quadric/compare/suites.hpp"
#include "quadric/solvers/gradient_descent.hpp"
#include "quadric/solvers/lbfgs.hpp"
#include "quadric/solvers/minimize.hpp"
#include "quadric/solvers/newton.hpp"

#include "compare/mgh.hpp"
#include "compare/saddles.hpp"

namespace quadric::suites {

namespace {

Vector gradient_of(const Objective& f, const Vector& x) {
  Vector g;
  f.gradient(x, g);
  return g;
}

Matrix hessian_of(const Objective& f, const Vector& x) {
  Vector g;
  Matrix H;
  f.hessian(x, g, H);
  return H;
}

/// f with everything in the hands of the caller.
SuppliedObjective pieces_of(const Objective& f) {
  return {.value = [f](const Vector& x) { return f.value(x); },
          .gradient = [f](const Vector& x) { return gradient_of(f, x); },
          .hessian = [f](const Vector& x) { return hessian_of(f, x); }};
}

/// A function of some more variables u, with its derivatives.
struct Addition {
  Index size;
  std::function<double(const Vector& u)> value;
  std::function<Vector(const Vector& u)> gradient;
  std::function<Matrix(const Vector& u)> hessian;
};

/// f(x) + a(u) of the variables (x, u).
SuppliedObjective with_addition(const Objective& f, const Addition& a) {
  const Index k = a.size;
  return {.value = [=](const Vector& z) { return f.value(z.head(z.size() - k)) + a.value(z.tail(k)); },
          .gradient =
              [=](const Vector& z) {
                Vector g(z.size());
                g << gradient_of(f, z.head(z.size() - k)), a.gradient(z.tail(k));
                return g;
              },
          .hessian =
              [=](const Vector& z) {
                const Index n = z.size() - k;
                Matrix H = Matrix::Zero(z.size(), z.size());
                H.topLeftCorner(n, n) = hessian_of(f, z.head(n));
                H.bottomRightCorner(k, k) = a.hessian(z.tail(k));
                return H;
              }};
}

Vector joined(const Vector& x, std::initializer_list<double> u) {
  Vector z(x.size() + static_cast<Index>(u.size()));
  z.head(x.size()) = x;
  std::copy(u.begin(), u.end(), z.data() + x.size());
  return z;
}

/// The variable that the way from the start to the minimizer changes most.
Index longest_way(const Vector& start, const Vector& minimizer) {
  Index k = 0;
  (minimizer - start).cwiseAbs().maxCoeff(&k);
  return k;
}

/// In [−1, 1], another one for every x and seed.
double hash(const Vector& x, std::uint64_t seed) {
  std::uint64_t h = seed + 0x9e3779b97f4a7c15U;
  for (const double xj : x) {
    h ^= std::bit_cast<std::uint64_t>(xj);
    h *= 0xbf58476d1ce4e5b9U;
    h ^= h >> 29U;
  }
  return std::ldexp(static_cast<double>(h >> 11U), -52) - 1.0;
}

struct Planter {
  Problem problem;
  Objective f;
  Vector start, minimizer;
  int variant;
  Index n = start.size();
  Index k = longest_way(start, minimizer);
  double middle = 0.6 * start[k] + 0.4 * minimizer[k];
  /// The size of f on the way.
  double size = std::max(std::abs(f.value(start)), std::abs(f.value(minimizer)));
  Solver newton = Newton{};

  bool odd() const { return variant % 2 != 0; }
  Index some_variable() const { return (3 * variant + 1) % n; }

  /// One entry with a factor 2 too much, or with the other sign; of residuals a column of the Jacobian.
  PlantedFault wrong_gradient() const {
    const Index j = some_variable();
    const double factor = odd() ? -1.0 : 2.0;
    if (problem.residuals()) {
      const Residuals r = *problem.residuals();
      const auto value = [r](const Vector& x) {
        Vector values;
        r.value(x, values);
        return values;
      };
      const auto jacobian = [r, j, factor](const Vector& x) {
        Vector values;
        Matrix J;
        r.jacobian(x, values, J);
        J.col(j) *= factor;
        return J;
      };
      return planted(CauseKind::WrongGradient, Problem(Residuals(analytic_residuals(value, jacobian))), start,
                     choose_solver(problem, start).solver);
    }
    SuppliedObjective pieces = pieces_of(f);
    pieces.gradient = [f = f, j, factor](const Vector& x) {
      Vector g = gradient_of(f, x);
      g[j] *= factor;
      return g;
    };
    return planted(CauseKind::WrongGradient, Objective(pieces), start, newton);
  }

  /// All of it with the other sign, or one entry of the diagonal.
  PlantedFault wrong_hessian() const {
    const Index j = some_variable();
    SuppliedObjective pieces = pieces_of(f);
    pieces.hessian = [f = f, j, one = odd()](const Vector& x) {
      Matrix H = hessian_of(f, x);
      if (!one) return Matrix(-H);
      H(j, j) = -H(j, j);
      return H;
    };
    return planted(CauseKind::WrongHessian, Objective(pieces), start, newton);
  }

  /// Before the minimizer f is not a number, or throws.
  PlantedFault not_finite() const {
    const double side = minimizer[k] > start[k] ? 1.0 : -1.0;
    const auto outside = [k = k, m = middle, side](const Vector& x) { return side * (x[k] - m) > 0.0; };
    if (problem.residuals() && odd()) {
      const Residuals r = *problem.residuals();
      const auto value = [r, outside](const Vector& x) {
        Vector values;
        r.value(x, values);
        if (outside(x)) values[0] = std::sqrt(-1.0 - values[0] * values[0]);
        return values;
      };
      const auto jacobian = [r](const Vector& x) {
        Vector values;
        Matrix J;
        r.jacobian(x, values, J);
        return J;
      };
      return planted(CauseKind::NonFinite, Problem(Residuals(analytic_residuals(value, jacobian))), start,
                     choose_solver(problem, start).solver);
    }
    SuppliedObjective pieces = pieces_of(f);
    pieces.value = [f = f, outside, throws = odd()](const Vector& x) {
      if (outside(x) && throws) throw std::domain_error("outside of the domain");
      return outside(x) ? std::numeric_limits<double>::quiet_NaN() : f.value(x);
    };
    pieces.gradient = [f = f, outside](const Vector& x) {
      Vector g = gradient_of(f, x);
      if (outside(x)) g.setConstant(std::numeric_limits<double>::quiet_NaN());
      return g;
    };
    return planted(CauseKind::NonFinite, Objective(pieces), start, newton);
  }

  /// A millionth of f and of its gradient.
  PlantedFault noise() const {
    SuppliedObjective pieces = pieces_of(f);
    const double slope = gradient_of(f, start).cwiseAbs().maxCoeff();
    pieces.value = [f = f, a = 1e-6 * size](const Vector& x) { return f.value(x) + a * hash(x, 0); };
    pieces.gradient = [f = f, a = 1e-6 * slope](const Vector& x) {
      Vector g = gradient_of(f, x);
      for (Index j = 0; j < g.size(); ++j) g[j] += a * hash(x, static_cast<std::uint64_t>(j) + 1);
      return g;
    };
    return planted(CauseKind::Noise, Objective(pieces), start, newton);
  }

  /// One variable more, along which f falls straight or bends down.
  PlantedFault unbounded() const {
    const double scale = 0.1 * size + 1e-3;
    const Addition straight{.size = 1,
                            .value = [=](const Vector& u) { return -scale * u[0]; },
                            .gradient = [=](const Vector&) { return Vector::Constant(1, -scale); },
                            .hessian = [](const Vector&) { return Matrix::Zero(1, 1); }};
    const Addition down{.size = 1,
                        .value = [=](const Vector& u) { return -scale * u[0] * u[0]; },
                        .gradient = [=](const Vector& u) { return Vector::Constant(1, -2.0 * scale * u[0]); },
                        .hessian = [=](const Vector&) { return Matrix::Constant(1, 1, -2.0 * scale); }};
    return planted(CauseKind::Unbounded, Objective(with_addition(f, odd() ? down : straight)),
                   joined(start, {0.3}), newton);
  }

  /// Two variables more: the valley of Rosenbrock's function, 10⁶ times as steep as it is long, or a straight
  /// one between the axes, for first-order steps.
  PlantedFault flat_valley() const {
    const double scale = 1e-3 * size + 1e-6;
    const double steep = 1e8;
    const Addition curved{.size = 2,
                          .value =
                              [=](const Vector& u) {
                                const double off = u[1] - u[0] * u[0], left = 1.0 - u[0];
                                return scale * (steep * off * off + left * left);
                              },
                          .gradient =
                              [=](const Vector& u) {
                                const double off = u[1] - u[0] * u[0], left = 1.0 - u[0];
                                return Vector(scale * Eigen::Vector2d(-4.0 * steep * off * u[0] - 2.0 * left,
                                                                      2.0 * steep * off));
                              },
                          .hessian =
                              [=](const Vector& u) {
                                Matrix H(2, 2);
                                H << steep * (12.0 * u[0] * u[0] - 4.0 * u[1]) + 2.0, -4.0 * steep * u[0],
                                    -4.0 * steep * u[0], 2.0 * steep;
                                return Matrix(scale * H);
                              }};
    Matrix A(2, 2);
    A << steep + 1.0, steep - 1.0, steep - 1.0, steep + 1.0;
    A *= scale;
    const Addition straight{.size = 2,
                            .value = [=](const Vector& u) { return 0.5 * u.dot(A * u); },
                            .gradient = [=](const Vector& u) { return Vector(A * u); },
                            .hessian = [=](const Vector&) { return A; }};
    if (odd())
      return planted(CauseKind::FlatValley, Objective(with_addition(f, straight)), joined(start, {1.0, 3.0}),
                     GradientDescent{.stop = {.max_iterations = 2000}});
    return planted(CauseKind::FlatValley, Objective(with_addition(f, curved)), joined(start, {-1.2, 1.0}),
                   newton);
  }

  /// Variables in units of 10⁶ and 10⁻⁶ in turn, for steps that depend on units. Where there is but one
  /// variable another is put beside it.
  PlantedFault bad_scaling() const {
    const Addition bowl{
        .size = 1,
        .value = [s = size](const Vector& u) { return 0.5 * s * (u[0] - 1.0) * (u[0] - 1.0); },
        .gradient = [s = size](const Vector& u) { return Vector::Constant(1, s * (u[0] - 1.0)); },
        .hessian = [s = size](const Vector&) { return Matrix::Constant(1, 1, s); }};
    const Objective whole = n > 1 ? f : Objective(with_addition(f, bowl));
    const Vector from = n > 1 ? start : joined(start, {3.0});
    Vector unit(from.size());
    for (Index j = 0; j < unit.size(); ++j) unit[j] = j % 2 == 0 ? 1e6 : 1e-6;
    const SuppliedObjective pieces{
        .value = [=](const Vector& z) { return whole.value(z.cwiseProduct(unit)); },
        .gradient =
            [=](const Vector& z) {
              return Vector(gradient_of(whole, z.cwiseProduct(unit)).cwiseProduct(unit));
            },
        .hessian =
            [=](const Vector& z) {
              return Matrix(unit.asDiagonal() * hessian_of(whole, z.cwiseProduct(unit)) * unit.asDiagonal());
            }};
    const Solver first_order = odd() ? Solver(Lbfgs{.stop = {.max_iterations = 2000}})
                                     : Solver(GradientDescent{.stop = {.max_iterations = 2000}});
    return planted(CauseKind::BadScaling, Objective(pieces), from.cwiseQuotient(unit), first_order);
  }

  /// Before the minimizer there is a wall.
  PlantedFault bound_blocked() const {
    Vector lower = Vector::Constant(n, -Bounds::none), upper = Vector::Constant(n, Bounds::none);
    (minimizer[k] > start[k] ? upper : lower)[k] = middle;
    Problem walled = problem;
    walled.with_bounds(Bounds(lower, upper));
    return planted(CauseKind::BoundBlocked, walled, start, choose_solver(problem, start).solver);
  }

  /// One variable more, which changes nothing, or nothing but the sum with another one.
  PlantedFault rank_deficient() const {
    const Index j = some_variable();
    const double share = odd() ? 1.0 : 0.0;
    const auto inner = [j, share](const Vector& z) {
      Vector x = z.head(z.size() - 1);
      x[j] += share * z[z.size() - 1];
      return x;
    };
    if (problem.residuals()) {
      const Residuals r = *problem.residuals();
      const auto value = [r, inner](const Vector& z) {
        Vector values;
        r.value(inner(z), values);
        return values;
      };
      const auto jacobian = [=](const Vector& z) {
        Vector values;
        Matrix J;
        r.jacobian(inner(z), values, J);
        Matrix wide(J.rows(), J.cols() + 1);
        wide << J, share * J.col(j);
        return wide;
      };
      const auto weighted = [=](const Vector& z, const Vector& w) {
        Matrix S;
        r.weighted_hessian(inner(z), w, S);
        return widened(S, j, share);
      };
      return planted(CauseKind::RankDeficient,
                     Problem(Residuals(SuppliedResiduals{
                         .value = value, .jacobian = jacobian, .weighted_hessian = weighted})),
                     joined(start, {0.5}), choose_solver(problem, start).solver);
    }
    const SuppliedObjective pieces{
        .value = [f = f, inner](const Vector& z) { return f.value(inner(z)); },
        .gradient =
            [f = f, inner, j, share](const Vector& z) {
              const Vector g = gradient_of(f, inner(z));
              return joined(g, {share * g[j]});
            },
        .hessian = [f = f, inner, j,
                    share](const Vector& z) { return widened(hessian_of(f, inner(z)), j, share); }};
    return planted(CauseKind::RankDeficient, Objective(pieces), joined(start, {0.5}), newton);
  }

  /// The Hessian with a row and column more: `share` times those of j.
  static Matrix widened(const Matrix& H, Index j, double share) {
    const Index n = H.rows();
    Matrix wide(n + 1, n + 1);
    wide << H, share * H.col(j), share * H.row(j), share * share * H(j, j);
    return wide;
  }

  PlantedFault tiny_limit() const {
    const Overrides few{.max_iterations = 2};
    return planted(CauseKind::TinyLimit, problem, start, choose_solver(problem, start, few).solver);
  }

  /// Between two wells beside the minimizer; or on top of x = c ± u²/2, started at u = 0, which many a user
  /// takes for a way to keep a variable on one side.
  PlantedFault start_at_saddle() const {
    const double scale = size + 1e-3;
    const Addition wells{
        .size = 1,
        .value = [=](const Vector& u) { return scale * std::pow(u[0] * u[0] - 1.0, 2); },
        .gradient =
            [=](const Vector& u) { return Vector::Constant(1, 4.0 * scale * u[0] * (u[0] * u[0] - 1.0)); },
        .hessian =
            [=](const Vector& u) { return Matrix::Constant(1, 1, scale * (12.0 * u[0] * u[0] - 4.0)); }};
    const Vector slope = gradient_of(f, start);
    if (odd() && slope.cwiseAbs().minCoeff() > 1e-6 * slope.cwiseAbs().maxCoeff()) {
      const Vector side = -slope.cwiseSign();
      const auto inner = [c = start, side](const Vector& u) {
        return Vector(c + 0.5 * side.cwiseProduct(u.cwiseProduct(u)));
      };
      const SuppliedObjective pieces{
          .value = [f = f, inner](const Vector& u) { return f.value(inner(u)); },
          .gradient =
              [=, f = f](const Vector& u) {
                return Vector(side.cwiseProduct(u).cwiseProduct(gradient_of(f, inner(u))));
              },
          .hessian =
              [=, f = f](const Vector& u) {
                const Vector d = side.cwiseProduct(u), g = gradient_of(f, inner(u));
                Matrix H = d.asDiagonal() * hessian_of(f, inner(u)) * d.asDiagonal();
                H.diagonal() += side.cwiseProduct(g);
                return H;
              }};
      return planted(CauseKind::StartAtSaddle, Objective(pieces), Vector::Zero(n), newton);
    }
    return planted(CauseKind::StartAtSaddle, Objective(with_addition(f, wells)), joined(minimizer, {0.0}),
                   newton);
  }

  /// c |xₖ − a| beside the minimizer, so steep that the minimum is on the kink; or that in every variable.
  PlantedFault non_smooth() const {
    const Vector a = minimizer + 0.05 * (start - minimizer) + 0.01 * minimizer.cwiseAbs();
    Vector c = Vector::Zero(n);
    const double steep = 2.0 * gradient_of(f, a).cwiseAbs().maxCoeff() + 1e-3 * size;
    if (odd()) {
      c.setConstant(steep);
    } else {
      c[k] = steep;
    }
    SuppliedObjective pieces = pieces_of(f);
    pieces.value = [f = f, a, c](const Vector& x) { return f.value(x) + c.dot((x - a).cwiseAbs()); };
    pieces.gradient = [f = f, a, c](const Vector& x) {
      return Vector(gradient_of(f, x) + c.cwiseProduct((x - a).cwiseSign()));
    };
    return planted(CauseKind::NonSmooth, Objective(pieces), start, newton);
  }

  static PlantedFault planted(CauseKind kind, Problem where, Vector from, Solver by) {
    return {.kind = kind, .problem = std::move(where), .start = std::move(from), .solver = std::move(by)};
  }
};

SoundProblem from_mgh(const std::string& name, bool as_residuals) {
  for (const mgh::KnownProblem& known : mgh::known_problems()) {
    if (known.name != name) continue;
    return {known.name, as_residuals ? Problem(known.residuals) : Problem(known.residuals.objective()),
            known.start};
  }
  throw std::invalid_argument("there is no " + name);
}

SoundProblem from_large(const std::string& name, Index n) {
  for (const Case& item : large_suite(n))
    if (item.problem.rfind(name, 0) == 0) return {item.problem, item.function, item.from};
  throw std::invalid_argument("there is no " + name);
}

/// (x² − 1)² + coupling (x − y)² + … along a chain, each in a well of its own, started beside the saddles.
SoundProblem double_wells(Index n, double coupling) {
  const auto value = [=](const Vector& x) {
    double f = 0.0;
    for (Index i = 0; i < n; ++i) f += std::pow(x[i] * x[i] - 1.0, 2) + 0.2 * x[i];
    for (Index i = 0; i + 1 < n; ++i) f += coupling * std::pow(x[i] - x[i + 1], 2);
    return f;
  };
  const auto gradient = [=](const Vector& x) {
    Vector g(n);
    for (Index i = 0; i < n; ++i) g[i] = 4.0 * x[i] * (x[i] * x[i] - 1.0) + 0.2;
    for (Index i = 0; i + 1 < n; ++i) {
      g[i] += 2.0 * coupling * (x[i] - x[i + 1]);
      g[i + 1] -= 2.0 * coupling * (x[i] - x[i + 1]);
    }
    return g;
  };
  const auto hessian = [=](const Vector& x) {
    Matrix H = Matrix::Zero(n, n);
    for (Index i = 0; i < n; ++i) H(i, i) = 12.0 * x[i] * x[i] - 4.0;
    for (Index i = 0; i + 1 < n; ++i) {
      H(i, i) += 2.0 * coupling;
      H(i + 1, i + 1) += 2.0 * coupling;
      H(i, i + 1) = H(i + 1, i) = -2.0 * coupling;
    }
    return H;
  };
  Vector start(n);
  for (Index i = 0; i < n; ++i) start[i] = -2.0 - 0.1 * static_cast<double>(i % 3);
  return {"Double wells", Problem(Objective(analytic(value, gradient, hessian))), start};
}

/// exp(x) − 2 x.
SoundProblem one_variable() {
  return {"exp(x) - 2 x",
          Problem(Objective(
              analytic([](const Vector& x) { return std::exp(x[0]) - 2.0 * x[0]; },
                       [](const Vector& x) { return Vector::Constant(1, std::exp(x[0]) - 2.0); },
                       [](const Vector& x) -> Matrix { return Matrix::Constant(1, 1, std::exp(x[0])); }))),
          Vector::Constant(1, 3.0)};
}

/// Σ log cosh(xᵢ − i) + ½ x₀².
SoundProblem log_cosh(Index n) {
  const auto off = [n](const Vector& x) {
    return Vector(x - Vector::LinSpaced(n, 1.0, static_cast<double>(n)));
  };
  return {"log cosh",
          Problem(Objective(
              analytic([=](const Vector& x) { return off(x).array().cosh().log().sum() + 0.5 * x[0] * x[0]; },
                       [=](const Vector& x) {
                         Vector g = off(x).array().tanh();
                         g[0] += x[0];
                         return g;
                       },
                       [=](const Vector& x) -> Matrix {
                         Vector d = 1.0 - off(x).array().tanh().square();
                         d[0] += 1.0;
                         return d.asDiagonal();
                       }))),
          Vector::Constant(n, 0.3)};
}

}  // namespace

std::vector<SoundProblem> sound_problems() {
  return {one_variable(),
          from_mgh("Beale", false),
          from_mgh("Helical valley", true),
          from_mgh("Bard", true),
          from_mgh("Kowalik-Osborne", false),
          double_wells(5, 0.3),
          from_mgh("Variably dimensioned 10", true),
          from_mgh("Broyden tridiagonal 10", false),
          from_mgh("Extended Rosenbrock 10", false),
          from_large("Engval1", 100)};
}

std::vector<SoundProblem> other_sound_problems() {
  SoundProblem box = from_mgh("Box three-dimensional", false);
  box.said = "rank_deficient";  // where the run ends among the minima (a, a, 0)
  return {log_cosh(1),
          from_mgh("Rosenbrock", false),
          from_mgh("Gaussian", true),
          box,
          from_mgh("Wood", true),
          log_cosh(6),
          double_wells(20, 0.1),
          from_mgh("Discrete integral equation 10", true),
          from_mgh("Broyden banded 10", false),
          from_mgh("Brown-Dennis", false)};
}

std::vector<PlantedFault> plant_faults(const SoundProblem& sound, const Vector& minimizer, int variant) {
  const Planter in{.problem = sound.problem,
                   .f = sound.problem.objective(),
                   .start = sound.start,
                   .minimizer = minimizer,
                   .variant = variant};
  return {in.wrong_gradient(), in.wrong_hessian(), in.not_finite(),      in.noise(),
          in.unbounded(),      in.flat_valley(),   in.bad_scaling(),     in.bound_blocked(),
          in.rank_deficient(), in.tiny_limit(),    in.start_at_saddle(), in.non_smooth()};
}

}  // namespace quadric::suites
