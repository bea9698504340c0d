#include <algorithm>
#include <cmath>

#include "compare/mgh.hpp"

/// The problems of Moré, Garbow & Hillstrom whose size can be chosen, at the sizes whose minimum they print
/// or MINPACK tests; the numbers are theirs.
namespace quadric::mgh {

namespace {

double real(Index i) { return static_cast<double>(i); }

Residuals watson() {  // 20
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    VectorOf<T> r(31);
    for (Index i = 0; i < 29; ++i) {
      const double t = real(i + 1) / 29.0;
      T value(0.0), slope(0.0);
      double power = 1.0;
      for (Index j = 0; j < x.size(); ++j) {
        value += power * x[j];
        if (j + 1 < x.size()) slope += real(j + 1) * power * x[j + 1];
        power *= t;
      }
      r[i] = slope - value * value - 1.0;
    }
    r[29] = x[0];
    r[30] = x[1] - x[0] * x[0] - 1.0;
    return r;
  };
}

Residuals extended_rosenbrock() {  // 21
  return [](const auto& x) {
    VectorOf<ScalarOf<decltype(x)>> r(x.size());
    for (Index i = 0; i < x.size(); i += 2) {
      r[i] = 10.0 * (x[i + 1] - x[i] * x[i]);
      r[i + 1] = 1.0 - x[i];
    }
    return r;
  };
}

Residuals extended_powell() {  // 22
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    VectorOf<T> r(x.size());
    for (Index i = 0; i < x.size(); i += 4) {
      const T a = x[i + 1] - 2.0 * x[i + 2], b = x[i] - x[i + 3];
      r[i] = x[i] + 10.0 * x[i + 1];
      r[i + 1] = std::sqrt(5.0) * (x[i + 2] - x[i + 3]);
      r[i + 2] = a * a;
      r[i + 3] = std::sqrt(10.0) * b * b;
    }
    return r;
  };
}

Residuals penalty1() {  // 23
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    VectorOf<T> r(n + 1);
    r[n] = T(-0.25);
    for (Index i = 0; i < n; ++i) {
      r[i] = std::sqrt(1e-5) * (x[i] - 1.0);
      r[n] += x[i] * x[i];
    }
    return r;
  };
}

Residuals penalty2() {  // 24
  return [](const auto& x) {
    using std::exp;
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    const double a = std::sqrt(1e-5);
    VectorOf<T> r(2 * n);
    r[0] = x[0] - 0.2;
    r[2 * n - 1] = T(-1.0);
    for (Index i = 0; i < n; ++i) r[2 * n - 1] += real(n - i) * x[i] * x[i];
    for (Index i = 1; i < n; ++i) {
      const double y = std::exp(0.1 * real(i + 1)) + std::exp(0.1 * real(i));
      r[i] = a * (exp(0.1 * x[i]) + exp(0.1 * x[i - 1]) - y);
      r[n + i - 1] = a * (exp(0.1 * x[i]) - std::exp(-0.1));
    }
    return r;
  };
}

Residuals variably_dimensioned() {  // 25
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    VectorOf<T> r(n + 2);
    r[n] = T(0.0);
    for (Index i = 0; i < n; ++i) {
      r[i] = x[i] - 1.0;
      r[n] += real(i + 1) * r[i];
    }
    r[n + 1] = r[n] * r[n];
    return r;
  };
}

Residuals trigonometric() {  // 26
  return [](const auto& x) {
    using std::cos, std::sin;
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    T sum(real(n));
    for (Index j = 0; j < n; ++j) sum -= cos(x[j]);
    VectorOf<T> r(n);
    for (Index i = 0; i < n; ++i) r[i] = sum + real(i + 1) * (1.0 - cos(x[i])) - sin(x[i]);
    return r;
  };
}

Residuals brown_almost_linear() {  // 27
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    T sum(-real(n + 1)), product(1.0);
    for (Index j = 0; j < n; ++j) {
      sum += x[j];
      product *= x[j];
    }
    VectorOf<T> r(n);
    for (Index i = 0; i < n - 1; ++i) r[i] = x[i] + sum;
    r[n - 1] = product - 1.0;
    return r;
  };
}

Residuals discrete_boundary_value() {  // 28
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    const double h = 1.0 / real(n + 1);
    VectorOf<T> r(n);
    for (Index i = 0; i < n; ++i) {
      const T a = x[i] + h * real(i + 1) + 1.0;
      r[i] = 2.0 * x[i] + 0.5 * h * h * a * a * a;
      if (i > 0) r[i] -= x[i - 1];
      if (i + 1 < n) r[i] -= x[i + 1];
    }
    return r;
  };
}

