/* A library of another version than this quadric knows. */
#include <quadric/compare/problem_library.h>

const struct quadric_problem* quadric_problem_at(long number) {
  static const struct quadric_problem problem = {.version = 7};
  return number == 0 ? &problem : 0;
}
