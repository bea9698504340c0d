#include <cmath>

#include "compare/large.hpp"

/// Functions of any size whose terms all vanish at the minimum, under the names of the CUTE collection
/// (Bongartz, Conn, Gould & Toint, ACM TOMS 21 (1995) 123–160), which has the formulas and the starts.
namespace quadric::large {

namespace {

/// Blocks of two (Moré, Garbow & Hillstrom 1981, 21).
KnownFunction extended_rosenbrock(Index n) {
  return {.name = "Extended Rosenbrock",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 1 < x.size(); i += 2) {
                  sum += 100.0 * square(x[i + 1] - x[i] * x[i]) + square(1.0 - x[i]);
                }
                return sum;
              },
          .start = alternating(n - n % 2, -1.2, 1.0),
          .minima = {0.0}};
}

/// Every variable but the ends is in two valleys (Toint 1978); besides (1, …, 1) there is a local minimum
/// near (−1, 1, …, 1).
KnownFunction chained_rosenbrock(Index n) {
  return {.name = "Chained Rosenbrock",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 1 < x.size(); ++i) {
                  sum += 100.0 * square(x[i] * x[i] - x[i + 1]) + square(x[i] - 1.0);
                }
                return sum;
              },
          .start = alternating(n, -1.2, 1.0),
          .minima = {0.0}};
}

/// Moré, Garbow & Hillstrom 1981, 30.
KnownFunction broyden_tridiagonal(Index n) {
  return {.name = "Broyden tridiagonal",
          .f =
              [](const auto& x) {
                using T = ScalarOf<decltype(x)>;
                const Index last = x.size() - 1;
                T sum(0.0);
                for (Index i = 0; i <= last; ++i) {
                  T r = (3.0 - 2.0 * x[i]) * x[i] + 1.0;
                  if (i > 0) r -= x[i - 1];
                  if (i < last) r -= 2.0 * x[i + 1];
                  sum += r * r;
                }
                return sum;
              },
          .start = Vector::Constant(n, -1.0),
          .minima = {0.0}};
}

/// An arrowhead: the first row of the Hessian is full.
KnownFunction liarwhd(Index n) {
  return {.name = "Liarwhd",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i < x.size(); ++i) {
                  sum += 4.0 * square(x[i] * x[i] - x[0]) + square(x[i] - 1.0);
                }
                return sum;
              },
          .start = Vector::Constant(n, 4.0),
          .minima = {0.0}};
}

/// Blocks of four (Moré, Garbow & Hillstrom 1981, 14, repeated).
KnownFunction woods(Index n) {
  return {.name = "Woods",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 3 < x.size(); i += 4) {
                  sum += 100.0 * square(x[i + 1] - x[i] * x[i]) + square(1.0 - x[i]) +
                         90.0 * square(x[i + 3] - x[i + 2] * x[i + 2]) + square(1.0 - x[i + 2]) +
                         10.0 * square(x[i + 1] + x[i + 3] - 2.0) + 0.1 * square(x[i + 1] - x[i + 3]);
                }
                return sum;
              },
          .start = alternating(n - n % 4, -3.0, -1.0),
          .minima = {0.0}};
}

/// Fourth powers hold all directions but two; the last variable is in every term.
KnownFunction nondquar(Index n) {
  return {.name = "Nondquar",
          .f =
              [](const auto& x) {
                const Index last = x.size() - 1;
                ScalarOf<decltype(x)> sum = square(x[0] - x[1]) + square(x[last - 1] + x[last]);
                for (Index i = 0; i + 2 < x.size(); ++i) sum += fourth(x[i] + x[i + 1] + x[last]);
                return sum;
              },
          .start = alternating(n, 1.0, -1.0),
          .minima = {0.0},
          .degenerate = true};
}

/// One term fewer than variables: the minimum is a curve, which the end of the chain leaves by factors of
/// three a variable.
KnownFunction fletchcr(Index n) {
  return {.name = "Fletchcr",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 1 < x.size(); ++i) {
                  sum += 100.0 * square(x[i + 1] - x[i] + 1.0 - x[i] * x[i]);
                }
                return sum;
              },
          .start = Vector::Zero(n),
          .minima = {0.0},
          .degenerate = true};
}

/// A quadratic whose condition grows with n.
KnownFunction tridia(Index n) {
  return {.name = "Tridia",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum = square(x[0] - 1.0);
                for (Index i = 1; i < x.size(); ++i) sum += real(i + 1) * square(2.0 * x[i] - x[i - 1]);
                return sum;
              },
          .start = Vector::Ones(n),
          .minima = {0.0}};
}

/// A quadratic with a diagonal Hessian.
KnownFunction dqdrtic(Index n) {
  return {.name = "Dqdrtic",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i + 2 < x.size(); ++i) {
                  sum += square(x[i]) + 100.0 * square(x[i + 1]) + 100.0 * square(x[i + 2]);
                }
                return sum;
              },
          .start = Vector::Constant(n, 3.0),
          .minima = {0.0}};
}

/// An arrowhead.
KnownFunction arwhead(Index n) {
  return {.name = "Arwhead",
          .f =
              [](const auto& x) {
                const Index last = x.size() - 1;
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i < last; ++i) {
                  sum += square(x[i] * x[i] + x[last] * x[last]) - 4.0 * x[i] + 3.0;
                }
                return sum;
              },
          .start = Vector::Ones(n),
          .minima = {0.0}};
}

/// An arrowhead, started close to the saddle 0.
KnownFunction tquartic(Index n) {
  return {.name = "Tquartic",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum = square(x[0] - 1.0);
                for (Index i = 1; i < x.size(); ++i) sum += square(x[0] * x[0] - x[i] * x[i]);
                return sum;
              },
          .start = Vector::Constant(n, 0.1),
          .minima = {0.0}};
}

/// The first and the last row of the Hessian are full; in the direction of the first variable the minimum is
/// of fourth order.
KnownFunction sinquad(Index n) {
  return {.name = "Sinquad",
          .f =
              [](const auto& x) {
                using std::sin;
                const Index last = x.size() - 1;
                ScalarOf<decltype(x)> sum = fourth(x[0] - 1.0) + square(x[last] * x[last] - x[0] * x[0]);
                for (Index i = 1; i < last; ++i) {
                  sum += square(sin(x[i] - x[last]) - x[0] * x[0] + x[i] * x[i]);
                }
                return sum;
              },
          .start = Vector::Constant(n, 0.1),
          .minima = {0.0},
          .degenerate = true};
}

/// Newton's steps go a third of the way each, in every variable.
KnownFunction quartc(Index n) {
  return {.name = "Quartc",
          .f =
              [](const auto& x) {
                ScalarOf<decltype(x)> sum(0.0);
                for (Index i = 0; i < x.size(); ++i) sum += fourth(x[i] - real(i + 1));
                return sum;
              },
          .start = Vector::Constant(n, 2.0),
          .minima = {0.0},
          .degenerate = true};
}

}  // namespace

std::vector<KnownFunction> squares(Index n) {
  std::vector<KnownFunction> list;
  for (auto* make : {extended_rosenbrock, chained_rosenbrock, broyden_tridiagonal, liarwhd, woods, nondquar,
                     fletchcr, tridia, dqdrtic, arwhead, tquartic, sinquad, quartc}) {
    list.push_back(make(n));
  }
  return list;
}

}  // namespace quadric::large
