/* Problems of one's own for `quadric compare --library ./mine.so`, in C or anything that links like it.
 *
 * A shared library defines one function, `quadric_problem_at`, and builds without quadric:
 *
 *     #include <quadric/compare/problem_library.h>
 *
 *     static int value(const double* x, double* f, void* user) {
 *       *f = 100 * (x[1] - x[0] * x[0]) * (x[1] - x[0] * x[0]) + (1 - x[0]) * (1 - x[0]);
 *       return 0;
 *     }
 *     static int gradient(const double* x, double* g, void* user) { ...; return 0; }
 *
 *     const struct quadric_problem* quadric_problem_at(long number) {
 *       static const double start[] = {-1.2, 1};
 *       static const struct quadric_problem rosenbrock = {
 *           .version = QUADRIC_PROBLEM_VERSION, .name = "Rosenbrock", .variables = 2, .start = start,
 *           .value = value, .gradient = gradient};
 *       return number == 0 ? &rosenbrock : 0;
 *     }
 *
 *     cc -shared -fPIC -o mine.so mine.c
 */
#ifndef QUADRIC_COMPARE_PROBLEM_LIBRARY_H
#define QUADRIC_COMPARE_PROBLEM_LIBRARY_H

#ifdef __cplusplus
extern "C" {
#endif

/* Changes with the layout of the struct below. */
#define QUADRIC_PROBLEM_VERSION 1

/* A function to minimize. All of it must stay as it is while the library is open. The functions return 0,
 * or another number where they can not be evaluated at x. They are called from several threads at once with
 * `--threads`. */
struct quadric_problem {
  int version;         /* QUADRIC_PROBLEM_VERSION */
  const char* name;    /* in reports */
  long variables;      /* n, at least 1 */
  const double* start; /* n, finite */
  int (*value)(const double* x, double* f, void* user);
  int (*gradient)(const double* x, double* g, void* user); /* g: n */
  /* H: n * n, H[i + j * n] = d2f / dx_i dx_j, symmetric; null: differences of gradients take its place. */
  int (*hessian)(const double* x, double* H, void* user);
  void* user;           /* handed to each of them; may be null */
  const double* lower;  /* n, within which x stays, -INFINITY where it is open; null: no bounds */
  const double* upper;  /* n, or null */
  const double* minima; /* known minimum values, the global one first; null: none is known */
  long minima_count;
};

/* The one entry point: problem 0, 1, ...; null from the first number on that there is none of. */
const struct quadric_problem* quadric_problem_at(long number);

#ifdef __cplusplus
}
#endif

#endif
