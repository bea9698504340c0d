#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>
#include <gtest/gtest.h>

#include "solvers/hostile_cases.hpp"

/// What holds of every run within bounds, whatever the user's function does.
namespace quadric::hostile {
namespace {

constexpr double inf = Bounds::none;

/// A box around the start of a plan, with sides that are open, on the start, or between it and the center.
Bounds box_of(const Plan& plan, random::Source& random) {
  Vector lower = Vector::Constant(plan.n, -inf), upper = Vector::Constant(plan.n, inf);
  for (Index i = 0; i < plan.n; ++i) {
    const double start = plan.start[i], way = plan.center[i] - start;
    // `ahead` is the bound on the side of the center.
    double& ahead = way > 0.0 ? upper[i] : lower[i];
    double& behind = way > 0.0 ? lower[i] : upper[i];
    switch (random.integer(0, 9)) {
      case 0:
      case 1:
        break;
      case 2:
        ahead = start;
        break;
      case 3:
        behind = start;
        break;
      case 4:
      case 5:
        ahead = start + (0.5 + 0.5 * random.number()) * way;
        break;
      case 6:
        behind = start;
        ahead = start + (0.5 + 0.5 * random.number()) * way;
        break;
      case 7:
        behind = start - way;
        ahead = start + 2.0 * way;
        break;
      case 8:
        ahead = start + way;  // the center, often a minimum on a bound with a multiplier of zero
        break;
      default:
        lower[i] = upper[i] = start;
    }
  }
  return Bounds(Point(lower), Point(upper));
}

/// A start whose nearest point in the box is that of the plan.
Vector start_outside(const Plan& plan, const Bounds& box, random::Source& random) {
  Vector start = plan.start;
  for (Index i = 0; i < plan.n; ++i) {
    if (random.integer(0, 1) == 0) continue;
    const double far = std::abs(random.spread(3.0));
    if (start[i] == box.lower()[i]) {
      start[i] -= far;
    } else if (start[i] == box.upper()[i]) {
      start[i] += far;
    }
  }
  return start;
}

/// Counts the evaluations outside a box.
class Watched final : public ObjectiveSource {
 public:
  Watched(Objective f, Bounds box, std::shared_ptr<Index> outside)
      : f_(std::move(f)), box_(std::move(box)), outside_(std::move(outside)) {}

  double value(const Vector& x) const override { return f_.value(seen(x)); }
  double gradient(const Vector& x, Vector& g) const override { return f_.gradient(seen(x), g); }
  double hessian(const Vector& x, Vector& g, Matrix& H) const override { return f_.hessian(seen(x), g, H); }
  void hessian_product(const Vector& x, const Vector& v, Vector& Hv) const override {
    f_.hessian_product(seen(x), v, Hv);
  }
  double sparse_hessian(const Vector& x, Vector& g, SparseMatrix& H) const override {
    return f_.sparse_hessian(seen(x), g, H);
  }
  bool has_full_hessian(const Vector& x) const override { return f_.has_full_hessian(seen(x)); }
  Provider provider() const override { return f_.provider(); }
  double hessian_error(const Vector& x) const override { return f_.hessian_error(seen(x)); }
  double hessian_asymmetry(const Vector& x) const override { return f_.hessian_asymmetry(seen(x)); }

 private:
  const Vector& seen(const Vector& x) const {
    *outside_ += box_.contain(x) ? 0 : 1;
    return x;
  }