Residuals discrete_integral_equation() {  // 29
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    const double h = 1.0 / real(n + 1);
    VectorOf<T> r(n);
    for (Index i = 0; i < n; ++i) {
      const double t = h * real(i + 1);
      r[i] = x[i];
      for (Index j = 0; j < n; ++j) {
        const double s = h * real(j + 1);
        const T a = x[j] + s + 1.0;
        r[i] += 0.5 * h * (j <= i ? (1.0 - t) * s : t * (1.0 - s)) * a * a * a;
      }
    }
    return r;
  };
}

Residuals broyden_tridiagonal() {  // 30
  return [](const auto& x) {
    const Index n = x.size();
    VectorOf<ScalarOf<decltype(x)>> r(n);
    for (Index i = 0; i < n; ++i) {
      r[i] = (3.0 - 2.0 * x[i]) * x[i] + 1.0;
      if (i > 0) r[i] -= x[i - 1];
      if (i + 1 < n) r[i] -= 2.0 * x[i + 1];
    }
    return r;
  };
}

Residuals broyden_banded() {  // 31
  return [](const auto& x) {
    const Index n = x.size();
    VectorOf<ScalarOf<decltype(x)>> r(n);
    for (Index i = 0; i < n; ++i) {
      r[i] = x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0;
      for (Index j = std::max<Index>(0, i - 5); j <= std::min<Index>(n - 1, i + 1); ++j) {
        if (j != i) r[i] -= x[j] * (1.0 + x[j]);
      }
    }
    return r;
  };
}

Residuals linear_of_full_rank(Index m) {  // 32
  return [m](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum(0.0);
    for (Index j = 0; j < x.size(); ++j) sum += x[j];
    VectorOf<T> r(m);
    for (Index i = 0; i < m; ++i) {
      r[i] = -2.0 / real(m) * sum - 1.0;
      if (i < x.size()) r[i] += x[i];
    }
    return r;
  };
}

Residuals linear_of_rank_one(Index m) {  // 33
  return [m](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum(0.0);
    for (Index j = 0; j < x.size(); ++j) sum += real(j + 1) * x[j];
    VectorOf<T> r(m);
    for (Index i = 0; i < m; ++i) r[i] = real(i + 1) * sum - 1.0;
    return r;
  };
}

Residuals linear_of_rank_one_with_zeros(Index m) {  // 34
  return [m](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum(0.0);
    for (Index j = 1; j + 1 < x.size(); ++j) sum += real(j + 1) * x[j];
    VectorOf<T> r(m);
    for (Index i = 0; i + 1 < m; ++i) r[i] = real(i) * sum - 1.0;
    r[m - 1] = T(-1.0);
    return r;
  };
}

Residuals chebyquad() {  // 35
  return [](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    const Index n = x.size();
    VectorOf<T> r(n);
    for (Index i = 0; i < n; ++i) r[i] = T(i % 2 == 1 ? 1.0 / (real(i + 1) * real(i + 1) - 1.0) : 0.0);
    for (Index j = 0; j < n; ++j) {
      const T y = 2.0 * x[j] - 1.0;
      T before(1.0), now = y;
      for (Index i = 0; i < n; ++i) {
        r[i] += now / real(n);
        const T next = 2.0 * y * now - before;
        before = now;
        now = next;
      }
    }
    return r;
  };
}

/// f(j) for j = 1 … n.
template <class F>
Vector points(Index n, F f) {
  Vector x(n);
  for (Index j = 0; j < n; ++j) x[j] = f(real(j + 1));
  return x;
}

Vector repeated(std::initializer_list<double> group, Index n) {
  const Vector once = Point(group);
  return once.replicate(n / once.size(), 1);
}

Vector parabola(Index n) {
  return points(n, [n](double j) { return j / real(n + 1) * (j / real(n + 1) - 1.0); });
}

}  // namespace

