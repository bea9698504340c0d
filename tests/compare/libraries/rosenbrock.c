/* Problems for `library_problems`: with a Hessian, and within bounds without one. */
#include <math.h>

#include <quadric/compare/problem_library.h>

static const double start[] = {-1.2, 1.0};
static const double zero = 0.0;
static const double upper[] = {0.5, INFINITY};

static int value(const double* x, double* f, void* user) {
  const double a = 1.0 - x[0], b = x[1] - x[0] * x[0];
  (void)user;
  *f = a * a + 100.0 * b * b;
  return fabs(x[0]) > 50.0;
}

static int gradient(const double* x, double* g, void* user) {
  const double b = x[1] - x[0] * x[0];
  (void)user;
  g[0] = -2.0 * (1.0 - x[0]) - 400.0 * x[0] * b;
  g[1] = 200.0 * b;
  return 0;
}

static int hessian(const double* x, double* H, void* user) {
  (void)user;
  H[0] = 2.0 - 400.0 * (x[1] - 3.0 * x[0] * x[0]);
  H[1] = H[2] = -400.0 * x[0];
  H[3] = 200.0;
  return 0;
}

const struct quadric_problem* quadric_problem_at(long number) {
  static const struct quadric_problem whole = {.version = QUADRIC_PROBLEM_VERSION,
                                               .name = "Rosenbrock in C",
                                               .variables = 2,
                                               .start = start,
                                               .value = value,
                                               .gradient = gradient,
                                               .hessian = hessian,
                                               .minima = &zero,
                                               .minima_count = 1};
  static const struct quadric_problem bounded = {.version = QUADRIC_PROBLEM_VERSION,
                                                 .name = "Rosenbrock within bounds",
                                                 .variables = 2,
                                                 .start = start,
                                                 .value = value,
                                                 .gradient = gradient,
                                                 .upper = upper};
  return number == 0 ? &whole : number == 1 ? &bounded : 0;
}