  Objective f_;
  Bounds box_;
  std::shared_ptr<Index> outside_;
};

Problem watched(const Problem& problem, const Bounds& box, const std::shared_ptr<Index>& outside) {
  if (problem.residuals()) return Problem(problem).with_bounds(box);
  return Problem(Objective(std::static_pointer_cast<const ObjectiveSource>(
                     std::make_shared<const Watched>(problem.objective(), box, outside))))
      .with_bounds(box);
}

/// f without its trouble, with exact derivatives.
Objective smooth_objective(const Case& given) {
  if (!given.problem.residuals()) {
    return [f = Function(given.plan, given.seen)](const auto& x) { return f.smooth(x); };
  }
  return [r = ResidualFunction(given.plan, given.seen)](const auto& x) {
    using T = ScalarOf<decltype(x)>;
    T sum(0.0);
    for (const T& entry : r.smooth(x)) sum += 0.5 * entry * entry;
    return sum;
  };
}

/// The first- and second-order conditions of a minimum within the box, from exact derivatives. True where
/// they were looked at.
bool check_conditions(const Case& given, const Result& result) {
  const Plan& plan = given.plan;
  const bool derivatives_lie = plan.trouble == Trouble::WrongGradient || plan.shape == Shape::Stairs;
  const bool differenced = plan.source == Source::Differences;
  if (derivatives_lie || (differenced && plan.trouble == Trouble::Noise)) return false;
  // Residuals are troubled in the first alone: another function.
  if (given.problem.residuals() && plan.trouble != Trouble::None) return false;
  Vector g;
  Matrix H;
  const double value = smooth_objective(given).hessian(result.x, g, H);
  if (!std::isfinite(value) || !g.allFinite() || !H.allFinite()) return false;
  const Bounds& box = given.problem.bounds();
  const double tolerance = differenced ? 1e-3 : 1e-5;
  const Vector sizes = result.x.cwiseAbs().cwiseMax(plan.start.cwiseAbs()).cwiseMax(plan.center.cwiseAbs());
  const Vector scale = H.cwiseAbs() * sizes;
  std::vector<Index> free;
  for (Index i = 0; i < plan.n; ++i) {
    const bool low = result.x[i] <= box.lower()[i], high = result.x[i] >= box.upper()[i];
    // Slopes that f is too large to feel are left.
    const double least = tolerance * scale[i] + 1e-5 * std::sqrt(std::abs(value * H(i, i))) + 1e-12;
    EXPECT_LE(low ? 0.0 : g[i], least) << "slope of variable " << i;
    EXPECT_GE(high ? 0.0 : g[i], -least) << "slope of variable " << i;
    if (!low && !high) free.push_back(i);
  }
  if (free.empty()) return true;
  const Matrix on_face = H(free, free);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(on_face, Eigen::EigenvaluesOnly);
  EXPECT_GE(eigen.eigenvalues()[0], -tolerance * on_face.cwiseAbs().maxCoeff());
  return true;
}

struct Tally {
  std::map<std::string, int> statuses, solvers;
  int troubled = 0;  ///< runs that met their trouble
  int moved = 0;     ///< runs whose answer is below the start
  int held = 0;      ///< minima where bounds hold a variable
  int checked = 0;   ///< minima whose conditions were looked at
  int probed = 0;    ///< minima with their surroundings looked at
};

void check_case(unsigned seed, Tally& tally) {
  Case given = case_of(seed);
  random::Source random(seed + 100000);
  for (int i = 0; i < 16; ++i) random.number();
  const Bounds box = box_of(given.plan, random);
  const Vector start = start_outside(given.plan, box, random);
  if (seed % 13 == 0) given.solver = Newton{.step = CubicRegularization{}, .stop = limits};
  const auto outside = std::make_shared<Index>(0);
  given.problem = watched(given.problem, box, outside);
  std::vector<Vector> points;
  std::optional<Result> result;
  SCOPED_TRACE(given.plan.describe() + ", solver: " + given.solver.name());
  try {
    result = given.solver.run(
        given.problem, start,
        {make_observer([&points](const Iteration&, const Vector& x) { points.push_back(x); })});
  } catch (const std::exception& error) {
    ADD_FAILURE() << "the run threw: " << error.what();
  } catch (...) {
    ADD_FAILURE() << "the run threw something odd";
  }
  if (!result) return;
  SCOPED_TRACE(result->summary());
  ++tally.statuses[std::string(to_string(result->status))];
  ++tally.solvers[given.solver.name()];
  tally.troubled += given.seen->troubles > 0 ? 1 : 0;
  tally.moved += result->value < given.start_value ? 1 : 0;
  check_answer(given, *result, points);
  check_status(*result);
  EXPECT_TRUE(box.contain(result->x));
  for (const Vector& x : points) EXPECT_TRUE(box.contain(x));
  if (given.plan.source == Source::Automatic || given.plan.source == Source::Hessian) {
    EXPECT_EQ(*outside, 0) << "evaluations outside the bounds";
  }
  if (!result->converged()) return;
  tally.held += result->critical_point.held > 0 ? 1 : 0;
  tally.checked += check_conditions(given, *result) ? 1 : 0;
  tally.probed += check_minimum(given, *result) ? 1 : 0;
}

TEST(HostileFunctions, NeverSpoilTheAnswerWithinBounds) {
  Tally tally;
  for (unsigned seed = 1; seed <= 600; ++seed) check_case(seed, tally);
  // Derivatives that hold x in a corner from which f falls; and steps that bounds bend, along slopes that
  // contradict the products: no share of them lowers the quadric.
  for (const unsigned seed : {996U, 5489U, 6407U}) check_case(seed, tally);
  // That the functions are hostile, and yet not hopeless.
  EXPECT_GE(tally.troubled, 250);
  EXPECT_GE(tally.moved, 400);
  EXPECT_GE(tally.held, 100);
  EXPECT_GE(tally.checked, 100);
  EXPECT_GE(tally.probed, 100);
  EXPECT_GE(tally.solvers.size(), 15U);
}

}  // namespace
}  // namespace quadric::hostile
