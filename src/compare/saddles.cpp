#include "compare/saddles.hpp"

#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>

#include "quadric/compare/suites.hpp"

namespace quadric {

namespace saddles {

namespace {

/// Numbers in (−1, 1) that are the same on every machine (Park & Miller 1988).
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed % 2147483646 + 1) {
    for (int k = 0; k < 8; ++k) next();
  }
  double next() {
    state_ = state_ * 48271 % 2147483647;
    return 2.0 * static_cast<double>(state_) / 2147483647.0 - 1.0;
  }
  Vector vector(Index n) {
    Vector x(n);
    for (double& c : x) c = next();
    return x;
  }

 private:
  std::uint64_t state_;
};

std::uint64_t seed_of(const std::string& name) {
  std::uint64_t seed = 5381;
  for (const char c : name) seed = (seed * 33 + static_cast<unsigned char>(c)) % 2147483647;
  return seed;
}

}  // namespace

std::vector<KnownFunction> known_functions() {
  std::vector<KnownFunction> all = landscapes(), more = learning();
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all;
}

std::vector<NamedStart> starts_of(const KnownFunction& function) {
  const Vector& saddle = function.saddle;
  Draws draws(seed_of(function.name));
  Vector scale = function.scale;
  if (scale.size() == 0) {
    scale = saddle.cwiseAbs();
    if (function.ridge.size() > 0) scale = scale.cwiseMax(function.ridge.cwiseAbs());
    for (double& s : scale) s = s < 0.1 ? 1.0 : s;
  }
  std::vector<NamedStart> starts = {{"saddle", saddle}, {"off", saddle + 1e-8 * draws.vector(saddle.size())}};
  if (function.ridge.size() > 0) {
    starts.push_back({"ridge", function.ridge});
    starts.push_back({"beside", function.ridge + 1e-8 * draws.vector(saddle.size())});
  }
  starts.push_back({"random1", saddle + scale.cwiseProduct(draws.vector(saddle.size()))});
  starts.push_back({"random2", saddle + 2.0 * scale.cwiseProduct(draws.vector(saddle.size()))});
  return starts;
}

}  // namespace saddles

std::vector<Case> saddle_suite() {
  std::vector<Case> cases;
  for (const saddles::KnownFunction& function : saddles::known_functions()) {
    for (saddles::NamedStart& start : saddles::starts_of(function)) {
      cases.push_back({.problem = function.name,
                       .start = std::move(start.name),
                       .function = function.f,
                       .from = std::move(start.x),
                       .minima = function.minima,
                       .degenerate = function.degenerate});
    }
  }
  return cases;
}

}  // namespace quadric
