#include "compare/large.hpp"

#include <iterator>
#include <string>
#include <utility>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/suites.hpp"

namespace quadric {

namespace large {

Vector alternating(Index n, double a, double b) {
  Vector x(n);
  for (Index i = 0; i < n; ++i) x[i] = i % 2 == 0 ? a : b;
  return x;
}

std::vector<KnownFunction> known_functions(Index n) {
  if (n < 16) misuse("the suite 'large' needs at least 16 variables, not " + std::to_string(n));
  std::vector<KnownFunction> all;
  for (auto* part : {squares, sums, grids}) {
    std::vector<KnownFunction> functions = part(n);
    all.insert(all.end(), std::make_move_iterator(functions.begin()),
               std::make_move_iterator(functions.end()));
  }
  return all;
}

}  // namespace large

std::vector<Case> large_suite(Index n) {
  std::vector<Case> cases;
  for (large::KnownFunction& known : large::known_functions(n)) {
    cases.push_back({.problem = std::move(known.name),
                     .start = "x0",
                     .function = std::move(known.f),
                     .from = std::move(known.start),
                     .minima = std::move(known.minima),
                     .degenerate = known.degenerate});
  }
  return cases;
}

}  // namespace quadric