std::vector<KnownProblem> problems_of_any_size() {
  return {
      {.number = 20,
       .name = "Watson 6",
       .residuals = watson(),
       .start = Vector::Zero(6),
       .minima = {half(2.28767005355e-3)}},
      {.number = 20,
       .name = "Watson 9",
       .residuals = watson(),
       .start = Vector::Zero(9),
       .minima = {half(1.399760138e-6)}},
      {.number = 20,
       .name = "Watson 12",
       .residuals = watson(),
       .start = Vector::Zero(12),
       .minima = {half(4.72238e-10)},
       .singular = true,
       .note = "λ from 8e-12 to 570: in doubles the Hessian can not be told from a singular one"},
      {.number = 21,
       .name = "Extended Rosenbrock 10",
       .residuals = extended_rosenbrock(),
       .start = repeated({-1.2, 1.0}, 10),
       .minima = {0.0},
       .minimizer = Vector::Ones(10)},
      {.number = 22,
       .name = "Extended Powell 12",
       .residuals = extended_powell(),
       .start = repeated({3.0, -1.0, 0.0, 1.0}, 12),
       .minima = {0.0},
       .minimizer = Vector::Zero(12),
       .singular = true},
      {.number = 23,
       .name = "Penalty I 4",
       .residuals = penalty1(),
       .start = points(4, [](double j) { return j; }),
       .minima = {half(2.249977500338e-5)}},
      {.number = 23,
       .name = "Penalty I 10",
       .residuals = penalty1(),
       .start = points(10, [](double j) { return j; }),
       .minima = {half(7.08765146709e-5)}},
      {.number = 24,
       .name = "Penalty II 4",
       .residuals = penalty2(),
       .start = Vector::Constant(4, 0.5),
       .minima = {half(9.376293e-6)}},
      {.number = 24,
       .name = "Penalty II 10",
       .residuals = penalty2(),
       .start = Vector::Constant(10, 0.5),
       .minima = {half(2.93660537457e-4)}},
      {.number = 25,
       .name = "Variably dimensioned 10",
       .residuals = variably_dimensioned(),
       .start = points(10, [](double j) { return 1.0 - 0.1 * j; }),
       .minima = {0.0},
       .minimizer = Vector::Ones(10)},
      {.number = 26,
       .name = "Trigonometric 10",
       .residuals = trigonometric(),
       .start = Vector::Constant(10, 0.1),
       .minima = {0.0, half(2.795056121876e-5)}},
      {.number = 27,
       .name = "Brown almost-linear 10",
       .residuals = brown_almost_linear(),
       .start = Vector::Constant(10, 0.5),
       .minima = {0.0, half(1.0)}},
      {.number = 28,
       .name = "Discrete boundary value 10",
       .residuals = discrete_boundary_value(),
       .start = parabola(10),
       .minima = {0.0}},
      {.number = 29,
       .name = "Discrete integral equation 10",
       .residuals = discrete_integral_equation(),
       .start = parabola(10),
       .minima = {0.0}},
      {.number = 30,
       .name = "Broyden tridiagonal 10",
       .residuals = broyden_tridiagonal(),
       .start = -Vector::Ones(10),
       .minima = {0.0}},
      {.number = 31,
       .name = "Broyden banded 10",
       .residuals = broyden_banded(),
       .start = -Vector::Ones(10),
       .minima = {0.0}},
      {.number = 32,
       .name = "Linear full rank 5",
       .residuals = linear_of_full_rank(10),
       .start = Vector::Ones(5),
       .minima = {half(5.0)},
       .minimizer = -Vector::Ones(5)},
      {.number = 33,
       .name = "Linear rank one 5",
       .residuals = linear_of_rank_one(10),
       .start = Vector::Ones(5),
       .minima = {half(10.0 * 9.0 / (2.0 * 21.0))},
       .singular = true,
       .note = "a hyperplane of minimizers"},
      {.number = 34,
       .name = "Linear rank one with zeros 5",
       .residuals = linear_of_rank_one_with_zeros(10),
       .start = Vector::Ones(5),
       .minima = {half((100.0 + 30.0 - 6.0) / (2.0 * 17.0))},
       .singular = true,
       .note = "a hyperplane of minimizers"},
      {.number = 35,
       .name = "Chebyquad 8",
       .residuals = chebyquad(),
       .start = points(8, [](double j) { return j / 9.0; }),
       .minima = {half(3.516873725677e-3)}},
      {.number = 35,
       .name = "Chebyquad 9",
       .residuals = chebyquad(),
       .start = points(9, [](double j) { return j / 10.0; }),
       .minima = {0.0}},
      {.number = 35,
       .name = "Chebyquad 10",
       .residuals = chebyquad(),
       .start = points(10, [](double j) { return j / 11.0; }),
       .minima = {half(4.77271369638e-3), half(6.5039548e-3)},
       .note = "the second is the printed one; the first, which is lower, is what most runs find"},
  };
}

}  // namespace quadric::mgh
